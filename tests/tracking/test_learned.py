"""The re-ranked model in the registry: logged as the others are, with its gate's figures, and scoring a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import tracking
from valfardsbrott.detectors import storage
from valfardsbrott.detectors.reranking import Evidence, RerankedModel, Reranker
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import place, registry


@pytest.fixture(scope="module")
def learned(
    tmp_path_factory: pytest.TempPathFactory, city_at: Callable[[Path], Settings], manifests: dict[str, Manifest],
    feature_frame: pd.DataFrame,
) -> Settings:  # fmt: skip
    """The city logged with a re-ranker that was taught by twenty of its providers."""
    settings = city_at(tmp_path_factory.mktemp("learned") / "runs")
    base = storage.load(settings.store_path / "detect" / "2026-10" / "provider_champion.skops")
    said, nats, _ = base.judged(feature_frame)
    read = Evidence(said.panel.names, nats, np.asarray(sum(said.parts.values())), said.residuals)
    outcome = np.where(np.arange(len(nats)) < 20, (np.arange(len(nats)) % 2).astype(float), np.nan)
    model = RerankedModel(base, Reranker().fit(read, outcome, np.ones(len(nats))))
    path = settings.store_path / "learning" / "2026-10" / "provider_reranked.skops"
    path.parent.mkdir(parents=True)
    storage.save(model, path)
    stats = {
        "model": {"name": "provider_reranked", "version": 1, "fingerprint": "r" * 16, "experiment": "learning"},
        "gate": {"difference": 0.031, "takes_over": False}, "estimates": {"missed": {"value": 0.02, "high": 0.09}},
    }  # fmt: skip
    tracking.log_run(
        Month(2026, 10), settings, manifests | {"learning": Manifest("learning", "2026-10", "l" * 64, stats=stats)}
    )
    return settings


def test_it_has_an_alias_and_scores_as_in_the_store(learned: Settings, feature_frame: pd.DataFrame) -> None:
    with place.client(learned):
        import mlflow.pyfunc

        given = mlflow.pyfunc.load_model(f"models:/{tracking.REGISTERED}@{registry.LEARNED}").predict(feature_frame)
    model = storage.load(learned.store_path / "learning" / "2026-10" / "provider_reranked.skops")
    np.testing.assert_array_equal(given, model.predict(feature_frame))
    np.testing.assert_array_equal(given, tracking.load(learned, registry.LEARNED).predict(feature_frame))
    named = {tuple(each["aliases"]): each["name"] for each in tracking.versions(learned)}
    assert named[registry.LEARNED,] == "provider_reranked"
    assert named["champion",] == "provider_champion", "it takes nobody's alias"


def test_the_estimates_and_the_gate_are_the_runs_metrics(learned: Settings) -> None:
    (run,) = tracking.runs(learned)
    assert run["metrics"]["learning.estimates.missed.high"] == pytest.approx(0.09)
    with place.client(learned) as client:
        outputs = client.get_run(run["mlflow_run"]).outputs
        assert outputs is not None
        logged = {client.get_logged_model(each.model_id).name: each.model_id for each in outputs.model_outputs}
        own = client.get_logged_model(logged["provider_reranked"])
    assert {metric.key: metric.value for metric in own.metrics or ()}["learning.gate.difference"] == pytest.approx(
        0.031
    )
