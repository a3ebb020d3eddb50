"""Write published tables: the same rows give the same bytes, and a spreadsheet never runs a cell as a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import cell

if TYPE_CHECKING:
    import pyarrow as pa


def write_parquet(table: pa.Table, path: Path, order: Sequence[str]) -> None:
    """Write the table sorted by ``order`` (nulls last), without the writer's own notes in the schema."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(ordered(table, order).replace_schema_metadata(None), path, compression="zstd")


def write_csv(table: pa.Table, path: Path, order: Sequence[str]) -> None:
    """Write UTF-8 CSV with comma and decimal point, null as an empty cell, formulas disarmed."""
    rows = ordered(table, order)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows.column_names)
        writer.writerows([cell(value) for value in row.values()] for row in rows.to_pylist())


def ordered(table: pa.Table, order: Sequence[str]) -> pa.Table:
    """Rows sorted by the columns of ``order`` that the table has, then by all others that can be sorted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sortable = [name for name in table.column_names if not pa.types.is_nested(table.schema.field(name).type)]
    keys = [name for name in order if name in sortable]
    keys += [name for name in sortable if name not in keys]
    return table.take(pc.sort_indices(table, sort_keys=[(name, "ascending") for name in keys])) if keys else table
