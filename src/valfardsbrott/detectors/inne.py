"""INNE (PyOD) on residuals: isolation by spheres around a few sampled providers, the sparser the larger."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.compiled import covering
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged, references, shared


class Inne:
    """PyOD's INNE on up to 1 024 reference rows (see kNN).

    ``score`` (n,) from 0 to 1: the mean over the ensembles of how isolated the smallest sphere is that covers the
    provider; 1 where none does. ``explain`` (n, d) shares what exceeds ``baseline``, the score of a provider like its
    peers, as the squared deviations are: whether a sphere covers a row is no sum over features. A missing residual is
    laid on the peers' value and has no share. Source: Bandaragoda et al. (2018).
    """

    name: ClassVar[str] = "inne"
    reads: ClassVar[str] = "residuals"

    def __init__(self, *, ensembles: int = 200, spheres: int = 8, seed: int = 0) -> None:
        self.ensembles, self.spheres, self.seed = ensembles, spheres, seed

    def fit(self, panel: Panel) -> Self:
        rows = references(logged(panel.values))
        self.baseline, self.centres = 0.0, np.empty((0, 0, 0))
        if len(rows) < self.spheres or np.ptp(rows, axis=0).max(initial=0) == 0:
            return self
        from pyod.models.inne import INNE

        fitted = INNE(n_estimators=self.ensembles, max_samples=self.spheres, random_state=self.seed).fit(rows)
        self.centres, self.radii, self.says = fitted._centroids, fitted._centroids_radius, fitted._ratio
        self.baseline = float(self._raw(np.zeros((1, rows.shape[1])))[0])
        return self

    def score(self, panel: Panel) -> Floats:
        scores: Floats = self.baseline + self.explain(panel).sum(axis=1)
        return scores

    def explain(self, panel: Panel) -> Floats:
        rows = logged(panel.values)
        if not len(self.centres):
            return np.zeros(rows.shape)
        return shared(rows**2, self._raw(rows) - self.baseline)

    def _raw(self, rows: Floats) -> Floats:
        return covering(rows, self.centres, self.radii, self.says) / len(self.centres)
