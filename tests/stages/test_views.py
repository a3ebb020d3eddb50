"""What a name in a query reads, month by month, and what becomes of a view whose source is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.features import View, read_view
from valfardsbrott.settings import Settings
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]


def view(folder: Path, name: str, sources: str, sql: str, rest: str = "") -> View:
    path = folder / f"{name}.sql"
    path.write_text(
        f"/* ---\nname: {name}\nentity: visit\ngrain: [key]\npartition_by: key\nsources: [{sources}]\n{rest}"
        f"columns: {{n: a number}}\n--- */\n{sql}\n",
        encoding="utf-8",
    )
    return read_view(path)


class Scene:
    """A store, and views computed in it month after month."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(Settings(store=root, threads=1))

    def compute(self, month: str, *views: View) -> dict[str, list[str]]:
        """The tables that each view lacks."""
        deliveries = Deliveries(self.workspace)
        for each in [m for m in deliveries.months if m <= Month.parse(month)]:
            with MonthOfViews(each, deliveries) as work:
                lacks = {one.name: done.stats["missing"] for one, done in zip(views, work.compute(*views), strict=True)}
        return lacks

    def rows(self, name: str, month: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.workspace.view(name, Month.parse(month))).to_pylist()
        return rows


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "store")


def absences(scene: Scene, put_table: PutTable, *months: str) -> None:
    for month in months:
        put_table(scene.workspace.root, "absence", month, [{"recipient_id": f"p{month}"}])


def test_a_fact_is_what_the_month_brought_and_a_window_the_deliveries_before_too(
    scene: Scene, tmp_path: Path, put_table: PutTable
) -> None:
    absences(scene, put_table, "2025-10", "2025-11", "2026-07", "2026-08", "2026-10", "2026-11")
    count = "select '{0}' as key, count(*) as n from {0}"
    views = [view(tmp_path, f"of_{name}", name, count.format(name)) for name in
             ("absence", "absence_3m", "absence_12m", "absence_all")]  # fmt: skip
    scene.compute("2026-10", *views)
    assert [scene.rows(each.name, "2026-10")[0]["n"] for each in views] == [1, 2, 4, 5]


def test_of_a_register_the_newest_snapshot_at_or_before_the_month_counts(
    scene: Scene, tmp_path: Path, put_table: PutTable
) -> None:
    absences(scene, put_table, "2026-10")
    for month in ("2026-07", "2026-08", "2026-11"):
        put_table(scene.workspace.root, "board", month, [{"board_id": month}])
    boards = view(tmp_path, "boards", "board", "select board_id as key, 1 as n from board")
    scene.compute("2026-10", boards)
    assert [row["key"] for row in scene.rows("boards", "2026-10")] == ["2026-08"]


def test_a_view_is_read_by_its_months(scene: Scene, tmp_path: Path, put_table: PutTable) -> None:
    absences(scene, put_table, "2026-08", "2026-09", "2026-10")
    line = view(tmp_path, "line", "absence", "select recipient_id as key, 1 as n from absence")
    late = view(
        tmp_path,
        "late",
        "line_3m",
        "select key, date_diff('month', delivery_month, month) as n from line_3m, run_month",
    )
    scene.compute("2026-10", line, late)
    assert {row["key"]: row["n"] for row in scene.rows("late", "2026-10")} == {
        "p2026-08": 2, "p2026-09": 1, "p2026-10": 0,
    }  # fmt: skip


def test_a_missing_source_empties_the_view_and_those_that_cannot_do_without_it(
    scene: Scene, tmp_path: Path, put_table: PutTable
) -> None:
    absences(scene, put_table, "2026-10")
    paid = view(tmp_path, "paid", "payroll", "select org_number as key, paid_minutes as n from payroll")
    reader = view(
        tmp_path, "reader", "paid, absence", "select recipient_id as key, n from absence left join paid on true"
    )
    content = view(
        tmp_path, "content", "paid, absence", "select recipient_id as key, n from absence left join paid on true",
        "optional: [paid]\n",
    )  # fmt: skip
    lacks = scene.compute("2026-10", paid, reader, content)
    assert lacks == {"paid": ["payroll"], "reader": ["payroll"], "content": []}
    assert scene.rows("content", "2026-10") == [{"key": "p2026-10", "n": None}]
    assert pq.read_schema(scene.workspace.view("paid", Month.parse("2026-10"))).field("n").type == "int64"


def test_a_window_lacks_nothing_where_one_of_its_months_has_it(
    scene: Scene, tmp_path: Path, put_table: PutTable
) -> None:
    absences(scene, put_table, "2026-10")
    put_table(scene.workspace.root, "payroll", "2026-09", [{"org_number": "acme", "paid_minutes": 1}])
    paid = view(tmp_path, "paid", "payroll", "select org_number as key, paid_minutes as n from payroll")
    recent = view(tmp_path, "recent", "paid_3m", "select key, n from paid_3m")
    assert scene.compute("2026-10", paid, recent) == {"paid": ["payroll"], "recent": []}
    assert scene.rows("recent", "2026-10") == [{"key": "acme", "n": 1}]


def test_a_query_that_is_wrong_is_named_with_its_file(scene: Scene, tmp_path: Path, put_table: PutTable) -> None:
    absences(scene, put_table, "2026-10")
    wrong = view(tmp_path, "wrong", "absence", "select colour as key, 1 as n from absence")
    with pytest.raises(Failure, match=r"wrong\.sql: the query is wrong: .*colour"):
        scene.compute("2026-10", wrong)
