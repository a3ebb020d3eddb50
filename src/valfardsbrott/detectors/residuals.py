"""Residuals: how far a value lies from those of providers that it can fairly be compared with, in units of noise."""

from __future__ import annotations

from typing import Self

import numpy as np

from valfardsbrott.detectors.noise import Noise
from valfardsbrott.detectors.panel import Floats, Measure, Panel
from valfardsbrott.detectors.peer_groups import Grouping, PeerMedians, Peers
from valfardsbrott.peers import MIN_MEMBERS


class Residuals:
    """Robust deviations from peers, towards suspicion: what every detector reads.

    ``of`` gives a panel whose values (n, d) are deviations over their expected spread, NaN where the value is missing
    or nobody can be compared with. A contradiction is measured from zero, by its amount: that all peers do it too does
    not make it true.
    """

    def __init__(self, smallest: int = MIN_MEMBERS) -> None:
        self.smallest = smallest

    def fit(self, panel: Panel, upper: float = 0.9) -> Self:
        """Pool the panel's months: medians by group, and the noise of each feature, from deviations up to ``upper``."""
        self.features = panel.features
        grouping = Grouping(panel)
        self.medians = [PeerMedians.fit(panel, at, self.smallest, grouping) for at in range(len(panel.features))]
        self.noise = [
            Noise.fit(self._deviation(panel, at, grouping), panel.volume(feature.unit), feature.unit, upper)
            for at, feature in enumerate(panel.features)
        ]
        return self

    def of(self, panel: Panel) -> Panel:
        grouping = Grouping(panel)
        columns = [
            self.noise[at].standardise(self._deviation(panel, at, grouping), panel.volume(feature.unit))
            for at, feature in enumerate(self.features)
        ]
        return panel.with_values(np.column_stack(columns) if columns else np.empty((len(panel), 0)))

    def peers(self, panel: Panel) -> list[Peers]:
        """By feature, whom each row is compared with."""
        grouping = Grouping(panel)
        return [medians.of(panel, grouping) for medians in self.medians]

    def _deviation(self, panel: Panel, at: int, grouping: Grouping) -> Floats:
        feature, values = self.features[at], _comparable(panel.values[:, at], self.features[at])
        if feature.contradiction:
            return _towards_suspicion(values, feature)
        return _towards_suspicion(values - _comparable(self.medians[at].of(panel, grouping).median, feature), feature)


def _comparable(values: Floats, feature: Measure) -> Floats:
    """P-values differ by factors, so they are compared in powers of ten; every other unit as it is."""
    return -np.log10(np.clip(values, 1e-12, 1.0)) if feature.unit == "p_value" else values


def _towards_suspicion(deviation: Floats, feature: Measure) -> Floats:
    if feature.direction == "both":
        return np.abs(deviation)
    return -deviation if feature.direction == "lower" and feature.unit != "p_value" else deviation
