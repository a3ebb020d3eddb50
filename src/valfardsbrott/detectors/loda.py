"""LODA (PyOD) on residuals: how rare the provider is in many histograms, each of a random handful of features."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged


class Loda:
    """PyOD's LODA: the mean over random projections of -ln of the share of providers in the same bin.

    ``score`` (n,) is what exceeds the same of a provider like its peers. ``explain`` (n, d) sums to it: each
    projection's excess is shared over its features as ``|weight x value|`` is. A missing residual is laid on the peers'
    value, moves no projection and has no share. Source: Pevny (2016).
    """

    name: ClassVar[str] = "loda"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def __init__(self, *, projections: int = 200, bins: int = 20, seed: int = 0) -> None:
        self.projections, self.bins, self.seed = projections, bins, seed

    def fit(self, panel: Panel) -> Self:
        rows = logged(panel.values)
        self.weights = np.empty((0, rows.shape[1]))
        if len(rows) < 2 or np.ptp(rows, axis=0).max(initial=0) == 0:
            return self
        from pyod.models.loda import LODA

        fitted = LODA(n_bins=self.bins, n_random_cuts=self.projections, random_state=self.seed).fit(rows)
        self.weights, self.limits = fitted.projections_, fitted.limits_
        self.rarity = -np.log(np.maximum(fitted.histograms_, 0.5 / len(rows)))
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        rows = logged(panel.values)
        parts = np.zeros(rows.shape)
        for at, weights in enumerate(self.weights):
            columns = np.flatnonzero(weights)
            moved = rows[:, columns] * weights[columns]
            excess = self._rarity(at, moved.sum(axis=1)) - self._rarity(at, np.zeros(1))
            size = np.abs(moved)
            whole = size.sum(axis=1)
            parts[:, columns] += size * (excess / np.where(whole > 0, whole, 1.0))[:, None]
        return parts / max(len(self.weights), 1)

    def _rarity(self, at: int, projected: Floats) -> Floats:
        """-ln of a bin's share; an empty bin counts as half a provider, and beyond the last one no more is known."""
        bins = np.searchsorted(self.limits[at, : self.bins - 1], projected, side="left")
        return np.asarray(self.rarity[at, np.minimum(bins, self.bins - 1)], dtype=np.float64)
