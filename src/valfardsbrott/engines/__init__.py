"""Engines compute views. Nothing else imports duckdb or pyspark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valfardsbrott.domain import Month

if TYPE_CHECKING:
    from valfardsbrott.engines.seam import Engine
    from valfardsbrott.settings import Settings


def open_engine(month: Month, settings: Settings) -> Engine:
    """The engine that the settings choose, ready for one month."""
    from valfardsbrott.engines.duckdb import DuckDB

    spill = settings.store_path / "spill"
    return DuckDB(month, memory_limit=settings.memory_limit, threads=settings.threads, spill=spill)
