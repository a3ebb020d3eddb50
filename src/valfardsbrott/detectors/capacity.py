"""Capacity: what a list of any length is expected to bring, and what another five investigations would add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from valfardsbrott.detectors.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

#: Length of the step whose gain the curve tells, and the share of cases that its intervals are to cover.
STEP, COVERED = 5, 0.9


@dataclass(frozen=True)
class Curve:
    """By length of the list (n,), from 1: providers and SEK beyond honest variation, each with an interval.

    Honest providers give every p-value alike often. So among the first k, whose largest p-value is p, ``n p`` are
    expected by chance alone; what is more is beyond honest variation: ``found`` = k - n p, ``precision`` = found / k.
    Its interval is the Poisson distribution's of the n p (90 %): of chance only. The p-values are cautious, for frauds
    stand among those that they are learnt from, so on generated cities the true share lies above the interval.
    ``amount`` adds each provider's amount at risk, weighted by the chance that it is one of those, and its interval
    that of the same draws. It says how much stands out, not how much is fraud: what stands out may have an ordinary
    explanation, and only the control sample and the decisions tell how often. Source: Benjamini and Hochberg (1995);
    Efron (2004).
    """

    precision: Floats
    precision_low: Floats
    precision_high: Floats
    amount: Floats
    amount_low: Floats
    amount_high: Floats

    @classmethod
    def of(cls, p_values: Floats, amounts: Floats) -> Self:
        """From final p-values and amounts at risk in SEK (n,) of all ranked providers, most suspicious first.

        A missing amount counts as none. No provider: empty.
        """
        from scipy.stats import norm, poisson

        k = np.arange(1, len(p_values) + 1)
        honest = np.minimum(np.maximum.accumulate(len(p_values) * p_values), k) if len(k) else np.empty(0)
        tail = (1 - COVERED) / 2
        most = np.clip(poisson.ppf(1 - tail, honest), honest, k)
        fewest = np.minimum(poisson.ppf(tail, honest), honest)
        chance = np.clip(np.diff(honest, prepend=0.0), 0, 1)
        known = np.nan_to_num(amounts)
        amount = np.cumsum(known * (1 - chance))
        spread = norm.ppf(1 - tail) * np.sqrt(np.cumsum(known**2 * chance * (1 - chance)))
        whole = np.cumsum(known)
        return cls(
            1 - honest / k, 1 - most / k, 1 - fewest / k,
            amount, np.maximum(amount - spread, 0), np.minimum(amount + spread, whole),
        )  # fmt: skip

    @property
    def found(self) -> Floats:
        """Providers beyond honest variation among the first k (n,)."""
        found: Floats = self.precision * np.arange(1, len(self.precision) + 1)
        return found

    def table(self) -> pd.DataFrame:
        """A row for each length of the list; ``next_five_*``: what the five after it would add (fewer at the end)."""
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
                "next_five_found": self.found[further] - self.found,
                "next_five_amount_sek": (self.amount[further] - self.amount).round(2),
            }
        )
