"""What a list of any length is expected to bring: more than honest variation gives, with intervals."""

from __future__ import annotations

import numpy as np
import pytest

from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.chance import Chance


def test_where_everybody_is_honest_nothing_is_expected() -> None:
    p = (np.arange(1000) + 0.5) / 1000
    curve = Curve.of(Chance.of(p), np.full(1000, 100.0))
    assert curve.found.max() <= 0.5 + 1e-9
    assert curve.precision_low.min() == 0
    assert curve.amount[-1] <= 100


def test_twenty_that_stand_out_are_expected_and_the_curve_goes_flat_after_them() -> None:
    p = np.sort(np.r_[np.full(20, 1e-8), (np.arange(980) + 0.5) / 980])
    table = Curve.of(Chance.of(p), np.full(1000, 100.0)).table().set_index("capacity")
    assert table.loc[20, "expected_precision"] == pytest.approx(1, abs=1e-4)
    assert table.loc[10, "next_five_found"] == pytest.approx(5, abs=1e-3)
    assert float(str(table.loc[30, "next_five_found"])) < 0.5, "another five of the honest bring nothing"
    assert table.loc[15, "next_five_amount_sek"] == pytest.approx(500, rel=0.01)


def test_the_interval_covers_what_happens() -> None:
    """Thirty frauds among a thousand, drawn anew a hundred times: the true share lies inside nine times in ten."""
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(100):
        p = np.r_[rng.beta(0.02, 5, 30), rng.uniform(size=970)]
        order = np.argsort(p)
        right = (order < 30)[:30].mean()
        curve = Curve.of(Chance.of(p[order]), np.zeros(1000))
        inside += bool(curve.precision_low[29] - 1e-9 <= right <= curve.precision_high[29] + 1e-9)
    assert inside >= 80


def test_five_more_never_take_anything_away() -> None:
    p = np.r_[0.005, 0.01, 0.015, np.linspace(0.2, 1, 17)]
    table = Curve.of(Chance.of(p), np.full(20, 100.0)).table().set_index("capacity")
    assert table.loc[3, "next_five_found"] == 0
    assert (table["next_five_found"] >= 0).all()


def test_nobody_gives_an_empty_curve_and_no_amount_counts_as_none() -> None:
    assert len(Curve.of(Chance.of(np.empty(0)), np.empty(0)).table()) == 0
    assert Curve.of(Chance.of(np.array([1e-6])), np.array([np.nan])).amount.tolist() == [0]


def test_bounds_are_ordered() -> None:
    rng = np.random.default_rng(2)
    curve = Curve.of(Chance.of(np.sort(rng.uniform(size=300) ** 3)), rng.lognormal(10, 1, 300))
    assert (curve.precision_low <= curve.precision + 1e-9).all()
    assert (curve.precision <= curve.precision_high + 1e-9).all()
    assert (curve.amount_low <= curve.amount + 1e-6).all()
    assert (curve.amount <= curve.amount_high + 1e-6).all()
    assert (np.diff(curve.amount) >= -1e-9).all()
