"""How experiments measure a ranking: over all, within size classes, and networks against planted ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score


def average_precision(truth: pd.Series, score: pd.Series) -> float:
    """Area under precision-recall; ties share their precision. Without a positive it is nan, not zero."""
    return float(average_precision_score(truth, score)) if truth.any() else float("nan")


def auc(truth: pd.Series, score: pd.Series) -> float:
    """Chance that a positive outranks a negative, ties one half; nan where there is only one kind."""
    return float(roc_auc_score(truth, score)) if truth.nunique() == 2 else float("nan")


def precision_at(truth: pd.Series, score: pd.Series, k: int) -> float:
    """Share of positives among the k highest (of all, where there are fewer than k); ties by index order."""
    top = score.sort_values(ascending=False, kind="stable").index[:k]
    return float(truth.loc[top].mean())


def within_classes(truth: pd.Series, score: pd.Series, classes: pd.Series, least: int = 3) -> float:
    """Mean average precision over classes with at least ``least`` positives, weighted by their positives.

    Size cannot explain a ranking inside one size class; nan where no class has enough positives.
    """
    weights, values = [], []
    for _, members in truth.groupby(classes, observed=True):
        if members.sum() >= least:
            weights.append(members.sum())
            values.append(average_precision(members, score.loc[members.index]))
    return float(np.average(values, weights=weights)) if weights else float("nan")


def network_hits(found: Sequence[set[str]], planted: Iterable[set[str]], least: float = 0.5) -> list[bool]:
    """For each found network, best first: is it a planted one (Jaccard >= ``least``) not already found above it?"""
    left = list(planted)
    hits = []
    for network in found:
        match = max(left, key=lambda ring: _jaccard(network, ring), default=None)
        hit = match is not None and _jaccard(network, match) >= least
        if hit and match is not None:
            left.remove(match)
        hits.append(hit)
    return hits


def network_scores(found: Sequence[set[str]], planted: Sequence[set[str]]) -> Mapping[str, float]:
    """P@15 and recall@30 of ranked networks; fewer found than 15 counts the missing ones as misses."""
    hits = network_hits(found, planted)
    return {"P@15": sum(hits[:15]) / 15, "recall@30": sum(hits[:30]) / len(planted) if planted else float("nan")}


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
