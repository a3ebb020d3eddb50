"""Rows as text to rows in the store's types: one converter for each type of the catalogue, on distinct values only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Column, Table
from valfardsbrott.sources import convert_numbers, convert_text, convert_times
from valfardsbrott.sources.convert_numbers import Fault, Level
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.sources.raw import RawRows

ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BIGINT": pa.int64(),
    "DECIMAL(18,4)": pa.decimal128(18, 4), "BOOLEAN": pa.bool_(),
}  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """A rule that some rows broke in one column; ``rows`` are positions in the batch."""

    column: str
    rule: str
    level: Level
    rows: npt.NDArray[np.int64]


@dataclass
class Typed:
    """A batch in the store's types. ``columns``: stored names, all of the table's, null where not delivered."""

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
    _order_repeated_hour(batch)
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
        source = pc.binary_join_element_wise(batch.columns["account_type"], clean(source), convert_text.UNIT)
    distinct = _prepared(source, column).dictionary_encode()
    values, faults = _read(distinct.dictionary, column, names)
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


def _order_repeated_hour(batch: Typed) -> None:
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


def _read(values: pa.Array, column: Column, names: Pseudonymiser) -> tuple[pa.Array, list[Fault]]:  # noqa: PLR0911, PLR0912
    """Distinct values without null to stored values and the rules they broke."""
    match column.type:
        case "person":
            return convert_text.identifiers(values, names.person)
        case "org":
            return convert_text.identifiers(values, names.organisation)
        case "account":
            return convert_text.accounts(values, names)
        case "postal_code":
            return convert_text.identifiers(values, names.postal_code)
        case "string":
            return convert_text.strings(values, column.name, names)
        case "code":
            return convert_text.codes(values, column.values), []
        case "bool":
            return convert_text.truths(values)
        case "date":
            return convert_times.days(values)
        case "month":
            return convert_times.months(values)
        case "integer":
            return convert_numbers.whole(values)
        case "number":
            return convert_numbers.number(values)
        case "money":
            return convert_numbers.money(values, fine=column.name.startswith("unit_"))
        case _:
            raise TypeError(f"no converter for {column.type}")
