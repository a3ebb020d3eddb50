"""Writes a delivery: Parquet for what is large, text files in the dialects that systems really export for the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.synthetic.columns import Table


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal_comma: bool = False
    newline: str = "\n"


#: Tables that come as text, each as another system would export it.
AS_TEXT: dict[str, Dialect] = {
    "board": Dialect(),
    "corporate_group": Dialect(";", "utf-8-sig", newline="\r\n"),
    "business_transfer": Dialect("\t"),
    "permit": Dialect(";", "cp1252", newline="\r\n"),
    "payment_account": Dialect(";", "utf-8"),
    "contract_follow_up": Dialect(";", "cp1252", decimal_comma=True, newline="\r\n"),
    "deviation": Dialect("\t", "utf-8-sig"),
    "absence": Dialect(",", "utf-8", newline="\r\n"),
    "provider": Dialect(";", "cp1252", decimal_comma=True, newline="\r\n"),
    "known_case": Dialect(";"),
}


def write_table(folder: Path, name: str, table: Table) -> None:
    """Write one table into the delivery's folder; one without rows has its header all the same."""
    if name in AS_TEXT:
        _write_text(folder / f"{name}.csv", table, AS_TEXT[name])
    else:
        pq.write_table(pa.table(table), folder / f"{name}.parquet", compression="zstd", row_group_size=250_000)


def _write_text(path: Path, table: Table, dialect: Dialect) -> None:
    columns = [[_cell(value, dialect) for value in column.to_pylist()] for column in table.values()]
    lines = [dialect.delimiter.join(table), *(dialect.delimiter.join(row) for row in zip(*columns, strict=True))]
    text = dialect.newline.join(lines) + dialect.newline
    path.write_bytes(text.encode(dialect.encoding))


def _cell(value: Any, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(value).replace(".", ",") if dialect.decimal_comma else str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in (dialect.delimiter, '"', "\n")) else text
