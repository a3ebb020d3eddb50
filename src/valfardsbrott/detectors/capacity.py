"""Capacity: what a list of any length is expected to bring, and what another five investigations would add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from valfardsbrott.detectors.chance import Chance
from valfardsbrott.detectors.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

#: Length of the step whose gain the curve tells, and the share of cases that its intervals are to cover.
STEP, COVERED = 5, 0.9


@dataclass(frozen=True)
class Curve:
    """By length of the list (n,), from 1: providers and SEK beyond honest variation, each with an interval.

    Honest providers vary too. Those of them that are expected among the first k are expected there by chance
    (chance.py), and what is more is beyond honest variation: ``found`` = k less those, ``precision`` = found / k. Its
    interval is the Poisson distribution's (90 %) of the fewest and of the most that honest providers may be. Each
    length is judged by itself, so ``found`` may fall where the next ones stand out less than chance would have it.
    ``amount`` adds each provider's amount at risk, weighted by the chance that it is one of those beyond, and its
    interval that of the same draws. It says how much stands out, not how much is fraud: what stands out may have an
    ordinary explanation, and only the control sample and the decisions tell how often. Source: Benjamini and Hochberg
    (1995); Efron (2004).
    """

    precision: Floats
    precision_low: Floats
    precision_high: Floats
    amount: Floats
    amount_low: Floats
    amount_high: Floats

    @classmethod
    def of(cls, chance: Chance, amounts: Floats) -> Self:
        """From the honest expected by chance and amounts at risk in SEK (n,) of all ranked providers, most suspicious
        first. A missing amount counts as none. No provider: empty.
        """
        from scipy.stats import norm, poisson

        expected, few, many = (_among_first(each) for each in (chance.expected, chance.fewest, chance.most))
        k = np.arange(1, len(expected) + 1)
        tail = (1 - COVERED) / 2
        most = np.clip(poisson.ppf(1 - tail, many), expected, k)
        fewest = np.minimum(poisson.ppf(tail, few), expected)
        known, far = np.nan_to_num(amounts), norm.ppf(1 - tail)
        amount, least, largest = (_weighted(known, each) for each in (expected, many, few))
        return cls(
            1 - expected / k, 1 - most / k, 1 - fewest / k, amount[0],
            np.clip(least[0] - far * least[1], 0, amount[0]),
            np.clip(largest[0] + far * largest[1], amount[0], np.cumsum(known)),
        )  # fmt: skip

    @property
    def found(self) -> Floats:
        """Providers beyond honest variation among the first k (n,)."""
        found: Floats = self.precision * np.arange(1, len(self.precision) + 1)
        return found

    def table(self) -> pd.DataFrame:
        """A row for each length of the list; ``next_five_*``: what the five after it would add (fewer at the end),
        nought where ``found`` falls."""
        import pandas as pd

        k = np.arange(1, len(self.precision) + 1)
        further = np.minimum(k + STEP, len(k)) - 1
        return pd.DataFrame(
            {
                "capacity": k,
                "expected_found": self.found,
                "expected_precision": self.precision,
                "precision_low": self.precision_low,
                "precision_high": self.precision_high,
                "amount_at_risk_sek": self.amount.round(2),
                "amount_low_sek": self.amount_low.round(2),
                "amount_high_sek": self.amount_high.round(2),
                "next_five_found": np.maximum(self.found[further] - self.found, 0.0),
                "next_five_amount_sek": (self.amount[further] - self.amount).round(2),
            }
        )


def _among_first(by_chance: Floats) -> Floats:
    """Honest providers among the first k (n,): never fewer in a longer list, nor more than there are in it."""
    rising: Floats = np.maximum.accumulate(by_chance) if len(by_chance) else by_chance
    return np.minimum(rising, np.arange(1, len(by_chance) + 1))


def _weighted(amounts: Floats, honest: Floats) -> tuple[Floats, Floats]:
    """The first k providers' amounts (n,), each weighted by the chance that it is no honest one's; its deviation."""
    chance = np.clip(np.diff(honest, prepend=0.0), 0, 1)
    return np.cumsum(amounts * (1 - chance)), np.sqrt(np.cumsum(amounts**2 * chance * (1 - chance)))
