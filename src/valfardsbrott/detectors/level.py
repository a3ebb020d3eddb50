"""Level: the evidence that honest providers of a size gather by chance, taken off so that size does not rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats, Panel

_BINS, _PROVIDERS_A_BIN = 8, 25


@dataclass(frozen=True)
class Level:
    """Median evidence by volume, at up to eight points of log volume; none where there are under fifty providers.

    More visits leave more traces, harmless ones too. What half the providers of a size have says nothing.
    """

    at: Floats
    median: Floats

    @classmethod
    def fit(cls, nats: Floats, panel: Panel) -> Self:
        bins = min(_BINS, len(set(panel.org_number)) // _PROVIDERS_A_BIN)
        size = log_size(panel)
        if bins < 2 or np.ptp(size) == 0:
            return cls(np.zeros(1), np.zeros(1))
        parts = np.array_split(np.argsort(size, kind="stable"), bins)
        medians = np.array([np.median(nats[rows]) for rows in parts])
        return cls(np.array([np.median(size[rows]) for rows in parts]), medians)

    def off(self, nats: Floats, panel: Panel) -> Floats:
        """Evidence above its level (n,); below it is negative."""
        return np.asarray(nats - np.interp(log_size(panel), self.at, self.median), dtype=np.float64)


def log_size(panel: Panel) -> Floats:
    """Log of the visits; of what is billed, where nobody has any visit."""
    visits = panel.volumes["visits"]
    return np.asarray(np.log1p(visits if visits.any() else panel.volumes["billed_ore"]), dtype=np.float64)
