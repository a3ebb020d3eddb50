"""By chance: honest providers that are ranked as high, learnt although frauds stand among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.chance import Chance, Honest, Ranked, by_chance
from valfardsbrott.detectors.panel import Floats

REASONS = 30


def reasons(seed: int, providers: int = 600, *, alike: float = 0.0) -> Floats:
    """What honest providers have by reason: mostly nothing. ``alike``: how much some have more of everything."""
    rng = np.random.default_rng(seed)
    prone = np.exp(alike * rng.normal(size=providers))[:, None]
    return np.maximum(rng.exponential(size=(providers, REASONS)) * prone - 2, 0)


def with_frauds(honest: Floats, frauds: int, nats: float = 5.0) -> Floats:
    """The first ``frauds`` show a scheme in three ways."""
    made = honest.copy()
    made[:frauds, :3] += np.random.default_rng(9).gamma(4, nats / 4, (frauds, 3))
    return made


def chance_of(
    made: Floats, tied: tuple[int, ...] = (), redrawn: Callable[[Floats], Floats] = lambda nats: nats
) -> Chance:
    nats = made.sum(axis=1)
    size = np.arange(len(made), dtype=float)
    members = np.isin(np.arange(len(made)), tied)
    ranked = Ranked(redrawn(nats), nats, nats - (np.median(nats) if len(nats) else 0.0), members)
    return by_chance(Honest.fit(made, ranked.excess, size), ranked, lambda pick: redrawn(nats[pick]))


def curve_of(made: Floats) -> Curve:
    order = np.argsort(-made.sum(axis=1), kind="stable")
    return Curve.of(chance_of(made).rows(order), np.full(len(made), 1000.0))


def share_of(made: Floats, frauds: int, k: int) -> float:
    return float((np.argsort(-made.sum(axis=1), kind="stable")[:k] < frauds).mean())


@pytest.mark.parametrize("alike", [0.0, 0.15])
def test_among_honest_providers_nobody_is_said_to_stand_out(alike: float) -> None:
    """Also where some are prone to a little of everything, so that their reasons are not independent."""
    curves = [curve_of(reasons(seed, alike=alike)) for seed in range(20)]
    assert np.mean([curve.precision_low[19] > 0 for curve in curves]) <= 0.1
    assert np.mean([curve.precision[49] for curve in curves]) < 0.15


@pytest.mark.parametrize("frauds", [12, 30, 60])
def test_what_is_expected_is_near_the_truth_however_common_the_scheme(frauds: int) -> None:
    """Of 600: a tenth too, whose shuffled reasons would hide one another."""
    made = [with_frauds(reasons(seed), frauds, 7) for seed in range(10)]
    curves, truths = [curve_of(each) for each in made], [share_of(each, frauds, frauds) for each in made]
    expected = [curve.precision[frauds - 1] for curve in curves]
    assert np.mean(expected) == pytest.approx(np.mean(truths), abs=0.15)
    held = [
        c.precision_low[frauds - 1] <= t <= c.precision_high[frauds - 1] for c, t in zip(curves, truths, strict=True)
    ]
    assert sum(held) >= 9


def test_longer_lists_bring_less_by_each() -> None:
    curve = curve_of(with_frauds(reasons(1), 30))
    assert curve.precision[9] > 0.9
    assert curve.precision[9] > curve.precision[59] > curve.precision[199]
    assert curve.precision_high[199] < 0.6
    assert curve.amount_low[29] > 15 * 1000
    assert curve.amount_high[29] <= 30 * 1000


@given(seed=st.integers(0, 50), frauds=st.integers(0, 40), providers=st.integers(50, 200))
def test_more_evidence_is_never_more_by_chance(seed: int, frauds: int, providers: int) -> None:
    made = with_frauds(reasons(seed, providers), frauds)
    found = chance_of(made)
    falling = np.argsort(-made.sum(axis=1), kind="stable")
    assert (np.diff(found.expected[falling]) >= -1e-9).all()
    assert (found.fewest <= found.expected).all()
    assert (found.expected <= found.most).all()
    assert found.expected.min() > 0
    assert found.expected.max() <= providers


def test_a_network_adds_as_much_to_the_honest_it_could_have_had() -> None:
    """Fifty members get eight nats for nothing they do: ranked higher, and no more of them said to stand out."""
    honest, members = reasons(3), tuple(range(50))
    extra = np.where(np.arange(len(honest)) < 50, 8.0, 0.0)
    ranked = honest.sum(axis=1) + extra
    found = chance_of(honest, members, lambda nats: nats + extra).rows(np.argsort(-ranked, kind="stable"))
    assert (np.argsort(-ranked)[:40] < 50).mean() > 0.6
    assert found.expected[39] == pytest.approx(40, rel=0.2)
    guilty = chance_of(with_frauds(honest, 50, 9), members, lambda nats: nats + extra)
    assert np.median(guilty.expected[:50]) < 3, "where the members do something, most of them stand out"


def test_nobody_and_a_single_provider() -> None:
    assert len(chance_of(np.empty((0, REASONS))).expected) == 0
    assert chance_of(reasons(1, 1)).expected.tolist() == [1.0]
    assert chance_of(np.zeros((30, REASONS))).expected.tolist() == [30.0] * 30
