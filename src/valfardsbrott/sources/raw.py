"""What every importer hands on: rows as they were read, with their places, and what was found wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True)
class RawRows:
    """Some rows of one table as read, before typing.

    ``columns``: name as in the data model (``total_sek``, not ``total_ore``) to an array of text, null where empty;
    Parquet may bring typed arrays. Columns that the source lacks are absent. All arrays are as long as ``lines``.
    ``file``: path inside the delivery, "peppol/inv-17.xml". ``lines``: int64, the line (from 1) in text or XML, or the
    row number from 1 in Parquet.
    """

    table: str
    file: str
    columns: dict[str, pa.Array]
    lines: pa.Array

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Finding:
    """Something wrong at one place. An error means that the row (or the whole document) was not accepted.

    ``value`` is masked already where it may tell who somebody is (``masked``). ``column`` is "" and ``line`` 0 where
    the finding is of the whole row or file.
    """

    table: str
    file: str
    line: int
    column: str
    rule: str
    value: str
    level: Literal["error", "warning"]
