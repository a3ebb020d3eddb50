"""Arrow columns of a delivery from the generator's arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from valfardsbrott.synthetic.arrays import Column, Flags, Ints, Texts
from valfardsbrott.synthetic.timeline import NO_DAY

Table = dict[str, Any]  # column name to Arrow array


def text(values: Texts) -> Any:
    """Strings; None stays null."""
    return pa.array(values, pa.string(), from_pandas=True)


def same(value: str | None, count: int) -> Any:
    """One value in every row."""
    return pa.array([value], pa.string()).take(pa.array(np.zeros(count, dtype=np.int64)))


def picked(words: Any, codes: Ints) -> Any:
    """The word of each code; a negative code is null. ``words`` is a sequence or an Arrow array of strings."""
    source = words if isinstance(words, pa.Array) else pa.array(words, pa.string(), from_pandas=True)
    return source.take(pa.array(codes, mask=codes < 0))


def numbered(prefix: str, numbers: Ints, width: int) -> Any:
    """``prefix`` and zero-padded numbers."""
    lifted = pa.array(numbers + 10**width).cast(pa.string())
    digits = pa.compute.utf8_slice_codeunits(lifted, 1)
    return pa.compute.binary_join_element_wise(pa.scalar(prefix), digits, pa.scalar(""))


def dates(days: Ints) -> Any:
    """Day numbers as dates; ``NO_DAY`` and beyond, and -1, are null."""
    missing = (days >= NO_DAY) | (days == -1)
    return pa.array(np.where(missing, 0, days).astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def stamps(minutes: Ints, seconds: Ints | None = None) -> Any:
    """Clock minutes as timestamps without zone; negative is null."""
    micro = minutes * 60_000_000 + (0 if seconds is None else seconds * 1_000_000)
    return pa.array(micro, pa.int64(), mask=minutes < 0).cast(pa.timestamp("us"))


def decimals(units: Ints, places: int, mask: Flags | None = None) -> Any:
    """Integers of 10**-places as exact decimals (money: ore and 2)."""
    wide = np.empty((len(units), 2), dtype=np.int64)
    wide[:, 0], wide[:, 1] = units, units >> 63
    made = pa.Array.from_buffers(
        pa.decimal128(18, places), len(units), [None, pa.py_buffer(np.ascontiguousarray(wide))]
    )
    return made if mask is None else pa.compute.if_else(pa.array(~mask), made, pa.scalar(None, made.type))


def money(ore: Ints, mask: Flags | None = None) -> Any:
    return decimals(ore, 2, mask)


def flags(values: Flags) -> Any:
    return pa.array(values)


def integers(values: Ints, mask: Flags | None = None) -> Any:
    return pa.array(values, pa.int64(), mask=mask)


def rows_of(table: Table) -> int:
    return len(next(iter(table.values())))


def only(table: Table, rows: Column) -> Table:
    """The rows at these places."""
    places = pa.array(np.flatnonzero(rows) if rows.dtype == bool else rows)
    return {name: column.take(places) for name, column in table.items()}
