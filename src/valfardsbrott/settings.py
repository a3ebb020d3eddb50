"""Everything a city may set, with defaults: from the environment (VALFARDSBROTT_*) or the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """One run's settings. Field names are the environment variables' names in lower case, without the prefix."""

    model_config = SettingsConfigDict(env_prefix="VALFARDSBROTT_", frozen=True, extra="ignore")

    deliveries: Path = Path("deliveries")
    out: Path = Path("runs")
    store: Path | None = Field(default=None, description="Working store; default: .store inside the out folder")
    profile: Literal["demo", "production"] = "demo"
    key: str | None = Field(default=None, description="Pseudonym key, 32 bytes as hex", repr=False)
    key_file: Path | None = Field(default=None, description="File that holds the pseudonym key")
    seed: int = 20261006
    capacity: int = Field(default=20, ge=1, description="Flags that the control unit can review in a month")
    control: int = Field(default=3, ge=0, description="Random control sample drawn from what is not flagged")
    rest_months: int = Field(
        default=12, ge=0, description="Months that a decided case is not listed for the same reasons"
    )
    learn: bool = Field(default=True, description="Let the learnt order lead where it beats the champion")
    wrong_decisions: float = Field(
        default=0.0, ge=0, lt=0.5, description="Share of decisions that second reviews show to be wrong"
    )
    permutations: int = Field(default=100, ge=1, description="Randomised cities in the calibration of networks")
    history_months: int = Field(default=12, ge=1, description="Months of earlier matrices that detectors fit on")
    engine: Literal["duckdb", "spark"] = "duckdb"
    master: str = Field(default="local[*]", description="Spark's master: local[*], or spark://host:7077")
    threads: int = Field(default_factory=_cores, ge=1)
    memory_limit: str = Field(default="3GB", description="DuckDB's memory limit; on Spark each task's")
    quarantine_limit: float | None = Field(default=None, description="Overrides every table's limit in sources.yaml")
    rules_folder: Path | None = Field(default=None, description="A city's own invoice rules; same name replaces ours")
    rank_sole_traders: bool = False
    sole_trader_legal_basis: str = ""
    language: Literal["sv", "en"] = "sv"
    tracking: bool = True

    @property
    def store_path(self) -> Path:
        return self.store if self.store is not None else self.out / ".store"
