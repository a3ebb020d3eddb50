"""Matrices in which a scheme is common: 1 to 15 percent of providers, most of them in the same scheme.

A second, independent generator showed that a shared scheme widens the spread that deviations are measured by. These
matrices make that case without a city: features of usual kinds (shares, rates, ratios, counts; most providers at
nought or near their peers), an innocent subgroup that stands out in one feature, and schemes of two to four features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valfardsbrott.detectors.panel import Measure, Panel

PROVIDERS, FEATURES = 300, 48
KINDS = ("share", "rare", "rate", "ratio")
UNITS = {"share": "share", "rare": "count_per_1000_h", "rate": "minutes_per_1000_h", "ratio": "ratio"}


@dataclass(frozen=True)
class Stress:
    """A panel of one month, who is planted (n,), and the size class of each."""

    panel: Panel
    planted: np.ndarray
    size: np.ndarray


def stress(
    seed: int, prevalence: float, *, schemes: int = 1, providers: int = PROVIDERS, strength: float = 1.0
) -> Stress:
    """``prevalence`` of the providers follow one of ``schemes`` schemes; each scheme moves three features, some more.

    Effects are drawn so that a tenth of the planted are hardly seen. 3 % of the honest stand out in one feature.
    """
    rng = np.random.default_rng([seed, round(prevalence * 1000), schemes])
    visits = np.exp(rng.normal(6.3, 1.1, providers)).round() + 20
    system = rng.choice(["nimbus", "stella"], providers, p=[0.6, 0.4])
    kinds = np.array([KINDS[at % len(KINDS)] for at in range(FEATURES)])
    values = np.column_stack([_honest(kind, visits, system == "stella", rng) for kind in kinds])
    planted = np.zeros(providers, dtype=bool)
    planted[rng.permutation(providers)[: max(round(prevalence * providers), 3)]] = True
    plans = [rng.permutation(FEATURES)[: rng.integers(2, 5)] for _ in range(schemes)]
    for who in np.flatnonzero(planted):
        _plant(values, who, plans[rng.integers(schemes)], kinds, strength * rng.gamma(2.0, 0.5))
    odd = rng.permutation(np.flatnonzero(~planted))[: round(0.03 * providers)]
    benign = rng.integers(FEATURES)
    for who in odd:
        _plant(values, who, [benign], kinds, rng.gamma(2.0, 0.5))
    values[rng.random(values.shape) < 0.03] = np.nan
    size = np.select([visits < 300, visits < 1000], ["s", "m"], "l").astype(object)
    panel = Panel(
        np.array([f"p{at:05d}" for at in range(providers)], dtype=object),
        np.full(providers, "2026-10", dtype=object),
        values,
        tuple(
            Measure(f"f{at:02d}_{kind}", f"v{at:02d}", UNITS[kind], "higher", "visits", ("visit_system",), False)
            for at, kind in enumerate(kinds)
        ),
        {
            "service_code": np.full(providers, "home_care", dtype=object),
            "size_class": size,
            "visit_system": system.astype(object),
        },
        {"performed_minutes": visits * 30, "visits": visits, "billed_ore": visits * 20_000 * rng.uniform(0.9, 1.1)},
    )
    return Stress(panel, planted, size)


def _honest(kind: str, visits: np.ndarray, stella: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n = len(visits)
    if kind == "share":
        level = rng.uniform(0.02, 0.3)
        p = np.clip(rng.beta(level * 40, (1 - level) * 40, n) * np.where(stella, 1.5, 1), 0, 1)
        return rng.binomial(visits.astype(int), p) / visits
    if kind == "rare":
        return rng.poisson(visits * rng.uniform(0.0001, 0.001)) / (visits / 2) * 1000
    if kind == "rate":
        return np.exp(rng.normal(3, 0.6, n)) * rng.poisson(visits / 100) / np.maximum(visits / 100, 1)
    return rng.normal(0, 0.02, n) + rng.normal(0, 0.3, n) / np.sqrt(visits)


def _plant(values: np.ndarray, who: int, features: np.ndarray | list[int], kinds: np.ndarray, strength: float) -> None:
    for at in features:
        if kinds[at] == "share":
            values[who, at] = min(values[who, at] + 0.2 * strength, 1)
        elif kinds[at] == "ratio":
            values[who, at] += 0.15 * strength
        elif kinds[at] == "rare":
            values[who, at] += 12 * strength
        else:
            values[who, at] += 400 * strength


def frame(made: Stress) -> pd.DataFrame:
    """The values by feature, medians where they miss: what plain libraries read."""
    values = pd.DataFrame(made.panel.values, columns=list(made.panel.names))
    return values.fillna(values.median())
