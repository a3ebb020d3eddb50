"""What goes into an evidence pack, and what stays: chosen from a published run by the categories of data that go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from valfardsbrott.domain import Failure
from valfardsbrott.features import Feature, feature_columns, load_views
from valfardsbrott.review import statutes

Language = Literal["sv", "en"]


@dataclass(frozen=True)
class Note:
    """An innocent explanation that was tried: of which feature, with what finding, in whose words."""

    feature: str
    finding: str
    note: str
    by: str
    on: str


@dataclass(frozen=True)
class Request:
    """What a pack is made of besides the run: the case, its decision, and the ground on which data go.

    ``facts`` are label and text in the pack's language, in order: who decided, who approved, reasons, legal ground,
    conditions with answers, balancing. ``categories`` are the data categories that go; nothing else does.
    """

    case_number: str
    entity_type: str
    entity_id: str
    name: str
    month: str
    language: Language
    facts: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    made_on: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The rows behind one reason that go with the pack. ``held_back``: rows that the ground does not open."""

    feature: str
    org_number: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    held_back: int


@dataclass(frozen=True)
class Reason:
    """One reason as the run published it, the feature's own words (None where it is a network's), and its rows."""

    published: Mapping[str, Any]
    feature: Feature | None
    sql_files: tuple[str, ...]
    rows: tuple[Rows, ...]


@dataclass(frozen=True)
class Content:
    """All of a pack before it is written: the run's own record, the flag, its reasons, SQL by file name."""

    request: Request
    run: Mapping[str, Any]
    flag: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    sql: Mapping[str, str]
    links: tuple[Mapping[str, Any], ...] = field(default=())


def collect(folder: Path, request: Request) -> Content:
    """Read the published run in ``folder`` and keep what the request's categories open.

    Raises Failure where the run or the flag is not there.
    """
    flag = _flag(folder, request)
    published = json.loads(flag["reasons"] or "[]")
    features = {feature.name: feature for feature in feature_columns()}
    views = {view.name: view for view in load_views()}
    organisations = request.members or (request.entity_id,)
    reasons, sql = [], {}
    for one in published:
        feature = features.get(one["feature"])
        named = []
        for view in (feature.view, feature.evidence.view) if feature else ():
            if view in views and f"sql/{view}.sql" not in named:
                named.append(f"sql/{view}.sql")
                sql[f"sql/{view}.sql"] = views[view].path.read_text(encoding="utf-8")
        rows = _rows(folder, one["feature"], organisations, request.categories)
        reasons.append(Reason(one, feature, tuple(named), rows))
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Content(request, run, flag, tuple(reasons), dict(sorted(sql.items())), _links(folder, request))


def _flag(folder: Path, request: Request) -> dict[str, Any]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = folder / "flags.parquet"
    if not file.is_file():
        raise Failure(f"the result of {request.month} is not in {folder.parent}", "Was the run moved or disposed of?")
    table = pq.read_table(file)
    found = table.filter(
        (pc.field("entity_type") == request.entity_type) & (pc.field("entity_id") == request.entity_id)
    ).to_pylist()
    if not found:
        raise Failure(f"{request.entity_id} is not flagged in the result of {request.month}")
    return dict(found[0])


def _rows(folder: Path, feature: str, organisations: Sequence[str], categories: Sequence[str]) -> tuple[Rows, ...]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = folder / "evidence" / f"{feature}.parquet"
    if not file.is_file():
        return ()
    table = pq.read_table(file)
    mine = table.filter(pc.field("org_number").isin(list(organisations)))
    kept = []
    for org in organisations:
        for source in sorted(set(mine["source_table"].to_pylist())):
            part = mine.filter((pc.field("org_number") == org) & (pc.field("source_table") == source))
            if part.num_rows == 0:
                continue
            columns = statutes.allowed_columns(source, part.column_names, categories)
            records = part.select(columns).to_pylist() if columns else []
            rows = tuple(tuple(record[name] for name in columns) for record in records)
            kept.append(Rows(feature, org, columns, rows, 0 if columns else part.num_rows))
    return tuple(kept)


def _links(folder: Path, request: Request) -> tuple[Mapping[str, Any], ...]:
    """The network's links whose source table may go; both their ends are in what goes with that table."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = folder / "network_links.parquet"
    if request.entity_type != "network" or not file.is_file():
        return ()
    links = pq.read_table(file).filter(pc.field("network_id") == request.entity_id).to_pylist()
    return tuple(
        link for link in links if statutes.link_goes(link["link_type"], link["source_table"], request.categories)
    )
