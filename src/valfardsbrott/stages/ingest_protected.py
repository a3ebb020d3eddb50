"""Persons with protected identity: where they live, since when and with whom does not enter the store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.stages.workspace import Workspace

#: By table: the columns with persons, and those that are emptied for a protected one. No columns: the row goes.
_STRIPPED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "person": (
        ("person_id",),
        ("dwelling_id", "street", "postal_code", "city", "registered_from", "deregistration_reason", "deregistered_on"),
    ),
    "person_relation": (("person_id", "related_person_id"), ()),
    "staff": (("staff_id",), ("phone",)),
    "provider": (("org_number",), ("street", "postal_code", "city", "phone", "email")),
}
_MARKS = ("secrecy_marked", "protected_registration")


def marked(persons: pa.Table) -> frozenset[str]:
    """The persons that a register marks in either way."""
    either = pc.or_kleene(*(pc.fill_null(persons[mark], False) for mark in _MARKS))
    return frozenset(persons.filter(either)["person_id"].to_pylist()) - {None}


def stripped(name: str, rows: pa.Table, protected: frozenset[str]) -> tuple[pa.Table, int]:
    """The table without what protected persons must not be found by, and how many rows were withheld for it.

    Once marked, marked for good: a later register without the mark does not bring an address back.
    """
    if name not in _STRIPPED or not protected:
        return rows, 0
    whose, emptied = _STRIPPED[name]
    hit = _of(rows, whose, protected)
    if not hit.any():
        return rows, 0
    if not emptied:
        return rows.filter(pa.array(~hit)), int(hit.sum())
    for column in emptied:
        rows = _replaced(rows, column, pa.nulls(len(rows), rows.schema.field(column).type), hit)
    if name == "person":
        rows = _replaced(rows, "protected_registration", pa.array(np.ones(len(rows), dtype=bool)), hit)
    return rows, 0


def _of(rows: pa.Table, whose: tuple[str, ...], protected: frozenset[str]) -> npt.NDArray[np.bool_]:
    among = pa.array(sorted(protected), pa.string())
    hit = np.zeros(len(rows), dtype=bool)
    for column in whose:
        hit |= np.asarray(pc.is_in(rows[column].cast(pa.string()), among))
    return hit


def _replaced(rows: pa.Table, column: str, values: pa.Array, hit: npt.NDArray[np.bool_]) -> pa.Table:
    at = rows.schema.get_field_index(column)
    return rows.set_column(at, rows.schema.field(at), pc.if_else(pa.array(hit), values, rows[column].combine_chunks()))


def carried(
    workspace: Workspace, delivered: set[str], earlier: list[Month], protected: frozenset[str]
) -> dict[str, pa.Table]:
    """Stripped copies of registers that this delivery lacks and that still tell of persons marked since they came.

    The copy counts from this month on; the earlier month keeps what was known then.
    """
    copies = {}
    for name in sorted(set(_STRIPPED) - delivered):
        path = next((p for month in reversed(earlier) if (p := workspace.table(name, month)).is_file()), None)
        rows = pq.read_table(path) if path else None
        if rows is None:
            continue
        copy, withheld = stripped(name, rows, protected)
        if withheld or not copy.equals(rows):
            copies[name] = copy.cast(
                pa.schema([(field, rows.schema.field(field).type) for field in tables()[name].stored])
            )
    return copies
