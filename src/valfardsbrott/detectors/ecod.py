"""ECOD (PyOD) on residuals: how rare each value is by itself, summed; many small oddities of different kinds."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.curves import Curves
from valfardsbrott.detectors.panel import Floats, Panel


class Ecod:
    """PyOD's ECOD, its right tails only (``U_r``): being better than one's peers is rare too, and no reason to look.

    ``score`` (n,) is the sum of ``explain`` (n, d): each column's tail evidence in nats, 0 for a provider like its
    peers or better. A missing residual adds nothing and takes no part in its column's curve; nor does any where there
    was no row to learn from. PyOD keeps its training rows to score new ones; here its curves are read off once after
    the fit, and no row is kept. Source: Li et al. (2022).
    """

    name: ClassVar[str] = "ecod"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def fit(self, panel: Panel) -> Self:
        self.curves = Curves.fit(np.maximum(panel.values, 0), _nats)
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        return np.where(panel.values > 0, self.curves.of(panel.values), 0.0)


def _nats(column: Floats) -> Floats:
    from pyod.models.ecod import ECOD

    return np.asarray(ECOD().fit(column).U_r, dtype=np.float64)[:, 0]
