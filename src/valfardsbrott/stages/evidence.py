"""The rows behind a feature's value: a filter on the view that the value was computed from, so the two agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.engines.seam import literal
from valfardsbrott.features import DENOMINATOR, Feature, View, base, load_views
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace


class Opened:
    """A month's computed views, open to questions about ``whose`` rows (all providers' where nobody is named)."""

    def __init__(self, views: MonthOfViews, whose: Sequence[str]) -> None:
        self._views, self._whose = views, whose
        self._asked: Counter[str] = Counter()

    def ask(self, sources: Iterable[str], query: str) -> Any:
        """The query's rows. What is asked for the second time stays in memory, of those whose rows may be asked for."""
        for source in filter(None, sources):
            self._asked[source] += 1
            if self._asked[source] == 1 or not self._whose:
                self._views.bind(source)
            elif self._asked[source] == 2:
                self._views.engine.keep(source, f"org_number in ({_listed(self._whose)})")
        return self._views.engine.arrow(query)


@contextmanager
def opened(month: Month, workspace: Workspace, whose: Sequence[str] = ()) -> Iterator[Opened]:
    """The month's views, to be asked for the evidence of many features."""
    with MonthOfViews(month, Deliveries(workspace)) as views:
        yield Opened(views, whose)


def evidence(feature: Feature, orgs: Sequence[str], month: Month, workspace: Workspace) -> Any:
    """`rows_behind` one feature, of views that are opened for it."""
    with opened(month, workspace) as views:
        return rows_behind(feature, orgs, views)


def rows_behind(feature: Feature, orgs: Sequence[str], views: Opened) -> Any:
    """The feature's evidence rows for the given providers, a pyarrow Table in a stable order.

    Columns: those of the evidence view, the `DENOMINATOR` that the provider's number was divided by (null: by nothing),
    then ``source_table`` and ``source_row_id``: file and row in the delivery, with its month before it where it is an
    earlier one ("2026-08/visit.csv:7"). A row that adds up several source rows comes once for each; one that says
    what is not there (performed and not billed) has null there. No rows where nothing stands behind the number.
    Raises Failure where the features of the month are not computed.
    """
    behind = feature.evidence
    chosen = f"org_number in ({_listed(orgs)})"
    query = f"select * from ({_rows(behind.view, behind.where)}) where {chosen}"
    named = "source_table, source_row_id"
    if behind.source:
        keys = _view(behind.view).grain
        same = " and ".join(f"e.{key} is not distinct from s.{key}" for key in keys)
        rows = f"select * from ({_rows(behind.source, behind.source_where)}) where {chosen}"
        query = f"select e.*, s.source_table, s.source_row_id from ({query}) as e left join ({rows}) as s on {same}"
    query = (
        f"select e.* exclude ({named}), d.p::double as {DENOMINATOR}, {named} from ({query}) as e"
        f" left join ({_denominators(feature, chosen)}) as d using (org_number) order by all"
    )
    return views.ask(dict.fromkeys([behind.view, behind.source, behind.of]), query)


def recomputed(feature: Feature, month: Month, workspace: Workspace) -> dict[str, float | None]:
    """org_number to the value computed again from the evidence: scale * measure / per, a measure of no rows being 0.

    Providers without rows in the evidence view (the view ``of``, where the header names one) are left out.
    """
    behind = feature.evidence
    query = (
        f"select org_number, {behind.scale} * coalesce(m, 0) / nullif(p, 0) as value"
        f" from ({_denominators(feature)})"
        f" left join (select org_number, {behind.measure} as m from {behind.view} where {behind.where}"
        " group by org_number) using (org_number)"
    )
    with opened(month, workspace) as views:
        table = views.ask(dict.fromkeys([behind.view, behind.of]), query)
    return dict(zip(table["org_number"].to_pylist(), table["value"].to_pylist(), strict=True))


def _denominators(feature: Feature, chosen: str = "true") -> str:
    """org_number and ``p``, what the provider's measure is divided by."""
    behind = feature.evidence
    of = behind.of or behind.view
    return f"select org_number, {behind.per or '1'} as p from {of} where {chosen} group by org_number"


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
