"""Read deliveries into the store: typed, validated, pseudonymised, each month once until its files change."""

from __future__ import annotations

import shutil

from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.sources.delivery import delivery, folder_of, months
from valfardsbrott.sources.keys import key
from valfardsbrott.stages.disposal import disposed, refuse_closed
from valfardsbrott.stages.ingest_files import FileIndex
from valfardsbrott.stages.ingest_month import ingest_delivery
from valfardsbrott.stages.workspace import Workspace


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Read every delivery up to ``month`` that has not been read, or was delivered again; the month's manifest.

    Later deliveries are not looked at. A month whose folder is gone leaves the store with it. A month that was disposed
    of is not read again, whatever its folder holds (``stats["not_read_again"]``). Raises Failure for folders, files and
    mappings that cannot be read, for tables with too many wrong rows, and where the month itself was disposed of; what
    the store held of that month is then unchanged.
    """
    workspace = Workspace(settings)
    refuse_closed(month, workspace)
    folder_of(settings.deliveries, month)
    found, others = months(settings.deliveries)
    closed = disposed(workspace)
    wanted = sorted(each for each in found if each <= month and each not in closed)
    secret = key(settings)
    _forget_gone(workspace, {*found, *closed})
    files = FileIndex(workspace.root / "ingest" / "files.json")
    manifest: Manifest | None = None
    try:
        for done, each in enumerate(wanted):
            progress("ingest", done, len(wanted))
            manifest = ingest_delivery(delivery(settings.deliveries, each), workspace, files, secret, others)
    finally:
        files.save()
    progress("ingest", len(wanted), len(wanted))
    if manifest is None:
        raise Failure(f"there is no delivery for {month}")
    if skipped := [str(each) for each in closed if each in found and each <= month]:
        manifest.stats = manifest.stats | {"not_read_again": skipped}
    return manifest


def _forget_gone(workspace: Workspace, there: set[Month]) -> None:
    """The store is a copy of what is delivered: months of other deliveries must not take part in a run."""
    for path in (workspace.root / "manifests" / "ingest").glob("*.json"):
        month = Month.parse(path.stem)
        if month in there:
            continue
        workspace.forget("ingest", month)
        for place in ("tables", "superseded"):
            for table in (workspace.root / place).glob(f"*/{month}.parquet"):
                table.unlink()
        for place in ("ingest", "quarantine", "entities"):
            shutil.rmtree(workspace.stage(place, month), ignore_errors=True)
