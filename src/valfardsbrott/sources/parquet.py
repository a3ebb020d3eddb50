"""Read a Parquet file in batches and check that its columns have types that the data model's types can be made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pat

from valfardsbrott.catalogue import ColumnType, Table
from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.sources.csv_dialect import plain
from valfardsbrott.sources.raw import Finding, RawRows

_ROWS = 131_072
Batch = tuple[RawRows, list[Finding]]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pat.is_string(kind) or pat.is_large_string(kind) or pat.is_string_view(kind) or pat.is_null(kind))


def _is_identifier(kind: pa.DataType) -> bool:
    return bool(pat.is_integer(kind))


def _is_day(kind: pa.DataType) -> bool:
    return bool(pat.is_date(kind) or pat.is_timestamp(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pat.is_integer(kind) or pat.is_floating(kind) or pat.is_decimal(kind))


def _is_truth(kind: pa.DataType) -> bool:
    return bool(pat.is_boolean(kind) or pat.is_integer(kind))


#: What a column may be besides text, by its type in the data model.
_ACCEPTS: dict[ColumnType, Callable[[pa.DataType], bool]] = {
    "string": _is_identifier, "code": _is_identifier, "org": _is_identifier, "person": _is_identifier,
    "account": _is_identifier, "postal_code": _is_identifier, "date": _is_day, "month": _is_day, "timestamp": _is_day,
    "integer": _is_number, "number": _is_number, "money": _is_number, "bool": _is_truth,
}  # fmt: skip


def read(path: Path, name: str, table: Table) -> Iterator[Batch]:
    """Batches of rows with the table's columns that the file has, as text or in a type that will be converted.

    Raises Failure for a file that is no whole Parquet file, and for a column whose type cannot hold what it should
    (names the column, the type found and the type of the data model). Lines are row numbers from 1.
    """
    source = opened_parquet(path, name)
    found = _columns(source, name, table)
    ignored = [column for column in source.schema_arrow.names if column not in found]
    findings = [Finding(table.name, name, 0, plain(column), "unknown_column", "", "warning") for column in ignored]
    yield _empty(name, table, found), findings
    yield from batches(source, name, table.name, found)


def opened_parquet(path: Path, name: str) -> pq.ParquetFile:
    """The file, its footer read; a Failure names it if it is damaged, cut short or may not be read."""
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, PermissionError):
            raise Failure(f"no permission to read {name}", "Change its rights", EXIT_SYSTEM) from None
        raise _damaged(name) from None


def batches(source: pq.ParquetFile, name: str, table: str, found: dict[str, str]) -> Iterator[Batch]:
    """The columns of ``found`` (name in the file to plain name) in batches."""
    row = 1
    stream = source.iter_batches(_ROWS, columns=list(found), use_threads=False)
    while True:
        try:
            batch = next(stream, None)
        except (pa.ArrowException, OSError):
            raise _damaged(name) from None
        if batch is None:
            return
        columns = {found[raw]: _decoded(batch.column(raw)) for raw in batch.schema.names}
        lines = pa.array(np.arange(row, row + len(batch), dtype=np.int64))
        yield RawRows(table, name, columns, lines), []
        row += len(batch)


def _damaged(name: str) -> Failure:
    return Failure(f"{name} is not a whole Parquet file", "It may have been cut short on the way: fetch it again")


def _decoded(column: pa.Array) -> pa.Array:
    kind = column.type.value_type if pat.is_dictionary(column.type) else column.type
    return column.cast(pa.string()) if _is_text(kind) else column.cast(kind)


def _empty(name: str, table: Table, found: dict[str, str]) -> RawRows:
    columns = {column: pa.array([], pa.string()) for column in found.values()}
    return RawRows(table.name, name, columns, pa.array([], pa.int64()))


def _columns(source: pq.ParquetFile, name: str, table: Table) -> dict[str, str]:
    known = {column.name: column for column in table.columns}
    found: dict[str, str] = {}
    for field in source.schema_arrow:
        column = known.get(plain(field.name))
        if column is None:
            continue
        if column.name in found.values():
            raise Failure(f"{name}: the column {column.name} is there twice", "Take one of them away")
        kind = field.type.value_type if pat.is_dictionary(field.type) else field.type
        if not (_is_text(kind) or _ACCEPTS[column.type](kind)):
            raise Failure(
                f"{name}: the column {column.name} is {field.type}, and a {column.type} cannot be read from that",
                "See docs/deliveries.md for the types of each column",
            )
        found[field.name] = column.name
    return found
