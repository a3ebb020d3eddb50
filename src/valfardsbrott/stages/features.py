"""features: from a month's tables to one row of indicators for each provider."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from valfardsbrott import features as definitions
from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Manifest, Month, Progress, silent
from valfardsbrott.engines.seam import literal, quoted
from valfardsbrott.features import Feature, View, base
from valfardsbrott.settings import Settings
from valfardsbrott.stages import entities
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

SPINE = "provider_spine"


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Compute views and matrix of every delivered month up to ``month`` that is not done; this month's manifest.

    ``stats``: the definitions' ``fingerprint``, the names of the ``features``, and those ``unavailable`` with why, and
    the tables and columns that each ``needs`` (none where these are there, but too little for any provider). Raises
    Failure where the month has no delivery.
    """
    entities.run(month, settings, progress)  # done already in a whole run
    deliveries = Deliveries(Workspace(settings))
    months = [each for each in deliveries.months if each <= month]
    manifests = [one_month(each, deliveries, progress) for each in months]
    return manifests[-1]


def one_month(month: Month, deliveries: Deliveries, progress: Progress = silent) -> Manifest:
    """The views and the matrix of a month whose earlier months are done; its manifest."""
    views = definitions.load_views()
    with MonthOfViews(month, deliveries) as work:
        work.compute(*views, progress=lambda _, done, total: progress(f"features {month}", done, total))
        stamps = [work.done[view.name].fingerprint for view in views]
        fingerprint = digest(definitions.fingerprint(), code_digest("stages/features.py"), *stamps)
        return work.workspace.run_once("features", month, fingerprint, lambda: _matrix(work))


def _matrix(work: MonthOfViews) -> tuple[list[Path], dict[str, Any]]:
    import pyarrow.parquet as pq

    lacks = {
        feature.name: needs for view in definitions.load_views() for feature, needs in _unavailable(view, work) if needs
    }
    out = work.workspace.stage("matrix", work.month, "matrix.parquet")
    table = work.engine.arrow(_query(work, lacks))
    with replacing(out) as path:
        pq.write_table(table, path)
    features = definitions.feature_columns()
    nobody = [f for f in features if f.name in lacks or (table.num_rows and table[f.name].null_count == table.num_rows)]
    return [out], {
        "fingerprint": definitions.fingerprint(),
        "features": [feature.name for feature in features],
        "unavailable": {f.name: {"needs": lacks.get(f.name, []), **f.missing} for f in nobody},
    }


def _unavailable(view: View, work: MonthOfViews) -> Iterable[tuple[Feature, list[str]]]:
    missing = work.done[view.name].stats["missing"]
    for feature in view.features:
        yield feature, missing or [need for need in feature.needs if not _holds_data(need, view, work)]


def _holds_data(need: str, view: View, work: MonthOfViews) -> bool:
    """Whether the table was delivered, or its column holds a value, in the widest window of the view's sources."""
    table, _, name = need.partition(".")
    column = next((c.stored_name for c in tables()[table].columns if name in {c.name, c.stored_name}), "")
    widths = [base(source)[1] for source in view.sources]
    window = None if None in widths else max(width for width in widths if width is not None)
    months = work.deliveries.of(table, work.month, window)
    return any(not column or _column_holds_data(table, column, month, work) for month in months)


def _column_holds_data(table: str, column: str, month: Month, work: MonthOfViews) -> bool:
    present = work.deliveries.columns_present(table, month)
    if present is not None:
        return column in present
    path = literal(work.workspace.table(table, month))
    return bool(work.engine.arrow(f"select count({quoted(column)}) as n from read_parquet({path})")["n"][0].as_py())


def _query(work: MonthOfViews, lacks: dict[str, list[str]]) -> str:
    """One row for each provider of the spine; a feature that is not available is null for all."""
    views = {view.name: view for view in definitions.load_views()}
    features = definitions.feature_columns()
    others = dict.fromkeys(feature.view for feature in features)
    path = {name: literal(work.workspace.view(name, work.month)) for name in (SPINE, *others)}
    columns = [f"date '{work.month.first}' as month", *(f"s.{quoted(name)}" for name in views[SPINE].columns)]
    columns += [
        ("null" if feature.name in lacks else f"{feature.view}.{feature.name}") + f"::double as {feature.name}"
        for feature in features
    ]
    joins = "".join(f" left join read_parquet({path[name]}) as {name} using (org_number)" for name in others)
    return (
        f"select s.org_number, {', '.join(columns)} from read_parquet({path[SPINE]}) as s{joins} order by s.org_number"
    )
