"""What a month's delivery looks like in figures: rows, missing values, typical sizes and distributions, by source.

Counts of whole tables and sources: no row, no person, no organisation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.catalogue import Column, Table, tables
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "source_file"
#: What tells one source of rows from another, besides the file.
ORIGINS = ("board_id", "source_system", "source")
#: Counted, but too many to look at every column of.
ALSO_COUNTED = ("service_code",)
_DATE = re.compile(r"\d{4}-?\d{2}(-?\d{2})?")
_MONEY = ("money", "integer", "number", "float")
_OF_THIRTY = 30


@dataclass(frozen=True)
class Figure:
    """One figure of a month. ``measure`` as in `drift`; ``what`` tells figures of one measure apart.

    ``value`` None: not available. ``count``: the rows behind it. ``classes``: of a *shape*, rows by class.
    """

    table: str
    what: str
    measure: str
    column: str = ""
    dimension: str = ""
    group: str = ""
    value: float | None = None
    count: int = 0
    classes: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        return self.table, self.what, self.column, self.dimension, self.group


def profile(month: Month, store: Workspace) -> list[Figure]:
    """The month's figures, made once for a reading of its delivery; none where nothing of the month is left to read."""
    read = store.manifest("ingest", month)
    if read is None:
        return []
    out = store.stage("profile", month, "profile.json")
    fingerprint = digest(read.fingerprint, code_digest("stages/drift_profile.py", "catalogue.py"))
    there = [name for name in tables() if store.table(name, month).exists()]
    if not there and not out.exists():
        return []
    if there:
        store.run_once("profile", month, fingerprint, lambda: _write(month, store, read, out))
    return [Figure(**each) for each in json.loads(out.read_text(encoding="utf-8"))]


def _write(month: Month, store: Workspace, read: Manifest, out: Path) -> tuple[list[Path], dict[str, Any]]:
    figures = [
        figure
        for name, table in tables().items()
        if store.table(name, month).exists()
        for figure in _of_table(table, month, store.table(name, month), read.stats.get("tables", {}).get(name, {}))
    ]
    with replacing(out) as path:
        path.write_text(json.dumps([asdict(each) for each in figures], ensure_ascii=False), encoding="utf-8")
    return [out], {"figures": len(figures)}


def pattern(file: str) -> str:
    """A file's name as it is in every month: without dates and form, and XML files together as their folder.

    >>> pattern("visit_2026-10.csv"), pattern("peppol/0029.xml")
    ('visit_#', 'peppol/*.xml')
    """
    folder, _, name = file.rpartition("/")
    if folder and name.casefold().endswith(".xml"):
        return f"{folder}/*.xml"
    return _DATE.sub("#", file.removesuffix(f".{name.partition('.')[2]}") if "." in name else file)


def _of_table(table: Table, month: Month, path: Path, counts: dict[str, Any]) -> Iterator[Figure]:
    rows = _Rows(path)
    per_month = _OF_THIRTY / month.days if table.kind == "fact" else 1.0
    yield Figure(table.name, "rows", "volume", value=rows.count * per_month, count=rows.count)
    if received := counts.get("rows_in", 0):
        for what in ("quarantined", "doubted"):
            yield Figure(table.name, what, "share", value=counts.get(what, 0) / received, count=received)
    yield from _by_source(table, rows, per_month)
    if not rows.count:
        return
    for column in table.columns:
        if column.stored_name in rows.names:
            yield from _of_column(table, column, rows)
    if table.kind == "fact" and table.event_column in rows.names:
        yield from _of_days(table, month, rows)


def _by_source(table: Table, rows: _Rows, per_month: float) -> Iterator[Figure]:
    for dimension in (FILE, *ORIGINS, *ALSO_COUNTED):
        for group, chosen in rows.groups(dimension).items():
            yield Figure(
                table.name, "rows", "volume", "", dimension, group, value=len(chosen) * per_month, count=len(chosen)
            )


def _of_column(table: Table, column: Column, rows: _Rows) -> Iterator[Figure]:
    """Missing values, and the typical size or the distribution: of all rows, and of each source by itself."""
    name = column.stored_name
    for dimension, group, chosen in _sources(name, rows):
        values = rows.column(name) if chosen is None else rows.column(name).take(chosen)
        place: dict[str, Any] = {"column": name, "dimension": dimension, "group": group}
        if not column.required:
            missing = values.null_count / len(values)
            yield Figure(table.name, "missing", "share", value=missing, count=len(values), **place)
        known = values.drop_null()
        if column.type in _MONEY and len(known):
            size = _typical(known)
            yield Figure(table.name, "size", "size", value=size, count=len(known) if size else 0, **place)
        elif (column.type in {"code", "bool", "timestamp"} and len(known)) and name not in ORIGINS:
            yield Figure(table.name, "shape", "shape", count=len(known), classes=_classes(known), **place)


def _sources(column: str, rows: _Rows) -> Iterator[tuple[str, str, Any]]:
    """All rows, then those of each source by itself where there are several."""
    yield "", "", None
    for dimension in (FILE, *ORIGINS):
        groups = rows.groups(dimension)
        if dimension != column and len(groups) > 1:
            yield from ((dimension, group, chosen) for group, chosen in groups.items())


def _of_days(table: Table, month: Month, rows: _Rows) -> Iterator[Figure]:
    """How much belongs to earlier months, and how many days at the end of the month nothing is from."""
    import numpy as np

    column = next(each for each in table.columns if each.name == table.event_column)
    days = rows.column(column.stored_name).drop_null().to_numpy(zero_copy_only=False).astype("datetime64[D]")
    if not len(days) or column.type == "month":
        return
    first, last = np.datetime64(month.first), np.datetime64(month.last)
    early = float(np.mean(days < first))
    yield Figure(table.name, "late", "share", column.stored_name, value=early, count=len(days))
    inside = days[(days >= first) & (days <= last)]
    silent = float((last - inside.max()).astype(int)) if len(inside) else float(month.days)
    yield Figure(table.name, "silent", "days", column.stored_name, value=silent, count=len(inside))


def _typical(values: pa.ChunkedArray) -> float | None:
    """The median of the sizes that are not zero; None where all are."""
    import numpy as np

    sizes = np.abs(values.cast("float64").to_numpy())
    sizes = sizes[sizes > 0]
    return float(np.median(sizes)) if len(sizes) else None


def _classes(values: pa.ChunkedArray) -> dict[str, int]:
    """Rows by value; of points in time by hour of the day."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kept = pc.hour(values) if pa.types.is_timestamp(values.type) else values
    return {str(each["values"]): int(each["counts"]) for each in pc.value_counts(kept).to_pylist()}


class _Rows:
    """A table's file, a column at a time."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path)
        self.count: int = self._file.metadata.num_rows
        self.names = frozenset(self._file.schema_arrow.names)
        self._last: tuple[str, pa.ChunkedArray] | None = None

    def column(self, name: str) -> pa.ChunkedArray:
        if self._last is None or self._last[0] != name:
            self._last = name, self._file.read(columns=[name])[name]
        return self._last[1]

    @cached_property
    def _groups(self) -> dict[str, dict[str, Any]]:
        return {}

    def groups(self, dimension: str) -> dict[str, Any]:
        """Positions of the rows of each group; files by `pattern`. Rows without one are in none."""
        if dimension not in self._groups:
            self._groups[dimension] = self._grouped(dimension) if dimension in self.names else {}
        return self._groups[dimension]

    def _grouped(self, dimension: str) -> dict[str, Any]:
        import numpy as np
        import pyarrow as pa

        coded = self.column(dimension).combine_chunks().dictionary_encode()
        names = [pattern(str(each)) if dimension == FILE else str(each) for each in coded.dictionary.to_pylist()]
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        merged = sorted(set(names))
        to = np.array([merged.index(name) for name in names] or [0])
        of = np.where(codes >= 0, to[codes], -1)
        return {name: pa.array(np.flatnonzero(of == at)) for at, name in enumerate(merged)}
