"""A network as its map needs it: every node with its place, so that a browser only has to draw."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from valfardsbrott.networks.exports.content import Content, Link
from valfardsbrott.review.graph import Network
from valfardsbrott.review.models import GraphNote
from valfardsbrott.wording import Language

Place = tuple[float, float]
#: Turning by this angle spreads points evenly, however many there are.
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_SMALLEST_RING, _ROOM_PER_MEMBER, _CELL = 220, 26, 26


def drawing(found: Network, notes: Sequence[GraphNote], kept: Mapping[str, Any], words: Language) -> dict[str, Any]:
    """The network as lists, short since there may be thousands of ties.

    ``nodes``: key, label, kind, whether a member, noted, x, y, pinned. ``ties``: number (the end of its id, after
    ``prefix``), index of source and target among the nodes, index among ``kinds`` (code and word), first and last
    month, whether it counts, noted. Months are counted from year 0; a last one of None is in force, ``last`` is the
    network's own.
    """
    content, noted = found.content, {note.target_id for note in notes}
    places = place(content) | {node: (x, y) for node, (x, y, *_) in kept.items()}
    pinned = {node for node, (_, _, *pin) in kept.items() if any(pin)}
    at = {node.key: turn for turn, node in enumerate(content.nodes)}
    kinds = sorted({(link.link_type, link.label) for link in content.links})
    kind_at = {code: turn for turn, (code, _) in enumerate(kinds)}
    prefix = f"{found.row['network_id']}-"
    return {
        "nodes": [
            [node.key, node.label, node.node_type, int(node.role == "member"), int(node.key in noted),
             *places[node.key], int(node.key in pinned)]
            for node in content.nodes
        ],
        "ties": [
            [
                int(link.link_id.removeprefix(prefix)), at[link.source], at[link.target], kind_at[link.link_type],
                _month(link.started), _month(link.ended), int(link.nats > 0), int(link.link_id in noted),
            ]
            for link in content.links
        ],
        "kinds": kinds, "prefix": prefix, "last": _month(content.day), "kept": bool(kept),
        "words": {kind: words.word("node_type", kind) for kind in {node.node_type for node in content.nodes}},
    }  # fmt: skip


def place(content: Content) -> dict[str, Place]:
    """Where each node stands, by key: the same for the same network, in a time that grows with its ties alone.

    Members stand on a ring in the order of their keys; what they have stands at three quarters of the way from the
    middle to the mean of its users, spread so that hardly anything hides another.
    """
    members = [node for node in content.nodes if node.role == "member"]
    radius = max(_SMALLEST_RING, len(members) * _ROOM_PER_MEMBER)
    places = {node.key: _on_circle(radius, 2 * math.pi * turn / len(members)) for turn, node in enumerate(members)}
    users, taken = _users(content.links, places), {_cell(at) for at in places.values()}
    for turn, node in enumerate(content.nodes):
        if node.key not in places:
            x, y = _mean([places[key] for key in users.get(node.key, ())])
            places[node.key] = _free((0.75 * x, 0.75 * y), turn, taken)
    return places


def _free(near: Place, turn: int, taken: set[tuple[int, int]]) -> Place:
    """The first place on a spiral around ``near`` in a cell that nothing stands in; it is taken from then on."""
    for step in itertools.count(turn):
        dx, dy = _on_circle(24 + 5 * math.sqrt(step), step * _GOLDEN_ANGLE)
        at = (round(near[0] + dx, 1), round(near[1] + dy, 1))
        if _cell(at) not in taken:
            taken.add(_cell(at))
            return at
    raise AssertionError("a spiral has no end")


def _cell(at: Place) -> tuple[int, int]:
    return round(at[0] / _CELL), round(at[1] / _CELL)


def _users(links: Sequence[Link], members: Mapping[str, Place]) -> dict[str, list[str]]:
    """The members that have each thing, by its key."""
    users: dict[str, list[str]] = {}
    for link in links:
        for one, other in ((link.source, link.target), (link.target, link.source)):
            if other in members and one not in members:
                users.setdefault(one, []).append(other)
    return users


def _mean(points: Sequence[Place]) -> Place:
    if not points:
        return (0, 0)
    return (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))


def _on_circle(radius: float, angle: float) -> Place:
    return (round(radius * math.sin(angle), 1), round(-radius * math.cos(angle), 1))


def _month(day: dt.date | None) -> int | None:
    return None if day is None else day.year * 12 + day.month - 1
