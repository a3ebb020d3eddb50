"""ECOD (PyOD) on residuals: how rare each value is by itself, summed; many small oddities of different kinds."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel

#: A column's curve is kept at so many quantiles: with as many provider-months or fewer, exactly PyOD's values.
_KNOTS = 1001


class Ecod:
    """PyOD's ECOD, its right tails only (``U_r``): being better than one's peers is rare too, and no reason to look.

    ``score`` (n,) is the sum of ``explain`` (n, d): each column's tail evidence in nats, 0 for a provider like its
    peers or better. A missing residual adds nothing, nor does any where there was no row to learn from. PyOD keeps its
    training rows to score new ones; here its curves are read off once after the fit, and no row is kept.
    """

    name: ClassVar[str] = "ecod"
    baseline = 0.0

    def fit(self, panel: Panel) -> Self:
        from pyod.models.ecod import ECOD

        rows = _suspicious(panel.values)
        if min(rows.shape) == 0:
            self.curves = [(np.zeros(1), np.zeros(1))] * rows.shape[1]
            return self
        fitted = ECOD().fit(rows)
        self.curves = [_curve(column, tail) for column, tail in zip(rows.T, fitted.U_r.T, strict=True)]
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        rows = _suspicious(panel.values)
        parts = np.zeros(rows.shape)
        for at, (values, nats) in enumerate(self.curves):
            parts[:, at] = np.interp(rows[:, at], values, nats)
        return np.where(np.isnan(panel.values), 0.0, parts)


def _suspicious(residuals: Floats) -> Floats:
    return np.maximum(np.nan_to_num(residuals), 0)


def _curve(column: Floats, nats: Floats) -> tuple[Floats, Floats]:
    """Evidence by value: distinct values in order, thinned to quantiles."""
    values, first = np.unique(column, return_index=True)
    kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), _KNOTS)).round().astype(int))
    return values[kept], nats[first][kept]
