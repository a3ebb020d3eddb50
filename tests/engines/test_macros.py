"""Formulas that queries call: against another implementation, and at their limits."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from valfardsbrott.engines.macros import MACROS


def surprise(k: int, n: int, p: float) -> float:
    with duckdb.connect() as db:
        for macro in MACROS:
            db.execute(macro)
        row = db.execute("select binomial_surprise($1, $2, $3)", [k, n, p]).fetchone()
    assert row is not None
    return float(row[0])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(n=st.integers(1, 400), share=st.floats(0, 1), p=st.floats(0.001, 0.999))
def test_surprise_is_minus_the_logarithm_of_at_least_so_many(n: int, share: float, p: float) -> None:
    k = round(share * n)
    expected = -float(binom.logsf(k - 1, n, p)) if k > n * p else 0.0
    assert surprise(k, n, p) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_what_is_expected_is_no_surprise_and_all_of_many_is_a_finite_one() -> None:
    assert surprise(0, 10, 0.5) == surprise(5, 10, 0.5) == 0
    assert surprise(5_000, 5_000, 0.01) == pytest.approx(5_000 * 4.605170186)
