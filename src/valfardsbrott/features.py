"""Reads the feature views: SQL files under a YAML header that says all a person or a law asks of the numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from valfardsbrott.catalogue import readable
from valfardsbrott.definitions import LOADER as LOADER  # noqa: PLC0414 - read by those who read headers here
from valfardsbrott.definitions import folder, read_sql
from valfardsbrott.domain import Failure

Text = dict[Literal["sv", "en"], str]
Unit = Literal[
    "share", "minutes_per_1000_h", "ratio", "count", "count_per_1000_h", "sek", "days", "months", "bits", "z",
    "p_value", "nats",
]  # fmt: skip
Family = Literal["visits", "money", "recipients", "company", "follow_up", "relations"]
Peer = Literal["service_code", "size_class", "visit_system"]
Entity = Literal[
    "visit", "claim", "invoice", "recipient", "staff", "device", "contract", "follow_up", "provider", "link"
]

#: Tables that every query may read without naming them: the days of 2015-2035, and the month that is computed.
ALWAYS_THERE = frozenset({"calendar", "run_month"})
#: What ``partition_by`` says of a view whose rows are compared with one another, so that nothing can be split.
IN_ONE_PIECE = "none"
#: The column of evidence that holds what the rows' measure is divided by, the same in all rows of a provider.
DENOMINATOR = "denominator"
#: How many deliveries a suffix reads, this month's included (None: all of them up to the month).
WINDOWS: dict[str, int | None] = {"_3m": 3, "_12m": 12, "_all": None}

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Evidence:
    """The rows behind a number: those of ``view`` (a line view or a fact table) that fulfil ``where``.

    The number can be computed again from them: scale * measure / per, where ``measure`` is an SQL aggregate over the
    evidence rows of one provider and ``per`` one over all its rows in the view ``of`` (empty: in ``view``); an empty
    ``per`` is 1. What ``per`` gives is kept beside the rows as `DENOMINATOR`, so that they are enough.
    A view of lines names the source row of each of its rows; where one adds up several, ``source`` is the line view or
    fact table that holds them, found by the columns of the view's grain, of which those count that fulfil
    ``source_where``.
    """

    view: str
    where: str
    measure: str = ""
    per: str = ""
    scale: float = 1
    source: str = ""
    source_where: str = "true"
    of: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True)
class Feature:
    """One indicator of a provider and month: what it measures, why it matters, and what innocent things look like it.

    ``peers`` are the spine columns that comparable providers share (empty: a fact that needs no peers). ``needs`` are
    optional ``table.column`` sources without which the value is not available. ``contradiction``: two facts that
    cannot both be true, rather than something unusual. ``restricted``: for the designated controller only, so it is in
    no matrix and no published file.
    """

    label: Text
    why: Text
    innocent: Text
    check: Text
    unit: Unit
    direction: Literal["higher", "lower", "both"]
    family: Family
    peers: tuple[Peer, ...]
    missing: Text
    evidence: Evidence
    legal_basis: str
    schemes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    contradiction: bool = False
    restricted: bool = False
    name: str = ""
    view: str = ""
    __pydantic_config__ = _STRICT


@dataclass(frozen=True)
class View:
    """One SQL file: ``sql`` gives the ``grain`` columns and ``columns``, for one month, from ``sources``.

    ``partition_by`` is the column by which the sources may be split over machines, all but those that are read
    ``whole`` by every part; `IN_ONE_PIECE` where nothing may be split. The lint proves it from the query.
    ``in_order``: rows need no sorting, since a table that is stored by the grain (one column) is read from end to end.
    A column with a description only is a plain one; one with a whole entry is a Feature of the provider.
    """

    name: str
    entity: Entity
    grain: tuple[str, ...]
    partition_by: str
    sources: tuple[str, ...]
    columns: dict[str, str | Feature]
    optional: tuple[str, ...] = ()
    sql: str = ""
    path: Path = field(default=Path(), compare=False)
    whole: tuple[str, ...] = ()
    in_order: bool = False
    __pydantic_config__ = _STRICT

    @property
    def features(self) -> tuple[Feature, ...]:
        return tuple(column for column in self.columns.values() if isinstance(column, Feature))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of header and query."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


_VIEW = TypeAdapter(View)


def base(source: str) -> tuple[str, int | None]:
    """The table or view that a source name reads, and of how many deliveries: ("visit", 3) for ``visit_3m``."""
    for suffix, months in WINDOWS.items():
        if source.endswith(suffix):
            return source.removesuffix(suffix), months
    return source, 1


@cache
def load_views(root: Path | None = None) -> tuple[View, ...]:
    """Every view below ``root`` (default: the project's features), each after those that it reads.

    Raises Failure, naming the file and the key, for a header that is missing, incomplete or contradicts another.
    """
    root = root or folder("features")
    views = [read_view(path) for path in sorted(root.rglob("*.sql"))]
    by_name = {view.name: view for view in views}
    if len(by_name) < len(views):
        twice = next(view for view in views if by_name[view.name] is not view)
        raise Failure(f"{twice.path}: another view is named {twice.name} too ({by_name[twice.name].path})")
    _check_sources(views, set(by_name))
    _check_features(views)
    return tuple(by_name[name] for name in _ordered(views, set(by_name)))


def feature_columns(root: Path | None = None) -> tuple[Feature, ...]:
    """Every feature of the matrix, in its order: by view, then as the header lists them; no restricted one."""
    return tuple(feature for view in load_views(root) for feature in view.features if not feature.restricted)


def fingerprint(root: Path | None = None) -> str:
    """SHA-256 over all headers and queries: a model belongs to the features that it was trained on."""
    return hashlib.sha256("".join(view.fingerprint for view in load_views(root)).encode()).hexdigest()


def upstream(names: Iterable[str], root: Path | None = None) -> tuple[View, ...]:
    """The named views and all that they read, in order."""
    views = load_views(root)
    wanted = set(names)
    for view in reversed(views):
        if view.name in wanted:
            wanted |= {base(source)[0] for source in view.sources}
    return tuple(view for view in views if view.name in wanted)


def read_view(path: Path) -> View:
    """Parse one file. Raises Failure with the file and the key that is wrong."""
    view = read_sql(path, _VIEW, _named)
    if view.name != path.stem:
        raise Failure(f"{path}: name: the view is named {view.name} and its file {path.stem}")
    return view


def _named(header: dict[str, Any]) -> dict[str, Any]:
    """The header with each feature told its own name, its view's, and what ``common`` says where it is silent."""
    columns, common = header.get("columns"), header.get("common", {})
    if not isinstance(columns, dict) or not isinstance(common, dict):
        return header
    own = {"view": header.get("name")}
    columns = {k: common | v | {"name": k} | own if isinstance(v, dict) else v for k, v in columns.items()}
    return {key: value for key, value in header.items() if key != "common"} | {"columns": columns}


def _check_sources(views: list[View], names: set[str]) -> None:
    known = names | set(readable()) | ALWAYS_THERE
    for view in views:
        for source in view.sources:
            table, months = base(source)
            if table not in known:
                raise Failure(f"{view.path}: sources: there is no table or view '{table}'")
            if months != 1 and table in readable() and readable()[table].kind == "register":
                raise Failure(f"{view.path}: sources: {table} is a register, whose newest snapshot counts ('{source}')")
        for key, named in (("optional", view.optional), ("whole", view.whole)):
            if unknown := set(named) - set(view.sources):
                raise Failure(f"{view.path}: {key}: not among the sources: {', '.join(sorted(unknown))}")


def _check_features(views: list[View]) -> None:
    seen: dict[str, View] = {}
    for view in views:
        for feature in view.features:
            if view.entity != "provider":
                raise Failure(f"{view.path}: columns.{feature.name}: only views of providers hold features")
            if feature.name in seen:
                raise Failure(f"{view.path}: columns.{feature.name}: {seen[feature.name].path} defines it too")
            seen[feature.name] = view


def _ordered(views: list[View], names: set[str]) -> list[str]:
    graph = {view.name: sorted({base(source)[0] for source in view.sources} & names) for view in views}
    sorter = TopologicalSorter(graph)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        raise Failure(f"views read each other in a circle: {' -> '.join(error.args[1])}") from error
