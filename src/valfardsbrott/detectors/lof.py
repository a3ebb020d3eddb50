"""LOF (PyOD) on residuals: how much thinner the neighbourhood is than the neighbours' own."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.compiled import nearest
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged, references, shared


class Lof:
    """PyOD's LOF as a novelty detector over up to 1 024 distinct reference rows (see kNN): a row is judged alone.

    ``score`` (n,) is the local outlier factor, about 1 for a provider as far from its neighbours as they are from one
    another. ``explain`` (n, d) shares what exceeds ``baseline``, the factor of a provider like its peers, as the
    squared distances to the neighbours are; the factor itself is no sum over features. A missing residual is
    laid on the peers' value and has no share. Source: Breunig et al. (2000).
    """

    name: ClassVar[str] = "lof"
    reads: ClassVar[str] = "residuals"

    def __init__(self, *, neighbours: int = 20) -> None:
        self.neighbours = neighbours

    def fit(self, panel: Panel) -> Self:
        self.rows = references(np.unique(logged(panel.values), axis=0)) if panel.features else np.empty((0, 0))
        self.baseline, self.reach, self.density = 0.0, np.empty(0), np.empty(0)
        if len(self.rows) < 3:
            self.rows = self.rows[:0]
            return self
        from pyod.models.lof import LOF

        fitted = LOF(n_neighbors=min(self.neighbours, len(self.rows) - 1), novelty=True).fit(self.rows).detector_
        self.reach, self.density = fitted._distances_fit_X_[:, -1], fitted._lrd
        self.baseline = float(self._factor(np.zeros((1, self.rows.shape[1])))[0][0])
        return self

    def score(self, panel: Panel) -> Floats:
        scores: Floats = self.baseline + self.explain(panel).sum(axis=1)
        return scores

    def explain(self, panel: Panel) -> Floats:
        rows = logged(panel.values)
        if not len(self.rows) or not len(rows):
            return np.zeros(rows.shape)
        factor, near = self._factor(rows)
        parts = np.zeros(rows.shape)
        for column in near.T:
            parts += (rows - self.rows[column]) ** 2
        return shared(np.where(rows > 0, parts, 0.0), factor - self.baseline)

    def _factor(self, rows: Floats) -> tuple[Floats, Floats]:
        """The factor (n,), and which references are the neighbours (n, k)."""
        near, squares = nearest(rows, self.rows, min(self.neighbours, len(self.rows) - 1))
        reached = np.maximum(np.sqrt(squares), self.reach[near])
        return self.density[near].mean(axis=1) * (reached.mean(axis=1) + 1e-10), near
