"""A day's visits as planned: routes through each provider's homes, one worker after the other."""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, rank_within, starts_of, within
from valfardsbrott.synthetic.population import Geography
from valfardsbrott.synthetic.roster import Roster
from valfardsbrott.synthetic.services import SLOT_LENGTH, SLOT_SHIFT, SLOT_START

_SHIFTS = 5
_NIGHT_SHIFT = 2
_FAR_KM = 20.0


def travel_minutes(land: Geography, one: Ints, other: Ints) -> Ints:
    """Minutes from door to door: 2 in one building, then by distance, never more than half an hour."""
    apart = np.minimum(np.abs(land.place[one] - land.place[other]), _FAR_KM)
    return np.where(one == other, 2, 4 + np.rint(apart * 1.5)).astype(np.int64)


def plan_routes(
    land: Geography, *, provider: Ints, slot: Ints, minutes: Ints, two: Ints, building: Ints, key: Ints
) -> tuple[Ints, Ints, Ints]:
    """Order of the rows, minute of the day planned, and route number within provider and slot (rows in that order).

    ``key`` breaks ties the same way every day, so that a worker keeps much the same homes. Rows for two workers have
    routes of their own.
    """
    order = np.lexsort((key, land.place[building], two, slot, provider))
    bucket = ((provider * 16 + slot) * 2 + two)[order]
    homes, length = building[order], minutes[order]
    trip = np.zeros(len(order), dtype=np.int64)
    trip[1:] = travel_minutes(land, homes[1:], homes[:-1])
    trip[starts_of(bucket)] = 0
    # time used before each visit is that of the visits before it and of the trips up to it
    before = within(bucket, length) + within(bucket, trip) + trip
    span = SLOT_LENGTH[slot[order]]
    route = np.where(span > 1, before // span, rank_within(bucket))
    first = starts_of(bucket * 4096 + route)
    offset = before - before[first][np.cumsum(first) - 1] if len(before) else before
    start = SLOT_START[slot[order]] + np.where(span > 1, offset, key[order] % 5 * 15)
    return order, start // 5 * 5, route


def staff_of_routes(crews: Roster, *, provider: Ints, slot: Ints, route: Ints, two: Ints, helper: Ints) -> Ints:
    """The employment on each route: day first, evening after those of the day, nights a crew of their own."""
    shift = SLOT_SHIFT[slot]
    cell = provider * _SHIFTS + shift
    providers = len(crews.count) // 2
    single = np.zeros(providers * _SHIFTS, dtype=np.int64)
    np.maximum.at(single, cell, np.where(two == 0, route + 1, 0))
    pairs = np.zeros(providers * _SHIFTS, dtype=np.int64)
    np.maximum.at(pairs, cell, np.where(two == 1, route + 1, 0))
    crew = (single + 2 * pairs).reshape(providers, _SHIFTS)
    base = np.zeros((providers, _SHIFTS), dtype=np.int64)
    base[:, 1], base[:, 4] = crew[:, 0], crew[:, 3]
    turn = base.ravel()[cell] + np.where(two == 0, route, single[cell] + 2 * route + helper)
    return crews.pick(provider * 2 + (shift == _NIGHT_SHIFT), turn)
