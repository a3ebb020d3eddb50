"""Stays in hospital, short-term places and journeys: the days when a recipient is not at home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, stream
from valfardsbrott.synthetic.timeline import FIRST_DAY, NO_DAY
from valfardsbrott.synthetic.world import City

KINDS = ("hospital", "short_term", "travel")


@dataclass
class Stays:
    """``client`` by place among recipients; away from ``first`` to ``last``, both included."""

    client: Ints
    kind: Ints
    first: Ints
    last: Ints


def stays_from(city: City, month: int) -> Stays:
    """Stays that begin in the month; at most 24 days long. Who is still away from the month before begins none."""
    stays, before = _drawn(city, month), _drawn(city, month - 1)
    free = ~np.isin(stays.client, before.client[before.last >= FIRST_DAY[month]])
    return Stays(stays.client[free], stays.kind[free], stays.first[free], stays.last[free])


def _drawn(city: City, month: int) -> Stays:
    rng = stream(city.seed, "absence", month)
    clients = city.clients
    served = (clients.first_day < FIRST_DAY[month + 1]) & (clients.last_day >= FIRST_DAY[month])
    client = np.flatnonzero(served & (rng.random(len(clients)) < 0.055))
    first = rng.integers(FIRST_DAY[month], FIRST_DAY[month + 1], len(client))
    last = first + np.minimum(1 + rng.geometric(1 / 7, len(client)), 24)
    keep = last < clients.last_day[client]
    kind = rng.choice(3, len(client), p=[0.75, 0.15, 0.1])
    return Stays(client[keep], kind[keep], first[keep], last[keep])


def away(city: City, month: int) -> tuple[Ints, Ints, Ints]:
    """By recipient: first and last day away in the month (who is never away: ``NO_DAY``) and the kind of stay."""
    first = np.full(len(city.clients), NO_DAY, dtype=np.int64)
    last, kind = first.copy() - 1, np.zeros(len(city.clients), dtype=np.int64)
    for begun in (month - 1, month):
        stays = stays_from(city, begun)
        on = stays.last >= FIRST_DAY[month]
        first[stays.client[on]], last[stays.client[on]], kind[stays.client[on]] = (
            stays.first[on], stays.last[on], stays.kind[on],
        )  # fmt: skip
    return first, last, kind
