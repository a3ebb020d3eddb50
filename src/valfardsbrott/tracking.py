"""MLflow: every published run with its parameters, metrics, input and models. The only importer of mlflow.

Nothing about a person or a row is logged: figures of the whole month, names of features, fingerprints, and models that
hold medians, quantiles and trees (detectors/storage.py). With no server named it writes ``<store>/mlflow.db`` and the
artefacts beside it; ``MLFLOW_TRACKING_URI`` names another place.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from valfardsbrott.detectors.model import ProviderModel

URI = "MLFLOW_TRACKING_URI"
#: One registered model; its versions' aliases say which one decides and which one is tried beside it.
REGISTERED = "valfardsbrott-provider"
ALIASES = {"provider_champion": "champion", "provider_challenger": "challenger"}
_RUN_ID = "valfardsbrott.run_id"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def log_run(month: Month, settings: Settings, manifests: Mapping[str, Manifest]) -> str:
    """Log a published month; where it can be looked at, as "place, experiment, run".

    ``manifests``: the stages' own, by name; the rest is read from the published ``run.json``. A run that has been
    logged before, with the same run_id, is left as it is. Raises Failure where the result is not published, and
    whatever MLflow raises where its server cannot be reached: the caller tells it, and the result stays.
    """
    published = _Month(month, settings, _published(settings.out / str(month) / "run.json"), manifests)
    with _client(settings) as client:
        experiment = _experiment(client, settings)
        run = _tracked(client, experiment, published.facts["run_id"]) or _log(client, experiment, published)
        return f"{_place(settings)}, {experiment_name(settings)}, {run.info.run_name}"


def runs(settings: Settings) -> list[dict[str, Any]]:
    """The city's logged runs, newest month first: run_id, month, when, parameters, metrics. None before the first."""
    if not _begun(settings):
        return []
    with _client(settings) as client:
        found = client.get_experiment_by_name(experiment_name(settings))
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


def models(settings: Settings) -> list[dict[str, Any]]:
    """The registered versions, newest first: version, aliases, definition, month, features and the run that made it."""
    if not _begun(settings):
        return []
    with _client(settings) as client:
        aliases: dict[str, list[str]] = {}
        for registered in client.search_registered_models(f"name = '{REGISTERED}'"):
            for alias, version in registered.aliases.items():
                aliases.setdefault(str(version), []).append(alias)
        rows = [
            {
                "version": int(found.version),
                "aliases": sorted(aliases.get(str(found.version), [])),
                "name": found.tags.get("definition", ""),
                "month": found.tags.get("month", ""),
                "feature_fingerprint": found.tags.get("feature_fingerprint", ""),
                "experiment": found.tags.get("experiment", ""),
                "run_id": found.tags.get("run_id", ""),
            }
            for found in client.search_model_versions(f"name = '{REGISTERED}'")
        ]
        return sorted(rows, key=lambda row: row["version"], reverse=True)


def experiment_name(settings: Settings) -> str:
    """The city's folder of results: its name, and a digest of its place, since two cities may both call it "runs"."""
    place = settings.out.resolve()
    return f"{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Month:
    """A published month: what run.json says of it, and what its stages counted."""

    month: Month
    settings: Settings
    facts: Mapping[str, Any]
    manifests: Mapping[str, Manifest]

    def model_file(self, name: str) -> Path:
        return self.settings.store_path / "detect" / str(self.month) / f"{name}.skops"

    def model_facts(self, name: str) -> Mapping[str, Any]:
        stats = self.manifests["detect"].stats if "detect" in self.manifests else {}
        found: Mapping[str, Any] = stats.get("challenger" if ALIASES[name] == "challenger" else "model", {})
        return found


def _log(client: MlflowClient, experiment: str, published: _Month) -> Run:
    """One MLflow run. It is marked failed if anything goes wrong on the way, so that the next try logs it anew."""
    from mlflow.entities import Metric, Param, RunTag

    facts = published.facts
    name = f"{published.month} {facts['run_id'][-12:]}"
    run = client.create_run(experiment, run_name=name, tags={_RUN_ID: facts["run_id"]})
    run_id, now = run.info.run_id, run.info.start_time
    try:
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in _metrics(published).items()],
            params=[Param(name, str(value)[:500]) for name, value in _parameters(published).items()],
            tags=[RunTag(name, value) for name, value in _tags(facts).items()],
        )
        client.log_inputs(run_id, datasets=[_dataset(published)])
        client.log_dict(
            run_id, {name: facts.get(name) for name in ("features", "unavailable_features")}, "features.json"
        )
        for definition in ALIASES:
            if published.model_file(definition).exists():
                _log_model(client, run_id, definition, published)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")
    return client.get_run(run_id)


def _log_model(client: MlflowClient, run_id: str, name: str, published: _Month) -> None:
    """Log the fitted model under the run, register it as a new version, and let its alias point there."""
    import mlflow
    import mlflow.sklearn

    from valfardsbrott import __version__
    from valfardsbrott.detectors import storage

    model = storage.load(published.model_file(name))
    with mlflow.start_run(run_id=run_id):
        logged = mlflow.sklearn.log_model(
            model,
            name=name,
            serialization_format="skops",
            skops_trusted_types=list(storage.TRUSTED),
            signature=_signature(model),
            pip_requirements=[f"valfardsbrott=={__version__}"],
        )
    if not client.search_registered_models(f"name = '{REGISTERED}'"):
        client.create_registered_model(REGISTERED, description="Ranks providers for review; see models/*/CARD.md.")
    tags = {
        "definition": name,
        "month": str(published.month),
        "run_id": published.facts["run_id"],
        "experiment": str(published.model_facts(name).get("experiment", "")),
        "feature_fingerprint": str(published.facts.get("feature_fingerprint", "")),
    }
    version = client.create_model_version(
        REGISTERED, logged.model_uri, run_id=run_id, model_id=logged.model_id, tags=tags
    )
    client.set_registered_model_alias(REGISTERED, ALIASES[name], version.version)


def _signature(model: ProviderModel) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    kinds = {"string": DataType.string, "double": DataType.double}
    columns: list[Any] = [
        ColSpec(kinds[kind], name, required=kind == "string") for name, kind in model.input_columns.items()
    ]
    return ModelSignature(Schema(columns), Schema([ColSpec(DataType.double, "score")]))


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
    }
    found |= {f"seconds.{stage}": seconds for stage, seconds in facts.get("durations", {}).items()}
    for stage in ("networks", "detect", "flag"):
        found |= _figures(stage, manifests[stage].stats if stage in manifests else {})
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}


def _figures(prefix: str, stats: Mapping[str, Any]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, value in stats.items():
        if isinstance(value, Mapping):
            figures |= _figures(f"{prefix}.{name}", value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
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


def _experiment(client: MlflowClient, settings: Settings) -> str:
    name = experiment_name(settings)
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    beside = (settings.store_path.resolve() / "mlflow").as_uri() if os.environ[URI] == _own(settings) else None
    return str(client.create_experiment(name, artifact_location=beside))


def _tracked(client: MlflowClient, experiment: str, run_id: str) -> Run | None:
    wanted = f"tags.`{_RUN_ID}` = '{run_id}' and attributes.status = 'FINISHED'"
    return next(iter(client.search_runs([experiment], wanted, max_results=1)), None)


def _place(settings: Settings) -> str:
    return os.environ.get(URI) or _own(settings)


def _own(settings: Settings) -> str:
    return f"sqlite:///{settings.store_path.resolve() / 'mlflow.db'}"


def _begun(settings: Settings) -> bool:
    return bool(os.environ.get(URI)) or (settings.store_path / "mlflow.db").exists()


@contextmanager
def _client(settings: Settings) -> Iterator[MlflowClient]:
    """A client for the city's place. MLflow keeps that place in the environment, so it is put back afterwards.

    MLflow is kept from calling home, asking git, and writing to the console.
    """
    before = {name: os.environ.get(name) for name in (URI, *_QUIET)}
    os.environ.update(_QUIET | {URI: _place(settings)})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from mlflow import MlflowClient

            with _only_errors("mlflow", "alembic"):
                settings.store_path.mkdir(parents=True, exist_ok=True)
                yield MlflowClient()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _only_errors(*names: str) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
