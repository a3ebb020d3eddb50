"""Groups of providers that hang together: Leiden communities (constant Potts model) of the surprise projection."""

from __future__ import annotations

import random
import threading
from typing import NamedTuple

import igraph
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from valfardsbrott.networks.links import Floats, Ints
from valfardsbrott.networks.projection import KEEP, Projection

LARGEST = 25
#: So few providers whom ties join to one another and to nobody else are not divided: see `communities`.
WHOLE = 4
#: A community is tied by at least so many nats for each pair within it; doubled for those that come out too large.
RESOLUTION = 2.5

#: igraph has one random generator for the whole process.
_LOCK = threading.Lock()


class _Edges(NamedTuple):
    i: Ints
    j: Ints
    weight: Floats

    def only(self, keep: npt.NDArray[np.bool_]) -> _Edges:
        return _Edges(self.i[keep], self.j[keep], self.weight[keep])


def communities(projection: Projection, size: int, seed: int, resolution: float = RESOLUTION) -> Ints:
    """A label for each provider: communities of 2 to LARGEST are numbered from 0, all else is -1.

    Leiden weighs a group's ties against all its pairs, so that a chain of four by single ties is two pairs to it. Where
    nothing else pulls at them there is nothing to weigh: up to WHOLE providers joined by ties that would each hold a
    pair, and to nobody else, are one community. Labels are ordered by their first provider, so they depend on the
    partition only.
    """
    edges = _Edges(projection.i, projection.j, projection.tie)
    edges = edges.only((projection.total >= KEEP) & (edges.weight > 0))
    labels = _whole(edges.only(edges.weight >= resolution), _split(edges, size, seed, resolution))
    counts = np.bincount(labels, minlength=size)
    labels = np.where(counts[labels] >= 2, labels, -1)
    return _renumber(labels)


def _whole(edges: _Edges, labels: Ints) -> Ints:
    """``labels``, but each small component of the edges has one of its own."""
    size = len(labels)
    graph = sparse.coo_array((np.ones(len(edges.i)), (edges.i, edges.j)), shape=(size, size))
    component = connected_components(graph, directed=False)[1]
    count = np.bincount(component, minlength=1)[component]
    own = np.where((count >= 2) & (count <= WHOLE), component + size, labels)
    return np.unique(own, return_inverse=True)[1].astype(np.int64)


def _split(edges: _Edges, size: int, seed: int, resolution: float) -> Ints:
    labels = _leiden(edges, size, seed, resolution)
    large = np.flatnonzero(np.bincount(labels) > LARGEST)
    if len(large):
        inside = np.isin(labels[edges.i], large) & (labels[edges.i] == labels[edges.j])
        finer = _split(edges.only(inside), size, seed, resolution * 2)
        labels = np.where(np.isin(labels, large), finer + size, labels)
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return labels


def _leiden(edges: _Edges, size: int, seed: int, resolution: float) -> Ints:
    nodes, ends = np.unique(np.concatenate([edges.i, edges.j]), return_inverse=True)
    labels = np.arange(size, dtype=np.int64)
    if len(nodes) == 0:
        return labels
    one, other = ends.reshape(2, -1).tolist()
    graph = igraph.Graph(n=len(nodes), edges=list(zip(one, other, strict=True)))
    with _LOCK:
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - a partition, not a secret
        parts = graph.community_leiden(
            objective_function="CPM", weights=edges.weight.tolist(), resolution=resolution, n_iterations=-1
        )
    membership = np.asarray(parts.membership, dtype=np.int64)
    first = np.full(membership.max() + 1, size, dtype=np.int64)
    np.minimum.at(first, membership, nodes)
    labels[nodes] = first[membership]
    return labels


def _renumber(labels: Ints) -> Ints:
    kept = np.flatnonzero(labels >= 0)
    _, first, inverse = np.unique(labels[kept], return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    out = np.full(len(labels), -1, dtype=np.int64)
    out[kept] = order[inverse]
    return out
