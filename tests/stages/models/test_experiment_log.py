"""An experiment in MLflow, from the command's own entry: data by digest, figures by group, plots, model, machine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from valfardsbrott import tracking
from valfardsbrott.stages.experiment import Bench, run
from valfardsbrott.tracking import place

Done = tuple[Bench, dict[str, Any]]


@pytest.mark.slow
def test_an_experiment_is_a_run_with_its_variants_below(
    bench: Bench, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(tracking.URI, raising=False)
    work = done[0].work  # whose trials are done: here they are logged
    logged = replace(bench, work=work, settings=bench.settings.model_copy(update={"tracking": True, "store": work}))
    said = run(logged)
    assert said["tracked"].endswith("experiment toy, toy")
    assert run(logged)["tracked"] == said["tracked"], "the same results are the same run"
    with place.client(logged.settings) as client:
        home = client.get_experiment_by_name("experiment toy")
        assert home is not None
        runs = {each.info.run_name: each for each in client.search_runs([home.experiment_id])}
        assert set(runs) == {"toy", *said["variants"]}
        whole, champion = runs["toy"], runs["champion"]
        below = {each.data.tags.get("mlflow.parentRunId") for name, each in runs.items() if name != "toy"}
        assert below == {whole.info.run_id}
        assert any(name.startswith("system/") for name in whole.data.metrics)
        assert champion.inputs is not None
        given = {each.dataset.name: each.dataset.digest for each in champion.inputs.dataset_inputs}
        assert given == {each["name"]: each["digest"] for each in said["data"]}
        files = {each.path for each in client.list_artifacts(champion.info.run_id)}
        assert files == {"schemes.json", "lookalikes.json", "sizes.json", "plots"}
        outputs = champion.outputs
        assert outputs is not None
        assert len(outputs.model_outputs) == 1, "the fitted model, with the figures linked to it"
    figures = champion.data.metrics
    summary, groups = said["variants"]["champion"]["summary"], said["variants"]["champion"]
    for name in (
        "average_precision",
        "average_precision_within_size",
        "precision_at_capacity",
        "seconds_fit_and_score",
    ):
        assert figures[name] == pytest.approx(summary[name]["mean"])
    assert figures["schemes.S01.auc"] == groups["schemes"]["S01"]["auc"]
    assert figures["lookalikes.honest_merger.share_on_list"] == groups["lookalikes"]["honest_merger"]["share_on_list"]
    assert figures["sizes.s.share_on_list"] == groups["sizes"]["s"]["share_on_list"]
    assert "00300" not in json.dumps([each.to_dictionary() for each in runs.values()]), "no provider is logged"
