"""Digits and duplicates: numbers that were made up, and the same claim twice."""

from __future__ import annotations

from typing import ClassVar

from valfardsbrott.detectors.chosen import OfAKind
from valfardsbrott.detectors.panel import Measure

#: Views whose features test digits, roundness, number series and repeated claims.
VIEWS = frozenset({
    "benford_distance", "round_amounts", "round_quantities", "duration_heaping", "invoice_number_pattern",
    "invoice_duplicates", "duplicate_claims", "multi_provider_periods",
})  # fmt: skip


class Digits(OfAKind):
    """Benford's distance, round sums and minutes, gaps in invoice numbers, claims and invoices that come twice.

    Reads residuals; of a test's own p-value its power of ten. ``score`` (n,) is the sum over blocks of the strongest's
    nats above 1, ``explain`` (n, d) its exact shares. Too few claims for a test: missing, and 0.
    """

    name: ClassVar[str] = "digits"
    reads: ClassVar[str] = "residuals"

    def __init__(self, *, threshold: float = 1.0, correlation: float = 0.5, shape: float = 0.4) -> None:
        super().__init__(threshold=threshold, correlation=correlation, shape=shape)

    def sees(self, feature: Measure) -> bool:
        return feature.view in VIEWS
