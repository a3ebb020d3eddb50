"""Apply a mapping: rows of a foreign file to rows of the data model's tables, in batches."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Column
from valfardsbrott.domain import Failure
from valfardsbrott.sources import csv_rows, parquet
from valfardsbrott.sources.convert import clean
from valfardsbrott.sources.convert_numbers import Mask, as_text, decimals
from valfardsbrott.sources.csv_dialect import plain
from valfardsbrott.sources.mapping import ColumnRule, Condition, FileRule, TableRule
from valfardsbrott.sources.raw import Finding, RawRows

Batch = tuple[RawRows, list[Finding]]

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)


def read(path: Path, name: str, rule: FileRule, only: Collection[str]) -> Iterator[Batch]:
    """Rows of the tables named in ``only``. Columns that the mapping does not use are not read and not warned of.

    Raises Failure for a foreign column that the mapping needs and the file lacks.
    """
    rules = [entry for entry in rule.tables if entry.table.name in only]
    if not rules:
        return
    seen: dict[str, set[tuple[str | None, ...]]] = {entry.table.name: set() for entry in rules}
    first = 1
    owner = rule.tables[0].table.name  # a row that cannot be told apart into columns is counted once, there
    for rows, findings in _foreign(path, name, rule, owner):
        missing = sorted({source for entry in rules for source in entry.sources} - set(rows.columns))
        if missing:
            what = f"{name}: the mapping needs the column {missing[0]}, which the file lacks"
            raise Failure(what, "Correct the mapping or the first line of the file")
        ragged = [finding for finding in findings if finding.level == "error" and owner in only]
        for entry in rules:
            yield _apply(rows, entry, first, seen[entry.table.name]), ragged
            ragged = []
        first += len(rows)


def _foreign(path: Path, name: str, rule: FileRule, table: str) -> Iterator[Batch]:
    """The file's rows with the foreign columns' plain names, every value as text."""
    if not path.name.casefold().endswith(".parquet"):
        yield from csv_rows.read(path, name, table, rule.sources, rule.dialect)
        return
    source = parquet.opened_parquet(path, name)
    found = {raw: plain(raw) for raw in source.schema_arrow.names if plain(raw) in rule.sources}
    yield RawRows(table, name, {one: pa.array([], pa.string()) for one in found.values()}, pa.array([], pa.int64())), []
    yield from parquet.batches(source, name, table, found)


def _apply(rows: RawRows, rule: TableRule, first: int, seen: set[tuple[str | None, ...]]) -> RawRows:
    foreign = {name: _text(rows.columns[name]) for name in rule.sources}
    numbers = pa.array(np.arange(first, first + len(rows)).astype(str), pa.string())
    columns = {one.column: _value(one, rule.table.column(one.column), foreign, numbers) for one in rule.columns}
    kept = np.ones(len(rows), dtype=bool)
    for condition in rule.where:
        kept &= _holds(condition, foreign[condition.source])
    if rule.distinct:
        kept = _first_of_each(rule, columns, kept, seen)
    mask = pa.array(kept)
    shown = {name: values.filter(mask) for name, values in columns.items()}
    return RawRows(rule.table.name, rows.file, shown, rows.lines.filter(mask))


def _text(column: pa.Array) -> pa.Array:
    return clean(as_text(column) if pa.types.is_floating(column.type) else column)


def _holds(condition: Condition, values: pa.Array) -> Mask:
    empty: Mask = np.asarray(pc.is_null(values))
    if condition.empty is not None:
        return empty if condition.empty else ~empty
    among: Mask = np.asarray(pc.is_in(values, pa.array(condition.values, pa.string())))
    return among & ~empty


def _first_of_each(
    rule: TableRule, columns: dict[str, pa.Array], kept: Mask, seen: set[tuple[str | None, ...]]
) -> Mask:
    """Of the kept rows, the first with each key that neither a batch before nor another entry for the table had."""
    at = np.flatnonzero(kept)
    keys = pa.table({name: columns[name].take(pa.array(at)) for name in rule.table.key if name in columns})
    firsts = keys.append_column("at", pa.array(at)).group_by(keys.column_names).aggregate([("at", "min")])
    firsts = firsts.sort_by("at_min")
    fresh = np.zeros(len(kept), dtype=bool)
    for place, *key in zip(*(firsts[name].to_pylist() for name in ["at_min", *keys.column_names]), strict=True):
        if tuple(key) not in seen:
            seen.add(tuple(key))
            fresh[place] = True
    return fresh


def _value(rule: ColumnRule, column: Column, foreign: dict[str, pa.Array], numbers: pa.Array) -> pa.Array:
    if rule.kind == "constant":
        return pa.array([rule.text], pa.string()).take(pa.array(np.zeros(len(numbers), dtype=np.int64)))
    value = foreign[rule.text] if rule.kind == "from" else _filled(rule.text, foreign, numbers)
    distinct = value.dictionary_encode()
    made = distinct.dictionary
    made = _mapped(made, rule) if rule.values or rule.default is not None else made
    made = _scaled(made, rule.factor, column) if rule.factor is not None else made
    made = _dated(made, rule.format) if rule.format else made
    made = made.take(distinct.indices)
    return made if rule.empty is None else pc.fill_null(made, rule.empty)


def _filled(template: str, foreign: dict[str, pa.Array], numbers: pa.Array) -> pa.Array:
    """The template with each row's values; null where one of them is empty."""
    parts: list[pa.Array | str] = []
    for at, part in enumerate(re.split(r"\{([^{}]+)\}", template)):
        parts.append(part if at % 2 == 0 else numbers if part == "row" else foreign[plain(part)])
    return pc.binary_join_element_wise(*parts, "")


def _mapped(values: pa.Array, rule: ColumnRule) -> pa.Array:
    return pa.array(
        [rule.values.get(value, value if rule.default is None else rule.default) for value in values.to_pylist()],
        pa.string(),
    )


def _scaled(values: pa.Array, factor: Decimal, column: Column) -> pa.Array:
    """Multiplied exactly and rounded half to even to what the column holds; what is no number stays for its finding."""
    places = {"money": 2, "number": 4, "integer": 0}.get(column.type, 12)
    exact, _ = decimals(values)
    unit = Decimal(1).scaleb(-places)
    made = [
        text if number is None else str(_EXACT.multiply(number, factor).quantize(unit, context=_EXACT))
        for text, number in zip(values.to_pylist(), exact.to_pylist(), strict=True)
    ]
    return pa.array(made, pa.string())


def _dated(values: pa.Array, form: str) -> pa.Array:
    """ISO text of dates in the form; what does not have the form stays for its finding."""
    return pa.array([_iso(value, form) for value in values.to_pylist()], pa.string())


def _iso(text: str, form: str) -> str:
    try:
        return dt.datetime.strptime(text, form).isoformat()
    except ValueError:
        return text
