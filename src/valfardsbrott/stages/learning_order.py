"""The learnt order of a month, with its guards: it brings in at most half of the list, and its list stays as varied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from valfardsbrott.measures import Floats

#: At least this share of a list is the champion's own: what nobody has found before can still be seen.
OWN_SHARE = 0.5
#: The list may hold fewer kinds of strongest reasons than the champion's, down to this share of them, before it alarms.
VARIED = 0.5
#: More of the list than this decided before is chewing the same cud.
AGAIN = 0.5


def mixed(champion: Sequence[str], learned: Sequence[str], capacity: int) -> list[str]:
    """The learnt order with the champion's own first ``capacity`` kept to at least half (`OWN_SHARE`) of the list.

    ``champion`` and ``learned`` are the same providers in two orders. Providers that the learning alone brings in
    stand back as soon as they fill their half; all others keep the learnt order.

    >>> mixed(["a", "b", "c", "d"], ["d", "c", "a", "b"], 2)
    ['d', 'a', 'c', 'b']
    """
    own, room = set(champion[:capacity]), capacity - int(np.ceil(OWN_SHARE * capacity))
    front: list[str] = []
    back: list[str] = []
    brought = 0
    for org in learned:
        if len(front) >= capacity or org in own or brought < room:
            front.append(org)
            brought += org not in own and len(front) <= capacity
        else:
            back.append(org)
    return front[:capacity] + [org for org in learned if org not in set(front[:capacity])]


@dataclass(frozen=True)
class Varied:
    """How much a list is made of what was found before. ``again``: share of it decided before; ``brought_in``: share
    that the champion would not have listed; ``kinds``: effective number of strongest reasons, exp of their entropy, of
    this list and of the champion's."""

    again: float
    brought_in: float
    kinds: float
    champion_kinds: float

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong, in words of the code: ``again``, ``narrow``; none where the list is as it should be."""
        found = [("again", self.again > AGAIN), ("narrow", self.kinds < VARIED * self.champion_kinds)]
        return tuple(name for name, wrong in found if wrong)

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 4) for name, value in asdict(self).items()} | {"alarms": list(self.alarms)}


def varied(listed: Sequence[str], own: Sequence[str], decided: set[str], strongest: dict[str, str]) -> Varied:
    """Of a list and the champion's own list: who was decided before, and each provider's strongest reason by number."""
    share = 1 / len(listed) if listed else 0.0
    return Varied(
        again=share * sum(org in decided for org in listed),
        brought_in=share * sum(org not in set(own) for org in listed),
        kinds=_kinds([strongest[org] for org in listed if org in strongest]),
        champion_kinds=_kinds([strongest[org] for org in own if org in strongest]),
    )


def _kinds(reasons: Sequence[str]) -> float:
    """Hill's (1973) number of order 1; 0 of nothing."""
    if not reasons:
        return 0.0
    shares: Floats = np.unique(np.array(reasons), return_counts=True)[1] / len(reasons)
    return float(np.exp(-(shares * np.log(shares)).sum()))
