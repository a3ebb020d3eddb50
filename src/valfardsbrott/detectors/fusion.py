"""Joining evidence: one strong reason carries a flag, ten weak copies of one reason do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valfardsbrott.detectors.panel import Floats, Measure

Blocks = tuple[tuple[int, ...], ...]

#: Two features of one view, or of one family, measure related things even where the months at hand do not show it.
_SAME_VIEW, _SAME_FAMILY = 0.15, 0.05


def blocks(residuals: Floats, features: Sequence[Measure], correlation: float) -> Blocks:
    """Features that move together: average linkage on rank correlation, cut where it falls below ``correlation``.

    A missing residual counts as the peers' own (0). A feature that never varies is a block by itself.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from scipy.stats import rankdata

    count = residuals.shape[1]
    if count < 2 or len(residuals) < 3:
        return tuple((at,) for at in range(count))
    ranks = rankdata(np.maximum(np.nan_to_num(residuals), 0), axis=0)
    centred = ranks - ranks.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    related = (centred / np.where(norms > 0, norms, 1)).T @ (centred / np.where(norms > 0, norms, 1))
    related += _SAME_VIEW * _alike(features, "view") + _SAME_FAMILY * _alike(features, "family")
    distance = np.round(1 - np.clip(related, -1, 1), 9)
    np.fill_diagonal(distance, 0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - correlation, "distance")
    return tuple(sorted(tuple(np.flatnonzero(labels == label).tolist()) for label in set(labels)))


def share(nats: Floats, groups: Blocks, threshold: float) -> Floats:
    """Each feature's part (n, d) of the joined evidence; a row's parts sum to its score.

    A block's evidence is that of its strongest feature after the Sidak correction for having looked at several, less
    ``threshold``, and never below zero. The part of a feature is its Shapley value in that maximum, in closed form.
    Source: Littlechild and Owen (1973).
    """
    parts = np.zeros_like(nats)
    for block in groups:
        columns = list(block)
        parts[:, columns] = _shapley_of_maximum(np.maximum(sidak(nats[:, columns], len(columns)) - threshold, 0))
    return parts


def sidak(nats: Floats, looked_at: int) -> Floats:
    """Evidence that remains of the best of ``looked_at`` p-values: -ln(1 - (1 - p)^m).

    >>> float(sidak(np.array([3.0]), 1).round(6)[0])
    3.0
    """
    if looked_at == 1:
        return nats
    p = np.exp(-nats)
    left: Floats = np.maximum(-np.log(-np.expm1(looked_at * np.log1p(-np.minimum(p, 1 - 1e-12)))), 0)
    return left


def _shapley_of_maximum(values: Floats) -> Floats:
    """Shapley values of the game whose worth is the largest member's value (n, m); ties share alike."""
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    steps = ranked - np.column_stack([ranked[:, 1:], np.zeros(len(ranked))])
    shares = np.cumsum((steps / np.arange(1, values.shape[1] + 1))[:, ::-1], axis=1)[:, ::-1]
    parts = np.empty_like(values)
    np.put_along_axis(parts, order, shares, axis=1)
    return parts


def _alike(features: Sequence[Measure], attribute: str) -> Floats:
    names = np.array([getattr(feature, attribute) for feature in features])
    alike: Floats = (names[:, None] == names[None, :]).astype(np.float64)
    return alike
