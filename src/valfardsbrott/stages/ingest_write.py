"""Files of the store that reading a delivery writes, and where they lie."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_ROW_GROUP = 122_880


def write_table(rows: pa.Table, schema: pa.Schema, path: Path) -> None:
    """Plain columns in row groups of the size that DuckDB likes; repeated text is spelled out a group at a time."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, max(len(rows), 1), _ROW_GROUP):
            writer.write_table(rows.slice(start, _ROW_GROUP).cast(schema), row_group_size=_ROW_GROUP)


def sha256(path: Path) -> str:
    """SHA-256 of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
