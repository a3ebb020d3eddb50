"""Robust Mahalanobis distance (scikit-learn's MinCovDet): large deviations that do not usually go together."""

from __future__ import annotations

import warnings
from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.towards import logged, references

#: Spread of a log-scaled residual that nearly nobody has: one noise unit.
_LEAST = float(np.log(2.0) ** 2)


class Mahalanobis:
    """Squared distance of log-scaled residuals from the peers' value, in the metric of the honest majority.

    The covariance is scikit-learn's MinCovDet over the features that vary in the middle of the providers, fitted on up
    to 1 024 reference rows (three quarters of them, the tightest); the others, nought for nearly all, stand by
    themselves. A ridge of one noise unit keeps it invertible. ``score`` (n,) is x'Px; ``explain`` (n, d) is x_j (Px)_j,
    its exact sum, negative where a deviation goes with another as it usually does. A missing residual is laid on the
    peers' value, 0, so its part is 0. Fewer than five rows a feature: every feature by itself. Source: Rousseeuw and
    Van Driessen (1999).
    """

    name: ClassVar[str] = "mahalanobis"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, panel: Panel) -> Self:
        rows = references(logged(panel.values))
        covariance = np.eye(rows.shape[1]) * _LEAST
        varying = np.flatnonzero(np.quantile(rows, 0.75, axis=0) > 0.05) if len(rows) else np.empty(0, dtype=int)
        if len(varying) > 1 and len(rows) >= 5 * len(varying):
            covariance[np.ix_(varying, varying)] += _covariance(rows[:, varying], self.seed)
        self.precision = np.linalg.inv(covariance) if len(covariance) else covariance
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        rows = logged(panel.values)
        parts: Floats = rows * np.einsum("ij,jk->ik", rows, self.precision, optimize=False)
        return parts


def _covariance(rows: Floats, seed: int) -> Floats:
    from sklearn.covariance import MinCovDet

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a subset of less than full rank: the ridge is for that
        fitted = MinCovDet(support_fraction=0.75, random_state=seed).fit(rows)
    return np.asarray(fitted.covariance_, dtype=np.float64)
