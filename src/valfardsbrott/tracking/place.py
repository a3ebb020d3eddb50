"""Where runs and models are kept: SQLite in the store, PostgreSQL, or a server named by MLFLOW_TRACKING_URI."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from valfardsbrott.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

URI = "MLFLOW_TRACKING_URI"
#: MLflow neither calls home, prints, asks git, nor reads a pickle.
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def experiment_name(settings: Settings) -> str:
    """The city's folder of results: its name, and a digest of its place, since two cities may both call it "runs"."""
    place = settings.out.resolve()
    return f"{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"


def place(settings: Settings) -> str:
    """The address of the tracking store: what the environment names, else SQLite in the working store."""
    return os.environ.get(URI) or f"sqlite:///{settings.store_path.resolve() / 'mlflow.db'}"


def shown(settings: Settings) -> str:
    """The address as it may be printed: without the password that a database's may hold."""
    where = place(settings)
    return where if "@" not in where else re.sub(r"//[^@/]*@", "//***@", where)


def machine() -> dict[str, float]:
    """What this process has used so far: processor seconds, and how many cores it may use."""
    spent = os.times()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"cpu_seconds": round(spent.user + spent.system, 3), "cores": float(cores)}


def begun(settings: Settings) -> bool:
    """Whether there may be anything to read: a named server, or a database that a run has made."""
    return bool(os.environ.get(URI)) or (settings.store_path / "mlflow.db").exists()


def experiment_id(client: MlflowClient, settings: Settings, name: str) -> str:
    """The experiment called ``name``, made where it is not there.

    A server keeps artefacts itself; where we write to a database directly they lie in the store, beside it.
    """
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    direct = not place(settings).startswith(("http://", "https://", "databricks"))
    beside = (settings.store_path.resolve() / "mlflow").as_uri() if direct else None
    return str(client.create_experiment(name, artifact_location=beside))


@contextmanager
def client(settings: Settings) -> Iterator[MlflowClient]:
    """A client for the city's place. MLflow keeps that place in the environment, so it is put back afterwards."""
    before = {name: os.environ.get(name) for name in (URI, *_QUIET)}
    os.environ.update(_QUIET | {URI: place(settings)})
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
