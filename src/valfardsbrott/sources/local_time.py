"""Stockholm's clock and UTC, for whole arrays of microseconds, through the two odd hours of the year.

Transitions come from the time zone database once; no part of the year is looked up row by row.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Micros = npt.NDArray[np.int64]

ZONE = "Europe/Stockholm"
_HOUR = 3_600_000_000
_FIRST, _LAST = 1970, 2200


class _Clock(NamedTuple):
    """``utc``: when the offset changes (microseconds since 1970); ``offset``: what holds then, one more in front."""

    utc: Micros
    offset: Micros


def to_utc(local: Micros) -> tuple[Micros, Micros, npt.NDArray[np.bool_]]:
    """UTC of local times: the earlier reading, the later one, and whether the time was skipped by the clock.

    The two differ only in the hour that autumn repeats. A time in the hour that spring skips becomes the first moment
    after it (02:30 is read as 03:00).
    """
    clock = _clock()
    before = local - clock.offset[np.searchsorted(clock.utc + clock.offset[:-1], local, side="right")]
    after = local - clock.offset[np.searchsorted(clock.utc + clock.offset[1:], local, side="right")]
    # By the old offset and by the new: where both answers hold the hour is repeated, where neither holds it is skipped.
    skipped = (to_local(before) != local) & (to_local(after) != local)
    earlier = np.where(to_local(before) == local, before, after)
    later = np.where(to_local(after) == local, after, before)
    first, last = np.minimum(earlier, later), np.maximum(earlier, later)
    change = clock.utc[np.searchsorted(clock.utc, last, side="right") - 1]
    return np.where(skipped, change, first), np.where(skipped, change, last), skipped


def to_local(utc: Micros) -> Micros:
    """Stockholm's wall clock at a moment of UTC."""
    clock = _clock()
    return utc + clock.offset[np.searchsorted(clock.utc, utc, side="right")]


@cache
def _clock() -> _Clock:
    zone = ZoneInfo(ZONE)
    hour = dt.timedelta(hours=1)
    at = dt.datetime(_FIRST, 1, 1, tzinfo=dt.UTC)
    changes: list[int] = []
    offsets = [_offset(at, zone)]
    day = dt.timedelta(days=1)
    while at.year < _LAST:
        if _offset(at + day, zone) != offsets[-1]:
            while _offset(at, zone) == offsets[-1]:
                at += hour
            changes.append(int(at.timestamp()) * 1_000_000)
            offsets.append(_offset(at, zone))
            at = at.replace(hour=0)
        at += day
    return _Clock(np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64))


def _offset(at: dt.datetime, zone: ZoneInfo) -> int:
    found = at.astimezone(zone).utcoffset() or dt.timedelta()
    return int(found.total_seconds()) * 1_000_000
