"""Peers: how far a provider lies from the providers that it can fairly be compared with, feature by feature."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors import fusion
from valfardsbrott.detectors.calibration import Tail, evidence
from valfardsbrott.detectors.noise import Noise
from valfardsbrott.detectors.panel import Floats, Measure, Panel
from valfardsbrott.detectors.peer_groups import MIN_MEMBERS, PeerMedians, Peers


class PeerDeviation:
    """Robust one-sided deviation from peers; blocks of features that move together count as one reason.

    ``fit`` pools the months. ``residuals`` (n, d) are deviations in noise units, towards suspicion, NaN where missing:
    what the other detectors read. ``score`` (n,) is the evidence in nats that remains of each block's strongest feature
    above ``threshold``, summed over blocks; ``explain`` (n, d) shares it exactly over the features (Shapley).
    """

    name: ClassVar[str] = "peers"

    def __init__(
        self, *, threshold: float = 2.0, correlation: float = 0.5, shape: float = 0.2, smallest: int = MIN_MEMBERS
    ) -> None:
        self.threshold, self.correlation, self.shape, self.smallest = threshold, correlation, shape, smallest

    def fit(self, panel: Panel) -> Self:
        self.features = panel.features
        self.medians = [PeerMedians.fit(panel, at, self.smallest) for at in range(len(panel.features))]
        deviations = [self._deviation(panel, at) for at in range(len(panel.features))]
        self.noise = [
            Noise.fit(deviation, panel.volume(feature.unit), feature.unit)
            for deviation, feature in zip(deviations, panel.features, strict=True)
        ]
        residuals = self.residuals(panel)
        self.tails = [Tail.fit(column, shape=self.shape, floor=0.5) for column in residuals.T]
        self.blocks = fusion.blocks(residuals, panel.features, self.correlation)
        return self

    def residuals(self, panel: Panel) -> Floats:
        columns = [
            self.noise[at].standardise(self._deviation(panel, at), panel.volume(feature.unit))
            for at, feature in enumerate(self.features)
        ]
        return np.column_stack(columns) if columns else np.empty((len(panel), 0))

    def p_values(self, panel: Panel) -> Floats:
        """One-sided p-value of each feature (n, d): 1 where it is missing or on the unsuspicious side of its peers."""
        residuals = self.residuals(panel)
        columns = [tail.p(column) for tail, column in zip(self.tails, residuals.T, strict=True)]
        return np.where(residuals > 0, np.column_stack(columns), 1.0) if columns else residuals

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        return fusion.share(evidence(self.p_values(panel)), self.blocks, self.threshold)

    def peers(self, panel: Panel, feature: int) -> Peers:
        return self.medians[feature].of(panel)

    def _deviation(self, panel: Panel, at: int) -> Floats:
        feature, values = self.features[at], panel.values[:, at]
        if feature.contradiction:
            return _towards_suspicion(_comparable(values, feature), 0.0, feature)
        return _towards_suspicion(
            _comparable(values, feature), _comparable(self.medians[at].of(panel).median, feature), feature
        )


def _comparable(values: Floats, feature: Measure) -> Floats:
    """P-values differ by factors, so they are compared in powers of ten; every other unit as it is."""
    return -np.log10(np.clip(values, 1e-12, 1.0)) if feature.unit == "p_value" else values


def _towards_suspicion(values: Floats, centre: Floats | float, feature: Measure) -> Floats:
    deviation: Floats = values - centre
    if feature.direction == "both":
        return np.abs(deviation)
    return -deviation if feature.direction == "lower" and feature.unit != "p_value" else deviation
