"""The control sample's estimates: unbiased, with intervals that hold, and honest where little is decided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.control_arm import Arm, Drawn, Share, estimate
from valfardsbrott.measures import binomial_interval

SHARES = ("precision", "missed", "prevalence", "recall")
#: Twenty listed of whom half were right, nine hundred left, three drawn of whom none was: one month.
OCTOBER = Drawn("2026-10", Arm(20, 10, 10), 900, Arm(3, 0, 3))


def test_a_small_month_by_hand() -> None:
    one = Drawn("2026-10", Arm(4, 3, 1), 96, Arm(8, 1, 7))
    found = estimate([one])
    assert found.precision.value == pytest.approx(3 / 4)
    assert found.missed.value == pytest.approx(1 / 8)
    assert found.prevalence.value == pytest.approx((3 + 12) / 100), "one of eight drawn stands for twelve of 96"
    assert found.recall.value == pytest.approx(3 / 15)
    low, high = binomial_interval(1, 8)
    assert (found.missed.low, found.missed.high) == pytest.approx((low, high))
    assert found.recall.low == pytest.approx(3 / (3 + 96 * high)), "the list is decided whole: it is known"


def test_months_weigh_by_their_size_and_not_by_how_many_were_drawn() -> None:
    large = Drawn("2026-09", Arm(0), 300, Arm(2, 1, 1))
    small = Drawn("2026-10", Arm(0), 100, Arm(4, 0, 4))
    assert estimate([large, small]).missed.value == pytest.approx(0.5 * 300 / 400)


def test_no_case_confirmed_is_an_interval_and_no_proof() -> None:
    found = estimate([OCTOBER] * 12)
    assert found.missed.value == 0
    assert found.missed.high == pytest.approx(1 - 0.025 ** (1 / 36)), "Clopper and Pearson's for 0 of 36"
    assert found.recall.value == 1
    assert found.recall.low < 0.15, "and so much may still be missed"


def test_nothing_decided_is_not_available() -> None:
    for months in ([], [Drawn("2026-10", Arm(20), 900, Arm(3))]):
        found = estimate(months)
        assert all(getattr(found, name) == Share(None) for name in SHARES)


def test_insufficient_grounds_and_open_cases_say_nothing_and_are_counted() -> None:
    half = Drawn("2026-10", Arm(20, 5, 5, 2), 900, Arm(3, 0, 1, 1))
    found = estimate([half])
    assert found.precision.value == estimate([OCTOBER]).precision.value
    assert found.precision.high > estimate([OCTOBER]).precision.high
    assert found.as_json()["listed"] == {
        "chosen": 20, "confirmed": 5, "cleared": 5, "insufficient": 2, "open": 8,
    }  # fmt: skip
    with pytest.raises(ValueError, match="more is decided"):
        Arm(3, 2, 2)


def test_wrong_decisions_are_put_right() -> None:
    honest = Drawn("2026-10", Arm(10, 1, 9), 1000, Arm(100, 10, 90))
    assert estimate([honest]).missed.value == pytest.approx(0.1)
    assert estimate([honest], wrong_decisions=0.1).missed.value == 0, "a tenth wrong makes a tenth of the honest guilty"
    with pytest.raises(ValueError, match="say nothing"):
        estimate([honest], wrong_decisions=0.5)


@st.composite
def _arms(draw: st.DrawFn, most: int) -> Arm:
    said = [draw(st.integers(0, most // 4)) for _ in range(3)]
    return Arm(sum(said) + draw(st.integers(0, most // 4)), *said)


@st.composite
def _months(draw: st.DrawFn) -> Drawn:
    control = draw(_arms(12))
    return Drawn("2026-10", draw(_arms(40)), control.chosen + draw(st.integers(0, 3000)), control)


@given(st.lists(_months(), max_size=6), st.sampled_from([0.0, 0.1, 0.3]))
def test_shares_lie_in_their_intervals_and_these_between_nought_and_one(months: list[Drawn], wrong: float) -> None:
    found = estimate(months, wrong_decisions=wrong)
    for name in SHARES:
        share = getattr(found, name)
        assert 0 <= share.low <= share.high <= 1
        assert share.value is None or share.low - 1e-9 <= share.value <= share.high + 1e-9


@given(st.integers(1, 30), st.data())
def test_more_confirmed_in_the_control_sample_is_more_missed_and_less_recall(decided: int, data: st.DataObject) -> None:
    few = data.draw(st.integers(0, decided - 1))
    one, more = (
        estimate([Drawn("2026-10", Arm(20, 10, 10), 900, Arm(decided, hits, decided - hits))])
        for hits in (few, few + 1)
    )
    for name, sign in (("missed", 1), ("prevalence", 1), ("recall", -1)):
        before, after = getattr(one, name), getattr(more, name)
        for end in ("value", "low", "high"):
            assert sign * (getattr(after, end) - getattr(before, end)) >= -1e-12, (name, end)


@pytest.mark.parametrize("wrong", [0.0, 0.1])
def test_over_many_draws_the_estimates_are_true_on_the_mean_and_the_intervals_hold(wrong: float) -> None:
    """960 left of whom 48 are wrongdoers, 40 listed of whom 20: prevalence .068, recall 20 of 68."""
    rng, rows = np.random.default_rng(5), []
    for _ in range(400):
        months = []
        for month in range(12):
            control = rng.random(10) < 48 / 960
            listed = np.arange(40) < 20
            said = [np.where(rng.random(len(hit)) < wrong, ~hit, hit) for hit in (listed, control)]
            arms = [Arm(len(hit), int(hit.sum()), int((~hit).sum())) for hit in said]
            months.append(Drawn(str(month), arms[0], 960, arms[1]))
        rows.append(estimate(months, wrong_decisions=wrong))
    true = {"missed": 0.05, "prevalence": 68 / 1000, "recall": 20 / 68, "precision": 0.5}
    for name, truth in true.items():
        held = [getattr(row, name).low <= truth <= getattr(row, name).high for row in rows]
        assert np.mean(held) >= 0.93, name
    means = {name: float(np.mean([getattr(row, name).value for row in rows])) for name in ("missed", "prevalence")}
    assert means == pytest.approx({name: true[name] for name in means}, abs=0.004)
