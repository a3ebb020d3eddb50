"""How much a feature varies among honest providers, and how much more it does where there is little to measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats

#: The smallest spread that means something, in each unit: below it a difference is exactness, not behaviour.
FLOORS = {
    "share": 0.01, "minutes_per_1000_h": 60.0, "ratio": 0.01, "count": 0.5, "count_per_1000_h": 0.5, "sek": 1000.0,
    "days": 7.0, "months": 3.0, "bits": 0.05, "z": 1.0, "p_value": 0.5, "nats": 1.0,
}  # fmt: skip
#: What one event adds to a rate of volume 1. One lex Sarah report, one visit of half an hour: by itself that is chance.
EVENTS = {"share": 1.0, "minutes_per_1000_h": 30_000.0, "count_per_1000_h": 1_000.0}
_BINS = 5
_ROWS_FOR_BINS = 60


@dataclass(frozen=True)
class Noise:
    """Variance of a deviation: ``between`` + ``within`` / volume + (``event`` / volume) squared.

    A provider with 40 visits shows a share of 10 % by chance where one with 4 000 does not. Both terms are fitted to
    robust spreads in five bins of volume, so neither a few extreme providers nor the many zeros decide them.
    Where nearly all have none, as with serious reports, those spreads are nought, and a small provider's rate after a
    single event would be the largest of all: the last term makes that event one unit of noise, whatever the volume.
    """

    between: float
    within: float
    event: float = 0.0

    @classmethod
    def fit(cls, deviation: Floats, volume: Floats, unit: str, upper: float = 0.9) -> Self:
        """From deviations (n,) with NaN where missing; beyond the quantile ``upper`` nothing is looked at. Few
        rows or one volume for all: no term for volume.
        """
        known = ~np.isnan(deviation)
        least, event = FLOORS.get(unit, 1e-6) ** 2, EVENTS.get(unit, 0.0)
        if not known.any():
            return cls(least, 0.0, event)
        deviation, volume = deviation[known], volume[known]
        if len(deviation) < _ROWS_FOR_BINS or np.ptp(volume) == 0:
            return cls(max(_spread(deviation, upper) ** 2, least), 0.0, event)
        bins = np.array_split(np.argsort(volume, kind="stable"), _BINS)
        spreads = np.array([_spread(deviation[rows], upper) ** 2 for rows in bins])
        inverse = np.array([np.mean(1 / volume[rows]) for rows in bins])
        between, within = _line(inverse, spreads)
        return cls(max(between, least), within, event)

    def standardise(self, deviation: Floats, volume: Floats) -> Floats:
        """Deviations (n,) in units of noise. A volume of 1 is an unknown one, or none: nothing is said of one event."""
        event = np.where(volume > 1, self.event / volume, 0.0)
        return np.asarray(deviation / np.sqrt(self.between + self.within / volume + event**2), dtype=np.float64)


def _spread(deviation: Floats, upper: float) -> float:
    """A standard deviation by quantiles, the larger of the middle half's and that of the upper side to ``upper``."""
    from scipy.special import ndtri

    q25, q50, q75, high = np.quantile(deviation, [0.25, 0.5, 0.75, upper])
    return float(max((q75 - q25) / 1.349, (high - q50) / ndtri(upper)))


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope of y on x by least squares, neither below zero; y's median with no slope where it falls."""
    slope = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
    if slope <= 0:
        return float(np.median(y)), 0.0
    intercept = float(y.mean() - slope * x.mean())
    return (intercept, slope) if intercept > 0 else (0.0, float((x @ y) / (x @ x)))
