"""A run with runs below it: an experiment with its trials, a backtest with its rankings. Trials that are there stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.settings import Settings
from valfardsbrott.tracking import models, place
from valfardsbrott.tracking.machine import Sample

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Metric

_DIGEST = "valfardsbrott.digest"


@dataclass(frozen=True)
class Data:
    """A data set by name and digest; nothing of its rows."""

    name: str
    digest: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What one run says. ``metrics``: figures by the data set that they were measured on (None: over all of them).

    ``steps``: a figure's value at each step. ``tables``: JSON files of aggregated rows by name. ``plots``: pictures by
    name. ``model``: a fitted model's file, which the metrics are then linked to. ``samples``: what the machine was put
    to. The same ``digest`` is the same run.
    """

    name: str
    digest: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: Sequence[Data] = ()
    metrics: Mapping[str | None, Mapping[str, float]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    plots: Mapping[str, bytes] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    model: Path | None = None
    samples: Sequence[Sample] = ()


def log_nested(settings: Settings, experiment: str, parent: Record, children: Sequence[Record]) -> str:
    """Log ``parent`` and below it each of ``children`` that is not there yet; where, as "place, experiment, run"."""
    with place.client(settings) as client:
        home = place.experiment_id(client, settings, experiment)
        run_id = _logged(client, home, parent) or _log(client, home, parent)
        for child in children:
            if _logged(client, home, child, below=run_id) is None:
                _log(client, home, child, below=run_id)
        return f"{place.shown(settings)}, {experiment}, {client.get_run(run_id).info.run_name}"


def _logged(client: MlflowClient, experiment: str, record: Record, below: str | None = None) -> str | None:
    wanted = f"tags.`{_DIGEST}` = '{record.digest}' and attributes.status = 'FINISHED'"
    if below is not None:
        wanted += f" and tags.`mlflow.parentRunId` = '{below}'"
    found = client.search_runs([experiment], wanted, max_results=1)
    return str(found[0].info.run_id) if found else None


def _log(client: MlflowClient, experiment: str, record: Record, below: str | None = None) -> str:
    """One run; marked failed where anything goes wrong, so that the next try logs it anew."""
    from mlflow.entities import Param, RunTag

    tags = {_DIGEST: record.digest, **record.tags} | ({"mlflow.parentRunId": below} if below else {})
    run = client.create_run(experiment, run_name=record.name, tags=tags)
    run_id = str(run.info.run_id)
    try:
        params = [Param(name, str(value)[:500]) for name, value in record.parameters.items()]
        client.log_batch(run_id, params=params, tags=[RunTag(name, value) for name, value in record.tags.items()])
        if record.data:
            client.log_inputs(run_id, datasets=[_input(each) for each in record.data])
        model_id = _model(run_id, record) if record.model else None
        client.log_batch(run_id, metrics=_metrics(record, run_id, run.info.start_time, model_id))
        for name, table in record.tables.items():
            client.log_dict(run_id, table if isinstance(table, dict) else {"rows": list(table)}, name)
        _plots(client, run_id, record.plots)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")
    return run_id


def _model(run_id: str, record: Record) -> str:
    import mlflow

    with mlflow.start_run(run_id=run_id, nested=True):
        return str(models.log(_word(record.name), Path(str(record.model)), {"trial": record.digest}).model_id)


def _word(name: str) -> str:
    """The name as MLflow allows a model's to be: no slash, colon, dot, percent or quote."""
    return "".join(mark if mark.isalnum() or mark in "-_ " else "-" for mark in name)[:200] or "model"


def _metrics(record: Record, run_id: str, now: int, model_id: str | None) -> list[Metric]:
    from mlflow.entities import Metric

    digests = {each.name: each.digest for each in record.data}
    found = []
    for data, figures in record.metrics.items():
        about = {"dataset_name": data, "dataset_digest": digests[data]} if data is not None else {}
        step = 0 if data is None else 1 + list(digests).index(data)
        for name, value in figures.items():
            # By name the mean over the data sets; each one's own beside it, so that neither hides the other.
            key = name if data is None else f"{name} by data"
            found.append(Metric(key, float(value), now, step, model_id=model_id, run_id=run_id, **about))
    first = record.samples[0].at if record.samples else 0
    found += [Metric(each.name, each.value, each.at, (each.at - first) // 1000) for each in record.samples]
    for name, values in record.steps.items():
        found += [Metric(f"{name} by step", float(value), now, at) for at, value in enumerate(values)]
    return found


def _plots(client: MlflowClient, run_id: str, plots: Mapping[str, bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, picture in plots.items():
            path = Path(folder) / name
            path.write_bytes(picture)
            client.log_artifact(run_id, str(path), "plots")


def _input(data: Data) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    digest = data.digest[:36] or hashlib.sha256(data.name.encode()).hexdigest()[:36]
    dataset = Dataset(
        data.name, digest, "matrices", json.dumps({"digest": digest}), profile=json.dumps(dict(data.facts))
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "evaluation")])
