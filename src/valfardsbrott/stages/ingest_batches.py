"""Put small batches together: an XML file brings a handful of rows, and converting them one by one is slow."""

from __future__ import annotations

import pyarrow as pa

from valfardsbrott.sources.raw import RawRows


def merged(rows: list[RawRows]) -> tuple[RawRows, pa.Array]:
    """One batch of several, columns that some lack filled with null, and each row's file as a dictionary array."""
    names = list(dict.fromkeys(one.file for one in rows))
    at = pa.concat_arrays([pa.array([names.index(one.file)] * len(one), pa.int32()) for one in rows])
    files = pa.DictionaryArray.from_arrays(at, pa.array(names, pa.string()))
    if len(rows) == 1:
        return rows[0], files
    filled = [one for one in rows if len(one)]
    columns = list(dict.fromkeys(name for one in filled for name in one.columns))
    made = {
        name: _joined([one.columns.get(name, pa.nulls(len(one), pa.string())) for one in filled]) for name in columns
    }
    return RawRows(rows[0].table, "", made, pa.concat_arrays([one.lines for one in rows])), files


def _joined(parts: list[pa.Array]) -> pa.Array:
    if len({part.type for part in parts}) > 1:
        parts = [part.cast(pa.string()) for part in parts]
    return pa.concat_arrays(parts)
