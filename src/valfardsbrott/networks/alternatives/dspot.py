"""Dense parts of the information-sharing graph, as in Ban et al. 2019, WWW: "No Place to Hide" (ISG and D-Spot)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from valfardsbrott.networks.alternatives.bipartite import bipartite
from valfardsbrott.networks.baselines import Groups
from valfardsbrott.networks.links import COUNT_TYPES, HUB, LINK_TYPES, City, Floats, Ints


def dspot(city: City, _seed: int) -> Groups:
    """The densest part of each component, densest first (weight per provider).

    Two providers are tied by the information in what they share: ``2 ln(n / d)`` for each identifier of d of n
    providers. Workers and recipients would make one component of the city and are left out.
    """
    identifiers = [name for name in LINK_TYPES if name not in COUNT_TYPES]
    graph = bipartite(city, identifiers, HUB)
    if not len(graph.value):
        return []
    shape = (city.size, graph.values)
    inform = 2 * np.log(city.size / graph.degree)
    left = sparse.csr_array((inform, (graph.provider, graph.value)), shape=shape)
    right = sparse.csr_array((np.ones(len(graph.value)), (graph.provider, graph.value)), shape=shape)
    shared = sparse.triu(left @ right.T, k=1, format="coo")
    i, j, weight = shared.row.astype(np.int64), shared.col.astype(np.int64), shared.data
    kept = ~np.isin(i * city.size + j, city.exempt)
    i, j, weight = i[kept], j[kept], weight[kept]
    heavy = weight >= (weight.mean() if len(weight) else 0.0)  # lighter ones are cut before the graph falls into parts
    return _parts(city, i[heavy], j[heavy], weight[heavy])


def _parts(city: City, i: Ints, j: Ints, weight: Floats) -> Groups:
    pairs = sparse.csr_array((np.ones(len(i)), (i, j)), shape=(city.size, city.size))
    _, label = connected_components(pairs, directed=False)
    order = np.argsort(label[i], kind="stable")
    bounds = np.flatnonzero(np.diff(label[i][order], prepend=-1, append=-1))
    found = []
    for start, end in pairwise(bounds.tolist()):
        rows = order[start:end]
        density, nodes = _peeled(i[rows], j[rows], weight[rows])
        orgs = {str(org) for org in city.orgs[nodes]}
        found.append((-density, min(orgs), orgs))
    return [orgs for _, _, orgs in sorted(found, key=lambda each: each[:2])]


def _peeled(i: Ints, j: Ints, weight: Floats) -> tuple[float, Ints]:
    """Batch peeling: all nodes no heavier than the mean go at once; the densest that was met, and its density."""
    best, nodes = 0.0, np.unique(np.concatenate([i, j]))
    while len(i):
        ends, at = np.unique(np.concatenate([i, j]), return_inverse=True)
        mass = np.bincount(at, weights=np.concatenate([weight, weight]))
        density = float(weight.sum()) / len(ends)
        if density > best + 1e-12:
            best, nodes = density, ends
        light = ends[mass <= 2 * density + 1e-12]
        stay = ~(np.isin(i, light) | np.isin(j, light))
        i, j, weight = i[stay], j[stay], weight[stay]
    return best, nodes
