"""A run with runs below it, logged once; and MLflow's own evaluation of a registered model with our measures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import measures, tracking
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import place

DATA = (tracking.Data("small, seed 1", "d" * 36, {"ranked": 60}), tracking.Data("small, seed 2", "e" * 36))


def _child(models: Path) -> tracking.Record:
    return tracking.Record(
        name="champion: memory=1", digest="c1", parameters={"base": "provider_champion", "memory": 1}, data=DATA,
        metrics={None: {"average_precision": 0.8}, DATA[0].name: {"average_precision": 0.7},
                 DATA[1].name: {"average_precision": 0.9}},
        tables={"schemes.json": {"S01": {"auc": 0.9}}}, plots={"curve.png": b"\x89PNG"},
        steps={"overlap": [0.5, 0.75]}, model=models / "provider_champion.skops",
    )  # fmt: skip


def test_an_experiment_is_a_run_with_a_run_for_each_variant(logged: Settings, models: Path) -> None:
    with tracking.watch(0.05) as samples:
        time.sleep(0.2)
    parent = tracking.Record(
        "toy", "p1", tables={"results.json": {"a": 1}}, samples=samples, tags={"kind": "experiment"}
    )
    child = _child(models)
    place_said = tracking.log_nested(logged, "experiment toy", parent, [child])
    tracking.log_nested(
        logged, "experiment toy", parent, [child, replace(child, name="other", digest="c2", model=None)]
    )
    assert place_said.endswith("experiment toy, toy")
    with place.client(logged) as client:
        home = client.get_experiment_by_name("experiment toy")
        assert home is not None
        runs = {run.info.run_name: run for run in client.search_runs([home.experiment_id])}
        assert set(runs) == {"toy", "champion: memory=1", "other"}, "what is logged is not logged again"
        top, below = runs["toy"], runs["champion: memory=1"]
        assert below.data.tags["mlflow.parentRunId"] == top.info.run_id
        history = client.get_metric_history(top.info.run_id, "system/process_memory_usage_megabytes")
        assert len(history) >= 2
        assert below.data.params == {"base": "provider_champion", "memory": "1"}
        assert below.data.metrics["average_precision"] == 0.8
        own = client.get_metric_history(below.info.run_id, "average_precision by data")
        assert [(each.step, each.value) for each in own] == [(1, 0.7), (2, 0.9)], "one step for each data set"
        assert [each.value for each in client.get_metric_history(below.info.run_id, "overlap by step")] == [0.5, 0.75]
        assert {each.path for each in client.list_artifacts(below.info.run_id)} == {"schemes.json", "plots"}
        outputs = below.outputs
        assert outputs is not None
        (model,) = outputs.model_outputs
        linked = client.get_logged_model(model.model_id).metrics or ()
    assert {(each.key, each.dataset_digest) for each in linked} == {
        ("average_precision", None), ("average_precision by data", "d" * 36), ("average_precision by data", "e" * 36),
    }  # fmt: skip


def test_a_trial_that_failed_half_way_is_logged_anew(logged: Settings, models: Path) -> None:
    parent = tracking.Record("broken", "p2")
    with pytest.raises(OSError, match="missing"):
        tracking.log_nested(logged, "experiment broken", parent, [replace(_child(models), plots={"missing/x": b""})])
    tracking.log_nested(logged, "experiment broken", parent, [_child(models)])
    with place.client(logged) as client:
        home = client.get_experiment_by_name("experiment broken")
        assert home is not None
        ended = sorted(run.info.status for run in client.search_runs([home.experiment_id]))
    assert ended == ["FAILED", "FINISHED", "FINISHED"]


def test_mlflows_own_evaluation_gives_our_measures_and_logs_no_row(
    logged: Settings, feature_frame: pd.DataFrame
) -> None:
    right = np.arange(len(feature_frame)) % 7 == 0
    with place.client(logged) as client:
        import mlflow

        home = client.create_experiment("evaluation")
        with mlflow.start_run(experiment_id=home) as run:  # no experiment stays active for the tests after it
            said = mlflow.models.evaluate(  # type: ignore[no-untyped-call]
                f"models:/{tracking.REGISTERED}@champion", feature_frame.assign(right=right.astype(float)),
                targets="right", extra_metrics=tracking.ranking_metrics(10), evaluators=["default"],
            )  # fmt: skip
        logged_run = client.get_run(run.info.run_id)
        assert client.list_artifacts(run.info.run_id) == []
    score = pd.Series(tracking.load(logged, "champion").predict(feature_frame))
    truth = pd.Series(right)
    assert said.metrics == pytest.approx(
        {
            "average_precision": measures.average_precision(truth, score),
            "auc": measures.auc(truth, score),
            "precision_at_10": measures.precision_at(truth, score, 10),
            "recall_at_10": measures.recall_at(truth, score, 10),
        }
    )
    assert logged_run.inputs is not None
    (given,) = logged_run.inputs.dataset_inputs
    assert feature_frame["org_number"].iloc[0] not in str(given.dataset)
