"""From a score to a p-value: the share of provider-months that score as high, and a fitted tail beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats

#: The body is kept as quantiles at these levels and not as values, so that a stored model holds nobody's row.
LEVELS = np.concatenate([np.linspace(0, 0.9, 91)[:-1], np.linspace(0.9, 1, 101)])
_THRESHOLD = 90
SMALLEST_P = 1e-15
Body = tuple[float, float, float]
#: Where the tail's scale is read off: beyond lie the few percent that may be frauds.
BODY: Body = (0.8, 0.9, 0.95)
#: The same where up to a fifth of all may follow one scheme, for a first look (screening.py).
WARY: Body = (0.5, 0.7, 0.8)


@dataclass(frozen=True)
class Tail:
    """Upper-tail p-values: empirical up to the 90th percentile, generalised Pareto beyond.

    The tail's scale comes from the 80th, 90th and 95th percentiles, where the few percent of providers that may be
    frauds do not reach it; a fit to the maximum would let them hide one another. ``shape`` > 0 keeps a tail heavier
    than exponential, so that a very large deviation is strong evidence and not all evidence. Where more rows than the
    share ``allowed`` for frauds score as high, that excess bounds the p-value from below: what four in a hundred do is
    not rare, whatever the tail says. Source: Pickands (1975), quantile matching; Coles (2001) ch. 4.
    """

    knots: Floats
    scale: float
    shape: float
    allowed: float

    @classmethod
    def fit(
        cls, scores: Floats, *, shape: float = 0.4, floor: float = 1e-9, allowed: float = 0.01, body: Body = BODY
    ) -> Self:
        """From scores (n,), NaN left out. Fewer than 20 scores or none: a p-value of 1 up to the largest of them.

        ``floor`` is the smallest scale of the tail in the score's own unit, for scores that are mostly zero; ``body``
        the three levels that it is read off at.
        """
        known = scores[~np.isnan(scores)]
        if len(known) < 20:
            known = np.full(20, known.max() if len(known) else 0.0)
        low, middle, high = np.quantile(known, body)
        left = [1 - level for level in body]
        scale = max((middle - low) / np.log(left[0] / left[1]), (high - middle) / np.log(left[1] / left[2]), floor)
        return cls(np.quantile(known, LEVELS), float(scale), shape, min(allowed, 0.5))

    def p(self, scores: Floats) -> Floats:
        """P-values (n,) in (0, 1], falling as the score rises; NaN gives 1. Ties in the body share the largest p."""
        filled = np.where(np.isnan(scores), -np.inf, scores)
        threshold = self.knots[_THRESHOLD]
        as_high = 1 - LEVELS[np.maximum(np.searchsorted(self.knots, filled, side="left") - 1, 0)]
        excess = np.maximum(filled - threshold, 0) / self.scale
        beyond = 0.1 * (1 + self.shape * excess) ** (-1 / self.shape)
        beyond = np.maximum(beyond, np.minimum((as_high - self.allowed) / (1 - self.allowed), 0.1))
        p: Floats = np.clip(np.where(filled > threshold, beyond, np.maximum(as_high, 0.1)), SMALLEST_P, 1.0)
        return p


def evidence(p: Floats) -> Floats:
    """-ln p in nats: 0 says nothing, 3 is one in twenty, 7 is one in a thousand."""
    return 0.0 - np.log(np.clip(p, SMALLEST_P, 1.0))


def unit_score(nats: Floats) -> Floats:
    """Evidence as a score from 0 to 1, rising: p = .05 gives .50, p = .001 gives .70, p = 1e-6 gives .82."""
    return nats / (nats + 3.0)
