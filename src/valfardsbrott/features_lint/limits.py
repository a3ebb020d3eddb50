"""The limits that are not negotiable, read from the queries: nobody's traits, nobody's number, no other part's rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlglot
import yaml
from sqlglot.errors import SqlglotError

from valfardsbrott.catalogue import readable
from valfardsbrott.definitions import LOADER, folder
from valfardsbrott.features import IN_ONE_PIECE, Feature, View, base
from valfardsbrott.features_lint.lineage import Lineage
from valfardsbrott.features_lint.origin import NOTHING, Origin, Relation

_GIVEN = {
    "calendar": ("day", "month", "weekday", "is_weekend", "is_red_day", "iso_week"),
    "run_month": ("first", "last", "month", "next_month"),
}
#: One row each for a visit, a claim line or an invoice: too many to be read in one piece.
_LINES = frozenset({"visit_id", "line_id", "invoice_id"})


@dataclass(frozen=True)
class Limits:
    """What `features/limits.yaml` says."""

    never: re.Pattern[str]
    shown_by: Mapping[str, frozenset[str]]
    in_one_piece: frozenset[str]


@dataclass
class Read:
    """What was found in a view: its columns as its readers see them, and where it breaks a limit.

    ``keyed``: its rows lie where a reader that is split the same way looks for them, so that they need not move.
    """

    grain: tuple[str, ...]
    columns: dict[str, Origin]
    problems: list[tuple[str, str]] = field(default_factory=list)
    keyed: bool = False


@cache
def limits() -> Limits:
    """The list of what is never a feature. It is the same for every folder of views."""
    said: Any = yaml.load((folder("features") / "limits.yaml").read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506
    pattern = re.compile("|".join(f"(?:{each})" for each in said["never"]), re.IGNORECASE)
    shown = {view: frozenset(columns) for view, columns in said["shown_by"].items()}
    return Limits(pattern, shown, frozenset(said["in_one_piece"]))


def read_all(views: Iterable[View]) -> dict[str, Read]:
    """Each view by its name, in the order of computing, which `load_views` gives."""
    found: dict[str, Read] = {}
    for view in views:
        found[view.name] = read(view, found)
    return found


def read(view: View, known: Mapping[str, Read]) -> Read:
    """Follow the view's columns through its query, to those of the views that it reads, which are ``known``."""
    sources = {name: _source(name, view, known) for name in (*view.sources, *_GIVEN)}
    try:
        tree = sqlglot.parse_one(view.sql, dialect="duckdb")
    except SqlglotError:
        return Read(view.grain, {})
    lineage = Lineage(sources)
    result = lineage.read(tree)
    shown = limits().shown_by.get(view.name, frozenset())
    broken = [
        *lineage.problems,
        *((at, f"reads {each}, which is never a feature") for each, at in _never(lineage).items() if each not in shown),
    ]
    broken += [*_parts(view, sources, known, result), *_values(view, result.columns), *_evidence(view, known)]
    columns = {name: Origin(person=value.person, never=value.never) for name, value in result.columns.items()}
    key = view.partition_by
    return Read(view.grain, columns, broken, key in result.columns.get(key, NOTHING).keys)


def _never(lineage: Lineage) -> dict[str, str]:
    """Columns that are never a feature: those that were read, and names of such, whether or not a table has them.

    Sorted, each with where it is read first.
    """
    named = {name: at for name, at in lineage.unknown.items() if limits().never.fullmatch(name)}
    return dict(sorted((lineage.never_read | named).items()))


def _source(name: str, view: View, known: Mapping[str, Read]) -> Relation:
    """A source as the query meets it: the key, and what identifies a row, are marked where it is split."""
    table, _ = base(name)
    if name in _GIVEN:
        return Relation(dict.fromkeys(_GIVEN[name], NOTHING))
    columns = columns_of(table, known) | {"delivery_month": NOTHING}
    grain = _grain(table, known)
    split = view.partition_by in columns and name not in view.whole
    keys = {view.partition_by, *(grain if len(grain) == 1 else ())} if split else set()
    return Relation({c: v.with_keys(frozenset({c})) if c in keys else v for c, v in columns.items()}, split)


def columns_of(source: str, known: Mapping[str, Read]) -> dict[str, Origin]:
    """The columns of a table or view, under any suffix; none where it is not ``known``."""
    table, _ = base(source)
    if table not in readable():
        return dict(known[table].columns) if table in known else {}
    persons = {column.stored_name for column in readable()[table].columns if column.type == "person"}
    never = limits().never
    return {
        name: Origin(person=name in persons, never=frozenset({f"{table}.{name}"} if never.fullmatch(name) else ()))
        for name in readable()[table].stored
    }


def _grain(table: str, known: Mapping[str, Read]) -> tuple[str, ...]:
    """What tells the rows of a table or view apart."""
    return readable()[table].key if table in readable() else known[table].grain if table in known else ()


def _parts(
    view: View, sources: Mapping[str, Relation], known: Mapping[str, Read], result: Relation
) -> Iterator[tuple[str, str]]:
    """What the header says of the view's parts, against its sources."""
    alone = view.partition_by == IN_ONE_PIECE
    for name in view.sources:
        if not (alone or sources[name].split or name in view.whole or name in _GIVEN):
            yield "whole", f"{name} has no {view.partition_by}: name it here if every part may see all of it"
        lines = not sources[name].split and _LINES & set(_grain(base(name)[0], known))
        if lines and view.name not in limits().in_one_piece:
            key = "partition_by" if alone else "whole"
            yield key, f"reads {name} in one piece: add it up in a view of its own first"
    if not alone and not result.split:
        yield "partition_by", f"no row belongs to one {view.partition_by}: every part would give all rows"


def _values(view: View, columns: Mapping[str, Origin]) -> Iterator[tuple[str, str]]:
    """A provider's number is no person's identifier, and comes from nothing that is never a feature."""
    for name, column in view.columns.items():
        origin = columns.get(name, NOTHING)
        if view.entity == "provider" and origin.person:
            yield f"columns.{name}", "holds a person's identifier; only counts and joins may use it"
        if isinstance(column, Feature) and origin.never:
            yield f"columns.{name}", f"comes from {', '.join(sorted(origin.never))}, which is never a feature"


def _evidence(view: View, known: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
    """The filters and measures of the evidence keep the same limits."""
    for feature in view.features:
        behind = feature.evidence
        asked = {behind.view: [f"({behind.where}) as a", behind.measure or "1"]}
        asked.setdefault(behind.of or behind.view, []).append(behind.per or "1")
        asked.setdefault(behind.source or behind.view, []).append(f"({behind.source_where}) as s")
        for name, parts in asked.items():
            lineage = Lineage({name: Relation(columns_of(name, known))})
            try:
                lineage.read(sqlglot.parse_one(f"select {', '.join(parts)} from {name}", dialect="duckdb"))
            except SqlglotError:
                continue
            never = (f"reads {each}, which is never a feature" for each in _never(lineage))
            for problem in (*(said for _, said in lineage.problems), *never):
                yield f"columns.{feature.name}.evidence", problem
