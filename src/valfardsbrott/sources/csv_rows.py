"""Read a CSV file in constant memory: every value as text, every row with its exact line, ragged rows as findings."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from valfardsbrott.domain import Failure
from valfardsbrott.sources.csv_dialect import Dialect, Header, header, plain
from valfardsbrott.sources.csv_scan import LineIndex, Scan, scan
from valfardsbrott.sources.opening import opened
from valfardsbrott.sources.raw import Finding, RawRows

_BLOCK = 16 * 2**20
Batch = tuple[RawRows, list[Finding]]


def read(path: Path, name: str, table: str, wanted: Collection[str], dialect: Dialect = Dialect()) -> Iterator[Batch]:  # noqa: B008
    """Batches of rows with the columns of ``wanted`` (plain names) that the file has; the first names those it ignores.

    Columns keep their plain name. Rows with too few or too many values come as findings (``ragged_row``), not as rows.
    Raises Failure that names file and line for an unknown header, broken quoting or a wrong encoding.
    """
    with opened(path, name) as stream:
        top = header(stream, name, wanted, dialect)
    with opened(path, name) as stream:
        looked = scan(stream, name, top.delimiter, dialect.encoding)
    index = looked.index if looked.tidy else _careful_index(path, name, top, looked)
    extra = [Finding(table, name, 1, column, "unknown_column", "", "warning") for column in _unknown(top, wanted)]
    with opened(path, name) as stream:
        yield from _Rows(_File(name, table, top, looked, index, dialect)).batches(stream, wanted, extra)


def _unknown(top: Header, wanted: Collection[str]) -> list[str]:
    return [column for column in top.plain if column and column not in wanted]


def _careful_index(path: Path, name: str, top: Header, looked: Scan) -> LineIndex:
    """Record by record with the csv module, where a quote stands in the middle of a value or does not end.

    The former is legal and only slow; the latter is a Failure with the line where the value begins.
    """
    index, starts, last = LineIndex(), [], 0
    with opened(path, name) as stream:
        text = io.TextIOWrapper(stream, looked.encoding, newline="")
        rows = csv.reader(text, delimiter=top.delimiter, strict=True)
        try:
            for row in rows:
                if row:
                    starts.append(last + 1)
                last = rows.line_num
        except csv.Error:
            raise Failure(
                f"{name}, line {last + 1}: broken quoting, a value that begins with a quote does not end with one",
                'Write a quote inside a quoted value twice ("")',
            ) from None
    index.add(np.array(starts, dtype=np.int64))
    looked.multiline = looked.multiline or index.records != last
    return index


@dataclass(frozen=True)
class _File:
    name: str
    table: str
    top: Header
    looked: Scan
    index: LineIndex
    dialect: Dialect


class _Rows:
    """One pass of the parser over a file whose header and lines are known."""

    def __init__(self, file: _File) -> None:
        self.file = file
        self._ragged: list[tuple[int, int]] = []  # record, values in it
        self._told = 0
        self._record = 1  # the record that the next batch begins with; 0 is the header

    def batches(self, stream: Any, wanted: Collection[str], findings: list[Finding]) -> Iterator[Batch]:
        chosen = [raw for raw in self.file.top.names if plain(raw) in wanted]
        try:
            for batch in self._open(stream, chosen):
                columns = {plain(raw): column for raw, column in zip(chosen, batch.columns, strict=True)}
                records = self._records(len(batch))
                rows = RawRows(self.file.table, self.file.name, columns, pa.array(self.file.index.lines(records)))
                yield rows, findings + self._findings()
                findings = []
        except pa.ArrowInvalid:  # its text quotes the row
            message = f"{self.file.name}: a value is longer than {_BLOCK >> 20} MB"
            raise Failure(message, "Look for a quote that does not end") from None
        empty = {plain(raw): pa.array([], pa.string()) for raw in chosen}
        yield RawRows(self.file.table, self.file.name, empty, pa.array([], pa.int64())), findings + self._findings()

    def _open(self, stream: Any, chosen: list[str]) -> Iterator[pa.RecordBatch]:
        if self.file.index.records <= 1:
            return iter(())
        return pa_csv.open_csv(  # type: ignore[no-any-return]
            stream,
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK, encoding=self.file.looked.encoding),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.file.top.delimiter,
                newlines_in_values=self.file.looked.multiline,
                invalid_row_handler=self._skip,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={raw: pa.string() for raw in self.file.top.names},
                include_columns=chosen,
                null_values=list(self.file.dialect.nulls),
                strings_can_be_null=bool(self.file.dialect.nulls),
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _skip(self, row: pa_csv.InvalidRow) -> str:
        self._ragged.append((row.number - 1, row.actual_columns))
        return "skip"

    def _records(self, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The numbers of the next ``count`` records that were not skipped."""
        skipped = np.array([record for record, _ in self._ragged if record >= self._record], dtype=np.int64)
        ahead = np.arange(self._record, self._record + count + len(skipped), dtype=np.int64)
        records = ahead[~np.isin(ahead, skipped)][:count]
        self._record = int(records[-1]) + 1 if count else self._record
        return records

    def _findings(self) -> list[Finding]:
        fresh, self._told = self._ragged[self._told :], len(self._ragged)
        if not fresh:
            return []
        lines = self.file.index.lines(np.array([record for record, _ in fresh], dtype=np.int64))
        wanted = f"header has {len(self.file.top.names)}"
        name, table = self.file.name, self.file.table
        return [
            Finding(table, name, int(line), "", "ragged_row", f"{found} values, {wanted}", "error")
            for line, (_, found) in zip(lines, fresh, strict=True)
        ]
