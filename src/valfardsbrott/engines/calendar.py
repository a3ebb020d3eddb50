"""The days of 2015-2035 with Swedish public holidays, for every query: no view computes dates of its own."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

FIRST, LAST = dt.date(2015, 1, 1), dt.date(2035, 12, 31)
_DAY = dt.timedelta(days=1)


def easter(year: int) -> dt.date:
    """Easter Sunday (Gregorian computus of Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    leap, remainder = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    golden = year % 19
    moon = (19 * golden + century - leap - correction + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * remainder + 2 * quarter - moon - left) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return dt.date(year, month, day + 1)


def red_days(year: int) -> frozenset[dt.date]:
    """Public holidays (lag 1989:253) of a year; every Sunday is red besides."""
    fixed = {dt.date(year, month, day) for month, day in ((1, 1), (1, 6), (5, 1), (6, 6), (12, 25), (12, 26))}
    moving = {easter(year) + days * _DAY for days in (-2, 0, 1, 39, 49)}
    return frozenset(fixed | moving | {_saturday(dt.date(year, 6, 20)), _saturday(dt.date(year, 10, 31))})


def _saturday(day: dt.date) -> dt.date:
    """The first Saturday at or after ``day``: Midsummer (20-26 June), All Saints (31 October - 6 November)."""
    return day + (5 - day.weekday()) % 7 * _DAY


@cache
def days() -> Any:
    """A pyarrow Table, one row a day: day, month, weekday 1-7 from Monday, is_weekend, is_red_day, iso_week."""
    import pyarrow as pa

    red = frozenset().union(*(red_days(year) for year in range(FIRST.year, LAST.year + 1)))
    every = [FIRST + step * _DAY for step in range((LAST - FIRST).days + 1)]
    return pa.table(
        {
            "day": pa.array(every, pa.date32()),
            "month": pa.array([day.replace(day=1) for day in every], pa.date32()),
            "weekday": pa.array([day.isoweekday() for day in every], pa.int64()),
            "is_weekend": pa.array([day.isoweekday() > 5 for day in every]),
            "is_red_day": pa.array([day in red or day.isoweekday() == 7 for day in every]),
            "iso_week": pa.array([day.isocalendar().week for day in every], pa.int64()),
        }
    )
