"""Publish a run: every file of the result, complete or absent, in place of the month's earlier result."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import drift, drift_page, record, report
from valfardsbrott.stages.export import write_csv, write_parquet
from valfardsbrott.stages.hidden import known_in, unplaced, veiled
from valfardsbrott.stages.swap import replacing_folder
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

#: Published table -> the stage folder it is read from, the file there, and the order of its rows.
TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "flags": ("flag", "flags.parquet", ("rank", "entity_type", "entity_id")),
    "scores": ("detect", "scores.parquet", ("rank", "org_number")),
    "control_reasons": ("flag", "control_reasons.parquet", ("entity_id",)),
    "capacity": ("flag", "capacity.parquet", ("capacity",)),
    "held_back": ("learning", "held.parquet", ("org_number",)),
    "networks": ("flag", "networks.parquet", ("network_id",)),
    "network_members": ("networks", "members.parquet", ("network_id", "node_type", "node_id", "role")),
    "network_links": ("networks", "links.parquet", ("network_id", "link_type", "source_id", "target_id")),
    "network_timeline": ("networks", "timeline.parquet", ("network_id", "month")),
    "lead_times": ("networks", "lead_times.parquet", ("network_id", "org_number", "decided_on", "outcome")),
    "migrations": ("networks", "migrations.parquet", ("from_org_number", "to_org_number")),
    "features": ("matrix", "matrix.parquet", ("org_number", "month")),
    "claim_checks": ("claim_checks", "claim_checks.parquet", ("org_number", "invoice_id", "line_id", "rule")),
    "entities": ("entities", "joined.parquet", ("kind", "canonical_id", "raw")),
    "drift": ("drift", "drift.parquet", drift.ORDER),
    "quarantine": ("quarantine", "quarantine.parquet", ("table", "file", "line", "column", "rule")),
}  # fmt: skip

#: Tables of providers: a sole trader with protected identity has no row.
BY_PROVIDER = {
    "held_back": ("org_number",),
    "scores": ("org_number",),
    "features": ("org_number",),
    "lead_times": ("org_number",),
    "migrations": ("from_org_number", "to_org_number"),
}

#: Tables that people open in a spreadsheet.
AS_CSV = ("flags", "held_back", "capacity", "network_members", "claim_checks", "drift")


def run(
    month: Month, settings: Settings, progress: Progress = silent, took: Mapping[str, float] | None = None
) -> Manifest:
    """Write ``<out>/<month>/`` from what the stages left in the store; a reader sees the old result or the new one.

    ``took`` is what the stages before this one took, in seconds, for run.json (default: what their manifests say).
    Raises Failure where one has not finished; the month's earlier result stays until everything is on the disk.
    """
    started = time.perf_counter()
    store = Workspace(settings)
    protected = known_in(store, month)
    with replacing_folder(settings.out / str(month)) as folder:
        _tables(folder, store, month, protected, progress)
        _evidence(folder, store, month, protected)
        shutil.copyfile(_there(store.stage("learning", month, "learning.json")), folder / "learning.json")
        facts = record.facts(store, month)
        progress("report", 0, 1)
        (folder / "report.html").write_text(report.render(folder, facts, store), encoding="utf-8")
        (folder / "drift.html").write_text(drift_page.render(folder, facts, store), encoding="utf-8")
        progress("report", 1, 1)
        outputs = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        seconds = round(time.perf_counter() - started, 3)
        durations = took if took is not None else record.last_durations(store, month)
        record.write(folder / "run.json", facts, {**durations, "publish": seconds})
    return Manifest(
        "publish", str(month), facts["run_id"], [*outputs, "run.json"], {"run_id": facts["run_id"]}, seconds
    )


def _tables(folder: Path, store: Workspace, month: Month, protected: frozenset[str], progress: Progress) -> None:
    for done, (name, (stage, file, order)) in enumerate(TABLES.items()):
        progress("publish", done, len(TABLES))
        about = {"about": BY_PROVIDER[name]} if name in BY_PROVIDER else {}
        table = veiled(_read(store.stage(stage, month, file)), protected, **about)
        write_parquet(table, folder / f"{name}.parquet", order)
        if name in AS_CSV:
            write_csv(table, folder / f"{name}.csv", order)
    progress("publish", len(TABLES), len(TABLES))


def _evidence(folder: Path, store: Workspace, month: Month, protected: frozenset[str]) -> None:
    (folder / "evidence").mkdir()
    for path in sorted(store.stage("flag", month, "evidence").glob("*.parquet")):
        table = unplaced(veiled(_read(path), protected))
        write_parquet(table, folder / "evidence" / path.name, ("org_number", "source_table", "source_row_id"))


def _read(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.ParquetFile(_there(path)).read()


def _there(path: Path) -> Path:
    if not path.exists():
        raise Failure(
            f"the stage '{path.parents[1].name}' has left no {path.name} for {path.parent.name}",
            "Run `valfardsbrott run` for the month: it takes up after the last finished stage",
            EXIT_SYSTEM,
        )
    return path
