"""Rows that an earlier delivery brought already: a visit sent again must not count twice.

Only rows dated before their delivery's month can have been there before, so only these are looked up, in the three
deliveries before. The same row again is dropped and counted (``already_delivered``). A changed row with the same key,
of the same provider and within a week of the old one, is a correction: the new one stays (``redelivered_changed``) and
the old one is listed under ``superseded/`` for runs of this month and later. Otherwise the key was used anew for
something else and both stay (``key_reused``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valfardsbrott.catalogue import PROVENANCE, Table
from valfardsbrott.domain import Month
from valfardsbrott.stages.ingest_carry import LOOK_BACK, read_months
from valfardsbrott.stages.ingest_sort import key_columns, named
from valfardsbrott.stages.workspace import Workspace

_CORRECTION_DAYS = 7
#: Rows of earlier deliveries that newer ones correct: where they lie.
SUPERSEDED = pa.schema([("delivery_month", pa.date32()), ("source_file", pa.string()), ("source_row", pa.int64())])


@dataclass
class Seen:
    """What is known of a table's late rows. Positions are rows of this delivery's table."""

    already: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    reused: list[int] = field(default_factory=list)
    superseded: list[tuple[Month, str, int]] = field(default_factory=list)

    def superseded_rows(self) -> pa.Table:
        rows = sorted((month.first, file, row) for month, file, row in self.superseded)
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        return pa.table(columns, schema=SUPERSEDED)


def compare(rows: pa.Table, table: Table, month: Month, workspace: Workspace) -> Seen:
    """Look the late rows of a fact up in the deliveries before, the newest first; a register has none."""
    seen = Seen()
    if table.kind == "register" or table.event_column is None or not len(rows):
        return seen
    waiting = _late(rows, table, month)
    for each in reversed(read_months(workspace, month)[-LOOK_BACK:]):
        earlier = _Earlier(each, workspace.table(table.name, each))
        if len(waiting) and earlier.path.is_file():
            waiting = _against(rows, table, waiting, earlier, seen)
    return seen


class _Earlier(NamedTuple):
    month: Month
    path: Path


def _late(rows: pa.Table, table: Table, month: Month) -> npt.NDArray[np.int64]:
    """Rows dated before the month, but for those that share an incomplete key: none says which earlier row it is."""
    before = np.asarray(pc.fill_null(pc.less(_day(rows, table), pa.scalar(month.first)), False))
    return np.flatnonzero(before & (named(rows, table) | ~_shared(rows, table)))


def _shared(rows: pa.Table, table: Table) -> npt.NDArray[np.bool_]:
    keys = _joined(key_columns(rows, table)).dictionary_encode()
    at: npt.NDArray[np.int64] = np.asarray(keys.indices)
    return np.asarray(np.bincount(at)[at] > 1, dtype=np.bool_)


def _day(rows: pa.Table, table: Table) -> pa.Array:
    column = table.column(table.event_column or "").stored_name
    return rows[column].combine_chunks().cast(pa.timestamp("us")).cast(pa.date32(), safe=False)


def _against(
    rows: pa.Table, table: Table, waiting: npt.NDArray[np.int64], earlier: _Earlier, seen: Seen
) -> npt.NDArray[np.int64]:
    """Settle what the earlier delivery knows of the waiting rows; those that it does not know are returned."""
    late = rows.take(pa.array(waiting))
    names = [table.column(name).stored_name for name in table.key]
    before = pq.read_table(earlier.path, columns=names)
    keys, known = _joined(key_columns(late, table)), _joined(key_columns(before, table))
    at = pc.index_in(keys, value_set=known)
    met = np.flatnonzero(np.asarray(pc.is_valid(at)))
    if len(met):
        old = pq.read_table(earlier.path).take(at.take(pa.array(met)))
        kinds = _judged(late.take(pa.array(met)), old, table)
        for kind, position, file, row in zip(
            kinds, waiting[met].tolist(), *(old[name].to_pylist() for name in PROVENANCE), strict=True
        ):
            getattr(seen, kind).append(position)
            if kind == "changed":
                seen.superseded.append((earlier.month, file, row))
    return np.delete(waiting, met)


def _judged(new: pa.Table, old: pa.Table, table: Table) -> list[Literal["already", "changed", "reused"]]:
    """What each pair of rows with the same key is."""
    content = [name for name in table.stored if name not in PROVENANCE]
    same = np.asarray(pc.equal(*(_joined([_plain(side[name]) for name in content]) for side in (new, old))))
    near = _near(new, old, table)
    return ["already" if same[at] else "changed" if near[at] else "reused" for at in range(len(new))]


def _near(new: pa.Table, old: pa.Table, table: Table) -> npt.NDArray[np.bool_]:
    days = [np.asarray(_day(side, table).cast(pa.int32())) for side in (new, old)]
    near: npt.NDArray[np.bool_] = np.abs(days[0] - days[1]) <= _CORRECTION_DAYS
    if "org_number" in table.stored:
        near &= np.asarray(pc.fill_null(pc.equal(*(_plain(side["org_number"]) for side in (new, old))), False))
    return near


def _joined(columns: list[pa.Array]) -> pa.Array:
    """One text for each row, the same only if every column is: nulls have a mark of their own."""
    texts = [pc.fill_null(column.cast(pa.string()), "\x00") for column in columns]
    return pc.binary_join_element_wise(*texts, "\x1f") if len(texts) > 1 else texts[0]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    one = column.combine_chunks()
    return one.cast(one.type.value_type) if pa.types.is_dictionary(one.type) else one
