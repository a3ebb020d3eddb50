"""Whether a monthly figure has changed: planted changes alarm, honest months do not, short histories are not judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.drift import ALPHA, ENOUGH, Measure, Series, holm, judge, psi, shape

QUIET = np.array([100, 103, 98, 101, 99, 102, 100, 97, 101, 103, 99, 100], float)


def series(*values: float, measure: Measure = "volume", rows: float = 1000, rising: bool = False) -> Series:
    counts = np.full(len(values), rows)
    return Series(measure, np.array(values, float), counts, rising=rising)


@pytest.mark.parametrize(
    ("measure", "before", "now", "alarm"),
    [
        ("volume", QUIET, 101, False),
        ("volume", QUIET, 50, True),
        ("volume", QUIET, 0, True),
        ("volume", QUIET, 200, True),
        ("volume", 100 * 1.1 ** np.arange(12), 100 * 1.1**12, False),  # growth that goes on
        ("size", QUIET, 10_000, True),  # kronor delivered in ore
        ("size", QUIET, 101, False),
        ("share", QUIET / 10_000, 0.0101, False),
        ("share", QUIET / 10_000, 0.9, True),
        ("days", QUIET * 0, 10, True),
        ("days", QUIET * 0, 2, False),  # three days are the least that is told
    ],
)
def test_what_alarms(measure: Measure, before: np.ndarray, now: float, alarm: bool) -> None:
    assert judge([series(*before, now, measure=measure)])[0].alarm is alarm


def test_too_few_months_are_not_judged_and_not_called_usual() -> None:
    told = judge([series(*QUIET[: ENOUGH - 1], 0)])[0]
    assert not told.alarm
    assert np.isnan([told.p_value, told.usual, told.low]).all()
    assert told.months == ENOUGH - 1
    assert judge([series(*QUIET[:ENOUGH], 0)])[0].alarm


def test_a_month_that_is_not_available_is_not_judged() -> None:
    assert np.isnan(judge([series(*QUIET, np.nan)])[0].p_value)


def test_a_season_of_last_year_is_not_told_and_the_first_is() -> None:
    year = [100, 101, 99, 100, 102, 98, 60, 101, 99, 100, 101, 99]  # one month of holidays
    assert not judge([series(*year, *year[:6], 60)])[0].alarm
    assert judge([series(*year, *year[:6], 20)])[0].alarm, "a fall far beyond last year's"
    assert judge([series(*year[:6], *year[7:], 30)])[0].alarm


def test_only_more_of_a_rising_share_alarms() -> None:
    half = np.full(12, 0.5) + QUIET / 1e5
    assert not judge([series(*half, 0.0, measure="share", rising=True)])[0].alarm
    assert judge([series(*half, 1.0, measure="share", rising=True)])[0].alarm


def test_a_shape_that_changes_alarms_unless_it_is_last_years() -> None:
    rng = np.random.default_rng(1)
    usual = [dict(zip("abc", map(float, rng.multinomial(1000, [0.7, 0.2, 0.1])), strict=True)) for _ in range(12)]
    assert judge([shape([*usual, {"a": 100.0, "b": 200.0, "c": 700.0}])])[0].alarm
    assert not judge([shape([*usual, usual[3]])])[0].alarm
    holiday = {"a": 100.0, "b": 200.0, "c": 700.0}
    again = [*usual[:2], holiday, *usual[1:], holiday]
    assert again[-13] == holiday
    assert not judge([shape(again)])[0].alarm


def test_few_rows_excuse_much() -> None:
    before = np.full(12, 0.1)
    assert judge([series(*before, 0.3, measure="share", rows=10_000)])[0].alarm
    assert not judge([series(*before, 0.3, measure="share", rows=12)])[0].alarm


def test_days_without_rows_are_judged_by_how_often_rows_come() -> None:
    """A table of few rows is often silent, which excuses neither itself for long nor a table of many."""
    many = series(*np.zeros(12), 10, measure="days", rows=8000)
    few = [series(5, 0, 11, 3, 18, 7, 1, 6, 0, 9, 14, 4, now, measure="days", rows=3) for now in (2, 12, 17)]
    assert [told.alarm for told in judge([many, *few])] == [True, False, False, False]
    assert not judge([series(*np.zeros(12), 10, measure="days", rows=4)])[0].alarm


def test_the_more_is_looked_at_the_more_an_alarm_needs() -> None:
    rng = np.random.default_rng(2)
    alone = series(*QUIET, 45)
    many = [series(*(100 + rng.normal(0, 2, 13))) for _ in range(800)]
    assert judge([alone])[0].alarm
    assert not judge([alone, *many])[0].alarm


def test_honest_months_alarm_about_as_seldom_as_promised() -> None:
    """Months of 50 figures with trends and noise of their own: at most twice the promised share."""
    rng = np.random.default_rng(3)
    falsely = 0
    for _ in range(120):
        figures = []
        for _ in range(50):
            level = rng.uniform(50, 5000) * np.exp(rng.normal(0, 0.01) * np.arange(13))
            figures.append(series(*(level * np.exp(rng.normal(0, rng.uniform(0.02, 0.2), 13)))))
        falsely += any(each.alarm for each in judge(figures))
    assert falsely / 120 <= 2 * ALPHA


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_between_bonferroni_and_no_correction(p_values: list[float]) -> None:
    fallen = holm(p_values)
    for p, fell in zip(p_values, fallen, strict=True):
        assert fell or p > ALPHA / len(p_values)
        assert not fell or p <= ALPHA


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_index_is_symmetric_not_negative_and_zero_for_the_same(counts: list[int], random: object) -> None:
    other = sorted(counts)
    if sum(counts):
        assert psi(counts, counts) == pytest.approx(0)
        assert psi(counts, other) == pytest.approx(psi(other, counts))
        assert psi(counts, other) >= 0
    else:
        assert np.isnan(psi(counts, other))
