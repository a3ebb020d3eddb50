"""Detectors: each fits on provider-months, scores them (higher = more suspicious) and explains the score by feature."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self

from valfardsbrott.detectors.contradictions import Contradictions
from valfardsbrott.detectors.copod import Copod
from valfardsbrott.detectors.digits import Digits
from valfardsbrott.detectors.ecod import Ecod
from valfardsbrott.detectors.hbos import Hbos
from valfardsbrott.detectors.history import History
from valfardsbrott.detectors.inne import Inne
from valfardsbrott.detectors.isolation_forest import IsolationForest
from valfardsbrott.detectors.knn import Knn
from valfardsbrott.detectors.loda import Loda
from valfardsbrott.detectors.lof import Lof
from valfardsbrott.detectors.mahalanobis import Mahalanobis
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.detectors.peers import PeerDeviation
from valfardsbrott.detectors.typed_forest import TypedForest


class Detector(Protocol):
    """The interface that every detector follows; a conformance test checks each of DETECTORS against it.

    ``reads`` says which panel it wants: *residuals* (deviations from peers, in noise units), *values* as they are, or
    *history*: values with the provider's earlier months, which must all stand in the panel.
    ``score`` is (n,), finite, the same for a row whatever providers stand beside it. ``explain`` is (n, d), additive:
    a row's parts sum to its score less ``baseline``, a constant of the fitted detector. A missing value (NaN) has the
    part 0, and is never read as nought.
    """

    name: ClassVar[str]
    reads: ClassVar[str]

    @property
    def baseline(self) -> float: ...
    def fit(self, panel: Panel) -> Self: ...
    def score(self, panel: Panel) -> Floats: ...
    def explain(self, panel: Panel) -> Floats: ...


DETECTORS: tuple[type[Detector], ...] = (
    PeerDeviation, IsolationForest, TypedForest, Ecod, Copod, Hbos, Inne, Loda, Knn, Lof, Mahalanobis, History,
    Contradictions, Digits,
)  # fmt: skip
BY_NAME = {detector.name: detector for detector in DETECTORS}

__all__ = ["BY_NAME", "DETECTORS", "Detector"]
