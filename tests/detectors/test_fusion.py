"""Fusion and calibration: reasons are counted once, and a p-value means what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.detectors import fusion
from valfardsbrott.detectors.calibration import SMALLEST_P, Tail, evidence, unit_score
from valfardsbrott.detectors.panel import Measure


def measures(*names: str) -> list[Measure]:
    return [Measure(name, f"view_of_{name}", "share", "higher", name, (), False) for name in names]


def test_ten_weak_copies_of_one_reason_do_not_outweigh_one_strong() -> None:
    rng = np.random.default_rng(1)
    reason = rng.normal(size=500)
    copies = reason[:, None] + rng.normal(0, 0.2, (500, 10))
    other = rng.normal(size=(500, 1))
    features = measures(*(f"copy_{at}" for at in range(10)), "other")
    blocks = fusion.blocks(np.hstack([copies, other]), features, 0.5)
    assert blocks == (tuple(range(10)), (10,))
    weak = np.array([[3.0] * 10 + [0.0]])
    strong = np.array([[0.0] * 10 + [8.0]])
    assert fusion.share(weak, blocks, 2.0).sum() < 1
    assert fusion.share(strong, blocks, 2.0).sum() == pytest.approx(6.0)


def test_independent_reasons_add_up() -> None:
    blocks = ((0,), (1,), (2,))
    assert fusion.share(np.array([[5.0, 5.0, 5.0]]), blocks, 2.0).sum() == pytest.approx(9.0)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=6))
def test_parts_of_a_block_sum_to_its_strongest_and_keep_its_order(nats: list[float]) -> None:
    values = np.array([nats])
    parts = fusion.share(values, (tuple(range(len(nats))),), 1.0)[0]
    best = max(fusion.sidak(values, len(nats)).max() - 1.0, 0.0)
    assert parts.sum() == pytest.approx(best, abs=1e-9)
    assert (parts >= -1e-12).all()
    order = np.argsort(nats)
    assert (np.diff(parts[order]) >= -1e-9).all()


@given(st.floats(0.001, 30), st.integers(2, 40))
def test_sidak_never_strengthens(nats: float, looked_at: int) -> None:
    assert fusion.sidak(np.array([nats]), looked_at)[0] <= nats + 1e-9


def test_features_of_one_view_join_sooner() -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(size=400)
    pair = np.column_stack([base, base * 0.42 + rng.normal(size=400) * 0.9])
    apart = measures("one", "other")
    together = [Measure(m.name, "same_view", m.unit, m.direction, "visits", (), False) for m in apart]
    assert len(fusion.blocks(pair, apart, 0.5)) == 2
    assert len(fusion.blocks(pair, together, 0.5)) == 1


def test_p_values_are_uniform_where_nothing_is_wrong() -> None:
    rng = np.random.default_rng(3)
    tail = Tail.fit(rng.exponential(size=3000))
    p = tail.p(rng.exponential(size=20_000))
    for level in (0.5, 0.2, 0.1):
        assert (p <= level).mean() == pytest.approx(level, rel=0.15)
    assert 0.01 < (p <= 0.03).mean() <= 0.03
    assert (p <= 0.001).mean() <= 0.001, "cautious far out, where little was seen"


def test_frauds_among_the_fitted_do_not_hide_one_another() -> None:
    honest = np.random.default_rng(4).exponential(size=960)
    p = Tail.fit(np.r_[honest, np.full(40, 50.0)], allowed=0.1).p(np.array([50.0]))
    assert p[0] < 0.002


@given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=60), st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_higher_score_never_has_a_higher_p_value(fitted_on: list[float], score: float, more: float) -> None:
    tail = Tail.fit(np.array(fitted_on))
    low, high = tail.p(np.array([score, score + more]))
    assert SMALLEST_P <= high <= low <= 1


def test_what_four_in_a_hundred_do_is_not_rare() -> None:
    tail = Tail.fit(np.r_[np.zeros(960), np.full(40, 8.0)], floor=0.5, allowed=0.01)
    assert tail.p(np.array([8.0]))[0] == pytest.approx(0.03, abs=0.005)
    rare = Tail.fit(np.r_[np.zeros(995), np.full(5, 8.0)], floor=0.5, allowed=0.01)
    assert rare.p(np.array([8.0]))[0] < 0.005


def test_missing_and_all_alike_say_nothing() -> None:
    tail = Tail.fit(np.zeros(100))
    assert tail.p(np.array([np.nan, 0.0, -1.0])).tolist() == [1.0, 1.0, 1.0]


def test_a_score_of_one_half_is_one_in_twenty() -> None:
    assert unit_score(evidence(np.array([0.05]))).round(2).tolist() == [0.5]
    assert unit_score(evidence(np.array([1.0, 1e-300]))).max() < 1
