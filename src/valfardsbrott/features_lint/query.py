"""What a query may do: read what the header names, give what it promises, and give the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from valfardsbrott.features import ALWAYS_THERE, View
from valfardsbrott.features_lint.places import in_query

#: The answer varies from run to run, or with the number of threads.
UNSTABLE = frozenset({
    "any_value", "arbitrary", "first", "last", "mode", "fsum", "sumkahan", "kahan_sum", "favg", "stddev", "stddev_pop",
    "stddev_samp", "variance", "var_pop", "var_samp", "variance_pop", "corr", "covar_pop", "covar_samp", "regr_slope",
    "regr_intercept", "regr_r2", "skewness", "kurtosis", "approx_distinct", "approx_count_distinct", "approx_quantile",
    "approx_top_k", "reservoir_quantile", "random", "rand", "uuid", "setseed",
})  # fmt: skip
#: The calendar table serves instead, or the answer depends on the day of the run.
DATES = frozenset({
    "current_date", "current_time", "current_timestamp", "current_datetime", "now", "today", "get_current_timestamp",
    "dayofweek", "day_of_week", "day_of_week_iso", "dayofweekiso", "dayofweek_iso", "isodow", "weekday", "dayname",
    "week", "week_of_year", "weekofyear", "yearweek", "last_day", "easter",
})  # fmt: skip
_INEXACT = (exp.Div, exp.Ln, exp.Log, exp.Exp, exp.Sqrt, exp.Pow, exp.Avg, exp.Median, exp.PercentileCont)


def problems(view: View) -> Iterator[tuple[str, str]]:
    """Where and what, for each thing in the query that the header does not say or that may vary."""
    try:
        tree = sqlglot.parse_one(view.sql, dialect="duckdb")
    except SqlglotError as error:
        found: list[dict[str, Any]] = getattr(error, "errors", None) or [{}]
        line, said = found[0].get("line") or 1, found[0].get("description") or str(error).splitlines()[0]
        yield f"query:{line}", f"is not SQL: {said}"
        return
    scopes = traverse_scope(tree)
    read = {table.name or table.sql("duckdb") for scope in scopes for table in _tables(scope)} - ALWAYS_THERE
    if extra := read - set(view.sources):
        yield "sources", f"the query reads what is not named: {', '.join(sorted(extra))}"
    if unread := set(view.sources) - read - ALWAYS_THERE:
        yield "sources", f"the query does not read: {', '.join(sorted(unread))}"
    yield from _output(view, tree)
    yield from _stars(scopes)
    yield from _functions(tree)


def _tables(scope: Scope) -> Iterator[exp.Table]:
    for source in scope.sources.values():
        if isinstance(source, exp.Table):
            yield source
    # A semi or anti join filters, so its table is no source of columns.
    for join in scope.expression.args.get("joins") or ():
        if isinstance(join.this, exp.Table) and join.this.name not in scope.cte_sources:
            yield join.this


def _output(view: View, tree: exp.Expr) -> Iterator[tuple[str, str]]:
    found = tree.named_selects if isinstance(tree, exp.Query) else []
    promised = [*view.grain, *view.columns]
    for name in promised:
        if name not in found:
            yield "columns", f"the query does not give {name}"
    for name in found:
        if name not in promised and name != "*":
            yield "columns", f"the header does not describe {name}"


def _stars(scopes: list[Scope]) -> Iterator[tuple[str, str]]:
    """A star over a source lets its columns in unseen; over the query's own steps it is harmless."""
    for scope in scopes:
        if not any(
            isinstance(each.this if isinstance(each, exp.Column) else each, exp.Star) for each in _selected(scope)
        ):
            continue
        if scope.is_root or any(True for _ in _tables(scope)):
            yield in_query(scope.expression), "select * (name the columns)"


def _selected(scope: Scope) -> list[exp.Expr]:
    return scope.expression.expressions if isinstance(scope.expression, exp.Select) else []


def _functions(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    for node in tree.find_all(exp.Func):
        name = _name(node)
        ordered = node.find(exp.Order) is not None or isinstance(node.parent, exp.WithinGroup)
        if name in UNSTABLE and not (ordered and name in {"first", "last"}):
            yield in_query(node), f"{name} may differ from run to run"
        if name in DATES or (isinstance(node, exp.Extract) and node.name.lower() in {"dow", "isodow", "week"}):
            yield in_query(node), f"{name} (the calendar and run_month tables serve)"
        if isinstance(node, (exp.Sum, exp.Avg)) and not ordered and _inexact(node.this):
            yield (
                in_query(node),
                f"{name} of fractions may differ with the number of threads (round to whole units first)",
            )
        if isinstance(node, (exp.ArrayAgg, exp.GroupConcat)) and not (ordered or _window_is_ordered(node)):
            yield in_query(node), f"{name} without order by"
        if isinstance(node, (exp.ArgMax, exp.ArgMin)) and not isinstance(node.args.get("expression"), exp.Tuple):
            yield in_query(node), f"{name} without a tuple that settles ties"
        if isinstance(node, exp.RowNumber) and not _window_is_ordered(node):
            yield in_query(node), "row_number without order by"


def _name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _inexact(value: exp.Expr | None) -> bool:
    """Whether the value may be a fraction: it divides or takes logarithms, and is not rounded to whole numbers."""
    if value is None or isinstance(value, (exp.Cast, exp.Round)):
        return isinstance(value, exp.Cast) and value.to.this in {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
    return isinstance(value, _INEXACT) or any(_inexact(child) for child in value.iter_expressions())


def _window_is_ordered(node: exp.Expr) -> bool:
    window = node.find_ancestor(exp.Window)
    return window is not None and (window.args.get("order") is not None or window.args.get("alias") is not None)
