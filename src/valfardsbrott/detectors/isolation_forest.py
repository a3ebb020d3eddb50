"""Isolation forest (PyOD) on residuals: combinations that few providers share, though no single number stands out."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel


class IsolationForest:
    """PyOD's IForest on residuals towards suspicion, log-scaled and cut at zero: being better than peers is not odd.

    ``score`` (n,) is -(mean path length) / c(sample), the exponent of PyOD's score, so it rises with suspicion and
    orders complete rows as PyOD does. ``explain`` (n, d) decomposes it along the paths (Saabas) and sums to the score
    less ``baseline``. A missing residual is laid on the peers' value (0) to walk the trees and its part is then taken
    out: it neither raises nor lowers the score. Nothing to learn from (under two rows, no column): every score is 0.
    """

    name: ClassVar[str] = "isolation_forest"

    def __init__(self, *, trees: int = 200, sample: int = 256, seed: int = 0, threads: int = 1) -> None:
        self.trees, self.sample, self.seed, self.threads = trees, sample, seed, threads
        self.forest: Any = None

    def fit(self, panel: Panel) -> Self:
        if len(panel) < 2 or not panel.features:
            self._walk()
            return self
        from pyod.models.iforest import IForest

        forest = IForest(
            n_estimators=self.trees,
            max_samples=min(self.sample, len(panel)),
            random_state=self.seed,
            n_jobs=self.threads,
        )
        forest.fit(_suspicious(panel.values))
        self.forest = forest.detector_
        self._walk()
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("parts", "baseline")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._walk()

    def _walk(self) -> None:
        """Each tree's parts by node, once after fitting or loading: explanations are then a look-up by leaf."""
        self.baseline: float = 0.0
        self.parts: list[Floats] = []
        if self.forest is None:
            return
        unit = self.trees * _average_path(np.array([self.forest.max_samples_]))[0]
        walked = [_parts(tree.tree_, self.forest.n_features_in_) for tree in self.forest.estimators_]
        self.baseline = -sum(expected for expected, _ in walked) / unit
        self.parts = [-parts / unit for _, parts in walked]

    def score(self, panel: Panel) -> Floats:
        scores: Floats = self.baseline + self.explain(panel).sum(axis=1)
        return scores

    def explain(self, panel: Panel) -> Floats:
        total = np.zeros(panel.values.shape)
        if self.forest is None:
            return total
        rows = np.asarray(_suspicious(panel.values), dtype=np.float32)
        for tree, parts in zip(self.forest.estimators_, self.parts, strict=True):
            total += parts[tree.tree_.apply(rows)]
        return np.where(np.isnan(panel.values), 0.0, total)


def _suspicious(residuals: Floats) -> Floats:
    return np.log1p(np.maximum(np.nan_to_num(residuals), 0))


def _parts(tree: Any, features: int) -> tuple[float, Floats]:
    """The expected path length at the root, and by node the change that each feature's splits made on the way there."""
    samples, left, right = tree.n_node_samples, tree.children_left, tree.children_right
    inner = np.flatnonzero(left >= 0)
    depth = np.zeros(tree.node_count)
    for node in inner:  # a parent's number is lower than its children's
        depth[left[node]] = depth[right[node]] = depth[node] + 1
    expected = depth + _average_path(samples)
    for node in inner[::-1]:
        sides = [left[node], right[node]]
        expected[node] = np.average(expected[sides], weights=samples[sides])
    parts = np.zeros((tree.node_count, features))
    for node in inner:
        for side in (left[node], right[node]):
            parts[side] = parts[node]
            parts[side, tree.feature[node]] += expected[side] - expected[node]
    return float(expected[0]), parts


def _average_path(samples: Any) -> Floats:
    """c(n), the mean path of an unsuccessful search in a binary tree of n (Liu, Ting and Zhou 2008, eq. 1)."""
    n = np.maximum(np.asarray(samples, dtype=np.float64), 2)
    path = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(np.asarray(samples) <= 1, 0.0, np.where(np.asarray(samples) == 2, 1.0, path))
