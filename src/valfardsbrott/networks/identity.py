"""A network keeps its id from month to month though it gains and loses members, splits and merges."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

#: A network is the continuation of another if they share two providers and half of the smaller one.
LEAST_SHARED = 2
LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Identity:
    """What is known of a network: its id, its providers when last seen, and since when.

    ``change`` is against the last month in which it was seen: new, grown, shrunk or unchanged; when as many came as
    went it is grown, since those who came are what a reader should look at. ``parents`` are the networks of which it
    holds a part without being their continuation (it split off, or swallowed them); sorted.
    """

    network_id: str
    orgs: frozenset[str]
    first_seen_month: str
    last_seen_month: str
    change: str = "new"
    gained: int = 0
    lost: int = 0
    parents: tuple[str, ...] = ()


def identify(groups: Sequence[frozenset[str]], known: Mapping[str, Identity], month: str) -> list[Identity]:
    """The identity of each of this month's disjoint groups; ``known`` are all networks seen before, by id.

    The pair that shares most providers is settled first (ties: larger Jaccard, longer known, id, first provider), so
    after a split the largest part keeps the id, and after a merger the id of the part that gave most lives on.
    """
    found: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, _, network_id, _, at in sorted(_matches(groups, known)):
        if at not in found and network_id not in taken:
            found[at] = network_id
            taken.add(network_id)
    return [_identity(group, known.get(found.get(at, "")), known, month) for at, group in enumerate(groups)]


def remember(known: Mapping[str, Identity], now: Sequence[Identity]) -> dict[str, Identity]:
    """All networks ever seen, by id, as they were last seen."""
    merged = {**known, **{identity.network_id: identity for identity in now}}
    return dict(sorted(merged.items()))


def _matches(
    groups: Sequence[frozenset[str]], known: Mapping[str, Identity]
) -> list[tuple[int, float, str, str, str, int]]:
    by_org: dict[str, list[str]] = {}
    for network_id, identity in known.items():
        for org in identity.orgs:
            by_org.setdefault(org, []).append(network_id)
    out = []
    for at, group in enumerate(groups):
        for network_id in {each for org in group for each in by_org.get(org, ())}:
            old = known[network_id]
            shared = len(group & old.orgs)
            if shared >= LEAST_SHARED and shared >= LEAST_SHARE * min(len(group), len(old.orgs)):
                jaccard = shared / len(group | old.orgs)
                out.append((-shared, -jaccard, old.first_seen_month, network_id, min(group), at))
    return out


def _identity(group: frozenset[str], old: Identity | None, known: Mapping[str, Identity], month: str) -> Identity:
    parents = tuple(
        sorted(
            network_id
            for network_id, each in known.items()
            if each is not old and len(each.orgs & group) >= LEAST_SHARED
        )
    )
    if old is None:
        return Identity(_new_id(group, month), group, month, month, parents=parents)
    gained, lost = len(group - old.orgs), len(old.orgs - group)
    change = "unchanged" if not gained and not lost else "grown" if gained >= lost else "shrunk"
    return replace(old, orgs=group, last_seen_month=month, change=change, gained=gained, lost=lost, parents=parents)


def _new_id(group: frozenset[str], month: str) -> str:
    """``n-2026-10-1a2b3c4d``: the month it was first seen and a hash of the providers it had then."""
    return f"n-{month}-{hashlib.sha256('|'.join(sorted(group)).encode()).hexdigest()[:8]}"
