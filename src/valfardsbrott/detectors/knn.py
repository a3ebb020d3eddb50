"""kNN (PyOD) on residuals: how far the nearest other providers are."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.compiled import nearest
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged, references


class Knn:
    """Mean squared distance to the k nearest of up to 1 024 reference rows, in log-scaled residuals above the peers'.

    Squares make it additive: ``explain`` (n, d) is each feature's own share of the distance, exactly, and ``score``
    (n,) their sum; it orders complete rows as PyOD's KNN on squared distances does (method mean). A missing residual is
    laid on the peers' value to find neighbours, and its share of the distance is left out. Fewer rows than k: all of
    them. The references are rows of residuals, sorted by value: a stored model does not say whose they are.
    """

    name: ClassVar[str] = "knn"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def __init__(self, *, neighbours: int = 10) -> None:
        self.neighbours = neighbours

    def fit(self, panel: Panel) -> Self:
        self.rows = references(logged(panel.values))
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        rows = logged(panel.values)
        if min(self.rows.shape) == 0 or not len(rows):
            return np.zeros(rows.shape)
        near, _ = nearest(rows, self.rows, min(self.neighbours, len(self.rows)))
        parts = np.zeros(rows.shape)
        for column in near.T:
            parts += (rows - self.rows[column]) ** 2
        return np.where(np.isnan(panel.values), 0.0, parts / near.shape[1])
