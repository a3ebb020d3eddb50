"""Isolation forest (PyOD) on residuals: combinations that few providers share, though no single number stands out."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged
from valfardsbrott.detectors.tree_parts import FlatTrees


class IsolationForest:
    """PyOD's IForest on residuals towards suspicion, log-scaled and cut at zero: being better than peers is not odd.

    ``score`` (n,) is -(mean path length) / c(sample), the exponent of PyOD's score, so it rises with suspicion and
    orders complete rows as PyOD does. ``explain`` (n, d) are the exact Shapley values of that score against a provider
    that is like its peers in everything (SHAP's interventional TreeExplainer with that reference): they sum to the
    score less ``baseline``, the score of such a provider. A missing residual is laid on the peers' value (0), where its
    Shapley value is 0: it neither raises nor lowers the score. Nothing to learn from (under two rows, no column): every
    score is 0. Path-dependent SHAP takes as its reference what the trees saw, frauds among them, and gives a value that
    is missing a part; the cheaper path decomposition (Saabas) favours splits near the root.
    """

    name: ClassVar[str] = "isolation_forest"
    reads: ClassVar[str] = "residuals"

    def __init__(self, *, trees: int = 200, sample: int = 256, seed: int = 0, threads: int = 1) -> None:
        self.trees, self.sample, self.seed, self.threads = trees, sample, seed, threads
        self.forest: Any = None

    def fit(self, panel: Panel) -> Self:
        """Rows without any known value are not learnt from."""
        rows = self._rows(panel)[~np.isnan(panel.values).all(axis=1)]
        if len(rows) < 2 or not panel.features:
            self.forest = None
            self._flatten()
            return self
        from pyod.models.iforest import IForest

        forest = IForest(
            n_estimators=self.trees, max_samples=min(self.sample, len(rows)), random_state=self.seed,
            n_jobs=self.threads,
        )  # fmt: skip
        self.forest = forest.fit(rows).detector_
        self._flatten()
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("flat", "baseline")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._flatten()

    def _flatten(self) -> None:
        self.baseline: float = 0.0
        self.flat: FlatTrees | None = None
        if self.forest is not None:
            trees = [tree.tree_ for tree in self.forest.estimators_]
            unit = -len(trees) * _average_path(np.array([self.forest.max_samples_]))[0]
            self.flat = FlatTrees(trees, [_path(tree) / unit for tree in trees])
            self.baseline = self.flat.at_zero()

    def score(self, panel: Panel) -> Floats:
        scores: Floats = self.baseline + self.explain(panel).sum(axis=1)
        return scores

    def explain(self, panel: Panel) -> Floats:
        if self.flat is None:
            return np.zeros(panel.values.shape)
        return self.flat.parts(self._rows(panel))

    def _rows(self, panel: Panel) -> Floats:
        return logged(panel.values)


def _path(tree: Any) -> Floats:
    """The expected path length that ends in each node: its depth, and c(n) for the rows that no split parted there."""
    depth = np.zeros(tree.node_count)
    for node in np.flatnonzero(tree.children_left >= 0):  # a parent's number is lower than its children's
        depth[tree.children_left[node]] = depth[tree.children_right[node]] = depth[node] + 1
    return depth + _average_path(tree.n_node_samples)


def _average_path(samples: Any) -> Floats:
    """c(n), the mean path of an unsuccessful search in a binary tree of n (Liu, Ting and Zhou 2008, eq. 1)."""
    n = np.maximum(np.asarray(samples, dtype=np.float64), 2)
    path = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(np.asarray(samples) <= 1, 0.0, np.where(np.asarray(samples) == 2, 1.0, path))
