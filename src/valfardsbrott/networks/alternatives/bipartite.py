"""Providers and the values they share as one list of edges, registered pairs left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from valfardsbrott.networks.links import LINK_TYPES, City, Floats, Ints


@dataclass(frozen=True)
class Bipartite:
    """An edge for each provider and value (numbered over all types), with the value's number of providers."""

    provider: Ints
    value: Ints
    degree: Ints

    @property
    def values(self) -> int:
        return int(self.value.max(initial=-1)) + 1


def bipartite(city: City, types: Collection[str] = LINK_TYPES, most: int | None = None) -> Bipartite:
    """Values of two providers or more, at most ``most``; none whose providers a register explains pair by pair."""
    providers, values, first = [], [], 0
    for name in LINK_TYPES:
        if name in types and name in city.incidences and len(city.incidences[name].value):
            entry = city.incidences[name]
            providers.append(entry.provider)
            values.append(entry.value + first)
            first += int(entry.value.max()) + 1
    provider, value = (np.concatenate(each) if each else np.zeros(0, dtype=np.int64) for each in (providers, values))
    kept = ~np.isin(value, _explained(city, provider, value))
    degree = np.bincount(value[kept], minlength=first) if first else np.zeros(0, dtype=np.int64)
    kept &= degree[value] >= 2
    if most is not None:
        kept &= degree[value] <= most
    value, provider = value[kept], provider[kept]
    dense = np.unique(value, return_inverse=True)[1].astype(np.int64)
    return Bipartite(provider, dense, degree[value].astype(np.int64))


def _explained(city: City, provider: Ints, value: Ints) -> list[int]:
    """Values all of whose pairs of providers are exempt."""
    exempt = set(city.exempt.tolist())
    inside = np.unique(np.concatenate([city.exempt // city.size, city.exempt % city.size])) if exempt else None
    if inside is None:
        return []
    users: dict[int, list[int]] = {}
    for org, each in zip(provider.tolist(), value.tolist(), strict=True):
        users.setdefault(each, []).append(org)
    known = set(inside.tolist())
    return [
        each
        for each, orgs in users.items()
        if set(orgs) <= known and all(a * city.size + b in exempt for a, b in combinations(sorted(orgs), 2))
    ]


def weights(graph: Bipartite, *, logarithmic: bool) -> Floats:
    """Of each edge: 1 / log(d + 5), so that a value of many says little, or 1."""
    return 1 / np.log(graph.degree + 5.0) if logarithmic else np.ones(len(graph.degree))
