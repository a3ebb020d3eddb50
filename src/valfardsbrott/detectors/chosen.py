"""Detectors of one kind of reason: the peers' evidence of the features that say it, and of no other."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Measure, Panel
from valfardsbrott.detectors.peers import PeerDeviation


class OfAKind(PeerDeviation):
    """Peers' deviation on some features; the others' parts are 0, and so is the score where there is none."""

    def __init__(self, *, threshold: float = 0.0, correlation: float = 0.5, shape: float = 0.4) -> None:
        super().__init__(threshold=threshold, correlation=correlation, shape=shape, fact_weight=1.0)

    @abstractmethod
    def sees(self, feature: Measure) -> bool: ...

    def fit(self, panel: Panel, *, wary: bool = False) -> Self:
        self.columns = [at for at, feature in enumerate(panel.features) if self.sees(feature)]
        super().fit(panel.columns(self.columns), wary=wary)
        return self

    def explain(self, panel: Panel) -> Floats:
        parts = np.zeros(panel.values.shape)
        parts[:, self.columns] = super().explain(panel.columns(self.columns))
        return parts
