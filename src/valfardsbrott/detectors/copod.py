"""COPOD (PyOD) on residuals: how rare each value is by itself, the tail chosen by which way the feature leans."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.curves import Curves
from valfardsbrott.detectors.panel import Floats, Panel


class Copod:
    """PyOD's COPOD by feature (its ``O``: the leaning tail, or the mean of both where that is more), towards suspicion.

    ``score`` (n,) is the sum of ``explain`` (n, d): 0 for a provider like its peers or better. A missing residual adds
    nothing, and takes no part in its feature's curve. Unlike ECOD it reads both tails of a deviation, so a feature that
    leans to the unsuspicious side counts half. Source: Li et al. (2020).
    """

    name: ClassVar[str] = "copod"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def fit(self, panel: Panel) -> Self:
        self.curves = Curves.fit(panel.values, _nats)
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        return np.where(panel.values > 0, self.curves.of(panel.values), 0.0)


def _nats(column: Floats) -> Floats:
    """PyOD's evidence of each value of a column (n, 1) that varies."""
    from pyod.models.copod import COPOD

    fitted = COPOD().fit(column)
    return np.asarray(fitted.O, dtype=np.float64)[:, 0]
