"""HBOS (PyOD) on residuals: how thinly peopled each feature's histogram is where the provider lies, summed."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.curves import Curves
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged


class Hbos:
    """PyOD's HBOS (width from the data) on log-scaled residuals above the peers' value, by feature.

    ``score`` (n,) is the sum of ``explain`` (n, d): how much rarer the provider's place is than the peers' own, never
    below 0, and at least that of any lesser deviation, for a gap in a histogram is no reason. A missing residual adds
    nothing and is in no histogram. Beyond the last bin a value is as rare as the rarest seen.
    Source: Goldstein and Dengel (2012).
    """

    name: ClassVar[str] = "hbos"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def __init__(self, *, bins: int = 20) -> None:
        self.bins = bins

    def fit(self, panel: Panel) -> Self:
        self.curves = Curves.fit(_rows(panel.values), self._rarity).rising()
        at_peers = self.curves.of(np.zeros((1, len(panel.features))))
        self.at_peers = at_peers[0]
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        rarer = np.maximum(self.curves.of(_rows(panel.values)) - self.at_peers, 0)
        return np.where(panel.values > 0, rarer, 0.0)

    def _rarity(self, column: Floats) -> Floats:
        from pyod.models.hbos import HBOS

        return np.asarray(HBOS(n_bins=self.bins).fit(column).decision_scores_, dtype=np.float64)


def _rows(residuals: Floats) -> Floats:
    return np.where(np.isnan(residuals), np.nan, logged(residuals))
