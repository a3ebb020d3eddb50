"""Detectors: each fits on provider-months, scores them (higher = more suspicious) and explains the score by feature."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self

from valfardsbrott.detectors.ecod import Ecod
from valfardsbrott.detectors.isolation_forest import IsolationForest
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.peers import PeerDeviation


class Detector(Protocol):
    """The interface that every detector follows; a conformance test checks each of DETECTORS against it.

    ``score`` is (n,), finite, the same for a row whatever rows stand beside it. ``explain`` is (n, d), additive: a
    row's parts sum to its score less a constant of the fitted detector. A missing value (NaN) has the part 0.
    """

    name: ClassVar[str]

    def fit(self, panel: Panel) -> Self: ...
    def score(self, panel: Panel) -> Floats: ...
    def explain(self, panel: Panel) -> Floats: ...


__all__ = ["DETECTORS", "Detector", "Ecod", "IsolationForest", "PeerDeviation"]

DETECTORS: tuple[type[Detector], ...] = (PeerDeviation, IsolationForest, Ecod)
