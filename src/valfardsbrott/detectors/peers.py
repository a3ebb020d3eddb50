"""Peers: the p-value of each deviation from peers, joined so that one reason counts once."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors import fusion
from valfardsbrott.detectors.calibration import BODY, WARY, Tail, evidence
from valfardsbrott.detectors.panel import Floats, Panel

#: The smallest scale of a residual's tail, in noise units.
_FLOOR = 0.5
#: The share of providers that any one feature may catch rightly; in a small city, two of them.
_ALLOWED = 0.005
#: The same at a first look.
_SHARED = 0.2


class PeerDeviation:
    """Robust one-sided deviation from peers; features that move together count as one reason.

    Reads residuals. ``score`` (n,) is the evidence in nats that remains of each block's strongest feature above
    ``threshold``, times ``fact_weight`` for contradictions, summed over blocks; ``explain`` (n, d) shares each block's
    exactly over its features (Shapley).
    """

    name: ClassVar[str] = "peers"
    reads: ClassVar[str] = "residuals"
    baseline = 0.0

    def __init__(
        self, *, threshold: float = 2.0, correlation: float = 0.5, shape: float = 0.4, fact_weight: float = 1.5
    ) -> None:
        self.threshold, self.correlation, self.shape, self.fact_weight = threshold, correlation, shape, fact_weight

    def fit(self, panel: Panel, *, wary: bool = False) -> Self:
        """``wary``: as if up to a fifth of all might follow one scheme, for a first look (screening.py)."""
        allowed = max(_SHARED if wary else _ALLOWED, 2 / max(len(set(panel.org_number)), 1))
        body = WARY if wary else BODY
        self.tails = [
            Tail.fit(column, shape=self.shape, floor=_FLOOR, allowed=allowed, body=body) for column in panel.values.T
        ]
        self.blocks = fusion.blocks(panel.values, panel.features, self.correlation)
        return self

    def p_values(self, panel: Panel) -> Floats:
        """One-sided p-value of each feature (n, d): 1 where it is missing or on the unsuspicious side of its peers."""
        columns = [tail.p(column) for tail, column in zip(self.tails, panel.values.T, strict=True)]
        return np.where(panel.values > 0, np.column_stack(columns), 1.0) if columns else panel.values

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        weights = np.array([self.fact_weight if feature.contradiction else 1.0 for feature in panel.features])
        parts: Floats = fusion.share(evidence(self.p_values(panel)), self.blocks, self.threshold) * weights
        return parts
