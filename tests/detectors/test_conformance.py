"""What every detector owes the others: each of DETECTORS runs every test here. A new one is tested by being listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors import BY_NAME, DETECTORS, Detector, storage
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.detectors.residuals import Residuals

#: Those that look for one kind of reason only, and so for few of the planted.
NARROW = {"history", "contradictions", "digits"}


@pytest.fixture(scope="module")
def long_city(simulate_city: Any) -> Any:
    """Eight months, so that there is a history, and a change in the last month of one provider."""
    return simulate_city(2, providers=90, months=8)


@pytest.fixture(scope="module", params=DETECTORS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> type[Detector]:
    chosen: type[Detector] = request.param
    return chosen


def read(kind: type[Detector], city: Any, matrix: Any = None) -> Panel:
    """The city as the detector wants it: values, or deviations from peers in noise units."""
    panel = Panel.of(city.matrix if matrix is None else matrix, city.indicators)
    return Residuals().fit(panel).of(panel) if kind.reads == "residuals" else panel


@pytest.fixture(scope="module")
def panel(kind: type[Detector], long_city: Any) -> Panel:
    return read(kind, long_city)


@pytest.fixture(scope="module")
def fitted(kind: type[Detector], panel: Panel) -> Detector:
    return kind().fit(panel)


def whole_providers(panel: Panel, every: int) -> np.ndarray:
    """Positions of all rows of each ``every``-th provider: a provider and its history stand together."""
    chosen = sorted(set(panel.org_number))[::every]
    return np.flatnonzero(np.isin(panel.org_number, chosen))


def test_a_planted_fraud_outranks_an_honest_provider(fitted: Detector, panel: Panel, long_city: Any) -> None:
    planted = np.isin(panel.org_number, sorted(long_city.frauds))
    scores = fitted.score(panel)
    above = (scores[planted][:, None] > scores[~planted][None, :]).mean()
    even = (scores[planted][:, None] == scores[~planted][None, :]).mean()
    assert above + even / 2 > (0.4 if fitted.name in NARROW else 0.7)


def test_more_of_it_is_more_suspicious(fitted: Detector, panel: Panel) -> None:
    """An ordinary provider whose one fact becomes extreme: at least one fact raises its score, and none lowers it."""
    known = np.flatnonzero(~np.isnan(panel.values).any(axis=1))
    at = int(known[np.argsort(fitted.score(panel)[known], kind="stable")[len(known) // 2]])
    before = fitted.score(panel)[at]
    raised = []
    for column, feature in enumerate(panel.features):
        values = panel.values.copy()
        worse = {"lower": 1e-9, "higher": 0.999, "both": 50.0}[feature.direction]
        values[at, column] = 40.0 if fitted.reads == "residuals" else worse * (1e5 if feature.unit != "share" else 1)
        if fitted.reads != "residuals" and feature.direction == "lower":
            values[at, column] = worse
        raised.append(fitted.score(panel.with_values(values))[at] - before)
    assert min(raised) > -1e-9
    assert fitted.reads == "history" or max(raised) > 0


def test_the_parts_sum_to_the_score(fitted: Detector, panel: Panel) -> None:
    parts, scores = fitted.explain(panel), fitted.score(panel)
    assert parts.shape == panel.values.shape
    assert np.allclose(parts.sum(axis=1) + fitted.baseline, scores, atol=1e-9)


def test_a_missing_value_says_nothing(fitted: Detector, panel: Panel) -> None:
    parts = fitted.explain(panel)
    assert np.isnan(panel.values).any(), "the city lacks some values"
    assert (parts[np.isnan(panel.values)] == 0).all()
    nothing = panel.with_values(np.full_like(panel.values, np.nan))
    assert np.ptp(fitted.score(nothing)) == 0
    assert fitted.score(nothing)[0] <= np.median(fitted.score(panel)) + 1


def test_who_lacks_values_by_chance_is_no_more_suspicious(kind: type[Detector], panel: Panel, long_city: Any) -> None:
    """Values knocked out at random, more of them in some providers: the score does not rise with how many are gone."""
    rng = np.random.default_rng(8)
    honest = ~np.isin(panel.org_number, sorted(long_city.frauds))
    orgs = sorted(set(panel.org_number))
    rate = dict(zip(orgs, rng.uniform(0, 0.6, len(orgs)), strict=True))
    lost = rng.random(panel.values.shape) < np.array([rate[org] for org in panel.org_number])[:, None]
    fewer = panel.with_values(np.where(lost, np.nan, panel.values))
    scores = kind().fit(fewer).score(fewer)[honest]
    gone = lost.sum(axis=1)[honest]
    ranks = scores.argsort(kind="stable").argsort(), gone.argsort(kind="stable").argsort()
    assert np.ptp(scores) == 0 or np.corrcoef(*ranks)[0, 1] < 0.1


def test_permuting_which_values_are_missing_moves_nobody_whole(kind: type[Detector], panel: Panel) -> None:
    """Rows with every value, fitted among others that lack some: which of the others do hardly matters to them."""
    rng = np.random.default_rng(9)
    whole = np.zeros(len(panel), dtype=bool)
    whole[whole_providers(panel, 3)] = True
    scores = []
    for _ in range(2):
        lost = (rng.random(panel.values.shape) < 0.15) & ~whole[:, None]
        scores.append(kind().fit(panel.with_values(np.where(lost, np.nan, panel.values))).score(panel)[whole])
    ranks = np.array([score.argsort(kind="stable").argsort() for score in scores], dtype=float)
    assert np.ptp(scores[0]) == 0 or np.corrcoef(ranks)[0, 1] > 0.6


def test_a_feature_that_nobody_has_changes_nothing(kind: type[Detector], fitted: Detector, panel: Panel) -> None:
    nobody = replace(panel.features[0], name="nobody_has_it", view="elsewhere", peers=())
    wider = replace(
        panel,
        values=np.column_stack([panel.values, np.full(len(panel), np.nan)]),
        features=(*panel.features, nobody),
    )
    again = kind().fit(wider)
    assert (again.explain(wider)[:, -1] == 0).all()
    if kind.name not in {"isolation_forest", "typed_forest", "loda"}:
        assert np.allclose(again.score(wider), fitted.score(panel), atol=1e-9)
    else:  # whose draws of features are others: the same order of the most suspicious
        first = set(np.argsort(-fitted.score(panel))[:20])
        assert len(first & set(np.argsort(-again.score(wider))[:20])) >= 12


def test_scores_are_finite(fitted: Detector, panel: Panel) -> None:
    extreme = panel.with_values(np.where(np.isnan(panel.values), np.nan, 1e12))
    assert np.isfinite(fitted.score(panel)).all()
    assert np.isfinite(fitted.score(extreme)).all()


def test_a_row_is_scored_alike_whoever_stands_beside_it(fitted: Detector, panel: Panel) -> None:
    some = whole_providers(panel, 7)
    assert np.array_equal(fitted.score(panel.rows(some)), fitted.score(panel)[some])
    assert np.array_equal(fitted.explain(panel.rows(some)), fitted.explain(panel)[some])


def test_the_order_of_rows_does_not_matter(kind: type[Detector], fitted: Detector, long_city: Any) -> None:
    panel = read(kind, long_city, long_city.matrix.sample(frac=1, random_state=4))
    assert np.array_equal(kind().fit(panel).score(panel), fitted.score(panel))


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
    assert np.isfinite(kind().fit(few).score(few)).all()
    assert kind().fit(few).score(few).shape == (rows,)


def test_no_feature_is_no_error(kind: type[Detector], panel: Panel) -> None:
    none = panel.columns([])
    assert (kind().fit(none).score(none) == 0).all()


@pytest.mark.parametrize("value", [0.0, np.nan], ids=["all nought", "all missing"])
def test_constant_features_carry_no_evidence(kind: type[Detector], panel: Panel, value: float) -> None:
    flat = panel.with_values(np.full_like(panel.values, value))
    assert (kind().fit(flat).explain(flat) == 0).all()


def test_one_constant_feature_has_no_part(kind: type[Detector], panel: Panel) -> None:
    values = panel.values.copy()
    values[:, 1] = 0.0
    flat = panel.with_values(values)
    assert (kind().fit(flat).explain(flat)[:, 1] == 0).all()


def test_a_stored_detector_says_the_same_without_pickle(fitted: Detector, panel: Panel, tmp_path: Path) -> None:
    storage.save(fitted, tmp_path / "detector.skops")
    again: Any = storage.load(tmp_path / "detector.skops")
    assert np.array_equal(again.score(panel), fitted.score(panel))
    assert np.array_equal(again.explain(panel), fitted.explain(panel))
    held = (tmp_path / "detector.skops").read_bytes()
    assert not any(org.encode() in held for org in set(panel.org_number))


def test_names_are_distinct_and_known_to_models() -> None:
    from typing import get_args

    from valfardsbrott.detectors.definition import DetectorName

    assert len(BY_NAME) == len(DETECTORS)
    assert set(BY_NAME) == set(get_args(DetectorName))
