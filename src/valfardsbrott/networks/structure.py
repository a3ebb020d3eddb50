"""Structure score of a group: evidence per link, whatever its size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree

from valfardsbrott.networks.links import LINK_TYPES, STAFF_FAMILY, Floats, Ints
from valfardsbrott.networks.projection import Projection

#: The most that one link type adds to a group's score.
TYPE_CAP = 12.0
#: A type counts as evidence of its own from this many nats per link.
TYPE_LEAST = 1.0

_FAMILY = np.array(
    ["staff" if t in STAFF_FAMILY else "recipient" if t == "recipient" else "identifier" for t in LINK_TYPES]
)


@dataclass(frozen=True)
class Structure:
    """One row for each community: number of providers, nats per link by type (uncapped), and the score T."""

    members: Ints
    by_type: Floats

    @property
    def score(self) -> Floats:
        return np.asarray(np.minimum(self.by_type, TYPE_CAP).sum(axis=1), dtype=np.float64)

    @property
    def carried(self) -> npt.NDArray[np.bool_]:
        """True where the evidence may carry a flag: an identifier in common, or two families of evidence.

        Shared staff alone never does: honest companies share workers through agencies and second jobs.
        """
        present = self.by_type >= TYPE_LEAST
        identifier = present[:, _FAMILY == "identifier"].any(axis=1)
        families = [present[:, family == _FAMILY].any(axis=1) for family in ("identifier", "staff", "recipient")]
        return np.asarray(identifier | (np.sum(families, axis=0) >= 2))


def structure(projection: Projection, labels: Ints) -> Structure:
    """``MSF_t / (|C| - 1)`` for each community and type: the maximum spanning forest of type t within the community."""
    groups = int(labels.max(initial=-1)) + 1
    members = np.bincount(labels[labels >= 0], minlength=groups).astype(np.int64)
    inside = (labels[projection.i] == labels[projection.j]) & (labels[projection.i] >= 0)
    i, j, surprise = projection.i[inside], projection.j[inside], projection.surprise[inside]
    by_type = np.zeros((groups, len(LINK_TYPES)))
    for column in range(len(LINK_TYPES)):
        by_type[:, column] = _forest(i, j, surprise[:, column], labels, groups)
    return Structure(members, by_type / np.maximum(members - 1, 1)[:, None])


def _forest(i: Ints, j: Ints, weight: Floats, labels: Ints, groups: int) -> Floats:
    some = weight > 0
    if not some.any():
        return np.zeros(groups)
    graph = sparse.csr_array((-weight[some], (i[some], j[some])), shape=(len(labels), len(labels)))
    forest = minimum_spanning_tree(graph).tocoo()
    return np.bincount(labels[forest.row], weights=-forest.data, minlength=groups).astype(np.float64)
