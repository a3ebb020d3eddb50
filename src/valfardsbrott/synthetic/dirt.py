"""What is wrong in real deliveries: gaps, sentinels, mistyped numbers, rows sent twice, clocks that went wrong.

About one row in a hundred in all, the same for everybody, and far below the limits that stop a run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.synthetic.arrays import Random, stream
from valfardsbrott.synthetic.columns import Table, only, rows_of
from valfardsbrott.synthetic.world import City


def soiled(city: City, month: int, name: str, table: Table) -> Table:
    """The table as it really arrives."""
    stain = _STAINS.get(name)
    return (
        table
        if stain is None or not rows_of(table)
        else stain(dict(table), month, stream(city.seed, "dirt", name, month))
    )


def _put(table: Table, column: str, share: float, value: Any, rng: Random) -> None:
    """The value (None: nothing) in a share of the rows."""
    hit = pa.array(rng.random(rows_of(table)) < share)
    table[column] = pc.if_else(hit, pa.scalar(value, table[column].type), table[column])


def _mistyped(table: Table, column: str, share: float, rng: Random) -> None:
    """The last digit one too high: a number that fails its check digit and belongs to nobody."""
    hit = np.flatnonzero((rng.random(rows_of(table)) < share) & table[column].is_valid().to_numpy(zero_copy_only=False))
    if len(hit):
        values = table[column].take(pa.array(hit)).to_pylist()
        wrong = [value[:-1] + str((int(value[-1]) + 1) % 10) for value in values]
        mask = np.zeros(rows_of(table), dtype=bool)
        mask[hit] = True
        table[column] = pc.replace_with_mask(table[column], pa.array(mask), pa.array(wrong, pa.string()))


def _twice(table: Table, share: float, rng: Random) -> Table:
    """Some rows once more, each straight after itself."""
    times = 1 + (rng.random(rows_of(table)) < share)
    return only(table, np.repeat(np.arange(rows_of(table)), times))


def _visit(table: Table, _month: int, rng: Random) -> Table:
    for column, share in (("tag_id", 0.008), ("device_id", 0.002), ("planned_end", 0.003), ("registered_at", 0.001)):
        _put(table, column, share, None, rng)
    _put(table, "device_id", 0.001, "0000000000", rng)
    _mistyped(table, "staff_id", 0.0003, rng)
    wrong = pa.array(rng.random(rows_of(table)) < 0.0002)
    back = pc.subtract(table["started_at"], pa.scalar(7 * 60_000_000, pa.duration("us")))
    table["ended_at"] = pc.if_else(wrong, back, table["ended_at"])
    return _twice(table, 0.0005, rng)


def _provider(table: Table, month: int, rng: Random) -> Table:
    rng = stream(0, "provider dirt")  # the same from month to month: nobody mends a register
    _put(table, "email", 0.06, None, rng)
    _put(table, "phone", 0.02, "0", rng)
    _put(table, "sni_code", 0.03, None, rng)
    if month % 4 == 1:
        del table["vat_registered"]
    return table


def _hyphens(column: str, at: int) -> Callable[[Table, int, Random], Table]:
    def written(table: Table, _month: int, _rng: Random) -> Table:
        head, tail = pc.utf8_slice_codeunits(table[column], 0, at), pc.utf8_slice_codeunits(table[column], at)
        table[column] = pc.binary_join_element_wise(head, tail, pa.scalar("-"))
        return table

    return written


def _person(table: Table, _month: int, rng: Random) -> Table:
    _put(table, "dwelling_id", 0.008, None, rng)
    _put(table, "postal_code", 0.002, "00000", rng)
    _put(table, "registered_from", 0.004, None, rng)
    return table


def _staff(table: Table, _month: int, rng: Random) -> Table:
    _put(table, "phone", 0.004, "0000000000", rng)
    _put(table, "employment_pct", 0.004, None, rng)
    _mistyped(table, "staff_id", 0.0005, rng)
    return _twice(table, 0.0008, rng)


def _claim_line(table: Table, _month: int, rng: Random) -> Table:
    _put(table, "recipient_id", 0.0008, None, rng)
    _mistyped(table, "recipient_id", 0.0003, rng)
    return table


def _invoice(table: Table, _month: int, rng: Random) -> Table:
    hit = pa.array(rng.random(rows_of(table)) < 0.1)
    table["account_number"] = pc.if_else(
        hit, pc.replace_substring(table["account_number"], "-", ""), table["account_number"]
    )
    _put(table, "due_date", 0.01, None, rng)
    return table


def _payroll(table: Table, _month: int, rng: Random) -> Table:
    _put(table, "paid_minutes", 0.004, None, rng)
    return table


_STAINS: dict[str, Callable[[Table, int, Random], Table]] = {
    "visit": _visit, "provider": _provider, "person": _person, "staff": _staff, "claim_line": _claim_line,
    "invoice": _invoice, "payroll": _payroll, "absence": _hyphens("recipient_id", 8),
    "payment_account": _hyphens("org_number", 6),
}  # fmt: skip
