"""Bring a table's rows into the order of its key and let each key stand for one row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Table
from valfardsbrott.stages.ingest_collect import Collected, masked, types

Rows = npt.NDArray[np.int64]


def settled(collected: Collected) -> pa.Table:
    """The accepted rows sorted by key, then by order of reading; of rows with the same key the first is kept.

    The others are refused (``duplicate_key``). An empty part of a key is a value like any other, but for identifiers:
    nobody is never the same as nobody, so pay without a worker may be several workers' pay.
    """
    table = collected.table
    if not collected.batches:
        return types(table).empty_table()
    whole = pa.concat_tables(collected.batches).unify_dictionaries().combine_chunks()
    keys = key_columns(whole, table)
    order = _order(keys)
    repeated = _repeats(keys, order) & named(whole, table)[order]
    if repeated.any():
        _refuse(collected, whole, order[repeated])
        order = order[~repeated]
    return whole.take(pa.array(order))


def key_columns(rows: pa.Table, table: Table) -> list[pa.Array]:
    """The columns of the table's key as plain arrays."""
    return [_plain(rows[table.column(name).stored_name]) for name in table.key]


def named(rows: pa.Table, table: Table) -> npt.NDArray[np.bool_]:
    """Whether each row's key names somebody in all its identifiers."""
    found = np.ones(len(rows), dtype=bool)
    for column in (table.column(name) for name in table.key):
        if column.type in ("person", "org"):
            found &= np.asarray(rows[column.stored_name].is_valid())
    return found


def _plain(column: pa.ChunkedArray) -> pa.Array:
    one = column.combine_chunks()
    one = pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one
    return one.cast(one.type.value_type) if pa.types.is_dictionary(one.type) else one


def _order(keys: list[pa.Array]) -> Rows:
    names = [f"{at}" for at in range(len(keys))]
    arrival = pa.array(np.arange(len(keys[0]), dtype=np.int64))
    rows = pa.table([*keys, arrival], names=[*names, "arrival"])
    order: Rows = np.asarray(pc.sort_indices(rows, [(name, "ascending") for name in rows.column_names])).astype(
        np.int64
    )
    return order


def _repeats(keys: list[pa.Array], order: Rows) -> npt.NDArray[np.bool_]:
    """Whether each row, in order, has the key of the row before it."""
    same = np.ones(len(order), dtype=bool)
    same[:1] = False
    for key in keys:
        ordered = key.take(pa.array(order))
        ahead, behind = ordered[1:], ordered[:-1]
        both_null = pc.and_(pc.is_null(ahead), pc.is_null(behind))
        same[1:] &= np.asarray(pc.or_(pc.fill_null(pc.equal(ahead, behind), False), both_null))
    return same


def _refuse(collected: Collected, rows: pa.Table, which: Rows) -> None:
    key = collected.table.column(collected.table.key[0])
    shown = rows.select([key.stored_name, "source_file", "source_row"]).take(pa.array(np.sort(which)))
    for value, file, line in zip(*(column.to_pylist() for column in shown.columns), strict=True):
        column = ", ".join(collected.table.key)
        text = str(value) if key.type == "person" else masked(str(value), key.personal_class)
        collected.refuse(file, line, column, "duplicate_key", text[:40])
        collected.refused[file] += 1
