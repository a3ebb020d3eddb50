"""The engine: what a name reads, and the same bytes with any number of threads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.engines.duckdb import DuckDB
from valfardsbrott.engines.seam import Source, literal, quoted

MONTH = Month.parse("2026-10")


def engine(tmp_path: Path, threads: int = 1, memory_limit: str = "500MB") -> DuckDB:
    return DuckDB(MONTH, memory_limit=memory_limit, threads=threads, spill=tmp_path / "spill")


def put(path: Path, **columns: list[object] | pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_the_month_and_its_days_are_there(tmp_path: Path) -> None:
    with engine(tmp_path) as db:
        assert db.arrow("select * from run_month").to_pylist() == [
            {
                "first": dt.date(2026, 10, 1), "last": dt.date(2026, 10, 31), "month": dt.date(2026, 10, 1),
                "next_month": dt.date(2026, 11, 1),
            }
        ]  # fmt: skip
        assert db.arrow("select count(*) as n from calendar join run_month using (month)")["n"].to_pylist() == [31]


def test_a_window_says_which_delivery_each_row_came_in(tmp_path: Path) -> None:
    files = (
        (MONTH.plus(-1), put(tmp_path / "9.parquet", key=["a"], late=[1])),
        (MONTH, put(tmp_path / "10.parquet", key=["b"])),
    )
    with engine(tmp_path) as db:
        db.bind("visit_3m", Source(files, {}, windowed=True))
        assert db.arrow("select key, late, delivery_month from visit_3m order by key").to_pylist() == [
            {"key": "a", "late": 1, "delivery_month": dt.date(2026, 9, 1)},
            {"key": "b", "late": None, "delivery_month": dt.date(2026, 10, 1)},
        ]


def test_what_is_kept_is_all_that_the_name_has_until_it_is_bound_again(tmp_path: Path) -> None:
    source = Source(((MONTH, put(tmp_path / "10.parquet", key=["a", "b"])),), {})
    with engine(tmp_path) as db:
        db.bind("visit", source)
        db.keep("visit", "key = 'b'")
        assert db.arrow("select key from visit").to_pylist() == [{"key": "b"}]
        db.bind("visit", source)
        assert db.arrow("select key from visit order by key").to_pylist() == [{"key": "a"}, {"key": "b"}]


def test_the_month_is_a_constant_by_which_other_months_files_are_left_out(tmp_path: Path) -> None:
    files = tuple((month, put(tmp_path / f"{month}.parquet", key=[str(month)])) for month in (MONTH.plus(-1), MONTH))
    with engine(tmp_path) as db:
        db.bind("visit_3m", Source(files, {}, windowed=True))
        earlier = "from visit_3m where delivery_month < this_month()"
        assert db.arrow(f"select key {earlier}")["key"].to_pylist() == ["2026-09"]
        read = [str(db.arrow(f"explain select key {rows}").to_pylist()) for rows in (earlier, "from visit_3m")]
    assert [plan.count("Function: READ_PARQUET") for plan in read] == [1, 2]


def test_nothing_delivered_is_an_empty_table_with_its_types(tmp_path: Path) -> None:
    with engine(tmp_path) as db:
        db.bind("absence_3m", Source((), {"from_date": "DATE", "n": "BIGINT"}, windowed=True))
        table = db.arrow("select * from absence_3m")
    assert table.num_rows == 0
    assert table.schema == pa.schema({"from_date": pa.date32(), "n": pa.int64(), "delivery_month": pa.date32()})


def test_a_path_with_a_quote_and_a_pattern_in_it_is_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "it's [all] month=7"
    folder.mkdir()
    with engine(tmp_path) as db:
        db.bind("visit", Source(((MONTH, put(folder / "x.parquet", a=[1])),), {}))
        assert db.arrow("select * from visit").to_pylist() == [{"a": 1}]


def test_written_rows_are_sorted_and_the_bytes_do_not_depend_on_the_threads(tmp_path: Path) -> None:
    query = """
        select 'k' || (i * 7919 % 300000) as key, sum(i % 11)::bigint as total, max(i) as top
        from range(600000) t(i) group by all
    """
    for threads in (1, 2, 4):
        with engine(tmp_path, threads, "1GB") as db:
            assert db.write(query, ["key"], tmp_path / f"{threads}.parquet") == 300_000
    keys = pq.read_table(tmp_path / "1.parquet")["key"].to_pylist()
    assert keys == sorted(keys)
    assert len({(tmp_path / f"{threads}.parquet").read_bytes() for threads in (1, 2, 4)}) == 1


@pytest.mark.parametrize("keys", [["a", "b", "b", "c"], ["c", "a", "b", "b"], [None, "a", "b", "c"], ["a"], []])
def test_rows_that_are_in_order_by_themselves_give_the_same_file_and_others_are_sorted(
    tmp_path: Path, keys: list[object]
) -> None:
    path = literal(put(tmp_path / "in.parquet", key=pa.array(keys, pa.string())))
    with engine(tmp_path) as db:
        sorted_rows = db.write(f"from read_parquet({path})", ["key"], tmp_path / "sorted.parquet")
        rows = db.write(f"from read_parquet({path})", ["key"], tmp_path / "as_it_came.parquet", in_order=True)
    assert rows == sorted_rows == len(keys)
    assert (tmp_path / "sorted.parquet").read_bytes() == (tmp_path / "as_it_came.parquet").read_bytes()


def test_too_little_memory_is_said_with_what_to_do(tmp_path: Path) -> None:
    with engine(tmp_path, memory_limit="20MB") as db, pytest.raises(Failure, match="VALFARDSBROTT_MEMORY_LIMIT"):
        db.arrow("select list(i) as l from range(50000000) t(i)")


def test_a_query_that_does_not_fit_its_sources_is_said(tmp_path: Path) -> None:
    with engine(tmp_path) as db, pytest.raises(Failure, match=r"the query is wrong: .*nowhere"):
        db.arrow("select nowhere from run_month")


def test_names_and_texts_in_sql() -> None:
    assert (quoted('a"b'), literal("it's")) == ('"a""b"', "'it''s'")
