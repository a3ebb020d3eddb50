"""The catalogue's rules as pandera schemas, one pair a table: what a row must keep (errors), what is odd (doubts).

Types are settled before (`convert`); here values are judged, all rules of a batch at once, vectorised.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Column, Table, tables
from valfardsbrott.domain import Month
from valfardsbrott.sources.convert import Issue, Typed

if TYPE_CHECKING:
    import pandera.pandas as pandera

#: Columns made for rules over several columns, and the column that a finding of theirs is shown at.
_DURATION, _AFTER = "minutes from start to end", "days after the delivery"
_DAY_MINUTES = 24 * 60
#: Columns where the second must not come before the first: an error for visits, elsewhere a doubt.
_SPANS = (
    ("started_at_utc", "ended_at_utc"), ("from_date", "to_date"), ("valid_from", "valid_to"),
    ("employed_from", "employed_to"), ("period_from", "period_to"),
)  # fmt: skip
#: A required value that was given but means nobody: the row is kept, without the value, where it is still of use.
_NOBODY = ("sentinel", "placeholder")


@contextmanager
def _without_spark() -> Iterator[None]:
    """pandera's imports, some only when it judges, are spared the pandas of Spark: slow, with warnings, of no use here.

    Nor does pandera then settle, in the environment, at which address Spark's driver listens.
    """
    absent = {name for name in ("SPARK_LOCAL_IP", "PYARROW_IGNORE_TIMEZONE") if name not in os.environ}
    hidden = {name: None for name in ("pyspark.pandas",) if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        for name in absent:
            os.environ.pop(name, None)


@cache
def _pandera() -> Any:
    with _without_spark():
        return importlib.import_module("pandera.pandas")


def judge(batch: Typed, table: Table, month: Month) -> list[Issue]:
    """All issues of a batch: those of its conversion and those of the table's rules for a delivery of ``month``.

    A value that could not be read is not also reported as missing.
    """
    pandera = _pandera()

    frame = _frame(batch, table, month)
    found = list(batch.issues)
    for level, schema in zip(("error", "warning"), _schemas(table.name), strict=True):
        try:
            if len(frame):
                with _without_spark():
                    schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as failures:
            found += _issues(failures.failure_cases, level, table)
    return _without_echo(found)


def _frame(batch: Typed, table: Table, month: Month) -> Any:
    """The columns with rules as pandas columns on Arrow, and the measures that rules over several columns need."""
    import pandas as pd

    columns = {name: batch.columns[name] for name in _ruled(table)}
    first, last = _span(table)
    if last:
        columns[_DURATION] = _minutes(batch.columns[first], batch.columns[last])
    if table.event_column:
        event = batch.columns[table.column(table.event_column).stored_name].cast(pa.date32()).cast(pa.int32())
        columns[_AFTER] = pc.subtract(event, (month.last - dt.date(1970, 1, 1)).days)
    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


def _ruled(table: Table) -> list[str]:
    return [c.stored_name for c in table.columns if c.required or c.values or _bounds(c) != (None,) * 4]


def _bounds(column: Column) -> tuple[float | None, ...]:
    return column.min, column.max, column.warn_min, column.warn_max


def _span(table: Table) -> tuple[str, str]:
    return next((span for span in _SPANS if set(span) <= set(table.stored)), ("", ""))


def _minutes(first: pa.Array, last: pa.Array) -> pa.Array:
    """Whole minutes from first to last, towards minus infinity so that a negative span stays negative."""
    micros = [column.cast(pa.timestamp("us")).cast(pa.int64()) for column in (first, last)]
    return pc.cast(pc.floor(pc.divide(pc.subtract(micros[1], micros[0]).cast(pa.float64()), 60e6)), pa.int64())


@cache
def _schemas(name: str) -> tuple[pandera.DataFrameSchema, pandera.DataFrameSchema]:
    """Errors and doubts of a table. The checks' errors are the rules that quarantine and counts show."""
    pandera = _pandera()

    table = tables()[name]
    errors, doubts = {}, {}
    for column in (table.column(_declared(table, stored)) for stored in _ruled(table)):
        errors[column.stored_name] = pandera.Column(
            None, _value_checks(column) + _range_checks(column, column.min, column.max, ("too_low", "too_high")),
            nullable=not column.required,
        )  # fmt: skip
        odd = _range_checks(column, column.warn_min, column.warn_max, ("low", "high"))
        if odd:
            doubts[column.stored_name] = pandera.Column(None, odd, nullable=True)
    _add_measures(table, errors, doubts)
    return pandera.DataFrameSchema(errors), pandera.DataFrameSchema(doubts)


def _add_measures(table: Table, errors: dict[str, Any], doubts: dict[str, Any]) -> None:
    pandera = _pandera()

    if _span(table)[1]:
        into = errors if table.name == "visit" else doubts
        into[_DURATION] = pandera.Column(None, pandera.Check.ge(0, error="ends_before_start"), nullable=True)
    if table.name == "visit":
        long = pandera.Check.le(_DAY_MINUTES, error="longer_than_a_day")
        doubts[_DURATION] = pandera.Column(None, long, nullable=True)
    if table.event_column:
        into = errors if table.future_events == "error" else doubts
        into[_AFTER] = pandera.Column(None, pandera.Check.le(0, error="after_delivery"), nullable=True)


def _value_checks(column: Column) -> list[Any]:
    pandera = _pandera()

    return [pandera.Check.isin(column.values, error="unknown_code")] if column.values else []


def _range_checks(column: Column, low: float | None, high: float | None, names: tuple[str, str]) -> list[Any]:
    pandera = _pandera()

    scale = 100 if column.type == "money" else 1
    checks = []
    if low is not None:
        checks.append(pandera.Check.ge(low * scale, error=names[0]))
    if high is not None:
        checks.append(pandera.Check.le(high * scale, error=names[1]))
    return checks


def _declared(table: Table, stored: str) -> str:
    return next(column.name for column in table.columns if column.stored_name == stored)


def _issues(cases: Any, level: Any, table: Table) -> list[Issue]:
    shown = {_DURATION: _span(table)[1].removesuffix("_utc"), _AFTER: table.event_column or ""}
    found = []
    for (stored, check), group in cases.groupby(["column", "check"], sort=True):
        column = shown[stored] if stored in shown else _declared(table, stored)
        rule = "required" if check == "not_nullable" else str(check)
        found.append(Issue(column, rule, level, np.unique(group["index"].to_numpy(dtype=np.int64))))
    return found


def _without_echo(issues: list[Issue]) -> list[Issue]:
    """Leave out ``required`` where something was given, but could not be read or means nobody."""
    return [kept for issue in issues if len((kept := _unexplained(issue, issues)).rows)]


def _unexplained(issue: Issue, issues: list[Issue]) -> Issue:
    if issue.rule != "required":
        return issue
    told = [
        other.rows
        for other in issues
        if other.column == issue.column and other is not issue and (other.level == "error" or other.rule in _NOBODY)
    ]
    rows = np.setdiff1d(issue.rows, np.concatenate(told)) if told else issue.rows
    return Issue(issue.column, issue.rule, issue.level, rows)
