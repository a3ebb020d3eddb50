"""Dense blocks by greedy peeling: take away what is least tied, remember when what was left was densest.

FRAUDAR: Hooi, Song, Beutel, Shah, Shin, Faloutsos 2016, KDD. M-Zoom: Shin, Hooi, Faloutsos 2016, ECML-PKDD.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from valfardsbrott.networks.alternatives.bipartite import Bipartite, bipartite, weights
from valfardsbrott.networks.baselines import Groups
from valfardsbrott.networks.links import COUNT_TYPES, City, Floats, Ints

#: Blocks looked for, one after the other, each without the edges of those before.
BLOCKS = 60


def fraudar(city: City, _seed: int) -> Groups:
    """Blocks of providers and values of any type, densest first, by log-weighted average degree."""
    graph = bipartite(city)
    return _blocks(city, graph, weights(graph, logarithmic=True))


def dense_blocks(city: City, _seed: int) -> Groups:
    """Blocks of providers, workers and recipients, densest first, by average degree over the three together."""
    graph = bipartite(city, COUNT_TYPES)
    return _blocks(city, graph, weights(graph, logarithmic=False))


def _blocks(city: City, graph: Bipartite, weight: Floats) -> Groups:
    provider, value = graph.provider, graph.value + city.size
    groups: Groups = []
    used: set[str] = set()
    for _ in range(BLOCKS):
        if not len(provider):
            break
        inside = densest(provider, value, weight)
        orgs = {str(org) for org in city.orgs[np.unique(provider[inside[provider]])]} - used
        if len(orgs) >= 2:
            groups.append(orgs)
            used |= orgs
        left = ~(inside[provider] & inside[value])
        provider, value, weight = provider[left], value[left], weight[left]
    return groups


def densest(one: Ints, other: Ints, weight: Floats) -> npt.NDArray[np.bool_]:
    """Which nodes (numbered over both ends) are in the subset of largest weight per node that peeling meets.

    Ties: the node of the lower number goes first. At least half as dense as the densest there is (Charikar 2000).
    """
    size = int(max(one.max(), other.max())) + 1
    ends = np.concatenate([one, other])
    order = np.argsort(ends, kind="stable")
    neighbour = np.concatenate([other, one])[order].tolist()
    tie = np.concatenate([weight, weight])[order].tolist()
    bounds = np.searchsorted(ends[order], np.arange(size + 1)).tolist()
    mass = np.bincount(ends, weights=np.concatenate([weight, weight]), minlength=size).tolist()
    there = [bounds[node] < bounds[node + 1] for node in range(size)]
    heap = [(mass[node], node) for node in range(size) if there[node]]
    heapq.heapify(heap)
    total, count, removed = float(weight.sum()), len(heap), list[int]()
    best, best_at = total / count, 0
    while count > 1:
        least, node = heapq.heappop(heap)
        if not there[node] or least != mass[node]:
            continue
        there[node] = False
        removed.append(node)
        total, count = total - least, count - 1
        for at in range(bounds[node], bounds[node + 1]):
            if there[neighbour[at]]:
                mass[neighbour[at]] -= tie[at]
                heapq.heappush(heap, (mass[neighbour[at]], neighbour[at]))
        if total / count > best + 1e-12:
            best, best_at = total / count, len(removed)
    inside = np.zeros(size, dtype=bool)
    inside[np.unique(ends)] = True
    inside[removed[:best_at]] = False
    return inside
