"""How a ranking is measured against known cases: over all, at capacity, within size classes, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


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
