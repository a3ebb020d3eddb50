"""Egonets that are denser than their size predicts, as in Akoglu, McGlohon, Faloutsos 2010, PAKDD: "OddBall"."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from valfardsbrott.networks.baselines import Groups
from valfardsbrott.networks.candidates import LARGEST
from valfardsbrott.networks.links import City, Floats
from valfardsbrott.networks.projection import Projection, project


def oddball(city: City, _seed: int) -> Groups:
    """The egonets of the oddest providers in the surprise projection, without those already taken, oddest first.

    OddBall scores nodes; an egonet (a provider and its neighbours, at most LARGEST, nearest first) stands for a group.
    Score: distance from the power law of egonet weight on egonet size, above the line only.
    """
    projection = project(city)
    if not len(projection.i):
        return []
    ties = _ties(city.size, projection)
    score = _score(ties)
    groups: Groups = []
    used = np.zeros(city.size, dtype=bool)
    for ego in np.argsort(-score, kind="stable")[: np.count_nonzero(score > 0)].tolist():
        near, weight = (
            ties.indices[ties.indptr[ego] : ties.indptr[ego + 1]],
            ties.data[ties.indptr[ego] : ties.indptr[ego + 1]],
        )
        nearest = near[np.lexsort((near, -weight))][: LARGEST - 1]
        members = [at for at in (ego, *nearest.tolist()) if not used[at]]
        if not used[ego] and len(members) >= 2:
            used[members] = True
            groups.append({str(org) for org in city.orgs[members]})
    return groups


def _ties(size: int, projection: Projection) -> sparse.csr_array:
    ends = np.concatenate([projection.i, projection.j])
    others = np.concatenate([projection.j, projection.i])
    weight = np.concatenate([projection.total, projection.total])
    return sparse.csr_array((weight, (ends, others)), shape=(size, size))


def _score(ties: sparse.csr_array) -> Floats:
    """``max / min * ln(|y - c x^theta| + 1)`` of egonet weight y on size x; 0 on or below the line and without ties."""
    pairs = ties.copy()
    pairs.data = np.ones_like(pairs.data)
    nodes = np.asarray(pairs.sum(axis=1)).ravel()
    among = np.asarray((pairs @ ties).multiply(pairs).sum(axis=1)).ravel() / 2
    weight = np.asarray(ties.sum(axis=1)).ravel() + among
    some = nodes > 0
    out = np.zeros(len(nodes))
    x, y = np.log(nodes[some] + 1), np.log(weight[some])
    design = np.column_stack([np.ones(len(x)), x])
    solved = np.linalg.lstsq(design, y, rcond=None)[0]
    line, actual = np.exp(design @ solved), weight[some]
    odd = np.maximum(actual, line) / np.minimum(actual, line) * np.log(np.abs(actual - line) + 1)
    out[some] = np.where(actual > line + 1e-9, odd, 0.0)
    return out
