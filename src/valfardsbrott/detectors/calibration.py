"""From a score to a p-value: the share of provider-months that score as high, and a fitted tail beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats

#: The body is kept as this many quantiles and not as values, so that a stored model holds nobody's row.
KNOTS = 201
SMALLEST_P = 1e-15


@dataclass(frozen=True)
class Tail:
    """Upper-tail p-values: empirical up to the 90th percentile, generalised Pareto beyond.

    The tail's scale comes from the 80th, 90th and 95th percentiles, where the few percent of providers that may be
    frauds do not reach it; a fit to the maximum would let them hide one another. ``shape`` > 0 keeps a tail heavier
    than exponential, so that a very large deviation is strong evidence and not all evidence.
    Source: Pickands (1975), quantile matching; Coles (2001) ch. 4.
    """

    knots: Floats
    scale: float
    shape: float

    @classmethod
    def fit(cls, scores: Floats, *, shape: float = 0.2, floor: float = 1e-9) -> Self:
        """From scores (n,), NaN left out. Fewer than 20 scores or none: a p-value of 1 up to the largest of them.

        ``floor`` is the smallest scale of the tail in the score's own unit, for scores that are mostly zero.
        """
        known = scores[~np.isnan(scores)]
        if len(known) < 20:
            known = np.full(20, known.max() if len(known) else 0.0)
        knots = np.quantile(known, np.linspace(0, 1, KNOTS))
        q80, q90, q95 = np.quantile(known, [0.8, 0.9, 0.95])
        scale = max((q90 - q80) / np.log(2), (q95 - q90) / np.log(2), floor)
        return cls(knots, float(scale), shape)

    def p(self, scores: Floats) -> Floats:
        """P-values (n,) in (0, 1], falling as the score rises; NaN gives 1. Ties in the body share the largest p."""
        filled = np.where(np.isnan(scores), -np.inf, scores)
        threshold = self.knots[int(0.9 * (KNOTS - 1))]
        below = 1 - np.maximum(np.searchsorted(self.knots, filled, side="left") - 1, 0) / (KNOTS - 1)
        excess = np.maximum(filled - threshold, 0) / self.scale
        beyond = 0.1 * (1 + self.shape * excess) ** (-1 / self.shape)
        return np.clip(np.where(filled > threshold, beyond, np.maximum(below, 0.1)), SMALLEST_P, 1.0)


def evidence(p: Floats) -> Floats:
    """-ln p in nats: 0 says nothing, 3 is one in twenty, 7 is one in a thousand."""
    return 0.0 - np.log(np.clip(p, SMALLEST_P, 1.0))


def unit_score(nats: Floats) -> Floats:
    """Evidence as a score from 0 to 1, rising: p = .05 gives .50, p = .001 gives .70, p = 1e-6 gives .82."""
    return nats / (nats + 3.0)
