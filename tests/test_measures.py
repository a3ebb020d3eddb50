"""Measures of rankings: equal to scikit-learn's where it has them, and countable by hand where it has not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, cohen_kappa_score, roc_auc_score

from valfardsbrott import measures

#: Pairs of (is it right, score), with ties.
rankings = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40)


def _series(pairs: list[tuple[bool, int]]) -> tuple[pd.Series, pd.Series]:
    return pd.Series([right for right, _ in pairs]), pd.Series([float(score) for _, score in pairs])


@given(rankings)
def test_average_precision_and_auc_are_those_of_scikit_learn(pairs: list[tuple[bool, int]]) -> None:
    truth, score = _series(pairs)
    if truth.any():
        assert measures.average_precision(truth, score) == pytest.approx(average_precision_score(truth, score))
    else:
        assert np.isnan(measures.average_precision(truth, score))
    if truth.nunique() == 2:
        assert measures.auc(truth, score) == pytest.approx(roc_auc_score(truth, score))
    else:
        assert np.isnan(measures.auc(truth, score))


def test_precision_and_recall_among_the_first() -> None:
    truth, score = pd.Series([True, False, True, True]), pd.Series([4.0, 3.0, 2.0, 1.0])
    assert measures.precision_at(truth, score, 2) == 0.5
    assert measures.recall_at(truth, score, 2) == pytest.approx(1 / 3)
    assert measures.precision_at(truth, score, 20) == 0.75
    assert np.isnan(measures.recall_at(pd.Series([False]), pd.Series([1.0]), 1))
    assert np.isnan(measures.precision_at(pd.Series(dtype=bool), pd.Series(dtype=float), 3))


def test_an_interval_holds_the_mean_and_shrinks_with_units() -> None:
    def width(count: int) -> float:
        values = np.tile([0.0, 1.0], count // 2)
        low, high = measures.bootstrap(count, lambda at: float(values[at].mean()))
        assert low < 0.5 < high
        return high - low

    assert width(10) > 2 * width(100)
    assert all(np.isnan(end) for end in measures.bootstrap(2, lambda at: 1.0))


def test_overlap_counts_the_first_k_of_the_longer_list() -> None:
    assert measures.overlap(["a", "b", "c"], ["c", "b", "x"], 3) == pytest.approx(2 / 3)
    assert measures.overlap(["a"], ["a", "b", "c", "d"], 4) == 0.25
    assert measures.overlap([], [], 5) == 1.0


orders = st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8)


@given(orders, orders)
def test_rank_biased_overlap_is_one_for_equal_orders_symmetric_and_between(one: list[str], other: list[str]) -> None:
    found = measures.rank_biased_overlap(one, other)
    assert 0 <= found <= 1 + 1e-12
    assert found == pytest.approx(measures.rank_biased_overlap(other, one))
    assert measures.rank_biased_overlap(one, one) == pytest.approx(1.0)


def test_rank_biased_overlap_weighs_the_top_most() -> None:
    order = list("abcdefgh")
    first, last = ["b", "a", *order[2:]], [*order[:6], "h", "g"]
    assert measures.rank_biased_overlap(order, first) < measures.rank_biased_overlap(order, last)
    assert measures.rank_biased_overlap(list("abc"), list("xyz")) == 0.0
    assert measures.rank_biased_overlap(list("ab"), list("xb")) == pytest.approx(0.1 / 0.9 * 0.405 + 0.405)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_a_share_is_the_exact_one(hits: int, others: int) -> None:
    if hits + others == 0:
        assert all(np.isnan(end) for end in measures.binomial_interval(0, 0))
        return
    exact = binomtest(hits, hits + others).proportion_ci(method="exact")
    assert measures.binomial_interval(hits, hits + others) == pytest.approx((exact.low, exact.high))


def test_more_hits_than_units_are_no_share() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        measures.binomial_interval(3, 2)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=30))
def test_kappa_is_that_of_scikit_learn_and_lies_in_its_interval(pairs: list[tuple[int, int]]) -> None:
    counts = np.zeros((3, 3), np.int64)
    for one, other in pairs:
        counts[one, other] += 1
    found = measures.kappa(counts)
    if len({each for pair in pairs for each in pair}) == 1:
        assert np.isnan(found)
        return
    assert found == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True), labels=[0, 1, 2]))
    low, high = measures.kappa_interval(counts, resamples=200)
    assert np.isnan(low) or low <= high


def test_the_interval_of_kappa_shrinks_with_cases_and_needs_three() -> None:
    table = np.array([[4, 1], [1, 4]])
    wide, narrow = (measures.kappa_interval(table * times) for times in (1, 20))
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 2
    assert wide[0] < 0.6 < wide[1]
    assert measures.kappa(table) == pytest.approx(0.6)
    assert np.isnan(measures.kappa_interval(np.array([[1, 0], [0, 1]]))[0])
    assert np.isnan(measures.kappa(np.zeros((2, 2), np.int64)))


def test_within_classes_size_alone_is_worth_nothing() -> None:
    """All frauds are large, and half of the large are frauds: among them size is as good as chance."""
    classes = pd.Series(["small"] * 6 + ["large"] * 6)
    truth = pd.Series([False] * 6 + [True, False] * 3)
    size = pd.Series([1.0] * 6 + [2.0] * 6)
    assert measures.average_precision(truth, size) == pytest.approx(0.5)
    assert measures.within_classes(truth, size, classes) == pytest.approx(0.5)
    assert measures.within_classes(truth, truth.astype(float), classes) == 1.0
    assert pd.isna(measures.within_classes(truth, size, classes, least=4))


def test_precision_at_k_of_fewer_than_k() -> None:
    assert measures.precision_at(pd.Series([True, False]), pd.Series([2.0, 1.0]), 20) == 0.5
