"""The city's own time: months counted from EPOCH, days from 1970, minutes of the Stockholm clock from 1970.

The world is laid out on this absolute axis, so a month is the same whichever months are delivered with it.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from valfardsbrott.domain import EXIT_USAGE, Failure, Month
from valfardsbrott.synthetic.arrays import Ints

EPOCH = Month(2022, 10)
ANCHOR = 48  # 2026-10: the month that everything planted is running in
MONTHS = 66
NEVER = 10_000  # a month or (times 31) a day that does not come
NO_DAY = 1_000_000
DAY = 1440

_ZERO = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    return (day - _ZERO).days


#: First day of each month of the axis; index MONTHS is the day after the last one.
FIRST_DAY: Ints = np.array([day_number(EPOCH.plus(step).first) for step in range(MONTHS + 25)], dtype=np.int64)


def month_index(month: Month) -> int:
    return (month.year - EPOCH.year) * 12 + month.number - EPOCH.number


def month_at(index: int) -> Month:
    return EPOCH.plus(index)


def month_of_day(days: Ints) -> Ints:
    """Month index of each day number; days before the axis give -1."""
    return np.searchsorted(FIRST_DAY, days, side="right").astype(np.int64) - 1


def check_span(first: Month, last: Month) -> None:
    """Refuse months outside the axis (the world is laid out for 2023-01 to 2028-03)."""
    if month_index(first) < 3 or month_index(last) >= MONTHS:
        raise Failure(
            f"the synthetic city has no months {first} to {last}",
            f"It lives from {month_at(3)} to {month_at(MONTHS - 1)}; choose --last and --months inside that",
            EXIT_USAGE,
        )


def _last_sunday(year: int, month: int) -> dt.date:
    last = Month(year, month).last
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


_YEARS = range(EPOCH.year - 1, EPOCH.year + 10)
#: Clock changes as UTC minutes: summer time begins at even places and ends at odd ones.
_CHANGES: Ints = np.array(
    [day_number(_last_sunday(year, month)) * DAY + 60 for year in _YEARS for month in (3, 10)], dtype=np.int64
)
#: The same as clock minutes: an hour of the clock that comes twice counts as summer time.
_WALL_CHANGES: Ints = _CHANGES + np.array([60, 120] * len(_YEARS))


def to_utc(wall: Ints) -> Ints:
    """Stockholm clock minutes to UTC minutes."""
    return wall - 60 - 60 * (np.searchsorted(_WALL_CHANGES, wall, side="right") % 2)


def to_wall(utc: Ints) -> Ints:
    """UTC minutes to Stockholm clock minutes."""
    return utc + 60 + 60 * (np.searchsorted(_CHANGES, utc, side="right") % 2)


def clear_of_changes(wall: Ints) -> Ints:
    """Moves clock times out of the hour that comes twice in October and the one that never comes in March."""
    place = np.searchsorted(_WALL_CHANGES, wall, side="right")
    since = wall - _WALL_CHANGES[np.maximum(place - 1, 0)]
    missing = (place % 2 == 1) & (since < 60)
    until = _WALL_CHANGES[np.minimum(place, len(_WALL_CHANGES) - 1)] - wall
    twice = (place % 2 == 1) & (until <= 60) & (until > 0)
    return np.where(missing, wall + 60, np.where(twice, wall - 60, wall))
