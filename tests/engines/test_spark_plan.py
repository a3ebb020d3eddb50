"""Planning for many machines: what is computed side by side, what moves, and what must wait."""

from __future__ import annotations

from pathlib import Path

from valfardsbrott.domain import Month
from valfardsbrott.engines.seam import Source, Step
from valfardsbrott.engines.spark_plan import Part, proven, waves
from valfardsbrott.features import IN_ONE_PIECE, View, base, load_views
from valfardsbrott.rules import load_rules

OCTOBER = Month(2026, 10)


def step(view: View) -> Step:
    sources = {name: Source(((OCTOBER, Path(base(name)[0])),), {}) for name in view.sources}
    return Step(OCTOBER, view, sources, Path(view.name))


def view(name: str, key: str, sql: str, *sources: str, whole: tuple[str, ...] = ()) -> View:
    return View(name, "staff", ("staff_id",), key, sources, {}, sql=sql, whole=whole)


def planned(*views: View) -> list[list[tuple[str | None, list[str]]]]:
    """Wave by wave, group by group: its key and its views."""
    return [
        [(group.key, [part.step.view.name for part in group.parts]) for group in wave]
        for wave in waves(proven(map(step, views)))
    ]


BY_STAFF = view("by_staff", "staff_id", "select staff_id, org_number, count(*) as n from visit group by all", "visit")
AGAIN = view("again", "staff_id", "select staff_id, sum(n) as n from by_staff group by all", "by_staff")
BY_ORG = view("by_org", "org_number", "select org_number, sum(n) as n from by_staff group by all", "by_staff")


def test_a_reader_with_the_same_key_is_computed_in_the_same_task() -> None:
    assert planned(BY_STAFF, AGAIN) == [[("staff_id", ["by_staff", "again"])]]


def test_a_reader_with_another_key_waits_for_the_next_wave() -> None:
    assert planned(BY_STAFF, BY_ORG) == [[("staff_id", ["by_staff"])], [("org_number", ["by_org"])]]


def test_what_may_wait_waits_so_that_rows_move_once_for_all_who_read_them() -> None:
    free = view("free", "org_number", "select org_number, count(*) as n from visit group by all", "visit")
    assert planned(free, BY_STAFF, BY_ORG) == [[("staff_id", ["by_staff"])], [("org_number", ["free", "by_org"])]]


def test_what_is_read_whole_has_to_be_there_whole() -> None:
    sql = "select v.staff_id, v.visit_id, m.n from visit v join most m on m.n > 1"
    most = view("most", "staff_id", "select staff_id, count(*) as n from visit group by all", "visit")
    reader = view("reader", "staff_id", sql, "visit", "most", whole=("most",))
    assert planned(most, reader) == [[("staff_id", ["most"])], [("staff_id", ["reader"])]]


def test_rows_whose_key_was_made_anew_move_before_they_are_read() -> None:
    moved = view("moved", "staff_id", "select visit_id, recipient_id as staff_id from visit", "visit")
    reader = view("reader", "staff_id", "select staff_id, count(*) as n from moved group by all", "moved")
    assert planned(moved, reader) == [[("staff_id", ["moved"])], [("staff_id", ["reader"])]]


def test_a_query_that_reaches_across_its_parts_is_computed_in_one_piece() -> None:
    rank = view("rank", "staff_id", "select staff_id, rank() over (order by visit_id) as n from visit", "visit")
    assert planned(rank) == [[(None, ["rank"])]]


def test_only_columns_that_some_query_names_move() -> None:
    (((group,),), path) = waves(proven([step(BY_STAFF)])), Path("visit")
    columns = group.columns[path]
    assert columns is not None
    assert {"staff_id", "org_number"} < columns
    assert "recipient_id" not in columns


def test_a_star_may_stand_for_any_column() -> None:
    every = view("every", "staff_id", "select v.* from visit v", "visit")
    ((group,),) = waves(proven([step(every)]))
    assert group.columns == {Path("visit"): None}


def test_every_view_and_rule_is_split_unless_its_header_says_that_it_cannot_be() -> None:
    parts = proven([step(each) for each in load_views()])
    assert [p.step.view.name for p in parts if p.key is None and p.step.view.partition_by != IN_ONE_PIECE] == []
    rules = proven([step(rule.view) for rule in load_rules()])
    assert [part.step.view.name for part in rules if part.key is None] == []


def test_nobody_reads_what_is_not_yet_computed() -> None:
    done: set[Path] = set()
    for wave in waves(proven([step(each) for each in load_views()])):
        made: set[Path] = set()
        for group in wave:
            own: set[Path] = set()
            for part in group.parts:
                assert not _pending(part) & {each.step.out for each in group.parts} - own
                assert _pending(part) <= done | own
                own |= {part.step.out} if part.keyed else set()
            made |= {part.step.out for part in group.parts}
        done |= made
    assert len(done) == len(load_views())


def _pending(part: Part) -> set[Path]:
    return {*part.split, *part.read_whole} & {Path(each.name) for each in load_views()}
