"""Groups of providers that hang together: Leiden communities (constant Potts model) of the surprise projection."""

from __future__ import annotations

import random
import threading

import igraph
import numpy as np

from valfardsbrott.networks.links import Floats, Ints
from valfardsbrott.networks.projection import KEEP, Projection

LARGEST = 25
#: A community has at least this surprise, in nats, for each pair within it; doubled for those that come out too large.
RESOLUTION = 4.0

#: igraph has one random generator for the whole process.
_LOCK = threading.Lock()


def communities(projection: Projection, size: int, seed: int, resolution: float = RESOLUTION) -> Ints:
    """A label for each provider: communities of 2 to LARGEST are numbered from 0, all else is -1.

    Labels are ordered by their first provider, so they depend on the partition only.
    """
    strong = projection.total >= KEEP
    i, j, weight = projection.i[strong], projection.j[strong], projection.total[strong]
    labels = _split(i, j, weight, size, seed, resolution)
    counts = np.bincount(labels, minlength=size)
    labels = np.where(counts[labels] >= 2, labels, -1)
    return _renumber(labels)


def _split(i: Ints, j: Ints, weight: Floats, size: int, seed: int, resolution: float) -> Ints:
    labels = _leiden(i, j, weight, size, seed, resolution)
    large = np.flatnonzero(np.bincount(labels) > LARGEST)
    if len(large):
        inside = np.isin(labels[i], large) & (labels[i] == labels[j])
        finer = _split(i[inside], j[inside], weight[inside], size, seed, resolution * 2)
        labels = np.where(np.isin(labels, large), finer + size, labels)
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return labels


def _leiden(i: Ints, j: Ints, weight: Floats, size: int, seed: int, resolution: float) -> Ints:
    nodes, ends = np.unique(np.concatenate([i, j]), return_inverse=True)
    labels = np.arange(size, dtype=np.int64)
    if len(nodes) == 0:
        return labels
    graph = igraph.Graph(n=len(nodes), edges=np.column_stack([ends[: len(i)], ends[len(i) :]]))
    with _LOCK:
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - a partition, not a secret
        parts = graph.community_leiden(
            objective_function="CPM", weights=weight.tolist(), resolution=resolution, n_iterations=-1
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
