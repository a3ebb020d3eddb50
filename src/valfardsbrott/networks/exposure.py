"""Exposure to confirmed cases: where a walk along the ties ends that starts anew at what was known at the time.

It says that somebody near was found out, which is no evidence against a neighbour: it finds no new network, weighs
nothing in any score or gate, and is never the only reason for a flag.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import sparse

from valfardsbrott.networks.links import City, Floats
from valfardsbrott.networks.projection import Projection

#: Chance that a walk goes on along a tie; steps until nothing changes that anybody could see.
DAMPING, STEPS = 0.85, 60


def exposure(city: City, projection: Projection, confirmed: Collection[str]) -> Floats:
    """Personalised PageRank of each provider, from the confirmed providers other than itself, 0 to 1.

    ``projection``: the pairs kept, weighted by nats. A provider tied to no confirmed one, at any distance, has 0; so
    have all where none is confirmed. The mean over the confirmed ones; of one of them, over the others.
    """
    seeds = np.flatnonzero(np.isin(city.orgs, sorted(confirmed)))
    if len(seeds) == 0:
        return np.zeros(city.size)
    walk = _transition(city.size, projection)
    start = sparse.csc_array((np.ones(len(seeds)), (seeds, np.arange(len(seeds)))), shape=(city.size, len(seeds)))
    start = start.toarray() * (1 - DAMPING)
    rank = start.copy()
    for _ in range(STEPS):
        rank = start + DAMPING * (walk @ rank)
    rank[seeds, np.arange(len(seeds))] = 0.0
    others = np.full(city.size, len(seeds), dtype=np.float64)
    others[seeds] -= 1
    return np.asarray(rank.sum(axis=1) / np.maximum(others, 1), dtype=np.float64)


def _transition(size: int, projection: Projection) -> sparse.csr_array:
    """Column-stochastic: the chance to go from each provider (column) to each neighbour; none has none."""
    ends = np.concatenate([projection.i, projection.j])
    others = np.concatenate([projection.j, projection.i])
    weight = np.concatenate([projection.total, projection.total])
    out = np.bincount(ends, weights=weight, minlength=size)
    return sparse.csr_array((weight / out[ends], (others, ends)), shape=(size, size))
