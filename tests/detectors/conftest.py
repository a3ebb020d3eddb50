"""A small simulated city: peers that differ by system and service, noise that falls with volume, planted frauds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.detectors.panel import Panel


@dataclass(frozen=True)
class Indicator:
    """What a detector needs of a feature."""

    name: str
    view: str = "some_view"
    unit: str = "share"
    direction: str = "higher"
    family: str = "visits"
    peers: tuple[str, ...] = ("service_code", "size_class", "visit_system")
    contradiction: bool = False


INDICATORS = (
    Indicator("manual_receipt_share", view="receipts", peers=("visit_system",)),
    Indicator("micro_visit_share", view="visits"),
    Indicator("short_visit_share", view="visits"),
    Indicator("overlap_minutes", view="overlap", unit="minutes_per_1000_h", peers=(), contradiction=True),
    Indicator("billed_over_performed", view="money", unit="ratio", family="money"),
    Indicator("low_wage_ratio", view="wages", unit="ratio", direction="lower", family="money"),
    Indicator("benford_p", view="benford_distance", unit="p_value", direction="lower", family="money", peers=()),
    Indicator("board_churn", view="roles", unit="count", family="company", peers=()),
    Indicator("growth", view="growth", unit="z", direction="both", family="money", peers=()),
)


@dataclass(frozen=True)
class City:
    """A simulated city: one row a provider and month, the indicators that it has, and who was planted."""

    matrix: pd.DataFrame
    indicators: tuple[Indicator, ...]
    frauds: frozenset[str]

    @property
    def panel(self) -> Panel:
        return Panel.of(self.matrix, self.indicators)

    @property
    def newest(self) -> Panel:
        panel = self.panel
        return panel.rows(panel.month == max(panel.month))


def simulate(seed: int = 1, providers: int = 120, months: int = 4, frauds: int = 6) -> City:
    """``months`` up to October 2026."""
    rng = np.random.default_rng(seed)
    org = [f"00300{number:05d}" for number in range(providers)]
    visits = np.exp(rng.normal(6, 1.2, providers)).round()
    system = rng.choice(["nimbus", "stella"], providers)
    spine = {
        "org_number": org, "name": org, "active": True, "sole_trader": False,
        "service_code": rng.choice(["home_care", "escort"], providers), "visit_system": system,
        "size_class": np.select([visits < 200, visits < 800], ["s", "m"], "l"),
        "board_id": "N1", "district": "Norr", "visits": visits.astype(int),
        "performed_minutes": (visits * 30).astype(int), "billed_ore": (visits * 20_000).astype(int),
        "billed_3m_ore": (visits * 60_000).astype(int), "recipients": 10, "staff_count": 5,
    }  # fmt: skip
    planted = rng.permutation(providers)[:frauds]
    frames = []
    for month in range(months):
        values = _honest(rng, visits, system == "stella")
        for at, who in enumerate(planted):
            _plant(values, who, at % 3)
        frames.append(pd.DataFrame(spine | {"month": pd.Timestamp(2026, 11 - months + month, 1).date()} | values))
    return City(pd.concat(frames, ignore_index=True), INDICATORS, frozenset(org[who] for who in planted))


def _honest(rng: np.random.Generator, visits: np.ndarray, stella: np.ndarray) -> dict[str, np.ndarray]:
    n = len(visits)
    micro = rng.binomial(visits.astype(int), rng.beta(4, 60, n)) / visits
    return {
        "manual_receipt_share": rng.binomial(visits.astype(int), np.where(stella, 0.3, 0.05)) / visits,
        "micro_visit_share": micro,
        "short_visit_share": np.clip(micro + rng.normal(0.02, 0.005, n), 0, 1),
        "overlap_minutes": rng.poisson(visits / 500) * 10 / (visits * 30 / 60) * 1000,
        "billed_over_performed": rng.normal(0, 0.02, n) + rng.normal(0, 0.3, n) / np.sqrt(visits),
        "low_wage_ratio": rng.normal(0.7, 0.05, n),
        "benford_p": np.where(visits > 300, rng.uniform(0, 1, n), np.nan),
        "board_churn": rng.poisson(0.3, n).astype(float),
        "growth": rng.standard_t(4, n),
    }


def _plant(values: dict[str, np.ndarray], who: int, kind: int) -> None:
    if kind == 0:
        values["overlap_minutes"][who] = 4000
    elif kind == 1:
        values["billed_over_performed"][who], values["low_wage_ratio"][who] = 0.4, 0.3
    else:
        values["micro_visit_share"][who] += 0.3
        values["short_visit_share"][who] += 0.3
        values["manual_receipt_share"][who] += 0.5


@pytest.fixture(scope="session")
def city() -> City:
    return simulate()


@pytest.fixture(scope="session")
def simulate_city() -> Callable[..., City]:
    return simulate
