"""Disposal [gallring]: tables of the store past their retention go, with all that was made from them; a record stays.

Retention is counted in months back from the run's month: with 25 months, in 2026-10 the deliveries of 2024-10 to
2026-10 stay. A month of which something was disposed of is closed: it is not read, computed or run again, since it
would come out otherwise. The months after it keep what they were computed to.

What stays: manifests (counts and checksums), and the pseudonyms of protected persons, whose addresses would come back
without them. Deliveries and logs lie outside the store's tables and have rules of their own. So do published results,
whose evidence holds source rows: they go when the city says after how many months.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import EXIT_INPUT, Failure, Month
from valfardsbrott.features import base, load_views
from valfardsbrott.settings import Settings
from valfardsbrott.stages.ingest_write import sha256
from valfardsbrott.stages.lock import only_run
from valfardsbrott.stages.workspace import Workspace, replacing

_FOLDER = "disposal"
#: Folders of the store that hold no month of results: tables and views go one by one, the rest is no result.
_NO_RESULTS = frozenset(
    {"tables", "superseded", "views", "quarantine", "ingest", "manifests", "logs", "spill", _FOLDER}
)


@dataclass(frozen=True, order=True)
class Gone:
    """One table of one delivery that is past its retention. ``rule`` is where that is said."""

    table: str
    month: str
    rows: int
    sha256: str
    rule: str


@dataclass(frozen=True, order=True)
class Result:
    """A month's published folder, report and evidence included; ``run_id`` says which run had made it."""

    month: str
    run_id: str
    files: int
    rule: str


@dataclass(frozen=True)
class Disposal:
    """What a run disposes of, or would: the ``tables``, the files ``derived`` from them, and published ``results``.

    ``left``: published months whose store has been, or is, disposed of in part, and that stay.
    """

    month: str
    who: str
    tables: tuple[Gone, ...]
    derived: tuple[str, ...]
    results: tuple[Result, ...] = ()
    left: tuple[str, ...] = ()


def dispose(month: Month, settings: Settings, *, dry_run: bool = False, published: int | None = None) -> Disposal:
    """Delete what is past its retention in ``month``, and write ``disposal/<month>.json``; nothing where ``dry_run``.

    ``published``: how many months published results are kept (None: for ever). The record is written first, so that
    what a broken run deleted is known; run again, it deletes the rest. Raises Failure where there is no store, or
    another run holds it.
    """
    workspace = Workspace(settings)
    if not (workspace.root / "tables").is_dir():
        raise Failure(
            f"there is no store in {workspace.root}", "Name it with --store, or --out of the runs", EXIT_INPUT
        )
    with only_run((workspace.root,), f"the disposal of {month}"):
        past = sorted(_past(workspace, month))
        derived = sorted(_derived(workspace, past))
        results = tuple(_results(month, settings.out, published))
        closed = {str(each) for each in disposed(workspace)} | {gone.month for gone in past}
        left = {path.parent.name for path in _published(settings.out)} & closed - {result.month for result in results}
        names = tuple(path.relative_to(workspace.root).as_posix() for path in derived)
        found = Disposal(str(month), _who(), tuple(past), names, results, tuple(sorted(left)))
        if (past or results) and not dry_run:
            _record(workspace, found)
            _delete(workspace, past, derived)
            _unpublish(settings.out, results)
    return found


def disposed(workspace: Workspace) -> dict[Month, frozenset[str]]:
    """The closed months, and the tables that went, by the records of all disposals."""
    found: dict[Month, set[str]] = {}
    for path in sorted((workspace.root / _FOLDER).glob("*.json")):
        for one in json.loads(path.read_text(encoding="utf-8"))["tables"]:
            found.setdefault(Month.parse(one["month"]), set()).add(one["table"])
    return {month: frozenset(names) for month, names in sorted(found.items())}


def refuse_closed(month: Month, workspace: Workspace) -> None:
    """Raise Failure where the month was disposed of, wholly or in part: its run cannot be repeated."""
    gone = disposed(workspace).get(month)
    if gone:
        kept = {f"{name} after {tables()[name].retention_months} months" for name in gone if name in tables()}
        raise Failure(
            f"the run of {month} cannot be repeated: the store has disposed of {', '.join(sorted(kept or gone))}",
            f"Its published result is as it was; the records are in {workspace.root / _FOLDER}",
            EXIT_INPUT,
        )


def _past(workspace: Workspace, month: Month) -> Iterable[Gone]:
    import pyarrow.parquet as pq

    for name, table in tables().items():
        last = month.plus(-table.retention_months)
        for path in (workspace.root / "tables" / name).glob("[!.]*.parquet"):
            if Month.parse(path.stem) <= last:
                rule = f"features/sources.yaml: {name}.retention_months: {table.retention_months}"
                yield Gone(name, path.stem, pq.read_metadata(path).num_rows, sha256(path), rule)


def _derived(workspace: Workspace, past: Iterable[Gone]) -> set[Path]:
    """Files that were made from the tables: corrections, refused rows, views, and the month's results with evidence."""
    found: set[Path] = set()
    for gone in past:
        month = Month.parse(gone.month)
        files = [workspace.superseded(gone.table, month), *workspace.stage("quarantine", month).glob("*.parquet")]
        files += [workspace.view(name, month) for name in _readers(gone.table)]
        for place in workspace.root.iterdir():
            if place.is_dir() and place.name not in _NO_RESULTS:
                files += [path for path in (place / gone.month).rglob("*") if path.is_file()]
        found |= {path for path in files if path.is_file()}
    return found


def _readers(table: str) -> set[str]:
    """Views that read the table, at first or second hand."""
    found = {table}
    for view in load_views():
        if found & {base(source)[0] for source in view.sources}:
            found.add(view.name)
    return found - {table}


def _published(out: Path) -> Iterable[Path]:
    return sorted(out.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/run.json"))


def _results(month: Month, out: Path, kept: int | None) -> Iterable[Result]:
    """Published months that are no longer kept, counted as for tables."""
    for path in _published(out) if kept is not None else ():
        if kept is not None and Month.parse(path.parent.name) <= month.plus(-kept):
            run_id = json.loads(path.read_text(encoding="utf-8")).get("run_id", "")
            files = sum(each.is_file() for each in path.parent.rglob("*"))
            yield Result(path.parent.name, run_id, files, f"dispose --published {kept}")


def _unpublish(out: Path, results: Iterable[Result]) -> None:
    """Set aside first: a reader sees the whole result or none."""
    for result in results:
        aside = out / f".{result.month}.gone"
        shutil.rmtree(aside, ignore_errors=True)
        (out / result.month).rename(aside)
        shutil.rmtree(aside)


def _record(workspace: Workspace, found: Disposal) -> None:
    """Add to what earlier disposals of the same month wrote down."""
    path = workspace.root / _FOLDER / f"{found.month}.json"
    before: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known = {(one["table"], one["month"]): one for one in before.get("tables", [])}
    known |= {(one.table, one.month): asdict(one) | {"who": found.who} for one in found.tables}
    results = {one["month"]: one for one in before.get("results", [])}
    results |= {one.month: asdict(one) | {"who": found.who} for one in found.results}
    record = {
        "month": found.month,
        "tables": [known[key] for key in sorted(known)],
        "results": [results[key] for key in sorted(results)],
        "derived": sorted({*before.get("derived", []), *found.derived}),
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


def _delete(workspace: Workspace, past: Iterable[Gone], derived: Iterable[Path]) -> None:
    """First what was derived: a table that is still there brings the next disposal back to it."""
    for path in derived:
        if path.parent.parent == workspace.root / "quarantine":
            _without(path, {gone.table for gone in past if gone.month == path.parent.name})
        else:
            path.unlink()
    for gone in past:
        workspace.table(gone.table, Month.parse(gone.month)).unlink()
        for place in workspace.root.iterdir():
            if place.is_dir() and place.name not in _NO_RESULTS:
                shutil.rmtree(place / gone.month, ignore_errors=True)


def _without(path: Path, names: set[str]) -> None:
    """The refused rows of other tables stay until theirs go."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pq.read_table(path)
    kept = rows.filter(pa.array([name not in names for name in rows["table"].to_pylist()], pa.bool_()))
    if len(kept):
        with replacing(path) as temporary:
            pq.write_table(kept, temporary)
    else:
        path.unlink()


def _who() -> str:
    """The system's name for whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
