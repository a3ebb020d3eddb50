"""One month from delivery to published result: the stages in order, once each, under one lock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from valfardsbrott.domain import EXIT_INPUT, EXIT_SYSTEM, Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages.disposal import refuse_closed
from valfardsbrott.stages.failures import as_failure
from valfardsbrott.stages.lock import only_run
from valfardsbrott.stages.models_roles import roles
from valfardsbrott.stages.workspace import Workspace

#: One verb a stage, each a module beside this one with ``run(month, settings, progress) -> Manifest``.
STAGES = (
    "ingest", "entities", "features", "claim_checks", "networks", "network_features", "detect", "learning", "flag",
    "drift", "publish",
)  # fmt: skip


@dataclass(frozen=True)
class RunResult:
    """What a run did: the published folder, the stages' manifests, wall-clock seconds, and where it was tracked."""

    month: Month
    run_id: str
    folder: Path
    seconds: float
    manifests: Mapping[str, Manifest]
    tracked: str = ""
    tracking_error: str = ""
    rows: Mapping[str, Any] = field(default_factory=dict)


def run_month(month: Month, settings: Settings, progress: Progress = silent) -> RunResult:
    """Run every stage for the month and publish; stages whose inputs have not changed are not run again.

    Raises Failure, and nothing else: the month's earlier result is then untouched and finished stages are kept.
    """
    started = time.perf_counter()
    store = settings.store_path
    manifests: dict[str, Manifest] = {}
    took: dict[str, float] = {}
    refuse_closed(month, Workspace(settings))
    _delivered(settings.deliveries, month)
    with _told("the opening of the store", store / "logs"), only_run((settings.out, store), f"the run of {month}"):
        roles(settings)  # a record of promotions that was changed stops the run before its work, and not half way
        for name in STAGES:
            begun = time.perf_counter()
            with _told(f"the stage {name}", store / "logs"):
                stage = import_module(f"{__package__}.{name}")
                # Only publish writes down what the others took.
                manifests[name] = stage.run(month, settings, progress, *((took,) if name == "publish" else ()))
            took[name] = round(time.perf_counter() - begun, 3)
        tracked, tracking_error = _track(month, settings, manifests)
    seconds = round(time.perf_counter() - started, 3)
    run_id = manifests["publish"].fingerprint
    rows = manifests["ingest"].stats.get("tables", {})
    return RunResult(month, run_id, settings.out / str(month), seconds, manifests, tracked, tracking_error, rows)


@contextmanager
def _told(during: str, logs: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise as_failure(error, logs, during) from None


def ingest_month(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Only read and check the month's files. Raises Failure, and nothing else."""
    from valfardsbrott.stages import ingest

    refuse_closed(month, Workspace(settings))
    _delivered(settings.deliveries, month)
    logs = settings.store_path / "logs"
    with _told("the stage ingest", logs), only_run((settings.store_path,), f"the ingest of {month}"):
        return ingest.run(month, settings, progress)


def _delivered(deliveries: Path, month: Month) -> None:
    """Raise Failure before anything is made, where there is nothing to read for the month."""
    if deliveries.is_dir() and not os.access(deliveries, os.R_OK | os.X_OK):
        raise Failure(f"no permission to read {deliveries}", "Change its rights", EXIT_SYSTEM)
    months = sorted(each.name for each in deliveries.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]") if each.is_dir())
    if not deliveries.is_dir():
        raise Failure(f"there is no folder {deliveries}", "Name the folder of deliveries with --deliveries", EXIT_INPUT)
    if str(month) not in months:
        there = f"it holds {months[0]} to {months[-1]}" if months else "it holds no month at all"
        hint = f"Put the files in {deliveries / str(month)}, or choose another --month"
        raise Failure(f"there is no delivery for {month} in {deliveries}: {there}", hint, EXIT_INPUT)


def _track(month: Month, settings: Settings, manifests: Mapping[str, Manifest]) -> tuple[str, str]:
    """Where the run was logged, and why not where it could not be: a published result is never lost to that."""
    if not settings.tracking:
        return "", ""
    try:
        from valfardsbrott import tracking

        return str(tracking.log_run(month, settings, manifests)), ""
    except Exception as error:
        failure = as_failure(error, settings.store_path / "logs", "the logging in MLflow")
        return "", str(failure)
