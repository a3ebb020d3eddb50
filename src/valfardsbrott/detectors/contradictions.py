"""Contradiction score: facts that cannot both be true, however many do it and whoever the peers are."""

from __future__ import annotations

from typing import ClassVar

from valfardsbrott.detectors.chosen import OfAKind
from valfardsbrott.detectors.panel import Measure


class Contradictions(OfAKind):
    """Visits after a death or during an absence, two homes at once: features whose header says contradiction.

    A worker's day of more than 24 hours is two homes at once; hours beyond 13 are unusual, no contradiction.
    Their residuals are measured from zero, by amount (`residuals.py`), and no threshold thins their evidence:
    ``score`` (n,) is the sum over blocks of the strongest's nats, ``explain`` (n, d) its exact shares. A provider
    without the facts to contradict (missing) has 0, as one without contradictions has.
    """

    name: ClassVar[str] = "contradictions"
    reads: ClassVar[str] = "residuals"

    def sees(self, feature: Measure) -> bool:
        return feature.contradiction
