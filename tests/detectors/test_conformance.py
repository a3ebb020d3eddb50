"""What every detector owes the others: each of DETECTORS runs every test here. A new one is tested by being listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors import DETECTORS, Detector
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.detectors.residuals import Residuals


@pytest.fixture(scope="module")
def residuals(city: Any) -> Panel:
    """The city's panel as detectors get it: deviations from peers in noise units."""
    whole: Panel = city.panel
    return Residuals().fit(whole).of(whole)


@pytest.fixture(scope="module", params=DETECTORS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> type[Detector]:
    chosen: type[Detector] = request.param
    return chosen


@pytest.fixture(scope="module")
def panel(residuals: Panel) -> Panel:
    return residuals


@pytest.fixture(scope="module")
def fitted(kind: type[Detector], panel: Panel) -> Detector:
    return kind().fit(panel)


def test_higher_is_more_suspicious(fitted: Detector, panel: Panel, city: Any) -> None:
    planted = np.isin(panel.org_number, sorted(city.frauds))
    scores = fitted.score(panel)
    above = (scores[planted][:, None] > scores[~planted][None, :]).mean()
    assert above > 0.85, "a planted fraud outranks an honest provider at least in most pairs"


def test_the_parts_sum_to_the_score(fitted: Detector, panel: Panel) -> None:
    parts, scores = fitted.explain(panel), fitted.score(panel)
    assert parts.shape == panel.values.shape
    rest = scores - parts.sum(axis=1)
    assert np.allclose(rest, rest[0]), "what the parts do not explain is one constant for all"


def test_a_missing_value_says_nothing(fitted: Detector, panel: Panel) -> None:
    parts = fitted.explain(panel)
    assert np.isnan(panel.values).any(), "the city lacks some values"
    assert (parts[np.isnan(panel.values)] == 0).all()
    nothing = panel.with_values(np.full_like(panel.values, np.nan))
    assert np.ptp(fitted.score(nothing)) == 0
    assert fitted.score(nothing)[0] <= np.median(fitted.score(panel)) + 1


def test_scores_are_finite(fitted: Detector, panel: Panel) -> None:
    extreme = panel.with_values(np.where(np.isnan(panel.values), np.nan, 1e12))
    assert np.isfinite(fitted.score(panel)).all()
    assert np.isfinite(fitted.score(extreme)).all()


def test_a_row_is_scored_alike_whoever_stands_beside_it(fitted: Detector, panel: Panel) -> None:
    some = np.arange(0, len(panel), 7)
    assert np.array_equal(fitted.score(panel.rows(some)), fitted.score(panel)[some])
    assert np.array_equal(fitted.explain(panel.rows(some)), fitted.explain(panel)[some])


def test_fitting_twice_gives_the_same_bits(kind: type[Detector], fitted: Detector, panel: Panel) -> None:
    assert np.array_equal(kind().fit(panel).score(panel), fitted.score(panel))


def test_neither_fit_nor_score_changes_the_panel(kind: type[Detector], panel: Panel) -> None:
    before = panel.values.copy()
    kind().fit(panel).explain(panel)
    assert np.array_equal(before, panel.values, equal_nan=True)


def test_equal_rows_get_equal_scores(fitted: Detector, panel: Panel) -> None:
    same = panel.rows(np.array([3, 3, 3]))
    assert np.ptp(fitted.score(same)) == 0


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_little_to_learn_from_is_no_error(kind: type[Detector], panel: Panel, rows: int) -> None:
    few = panel.rows(np.arange(rows))
    assert kind().fit(few).score(few).shape == (rows,)


def test_no_feature_is_no_error(kind: type[Detector], panel: Panel) -> None:
    none = panel.columns([])
    assert (kind().fit(none).score(none) == 0).all()


def test_a_constant_feature_carries_no_evidence(kind: type[Detector], panel: Panel) -> None:
    flat = replace(panel, values=np.zeros_like(panel.values))
    assert (kind().fit(flat).explain(flat) == 0).all()


def test_names_are_distinct() -> None:
    names: list[str] = [kind.name for kind in DETECTORS]
    assert len(set(names)) == len(names)


Simulate = Callable[..., Any]


def test_the_forest_is_pyods_with_any_number_of_threads(residuals: Panel) -> None:
    from pyod.models.iforest import IForest

    from valfardsbrott.detectors import IsolationForest

    whole = residuals.rows(~np.isnan(residuals.values).any(axis=1))
    ours = IsolationForest(trees=50, seed=3, threads=1).fit(whole)
    pyod = IForest(n_estimators=50, max_samples=256, random_state=3)
    rows = np.log1p(np.maximum(whole.values, 0))
    pyod.fit(rows)
    assert np.allclose(2 ** ours.score(whole), -pyod.detector_.score_samples(rows))
    assert np.array_equal(IsolationForest(trees=50, seed=3, threads=2).fit(whole).score(whole), ours.score(whole))


def test_ecod_is_the_right_tail_of_pyods(residuals: Panel) -> None:
    from pyod.models.ecod import ECOD

    from valfardsbrott.detectors import Ecod

    whole = residuals.rows(~np.isnan(residuals.values).any(axis=1))
    pyod = ECOD().fit(np.maximum(whole.values, 0))
    assert np.allclose(Ecod().fit(whole).explain(whole), pyod.U_r)
