"""The rows behind a feature's value: a filter on the view that the value was computed from, so the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.engines.duckdb import literal
from valfardsbrott.features import Feature, View, base, load_views
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace


def evidence(feature: Feature, orgs: Sequence[str], month: Month, workspace: Workspace) -> Any:
    """The feature's evidence rows for the given providers, a pyarrow Table in a stable order.

    Columns: those of the evidence view, then ``source_table`` and ``source_row_id``: file and row in the delivery,
    with its month before it where it is an earlier one ("2026-08/visit.csv:7"). A row that adds up several source rows
    comes once for each. No rows where nothing stands behind the number.
    Raises Failure where the features of the month are not computed.
    """
    behind = feature.evidence
    query = f"select * from ({_rows(behind.view, behind.where)}) where org_number in ({_listed(orgs)})"
    if behind.source:
        keys = _view(behind.view).grain
        same = " and ".join(f"e.{key} is not distinct from s.{key}" for key in keys)
        query = (
            f"select e.*, s.source_table, s.source_row_id from ({query}) as e"
            f" join ({_rows(behind.source, 'true')}) as s on {same}"
        )
    query += " order by all"
    return _ask([behind.view, behind.source], query, month, workspace)


def recomputed(feature: Feature, month: Month, workspace: Workspace) -> dict[str, float | None]:
    """org_number to the value computed again from the evidence: scale * measure / per, a measure of no rows being 0.

    For features whose evidence has a ``measure``; providers without rows in the evidence view are left out.
    """
    behind = feature.evidence
    query = (
        f"select org_number, {behind.scale} * coalesce(m, 0) / nullif(p, 0) as value"
        f" from (select org_number, {behind.per or '1'} as p from {behind.view} group by org_number)"
        f" left join (select org_number, {behind.measure} as m from {behind.view} where {behind.where}"
        " group by org_number) using (org_number)"
    )
    table = _ask([behind.view], query, month, workspace)
    return dict(zip(table["org_number"].to_pylist(), table["value"].to_pylist(), strict=True))


def _rows(source: str, where: str) -> str:
    """The rows of all providers, each with its source row named: a fact table is given the columns of a line view."""
    name, window = base(source)
    columns = "*"
    if name in tables():
        columns += f", {literal(name)} as source_table, source_file || ':' || source_row as source_row_id"
    query = f"select {columns} from {source} where {where}"
    if window == 1:
        return query
    earlier = "case when delivery_month = run_month.month then '' else left(delivery_month::varchar, 7) || '/' end"
    return f"select t.* replace ({earlier} || source_row_id as source_row_id) from ({query}) as t cross join run_month"


def _view(name: str) -> View:
    return next(view for view in load_views() if view.name == name)


def _listed(orgs: Sequence[str]) -> str:
    return ", ".join(literal(org) for org in orgs) or "null"


def _ask(sources: Sequence[str], query: str, month: Month, workspace: Workspace) -> Any:
    with MonthOfViews(month, Deliveries(workspace)) as work:
        for source in filter(None, sources):
            work.bind(source)
        return work.engine.arrow(query)
