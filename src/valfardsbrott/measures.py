"""How rankings are measured: against known cases, at capacity, within size classes, against one another; intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

#: Weight of each further place in `rank_biased_overlap`: at .9 the first ten places carry 86 percent.
PERSISTENCE = 0.9


def average_precision(truth: pd.Series[bool], score: pd.Series[float]) -> float:
    """Area under precision-recall as a step sum; ties share their precision. Without a positive it is nan, not zero.

    As scikit-learn's ``average_precision_score``.
    """
    hit, value = truth.to_numpy(bool), score.to_numpy(float)
    if not hit.any():
        return float("nan")
    order = np.argsort(-value, kind="stable")
    hit, value = hit[order], value[order]
    last = np.append(np.flatnonzero(np.diff(value)), len(value) - 1)  # the last row of each tie
    found = np.cumsum(hit)[last]
    precision, recall = found / (last + 1), found / hit.sum()
    return float(np.sum(np.diff(np.append(0.0, recall)) * precision))


def auc(truth: pd.Series[bool], score: pd.Series[float]) -> float:
    """Chance that a positive outranks a negative, ties one half; nan where there is only one kind."""
    hit = truth.to_numpy(bool)
    positives, negatives = int(hit.sum()), int((~hit).sum())
    if not positives or not negatives:
        return float("nan")
    ranks = score.rank().to_numpy(float)
    return float((ranks[hit].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def precision_at(truth: pd.Series[bool], score: pd.Series[float], k: int) -> float:
    """Share of positives among the k highest (of all, where there are fewer than k); ties by index order."""
    top = score.sort_values(ascending=False, kind="stable").index[:k]
    return float(truth.loc[top].mean()) if len(top) else float("nan")


def recall_at(truth: pd.Series[bool], score: pd.Series[float], k: int) -> float:
    """Share of all positives that are among the k highest; ties by index order; nan without a positive."""
    top = score.sort_values(ascending=False, kind="stable").index[:k]
    return float(truth.loc[top].sum() / truth.sum()) if truth.any() else float("nan")


def within_classes(truth: pd.Series[bool], score: pd.Series[float], classes: pd.Series[Any], least: int = 3) -> float:
    """Mean average precision over classes with at least ``least`` positives, weighted by their positives.

    Size cannot explain a ranking inside one size class; nan where no class has enough positives.
    """
    weights, values = [], []
    for _, members in truth.groupby(classes, observed=True):
        if members.sum() >= least:
            weights.append(int(members.sum()))
            values.append(average_precision(members, score.loc[members.index]))
    return float(np.average(values, weights=weights)) if weights else float("nan")


def interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float]:
    """The middle ``level`` of resampled values, nan left out; (nan, nan) of none."""
    known = np.array([value for value in values if not np.isnan(value)])
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap(
    count: int, statistic: Callable[[NDArray[np.int64]], float], *, seed: int = 0, resamples: int = 2000
) -> tuple[float, float]:
    """The percentile interval (95 %) of ``statistic`` over ``count`` units drawn with replacement.

    ``statistic`` gets the positions drawn (count,). Under three units there is no interval: (nan, nan). Percentile
    intervals are a little too narrow for few units. Source: Efron and Tibshirani (1993) ch. 13.
    """
    if count < 3:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    return interval([statistic(rng.integers(0, count, count)) for _ in range(resamples)])


def interval_of_mean(values: Floats, *, seed: int = 0, resamples: int = 10_000) -> tuple[float, float]:
    """`bootstrap` of the mean of ``values`` (n,), all at once; nan for both ends of under three values."""
    if len(values) < 3:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def binomial_interval(hits: float, of: float, *, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share of ``of`` independent units; (nan, nan) of none. Never too narrow, often too wide.

    Source: Clopper and Pearson (1934).

    >>> [round(end, 3) for end in binomial_interval(0, 10)]
    [0.0, 0.308]
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return float("nan"), float("nan")
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, of - hits, 1 - tail)) if hits < of else 1.0
    return low, high


def kappa(counts: NDArray[np.int64]) -> float:
    """Cohen's kappa of two reviewers: agreement beyond chance, 1 in full, 0 as by chance.

    ``counts`` (k, k): cases by the one's and the other's judgement. nan where there is no case, or chance alone would
    agree on all. Source: Cohen (1960).
    """
    return float(_kappas(counts[None])[0])


def kappa_interval(counts: NDArray[np.int64], *, seed: int = 0, resamples: int = 2000) -> tuple[float, float]:
    """The percentile interval (95 %) of `kappa` of a table (k, k) over cases drawn with replacement.

    (nan, nan) under three cases. Draws in which kappa is not defined are left out. Source: as `bootstrap`.
    """
    total = int(counts.sum())
    if total < 3:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).multinomial(total, counts.ravel() / total, resamples)
    return interval(_kappas(drawn.reshape(resamples, *counts.shape)).tolist())


def _kappas(tables: NDArray[np.int64]) -> Floats:
    total = tables.sum((1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.trace(tables, axis1=1, axis2=2) / total
        expected = (tables.sum(1) * tables.sum(2)).sum(1) / total**2
        return np.where(expected < 1, (observed - expected) / (1 - expected), np.nan)


def overlap(one: Sequence[str], other: Sequence[str], k: int) -> float:
    """Share of the first ``k`` of one list that are among the first ``k`` of the other; 1.0 where both are empty.

    Lists shorter than ``k`` count with the length of the longer of the two, so that a short list is no agreement.

    >>> overlap(["a", "b", "c"], ["b", "a", "d"], 2)
    1.0
    """
    first, second = set(one[:k]), set(other[:k])
    return len(first & second) / max(len(first), len(second), 1) if first or second else 1.0


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Agreement of two rankings from 0 to 1, the top weighing most: 1 for equal ones, 0 for disjoint ones.

    Extrapolated to lists of any length from the depth that both have. Source: Webber, Moffat and Zobel (2010), eq. 30.

    >>> rank_biased_overlap(["a", "b"], ["a", "b"])
    1.0
    """
    depth = min(len(one), len(other))
    if depth == 0:
        return 1.0 if len(one) == len(other) else 0.0
    seen_one: set[str] = set()
    seen_other: set[str] = set()
    total, shared = 0.0, 0
    for place in range(1, depth + 1):
        first, second = one[place - 1], other[place - 1]
        shared += (first in seen_other) + (second in seen_one) + (first == second)
        seen_one.add(first)
        seen_other.add(second)
        total += persistence**place * shared / place
    return total * (1 - persistence) / persistence + persistence**depth * shared / depth
