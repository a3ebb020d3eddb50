"""Rows as text to rows in the store's types: one converter for each type of the catalogue, on distinct values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Column, Table
from valfardsbrott.sources import convert_numbers, convert_times
from valfardsbrott.sources.convert_numbers import Fault, Level
from valfardsbrott.sources.pseudonyms import Known, Pseudonymiser
from valfardsbrott.sources.raw import RawRows

ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BIGINT": pa.int64(),
    "DECIMAL(18,4)": pa.decimal128(18, 4), "BOOLEAN": pa.bool_(),
}  # fmt: skip

_TRUE = ("true", "1", "t", "j", "ja", "y", "yes", "sant")
_FALSE = ("false", "0", "f", "n", "nej", "no", "falskt")

#: Texts that join rows of different persons or companies: a sentinel in them must become null.
LINKING = frozenset({"tag_id", "device_id", "certificate_id", "dwelling_id", "document_hash", "group_id", "email"})
#: Chip numbers and hashes are left as they are; no person number is written into them.
_OPAQUE = frozenset({"tag_id", "device_id", "document_hash"})
_TECHNICAL = frozenset({"invoice_number", "credit_of", "permit_number", "service_code", "sni_code", "source_system"})
_MAY_HIDE_PERSON = r"[0-9]{6}[-+ ]?[0-9]{4}"


@dataclass(frozen=True)
class Issue:
    """A rule that some rows broke in one column; ``rows`` are positions in the batch."""

    column: str
    rule: str
    level: Level
    rows: npt.NDArray[np.int64]


@dataclass
class Typed:
    """A batch in the store's types. ``columns``: stored names, the whole list of the table, null where not delivered."""

    raw: RawRows
    columns: dict[str, pa.Array]
    issues: list[Issue] = field(default_factory=list)


def convert(raw: RawRows, table: Table, pseudonymiser: Pseudonymiser) -> Typed:
    """Every column of the table in its stored type; what cannot be read becomes null with an error issue.

    Invalid identifiers stay, with a doubt; sentinels become null: a doubt, and an error where the row would belong to
    nobody (a required key, or the provider).
    """
    batch = Typed(raw, {})
    for column in table.columns:
        source = raw.columns.get(column.name)
        if source is None:
            source = pa.nulls(len(raw), pa.string())
        _convert_column(batch, source, column, table, pseudonymiser)
    _order_repeated_hour(batch, table)
    return batch


def _convert_column(batch: Typed, source: pa.Array, column: Column, table: Table, names: Pseudonymiser) -> None:
    if column.type == "timestamp":
        _moments(batch, source, column)
        return
    kind = ARROW[table.stored[column.stored_name]]
    if source.null_count == len(source):
        batch.columns[column.stored_name] = pa.nulls(len(source), kind)
        return
    if column.type == "account" and "account_type" in batch.columns:
        source = pc.binary_join_element_wise(batch.columns["account_type"], clean(source), "\x1f")
    distinct = _prepared(source, column).dictionary_encode()
    values, faults = _CONVERTERS[column.type](distinct.dictionary, column, names)
    faults = [_judged(fault, column, table) for fault in faults]
    batch.columns[column.stored_name] = values.take(distinct.indices).cast(kind)
    batch.issues += _issues(column.name, faults, distinct.indices)


def _moments(batch: Typed, source: pa.Array, column: Column) -> None:
    distinct = _prepared(source, column).dictionary_encode()
    found = convert_times.moments(distinct.dictionary)
    batch.columns[column.name] = found.local.take(distinct.indices)
    if column.utc:
        batch.columns[f"{column.name}_utc"] = found.utc.take(distinct.indices)
        batch.columns[f"{column.name}_utc_later"] = found.later.take(distinct.indices)
    batch.issues += _issues(column.name, found.faults, distinct.indices)


def _order_repeated_hour(batch: Typed, table: Table) -> None:
    """In the hour that autumn repeats an end that would come before its start means the second time."""
    later = [name for name in batch.columns if name.endswith("_utc_later")]
    if "ended_at_utc_later" in later:
        start, end = batch.columns["started_at_utc"], batch.columns["ended_at_utc"]
        batch.columns["ended_at_utc"] = pc.if_else(pc.less(end, start), batch.columns["ended_at_utc_later"], end)
        batch.columns["ended_at_utc"] = pc.if_else(pc.is_null(start), end, batch.columns["ended_at_utc"])
    for name in later:
        del batch.columns[name]


def clean(source: pa.Array) -> pa.Array:
    """Text without outer blanks, null where nothing is left."""
    text = pc.utf8_trim_whitespace(source.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _prepared(source: pa.Array, column: Column) -> pa.Array:
    """Text, or a typed array where the converter takes it as it is (days, moments)."""
    if pa.types.is_date(source.type) or pa.types.is_timestamp(source.type):
        return source
    if pa.types.is_integer(source.type) and column.type in ("org", "person"):
        return pc.utf8_lpad(source.cast(pa.string()), 10, "0")  # a number has lost its leading zeros
    if pa.types.is_floating(source.type):
        return convert_numbers.as_text(source)
    return clean(source)


def _judged(fault: Fault, column: Column, table: Table) -> Fault:
    rule, level, mask = fault
    owned = column.required and (column.type == "org" or column.name in table.key)
    nobody = rule in ("sentinel", "placeholder") and owned
    return (rule, "error" if nobody else level, mask)


def _issues(name: str, faults: list[Fault], indices: pa.Array) -> list[Issue]:
    at = np.asarray(indices.fill_null(0))
    valid = np.asarray(pc.is_valid(indices))
    found = [(rule, level, np.flatnonzero(mask[at] & valid)) for rule, level, mask in faults if mask.any()]
    return [Issue(name, rule, level, rows) for rule, level, rows in found if len(rows)]


# --- one converter a type: distinct values without null to stored values and the rules they broke --------------------

_Converter = Callable[[pa.Array, Column, Pseudonymiser], tuple[pa.Array, list[Fault]]]


def _identifiers(values: pa.Array, look: Callable[[str], Known]) -> tuple[pa.Array, list[Fault]]:
    known = [look(str(value)) for value in values.to_pylist()]
    rules = sorted({rule for one in known for rule in one.warnings})
    faults: list[Fault] = [(rule, "warning", np.array([rule in one.warnings for one in known])) for rule in rules]
    return pa.array([one.value for one in known], pa.string()), faults


def _person(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return _identifiers(values, names.person)


def _org(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return _identifiers(values, names.organisation)


def _postal_code(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return _identifiers(values, names.postal_code)


def _account(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    def look(text: str) -> Known:
        kind, mark, number = text.partition("\x1f")
        known: Any = kind if kind in ("bankgiro", "plusgiro", "iban", "bank_account") else "account"
        return names.account(number, known) if mark else names.account(text)

    return _identifiers(values, look)


def _string(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    """Text with person numbers hidden; what joins rows loses its sentinels, e-mail its capitals, phones their form."""
    if column.name == "phone":
        return _identifiers(values, names.phone)
    if column.name == "email":
        values = pc.utf8_lower(values)
    if column.name in _OPAQUE:
        found, faults = _identifiers(values, names.linking)
        return pc.if_else(pc.is_null(found), found, values), faults
    if column.name in LINKING:
        return _identifiers(values, names.linking)
    return _without_persons(values, column, names), []


def _without_persons(values: pa.Array, column: Column, names: Pseudonymiser) -> pa.Array:
    technical = column.name.endswith("_id") or column.name in _TECHNICAL
    suspects = np.flatnonzero(np.asarray(pc.match_substring_regex(values, _MAY_HIDE_PERSON)))
    hidden = [names.hide(values[int(at)].as_py(), technical) for at in suspects]
    if not hidden:
        return values
    mask = np.zeros(len(values), dtype=bool)
    mask[suspects] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(hidden, pa.string()))


def _code(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    """The catalogue's spelling; unknown codes stay for validation to refuse."""
    spelled = {value.casefold(): value for value in column.values}
    return pa.array([spelled.get(value.casefold(), value) for value in values.to_pylist()], pa.string()), []


def _date(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return convert_times.days(values)


def _month(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return convert_times.months(values)


def _integer(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return convert_numbers.whole(values)


def _number(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return convert_numbers.number(values)


def _money(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    return convert_numbers.money(values, fine=column.name.startswith("unit_"))


def _bool(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:
    words = [value.casefold() for value in values.to_pylist()]
    read = [True if word in _TRUE else False if word in _FALSE else None for word in words]
    return pa.array(read, pa.bool_()), [("bad_bool", "error", np.array([value is None for value in read], dtype=bool))]


_CONVERTERS: dict[Literal[
    "string", "code", "org", "person", "account", "postal_code", "date", "timestamp", "month", "integer", "number",
    "money", "bool",
], _Converter] = {
    "string": _string, "code": _code, "org": _org, "person": _person, "account": _account,
    "postal_code": _postal_code, "date": _date, "month": _month, "integer": _integer, "number": _number,
    "money": _money, "bool": _bool,
}  # fmt: skip
