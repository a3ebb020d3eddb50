"""Peers: who is compared with whom, how noise falls with volume, and what a deviation is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors.noise import Noise
from valfardsbrott.detectors.panel import Measure, Panel
from valfardsbrott.detectors.peer_groups import EVERYONE, PeerMedians
from valfardsbrott.detectors.residuals import Residuals
from valfardsbrott.peers import MIN_MEMBERS, ladder

ALL_KEYS = ("service_code", "size_class", "visit_system")


def panel_of(
    values: list[float], systems: list[str], *, unit: str = "share", direction: str = "higher", **more: Any
) -> Panel:
    """One feature of providers that differ only by visit system."""
    n = len(values)
    feature = Measure(
        "some_share", "view", unit, direction, "visits", more.get("peers", ALL_KEYS), more.get("fact", False)
    )
    return Panel(
        np.array([f"p{at:03d}" for at in range(n)], dtype=object),
        np.array(["2026-10"] * n, dtype=object),
        np.array(values, dtype=float)[:, None],
        (feature,),
        {"service_code": np.array(["home_care"] * n, dtype=object), "size_class": np.array(["m"] * n, dtype=object),
         "visit_system": np.array(systems, dtype=object)},
        {"performed_minutes": np.full(n, 60_000.0), "visits": np.full(n, 1000.0), "billed_ore": np.full(n, 1e8)},
    )  # fmt: skip


def test_size_is_given_up_first_and_the_visit_system_last() -> None:
    assert ladder(ALL_KEYS) == (ALL_KEYS, ("service_code", "visit_system"), ("visit_system",), ())
    assert ladder(()) == ((),)


def test_a_group_of_eight_is_a_group_and_one_of_seven_is_not() -> None:
    systems = ["nimbus"] * MIN_MEMBERS + ["stella"] * (MIN_MEMBERS - 1)
    panel = panel_of([0.1] * MIN_MEMBERS + [0.5] * (MIN_MEMBERS - 1), systems)
    peers = PeerMedians.fit(panel, 0).of(panel)
    assert peers.median[0] == 0.1
    assert peers.count[0] == MIN_MEMBERS
    assert peers.group[0] == "home_care | m | nimbus"
    assert peers.group[-1] == EVERYONE or peers.count[-1] == len(panel)
    assert peers.count[-1] == 2 * MIN_MEMBERS - 1


def test_a_group_is_counted_in_providers_and_not_in_months() -> None:
    panel = panel_of([0.1] * 12 + [0.3] * 8, ["nimbus"] * 12 + ["stella"] * 8)
    one_provider = replace(panel, org_number=np.array(["p000"] * 12 + [f"q{at}" for at in range(8)], dtype=object))
    peers = PeerMedians.fit(one_provider, 0).of(one_provider)
    assert peers.count[0] == 9, "everyone, since one provider's twelve months are no group"


@pytest.mark.parametrize(
    ("direction", "low", "high"), [("higher", -1, 1), ("lower", 1, -1), ("both", 1, 1)], ids=["higher", "lower", "both"]
)
def test_residuals_point_towards_suspicion(direction: str, low: int, high: int) -> None:
    values = [0.5 + 0.01 * step for step in range(-20, 21)] + [0.1, 0.9]
    panel = panel_of(values, ["nimbus"] * len(values), direction=direction)
    residuals = Residuals().fit(panel).of(panel).values[:, 0]
    assert np.sign(residuals[-2]) == low
    assert np.sign(residuals[-1]) == high


def test_a_low_p_value_is_suspicious_by_its_power_of_ten() -> None:
    values = [0.02 * step for step in range(1, 50)] + [1e-9]
    panel = panel_of(values, ["nimbus"] * len(values), unit="p_value", direction="lower", peers=())
    residuals = Residuals().fit(panel).of(panel).values[:, 0]
    assert residuals.argmax() == len(values) - 1
    assert residuals[-1] > 5


def test_a_contradiction_is_measured_by_its_amount_and_not_against_peers() -> None:
    values = [100.0] * 40 + [0.0]
    fact = panel_of(values, ["nimbus"] * 41, unit="minutes_per_1000_h", fact=True)
    unusual = panel_of(values, ["nimbus"] * 41, unit="minutes_per_1000_h")
    assert Residuals().fit(fact).of(fact).values[0, 0] > 0, "though all others do it too"
    assert Residuals().fit(unusual).of(unusual).values[0, 0] == 0


def test_a_small_provider_needs_a_larger_deviation() -> None:
    rng = np.random.default_rng(5)
    visits = np.exp(rng.uniform(3, 9, 4000)).round()
    shares = rng.binomial(visits.astype(int), 0.1) / visits - 0.1
    noise = Noise.fit(shares, visits, "share")
    standardised = noise.standardise(shares, visits)
    small, large = visits < np.quantile(visits, 0.2), visits > np.quantile(visits, 0.8)
    assert noise.within == pytest.approx(0.09, rel=0.5), "p (1 - p)"
    assert standardised[small].std() == pytest.approx(1, abs=0.3)
    assert standardised[large].std() < standardised[small].std() * 1.5


def test_a_feature_that_is_mostly_zero_has_the_units_floor() -> None:
    noise = Noise.fit(np.r_[np.zeros(95), np.full(5, 0.5)], np.full(100, 500.0), "share")
    assert noise.between == pytest.approx(0.01**2)


@pytest.mark.parametrize(
    ("unit", "hours", "one"),
    [("count_per_1000_h", 50.0, 1000 / 50), ("minutes_per_1000_h", 50.0, 30_000 / 50), ("share", 40.0, 1 / 40)],
    ids=["one lex Sarah report", "one visit of half an hour", "one visit of forty"],
)
def test_a_single_event_is_at_most_one_unit_of_noise_however_small_the_provider(
    unit: str, hours: float, one: float
) -> None:
    volume = np.r_[hours, np.linspace(100, 10_000, 299)]
    rates = np.r_[one, np.zeros(299)]
    assert Noise.fit(rates, volume, unit).standardise(rates, volume)[0] <= 1


def test_ten_events_at_a_small_provider_stand_out() -> None:
    volume = np.r_[50.0, np.linspace(100, 10_000, 299)]
    rates = np.r_[10 * 1000 / 50, np.zeros(299)]
    assert Noise.fit(rates, volume, "count_per_1000_h").standardise(rates, volume)[0] > 5


def test_where_no_visit_is_known_a_share_keeps_its_weight() -> None:
    shares = np.r_[1.0, np.zeros(99)]
    assert Noise.fit(shares, np.ones(100), "share").standardise(shares, np.ones(100))[0] > 5
