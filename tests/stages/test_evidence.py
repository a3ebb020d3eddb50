"""The rows behind a number, each with the file and row that it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.features import Feature, load_views, upstream
from valfardsbrott.settings import Settings
from valfardsbrott.stages.evidence import evidence
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]
OCTOBER = Month.parse("2026-10")


def feature(name: str) -> Feature:
    return next(each for view in load_views() for each in view.features if each.name == name)


def compute(store: Path, *views: str) -> Workspace:
    workspace = Workspace(Settings(store=store, threads=1))
    deliveries = Deliveries(workspace)
    for month in deliveries.months:
        with MonthOfViews(month, deliveries) as work:
            for view in upstream(views):
                work.compute(view)
    return workspace


def visit(key: str, recipient: str, at: str, until: str, **rest: object) -> dict[str, Any]:
    return {
        "visit_id": key, "org_number": "acme", "recipient_id": recipient, "staff_id": "panna", "service_code": "HT",
        "started_at": at, "ended_at": until, "started_at_utc": at, "ended_at_utc": until, **rest,
    }  # fmt: skip


def test_a_filter_on_the_line_view_with_the_source_row(tmp_path: Path, put_table: PutTable) -> None:
    rows = [
        visit("first", "pberit", "2026-10-01 10:00", "2026-10-01 10:30"),
        visit("second", "pcurt", "2026-10-01 10:20", "2026-10-01 10:50"),
        visit("else", "pdoris", "2026-10-01 12:20", "2026-10-01 12:50"),
    ]
    put_table(tmp_path, "visit", "2026-10", rows)
    workspace = compute(tmp_path, "staff_overlap")
    table = evidence(feature("staff_overlap_minutes"), ["acme"], OCTOBER, workspace)
    (row,) = table.to_pylist()
    assert (row["visit_id"], row["overlap_minutes"]) == ("second", 10)
    assert (row["source_table"], row["source_row_id"]) == ("visit", "visit.csv:3")
    assert evidence(feature("staff_overlap_minutes"), ["bolaget"], OCTOBER, workspace).num_rows == 0
    assert evidence(feature("staff_overlap_minutes"), [], OCTOBER, workspace).num_rows == 0


def test_a_row_that_adds_up_several_comes_once_for_each_of_them(tmp_path: Path, put_table: PutTable) -> None:
    put_table(
        tmp_path,
        "visit",
        "2026-10",
        [visit(f"v{day}", "pberit", f"2026-10-{day:02d} 10:00", f"2026-10-{day:02d} 10:30") for day in range(1, 9)],
    )
    workspace = compute(tmp_path, "one_to_one")
    rows = evidence(feature("one_to_one_pairs_all"), ["acme"], OCTOBER, workspace).to_pylist()
    assert [row["source_row_id"] for row in rows] == [f"visit.csv:{number}" for number in range(2, 10)]
    assert {(row["recipient_id"], row["workers"]) for row in rows} == {("pberit", 1)}


def test_rows_of_an_earlier_delivery_say_which(tmp_path: Path, put_table: PutTable) -> None:
    put_table(tmp_path, "visit", "2026-10", [visit("v", "pberit", "2026-10-01 10:00", "2026-10-01 10:30")])
    for month in ("2026-09", "2026-10"):
        complaint = {"deviation_id": month, "org_number": "acme", "kind": "complaint", "severity": 1}
        put_table(tmp_path, "deviation", month, [complaint])
    workspace = compute(tmp_path, "deviations")
    rows = evidence(feature("deviation_rate_complaint"), ["acme"], OCTOBER, workspace).to_pylist()
    assert {(row["source_table"], row["source_row_id"]) for row in rows} == {
        ("deviation", "2026-09/deviation.csv:2"),
        ("deviation", "deviation.csv:2"),
    }


def test_a_month_without_features_is_refused(tmp_path: Path, put_table: PutTable) -> None:
    put_table(tmp_path, "visit", "2026-10", [visit("v", "pberit", "2026-10-01 10:00", "2026-10-01 10:30")])
    with pytest.raises(Failure, match="the view visit_fact is not computed for 2026-10"):
        evidence(feature("staff_overlap_minutes"), ["acme"], OCTOBER, Workspace(Settings(store=tmp_path)))
