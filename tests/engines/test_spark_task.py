"""What tasks do, without Spark between them: rows split by a key, computed part by part and put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Failure, Month
from valfardsbrott.engines import spark_task as task
from valfardsbrott.engines.duckdb import DuckDB
from valfardsbrott.engines.seam import Source, Step
from valfardsbrott.engines.spark import Layout
from valfardsbrott.engines.spark_plan import proven, waves
from valfardsbrott.features import View

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
TYPES = {
    "visit_id": pa.string(), "staff_id": pa.string(), "org_number": pa.string(), "started_at": pa.timestamp("us"),
    "device_id": pa.decimal128(18, 4), "source_row": pa.int64(), "deviation_code": pa.bool_(),
    "service_code": pa.float64(), "recipient_id": pa.list_(pa.string()), "tag_id": pa.date32(),
}  # fmt: skip
NAMES = ", ".join(TYPES)


def view(name: str, sql: str, *sources: str, key: str = "staff_id", grain: Sequence[str] = ("visit_id",)) -> View:
    return View(name, "staff", tuple(grain), key, sources, {}, sql=sql, path=Path(f"{name}.sql"))


def put(path: Path, rows: Sequence[dict[str, Any]], size: int = 3) -> Path:
    """Visits in row groups of a few, so that there is something to split."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, kind in TYPES.items()}
    pq.write_table(pa.table(columns), path, row_group_size=size)
    return path


def on_parts(steps: Sequence[Step], count: int) -> dict[str, Path]:
    """Run the steps as Spark would, one task after another."""
    for wave in waves(proven(steps)):
        layout = Layout.of(wave, 1, exact=count)
        arrived: dict[int, list[task.Chunk]] = {}
        for chunk in task.split(layout.pieces):
            arrived.setdefault(chunk[0], []).append(chunk)
        pieces: dict[Path, list[Path]] = {}
        for number, job in enumerate(layout.jobs):
            for out, piece, _ in task.compute(job, arrived.get(number, []), "500MB"):
                pieces.setdefault(out, []).append(piece)
        queries = {query.out: query for job in layout.jobs for query in job.queries}
        split = [(queries[out], found) for out, found in pieces.items() if found != [out]]
        assert len(list(task.merge(split, "500MB"))) == len(split)
    return {step.view.name: step.out for step in steps}


def on_one(steps: Sequence[Step], spill: Path) -> dict[str, Path]:
    with DuckDB(steps[0].month, memory_limit="500MB", threads=1, spill=spill) as engine:
        return {step.view.name: step.out for step, _ in engine.compute(steps)}


def steps(folder: Path, visits: Path, *views: View) -> list[Step]:
    made = {each.name: folder / f"{each.name}.parquet" for each in views}
    return [
        Step(
            OCTOBER, each, {name: Source(((OCTOBER, made.get(name, visits)),), {}) for name in each.sources},
            made[each.name],
        )
        for each in views
    ]  # fmt: skip


AS_IT_IS = view("as_it_is", f"select {NAMES} from visit", "visit")
COUNTED = view(
    "counted", "select staff_id, count(*) as n, min(started_at) as first from as_it_is group by all", "as_it_is",
    grain=["staff_id"],
)  # fmt: skip
BY_ORG = view(
    "by_org", "select org_number, count(*) as n, count(distinct staff_id) as workers from visit group by all", "visit",
    key="org_number", grain=["org_number"],
)  # fmt: skip

texts = st.none() | st.text("ab0\x00å'\"", max_size=3)
moments = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "staff_id": texts, "org_number": texts, "started_at": st.none() | moments,
            "device_id": st.none() | st.decimals(-99999, 99999, places=4), "deviation_code": st.none() | st.booleans(),
            "source_row": st.none() | st.integers(-(2**63), 2**63 - 1), "service_code": st.none() | st.floats(),
            "recipient_id": st.none() | st.lists(texts, max_size=2), "tag_id": st.none() | st.dates(),
        }
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, count=st.integers(2, 5))
def test_every_value_comes_through_as_it_was_however_many_parts(
    tmp_path: Path, rows: list[dict[str, Any]], count: int
) -> None:
    visits = put(tmp_path / "visit.parquet", [row | {"visit_id": str(at)} for at, row in enumerate(rows)])
    views = (AS_IT_IS, COUNTED, BY_ORG)
    one = on_one(steps(tmp_path / "one", visits, *views), tmp_path)
    many = on_parts(steps(tmp_path / "many", visits, *views), count)
    for name, path in one.items():
        assert str(pq.read_table(path).to_pylist()) == str(pq.read_table(many[name]).to_pylist()), name


def test_the_hour_that_comes_twice_and_the_one_that_never_comes_stay_as_they_are(tmp_path: Path) -> None:
    moments = [dt.datetime(2026, 10, 25, 2, 30), dt.datetime(2026, 3, 29, 2, 30), dt.datetime(1879, 1, 1)]
    rows = [{"visit_id": str(at), "staff_id": "anna", "started_at": moment} for at, moment in enumerate(moments)]
    made = on_parts(steps(tmp_path, put(tmp_path / "visit.parquet", rows), AS_IT_IS), 3)
    table = pq.read_table(made["as_it_is"])
    assert table["started_at"].to_pylist() == moments
    assert table.schema.field("started_at").type == pa.timestamp("us")


def test_a_correction_of_an_earlier_delivery_counts_in_every_part(tmp_path: Path) -> None:
    files = []
    for month in (SEPTEMBER, OCTOBER):
        path = tmp_path / f"{month}.parquet"
        rows = [(f"{name} {month}", name, "v.csv", at) for at, name in enumerate(["anna", "bo", "eva"])]
        columns = dict(
            zip(("visit_id", "staff_id", "source_file", "source_row"), map(list, zip(*rows, strict=True)), strict=True)
        )
        pq.write_table(pa.table(columns), path)
        files.append((month, path))
    gone = tmp_path / "gone.parquet"
    row = {"delivery_month": [SEPTEMBER.first], "source_file": ["v.csv"], "source_row": [1]}
    pq.write_table(pa.table(row), gone)
    seen = view("seen", "select visit_id, staff_id, delivery_month from visit_3m", "visit_3m")
    source = Source(tuple(files), {}, windowed=True, superseded=(gone,))
    made = on_parts([Step(OCTOBER, seen, {"visit_3m": source}, tmp_path / "seen.parquet")], 4)
    found = pq.read_table(made["seen"])["visit_id"].to_pylist()
    assert found == ["anna 2026-09", "anna 2026-10", "bo 2026-10", "eva 2026-09", "eva 2026-10"]


def test_tables_that_were_not_delivered_are_empty_in_every_part(tmp_path: Path) -> None:
    source = Source((), {"staff_id": "VARCHAR", "visit_id": "VARCHAR"})
    empty = view("empty", "select visit_id, staff_id from visit", "visit")
    made = on_parts([Step(OCTOBER, empty, {"visit": source}, tmp_path / "empty.parquet")], 2)
    assert pq.read_table(made["empty"]).num_rows == 0


def test_a_wrong_query_is_told_with_its_file_and_not_tried_again(tmp_path: Path) -> None:
    wrong = view("wrong", "select visit_id, staff_id, no_such_column from visit", "visit")
    wave = waves(proven(steps(tmp_path, put(tmp_path / "visit.parquet", []), wrong)))[0]
    (failure,) = task.told(task.compute(Layout.of(wave, 1).jobs[0], [], "500MB"))
    assert isinstance(failure, Failure)
    assert failure.message.startswith("wrong.sql: the query is wrong")


def test_another_release_on_a_worker_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wave = waves(proven(steps(tmp_path, put(tmp_path / "visit.parquet", [{"visit_id": "a"}]), AS_IT_IS)))[0]
    layout = Layout.of(wave, 1)
    monkeypatch.setattr(task, "release", lambda: "another")
    with pytest.raises(Failure, match="another release"):
        list(task.split(layout.pieces))
    with pytest.raises(Failure, match="another release"):
        list(task.compute(layout.jobs[0], [], "500MB"))
