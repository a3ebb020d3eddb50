"""Numbers pass the checks of the real ones, are all different and cannot be anybody's; the clock is Stockholm's."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.identifiers import normalise
from valfardsbrott.synthetic.arrays import rank_within, running_max, scrambled, stream, within
from valfardsbrott.synthetic.numbers import bankgiro_numbers, luhn_digit, org_numbers, person_numbers, phone_numbers
from valfardsbrott.synthetic.timeline import clear_of_changes, to_utc, to_wall

_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_ZERO = dt.datetime(1970, 1, 1)


def test_a_crowded_birthday_spreads() -> None:
    numbers = person_numbers(np.full(300, -9000), np.zeros(300, dtype=bool), stream(1, "crowd"))
    assert len(set(numbers)) == 300
    assert all(normalise(number, "person").valid for number in numbers)
    assert {number[8:10] for number in numbers} <= {"98", "99"}


def test_a_coordination_number_has_sixty_on_its_day() -> None:
    numbers = person_numbers(np.array([0, 0]), np.array([False, True]), stream(1, "coordination"))
    assert sorted(number[6:8] for number in numbers) == ["01", "61"]
    assert all(normalise(number, "person").valid for number in numbers)


@pytest.mark.parametrize("make", [org_numbers, bankgiro_numbers, phone_numbers])
def test_numbers_are_different(make: object) -> None:
    numbers = make(5000, stream(2, "numbers"))  # type: ignore[operator]
    assert len(set(numbers)) == 5000


@given(st.integers(0, 10**9 - 1))
def test_check_digit_is_luhn(base: int) -> None:
    digit = int(luhn_digit(np.array([base]), 9)[0])
    digits = [int(figure) for figure in f"{base:09d}{digit}"][::-1]
    doubled = [figure * 2 for figure in digits[1::2]]
    assert (sum(digits[::2]) + sum(value // 10 + value % 10 for value in doubled)) % 10 == 0


@given(st.datetimes(dt.datetime(2022, 1, 1), dt.datetime(2030, 1, 1)))
def test_clock_is_stockholm_s(moment: dt.datetime) -> None:
    utc = int((moment - _ZERO).total_seconds()) // 60
    wall = (_ZERO + dt.timedelta(minutes=utc)).replace(tzinfo=dt.UTC).astimezone(_STOCKHOLM).replace(tzinfo=None)
    assert int(to_wall(np.array([utc]))[0]) == int((wall - _ZERO).total_seconds()) // 60


@given(st.datetimes(dt.datetime(2022, 1, 1), dt.datetime(2030, 1, 1)))
def test_cleared_times_mean_one_moment(moment: dt.datetime) -> None:
    wall = clear_of_changes(np.array([int((moment - _ZERO).total_seconds()) // 60]))
    assert (to_wall(to_utc(wall)) == wall).all()
    assert (to_wall(to_utc(wall) + 60) != wall).all()
    shown = (_ZERO + dt.timedelta(minutes=int(wall[0]))).replace(tzinfo=_STOCKHOLM)
    assert shown.utcoffset() == shown.replace(fold=1).utcoffset()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-50, 50)), min_size=1, max_size=40))
def test_grouped_operations_restart_at_each_group(pairs: list[tuple[int, int]]) -> None:
    pairs.sort(key=lambda pair: pair[0])
    groups, values = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    for group in set(groups.tolist()):
        mine = groups == group
        assert within(groups, values)[mine].tolist() == [0, *np.cumsum(values[mine])[:-1].tolist()]
        assert running_max(groups, values)[mine].tolist() == np.maximum.accumulate(values[mine]).tolist()
        assert rank_within(groups)[mine].tolist() == list(range(int(mine.sum())))


def test_scrambling_keeps_codes_apart() -> None:
    assert len(set(scrambled(np.arange(200_000), 7).tolist())) == 200_000
