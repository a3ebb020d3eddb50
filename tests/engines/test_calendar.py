"""The calendar that every query reads: Swedish public holidays, weeks, months."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.engines.calendar import FIRST, LAST, days, easter, red_days


@pytest.mark.parametrize(
    "sunday", ["2015-04-05", "2016-03-27", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2035-03-25"]
)
def test_easter(sunday: str) -> None:
    day = dt.date.fromisoformat(sunday)
    assert easter(day.year) == day


def test_the_red_days_of_2026() -> None:
    assert sorted(str(day)[5:] for day in red_days(2026)) == [
        "01-01", "01-06", "04-03", "04-05", "04-06", "05-01", "05-14", "05-24", "06-06", "06-20", "10-31", "12-25",
        "12-26",
    ]  # fmt: skip


@given(st.integers(min_value=2015, max_value=2035))
def test_midsummer_and_all_saints_are_saturdays_and_easter_a_sunday(year: int) -> None:
    assert easter(year).isoweekday() == 7
    june = [day for day in red_days(year) if day.month == 6 and day.day >= 20]
    autumn = [day for day in red_days(year) if (10, 31) <= (day.month, day.day) <= (11, 6)]
    assert [day.isoweekday() for day in june + autumn] == [6, 6]


def test_one_row_a_day() -> None:
    rows = days().to_pylist()
    assert [rows[0]["day"], rows[-1]["day"]] == [FIRST, LAST]
    assert len(rows) == (LAST - FIRST).days + 1
    by_day = {row["day"]: row for row in rows}
    assert by_day[dt.date(2026, 12, 31)] == {
        "day": dt.date(2026, 12, 31), "month": dt.date(2026, 12, 1), "weekday": 4, "is_weekend": False,
        "is_red_day": False, "iso_week": 53,
    }  # fmt: skip
    assert by_day[dt.date(2026, 10, 4)]["is_red_day"]
    assert by_day[dt.date(2026, 10, 3)]["is_weekend"]
    assert not by_day[dt.date(2026, 10, 3)]["is_red_day"]
