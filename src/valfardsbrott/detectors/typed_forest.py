"""Isolation forest (PyOD) on typed values: what is odd in the whole city, whoever one is compared with."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.isolation_forest import IsolationForest
from valfardsbrott.detectors.noise import FLOORS
from valfardsbrott.detectors.panel import Floats, Measure, Panel

#: Units whose values differ by factors: a log after the smallest step that means something.
_BY_FACTORS = ("count", "count_per_1000_h", "sek", "minutes_per_1000_h", "days", "months", "nats")


class TypedForest(IsolationForest):
    """The isolation forest on values as their unit asks, not on deviations from peers.

    p-values become powers of ten, shares their angle (arcsine of the root), counts, money and times logs; then the
    median of all is taken off, towards suspicion, and the spread of those above it is one. It finds what a whole group
    of peers has, and so also what is only usual there. A missing value is laid on the median and its part is 0.
    """

    name: ClassVar[str] = "typed_forest"
    reads: ClassVar[str] = "values"

    def fit(self, panel: Panel) -> Self:
        typed = _typed(panel)
        some = ~np.isnan(typed).all(axis=0)
        self.median = np.zeros(typed.shape[1])
        self.scale = np.ones(typed.shape[1])
        if some.any():
            self.median[some] = np.nanmedian(typed[:, some], axis=0)
            spread = np.nanquantile(np.abs(self._away(panel)[:, some]), 0.75, axis=0)
            self.scale[some] = np.where(spread > 0, spread, 1.0)
        super().fit(panel)
        return self

    def _away(self, panel: Panel) -> Floats:
        away = _typed(panel) - self.median
        for at, feature in enumerate(panel.features):
            if feature.direction == "both":
                away[:, at] = np.abs(away[:, at])
            elif feature.direction == "lower" and feature.unit != "p_value":
                away[:, at] = -away[:, at]
        return away

    def _rows(self, panel: Panel) -> Floats:
        rows: Floats = np.log1p(np.maximum(np.nan_to_num(self._away(panel) / self.scale, posinf=1e12), 0))
        return rows


def _typed(panel: Panel) -> Floats:
    columns = [_by_unit(column, feature) for column, feature in zip(panel.values.T, panel.features, strict=True)]
    return np.column_stack(columns) if columns else np.empty((len(panel), 0))


def _by_unit(values: Floats, feature: Measure) -> Floats:
    if feature.unit == "p_value":
        return np.asarray(-np.log10(np.clip(values, 1e-12, 1.0)))
    if feature.unit == "share":
        return np.asarray(np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0))))
    if feature.unit in _BY_FACTORS:
        return np.asarray(np.sign(values) * np.log1p(np.abs(values) / FLOORS.get(feature.unit, 1.0)))
    return values
