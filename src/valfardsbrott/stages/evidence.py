"""The rows behind a feature's value: a filter on the view that the value was computed from, so the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.engines.duckdb import literal
from valfardsbrott.features import Evidence, Feature, base
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace


def evidence(feature: Feature, orgs: Sequence[str], month: Month, workspace: Workspace) -> Any:
    """The feature's evidence rows for the given providers, a pyarrow Table sorted by org_number and source row.

    Columns: those of the evidence view, then ``source_table`` and ``source_row_id`` (file and row in the delivery).
    No rows where nothing stands behind the number, or where the view was not computed for the month.
    """
    return _ask(
        feature.evidence.view,
        f"select * from ({rows(feature.evidence)}) where org_number in ({_listed(orgs)})"
        " order by org_number, source_table, source_row_id",
        month,
        workspace,
    )


def recomputed(feature: Feature, month: Month, workspace: Workspace) -> dict[str, float | None]:
    """org_number to the value computed again from the evidence: scale * measure / per.

    For features whose evidence has a ``measure``; providers without rows in the evidence view are left out, those
    without evidence rows get what the measure gives for none (a sum: None).
    """
    behind = feature.evidence
    everything = rows(Evidence(behind.view, "true"))
    table = _ask(
        behind.view,
        f"select org_number, {behind.scale} * m / p as value"
        f" from (select org_number, {behind.per or '1'} as p from ({everything}) group by org_number)"
        f" left join (select org_number, {behind.measure} as m from ({rows(behind)}) group by org_number)"
        " using (org_number)",
        month,
        workspace,
    )
    return dict(zip(table["org_number"].to_pylist(), table["value"].to_pylist(), strict=True))


def rows(behind: Evidence) -> str:
    """The evidence rows of all providers; a fact table is given the two columns that every line view has."""
    name, _ = base(behind.view)
    extra = f", {literal(name)} as source_table, source_file || ':' || source_row as source_row_id"
    return f"select *{extra if name in tables() else ''} from {behind.view} where {behind.where}"


def _listed(orgs: Sequence[str]) -> str:
    return ", ".join(literal(org) for org in orgs) or "null"


def _ask(source: str, query: str, month: Month, workspace: Workspace) -> Any:
    with MonthOfViews(month, Deliveries(workspace)) as work:
        work.bind(source)
        return work.engine.arrow(query)
