"""Every published month as an MLflow run: parameters, metrics, input, and the models that judged it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.definitions import folder
from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import models, place, registry

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_RUN_ID = "valfardsbrott.run_id"
#: What a registry takes as a version's description.
_LONGEST_CARD = 4_900
#: What the detect stage says of the model in each role, by alias.
_STATS = {registry.CHAMPION: "model", registry.CHALLENGER: "challenger"}


def log_run(month: Month, settings: Settings, manifests: Mapping[str, Manifest]) -> str:
    """Log a published month; where it can be looked at, as "place, experiment, run".

    ``manifests``: the stages' own, by name; the rest is read from the published ``run.json``. A run that has been
    logged before, with the same run_id, is left as it is. Raises Failure where the result is not published, and
    whatever MLflow raises where its server cannot be reached: the caller tells it, and the result stays.
    """
    published = _Month(month, settings, _published(settings.out / str(month) / "run.json"), manifests)
    name = place.experiment_name(settings)
    with place.client(settings) as client:
        experiment = place.experiment_id(client, settings, name)
        run = _tracked(client, experiment, published.facts["run_id"]) or _log(client, experiment, published)
        return f"{place.shown(settings)}, {name}, {run.info.run_name}"


def runs(settings: Settings) -> list[dict[str, Any]]:
    """The city's logged runs, newest month first: run_id, month, when, parameters, metrics. None before the first."""
    if not place.begun(settings):
        return []
    with place.client(settings) as client:
        found = client.get_experiment_by_name(place.experiment_name(settings))
        pages = client.search_runs([found.experiment_id], max_results=1000) if found else []
        rows = [
            {
                "run_id": run.data.tags.get(_RUN_ID, ""),
                "mlflow_run": run.info.run_id,
                "month": run.data.params.get("month", ""),
                "started": run.info.start_time,
                "parameters": dict(sorted(run.data.params.items())),
                "metrics": dict(sorted(run.data.metrics.items())),
            }
            for run in pages
        ]
        return sorted(rows, key=lambda row: (row["month"], row["started"]), reverse=True)


@dataclass(frozen=True)
class _Month:
    """A published month: what run.json says of it, and what its stages counted."""

    month: Month
    settings: Settings
    facts: Mapping[str, Any]
    manifests: Mapping[str, Manifest]

    def judged(self) -> dict[str, Mapping[str, Any]]:
        """By alias, what detect says of the model in that role: name, version, fingerprints, experiment."""
        stats = self.manifests["detect"].stats if "detect" in self.manifests else {}
        found = {alias: stats.get(key) or {} for alias, key in _STATS.items()}
        found[registry.CHAMPION] = {**self.facts.get("model", {}), **found[registry.CHAMPION]}
        if "learning" in self.manifests:
            found[registry.LEARNED] = self.manifests["learning"].stats.get("model") or {}
        return {alias: facts for alias, facts in found.items() if self.model_file(alias, facts).exists()}

    def model_file(self, alias: str, facts: Mapping[str, Any]) -> Path:
        stage = "learning" if alias == registry.LEARNED else "detect"
        return self.settings.store_path / stage / str(self.month) / f"{facts.get('name', '')}.skops"


def _log(client: MlflowClient, experiment: str, published: _Month) -> Run:
    """One MLflow run. It is marked failed if anything goes wrong on the way, so that the next try logs it anew."""
    from mlflow.entities import Param, RunTag

    facts = published.facts
    name = f"{published.month} {facts['run_id'][-12:]}"
    run = client.create_run(experiment, run_name=name, tags={_RUN_ID: facts["run_id"]})
    run_id = run.info.run_id
    try:
        client.log_inputs(run_id, datasets=[_dataset(published)])
        client.log_dict(
            run_id, {name: facts.get(name) for name in ("features", "unavailable_features")}, "features.json"
        )
        logged = {alias: _log_model(client, run_id, alias, published) for alias in published.judged()}
        # After the models: MLflow would copy the run's parameters to each, and they name the champion.
        client.log_batch(
            run_id,
            params=[Param(name, str(value)[:500]) for name, value in _parameters(published).items()],
            tags=[RunTag(name, value) for name, value in _tags(facts).items()],
        )
        _log_metrics(client, run, published, logged)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")
    return client.get_run(run_id)


def _log_model(client: MlflowClient, run_id: str, alias: str, published: _Month) -> str:
    """Log the fitted model under the run, register it, and let its alias point there; the logged model's id."""
    import mlflow

    facts = published.judged()[alias]
    tags = {
        "definition": str(facts.get("name", "")),
        "definition_version": str(facts.get("version", "")),
        "definition_fingerprint": str(facts.get("fingerprint", "")),
        "month": str(published.month),
        "run_id": published.facts["run_id"],
        "experiment": str(facts.get("experiment", "")),
        "feature_fingerprint": str(published.facts.get("feature_fingerprint", "")),
        "code_version": str(published.facts.get("code", {}).get("version", "")),
    }
    with mlflow.start_run(run_id=run_id):
        logged = models.log(tags["definition"], published.model_file(alias, facts), tags)
    registry.register(client, logged, alias, tags, card=_card(tags["definition"]))
    return str(logged.model_id)


def _card(name: str) -> str:
    """The model's card, as the version's description: what it is for, and what it must not be used for."""
    path = folder("models") / name / "CARD.md"
    return path.read_text(encoding="utf-8")[:_LONGEST_CARD] if path.exists() else ""


def _log_metrics(client: MlflowClient, run: Run, published: _Month, logged: Mapping[str, str]) -> None:
    """The month's figures; those of a model are linked to it and to the data that it was fitted on."""
    from mlflow.entities import Metric

    data = _dataset(published).dataset
    linked = {f"detect.{_STATS[alias]}.": model_id for alias, model_id in logged.items() if alias in _STATS}
    linked |= {"learning.gate.": logged[registry.LEARNED]} if registry.LEARNED in logged else {}
    champion = logged.get(registry.CHAMPION)
    metrics = []
    for name, value in _metrics(published).items():
        model_id = next((linked[prefix] for prefix in linked if name.startswith(prefix)), None)
        if model_id is None and name.startswith(("detect.", "flag.")):
            model_id = champion
        about = {"model_id": model_id, "dataset_name": data.name, "dataset_digest": data.digest} if model_id else {}
        metrics.append(Metric(name, value, run.info.start_time, 0, run_id=run.info.run_id, **about))
    client.log_batch(run.info.run_id, metrics=metrics)


def _dataset(published: _Month) -> Any:
    """What was read, by fingerprint: the place of the deliveries is nobody's business."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    facts = published.facts
    digest = str(facts.get("input_fingerprint", ""))[:36]
    source = json.dumps({"fingerprint": facts.get("input_fingerprint", "")})
    rows = {table: counts.get("accepted") for table, counts in sorted(facts.get("rows", {}).items())}
    dataset = Dataset(
        f"deliveries to {published.month}", digest, "deliveries", source, profile=json.dumps({"accepted": rows})
    )
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])


def _parameters(published: _Month) -> dict[str, Any]:
    facts = published.facts
    model = facts.get("model", {})
    return {
        "month": published.month,
        "seed": facts.get("seed"),
        "feature_fingerprint": facts.get("feature_fingerprint", ""),
        "n_features": len(facts.get("features", [])),
        **{f"model.{name}": model.get(name, "") for name in ("name", "version", "fingerprint")},
        **{f"settings.{name}": value for name, value in facts.get("settings", {}).items()},
    }


def _metrics(published: _Month) -> dict[str, float]:
    """Counts, seconds and memory; what the stages counted in figures, by stage."""
    facts, manifests = published.facts, published.manifests
    rows = facts.get("rows", {}).values()
    found: dict[str, Any] = {
        "rows.in": sum(counts.get("rows_in", 0) for counts in rows),
        "rows.quarantined": sum(counts.get("quarantined", 0) for counts in rows),
        "features.unavailable": len(facts.get("unavailable_features", {})),
        "peak_memory_mb": facts.get("peak_memory_mb"),
        # Under the name by which MLflow shows what a machine was put to.
        "system/peak_memory_megabytes": facts.get("peak_memory_mb"),
        "system/wall_clock_seconds": sum(facts.get("durations", {}).values()),
        **{f"system/{name}": value for name, value in place.machine().items()},
    }
    found |= {f"seconds.{stage}": seconds for stage, seconds in facts.get("durations", {}).items()}
    for stage in ("networks", "detect", "learning", "flag", "drift"):
        found |= _figures(stage, manifests[stage].stats if stage in manifests else {})
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}


def _figures(prefix: str, stats: Mapping[str, Any]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, value in stats.items():
        if isinstance(value, Mapping):
            figures |= _figures(f"{prefix}.{name}", value)
        elif isinstance(value, int | float) and not isinstance(value, bool) and name != "version":
            figures[f"{prefix}.{name}"] = float(value)
    return figures


def _tags(facts: Mapping[str, Any]) -> dict[str, str]:
    code = facts.get("code", {})
    return {
        "code.version": str(code.get("version", "")),
        "code.digest": str(code.get("digest", "")),
        "purpose": str(facts.get("purpose", {}).get("code", "")),
    }


def _published(path: Path) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{path} cannot be read", "Only a published run is logged: run the month first") from error
    return facts


def _tracked(client: MlflowClient, experiment: str, run_id: str) -> Run | None:
    wanted = f"tags.`{_RUN_ID}` = '{run_id}' and attributes.status = 'FINISHED'"
    return next(iter(client.search_runs([experiment], wanted, max_results=1)), None)
