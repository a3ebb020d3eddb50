"""Where a library has the detector, ours gives its numbers; trees are explained as SHAP explains them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors.copod import Copod
from valfardsbrott.detectors.ecod import Ecod
from valfardsbrott.detectors.inne import Inne
from valfardsbrott.detectors.isolation_forest import IsolationForest
from valfardsbrott.detectors.knn import Knn
from valfardsbrott.detectors.lof import Lof
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.detectors.residuals import Residuals


@pytest.fixture(scope="module")
def whole(city: Any) -> Panel:
    """Rows that lack no value, as deviations from peers."""
    residuals = Residuals().fit(city.panel).of(city.panel)
    return residuals.rows(~np.isnan(residuals.values).any(axis=1))


def logged(panel: Panel) -> Any:
    return np.log1p(np.maximum(panel.values, 0))


def test_the_forest_is_pyods_with_any_number_of_threads(whole: Panel) -> None:
    from pyod.models.iforest import IForest

    ours = IsolationForest(trees=50, seed=3, threads=1).fit(whole)
    pyod = IForest(n_estimators=50, max_samples=256, random_state=3).fit(logged(whole))
    assert np.allclose(2 ** ours.score(whole), -pyod.detector_.score_samples(logged(whole)))
    assert np.array_equal(IsolationForest(trees=50, seed=3, threads=2).fit(whole).score(whole), ours.score(whole))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_trees_are_explained_as_shap_does_against_the_peers(whole: Panel) -> None:
    import shap

    ours = IsolationForest(trees=20, seed=3).fit(whole)
    some = whole.rows(np.arange(0, len(whole), 9))
    peers = np.zeros((1, len(whole.features)))
    explainer = shap.TreeExplainer(ours.forest, data=peers, feature_perturbation="interventional")
    paths = explainer.shap_values(logged(some), check_additivity=False)  # mean path lengths: suspicion turned round
    assert ours.flat is not None
    unit = ours.flat.at_zero() / explainer.expected_value
    assert np.allclose(ours.explain(some), paths * unit, atol=1e-6)


def test_ecod_is_the_right_tail_of_pyods_and_copod_its_leaning_one(whole: Panel) -> None:
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD

    worse = whole.values > 0
    ecod = ECOD().fit(np.maximum(whole.values, 0))
    assert np.allclose(Ecod().fit(whole).explain(whole), np.where(worse, ecod.U_r, 0))
    copod = np.asarray(COPOD().fit(whole.values).O)
    assert np.allclose(Copod().fit(whole).explain(whole), np.where(worse, copod, 0))


def test_distances_order_as_pyods(whole: Panel) -> None:
    from pyod.models.inne import INNE
    from pyod.models.knn import KNN
    from pyod.models.lof import LOF

    from valfardsbrott.detectors.towards import references

    few = whole.rows(np.arange(0, len(whole), 3))
    rows, kept = logged(few), references(logged(few))
    knn = KNN(n_neighbors=10, method="mean", metric="sqeuclidean").fit(kept)
    assert np.allclose(Knn().fit(few).score(few), knn.decision_function(rows))
    inne = INNE(n_estimators=200, max_samples=8, random_state=0).fit(kept)
    assert np.allclose(Inne(seed=0).fit(few).score(few), inne.decision_function(rows), atol=1e-6)
    distinct = references(np.unique(rows, axis=0))
    lof = LOF(n_neighbors=20, novelty=True).fit(distinct)
    assert np.corrcoef(Lof().fit(few).score(few), lof.decision_function(rows))[0, 1] > 0.99
