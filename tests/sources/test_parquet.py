"""Parquet files: types are checked, typed columns are converted, damaged files are named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Failure
from valfardsbrott.sources.convert import convert
from valfardsbrott.sources.parquet import read
from valfardsbrott.sources.pseudonyms import Pseudonymiser

NAMES = Pseudonymiser(b"k" * 32, dt.date(2026, 10, 31))
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(**columns: Any) -> Path:
        path = tmp_path / "payroll.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=2)
        return path

    return write


def typed(path: Path) -> dict[str, list[Any]]:
    parts = [rows for rows, _ in read(path, "payroll.parquet", tables()["payroll"])]
    made = [convert(rows, tables()["payroll"], NAMES) for rows in parts]
    return {name: [v for part in made for v in part.columns[name].to_pylist()] for name in made[0].columns}


def test_typed_columns_become_the_stores_types(put: Put) -> None:
    path = put(
        org_number=pa.array([21000146, 5560000001, None]),  # a number has lost its zeros
        month=pa.array([dt.datetime(2026, 10, 9)] * 3, pa.timestamp("ns")),
        staff_id=pa.array([198001019986] * 3),
        headcount=pa.array([3.0, 4.0, None]),
        paid_minutes=pa.array([60, 70, 80], pa.int16()),
        gross_pay_sek=pa.array([0.1 + 0.2, 100.0, 1e6]),
    )
    found = typed(path)
    assert found["org_number"] == ["0021000146", "5560000001", None]
    assert found["month"] == [dt.date(2026, 10, 1)] * 3
    assert set(found["staff_id"]) == {NAMES.person("198001019986").value}
    assert found["headcount"] == [3, 4, None]
    assert found["paid_minutes"] == [60, 70, 80]
    assert found["gross_pay_ore"] == [30, 10_000, 100_000_000]


def test_text_and_dictionaries_are_read_like_csv(put: Put) -> None:
    path = put(
        Org_Number=pa.array(["0021000146"]).dictionary_encode(), MONTH=pa.array(["2026-10"], pa.large_string()),
        gross_pay_sek=["1 000,50"],
    )  # fmt: skip
    assert typed(path)["gross_pay_ore"] == [100_050]


def test_lines_are_row_numbers_across_row_groups(put: Put) -> None:
    path = put(org_number=["a", "b", "c", "d", "e"])
    lines = [line for rows, _ in read(path, "payroll.parquet", tables()["payroll"]) for line in rows.lines.to_pylist()]
    assert lines == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("month", pa.array([1.5]), "the column month is double, and a month cannot be read from that"),
        ("org_number", pa.array([5560000001.0]), "the column org_number is double"),
        ("gross_pay_sek", pa.array([True]), "the column gross_pay_sek is bool"),
        ("staff_id", pa.array([[1]]), "the column staff_id is list"),
        ("gross_pay_sek", pa.array([dt.date(2026, 1, 1)]), "the column gross_pay_sek is date32"),
    ],
)
def test_a_type_that_cannot_hold_the_column_is_named(put: Put, column: str, values: pa.Array, message: str) -> None:
    with pytest.raises(Failure, match=rf"payroll\.parquet: {message}"):
        list(read(put(**{column: values}), "payroll.parquet", tables()["payroll"]))


def test_a_column_that_is_there_twice_is_named(put: Put) -> None:
    with pytest.raises(Failure, match="the column month is there twice"):
        list(read(put(month=["2026-10"], Month=["2026-10"]), "payroll.parquet", tables()["payroll"]))


def test_unknown_columns_are_told(put: Put) -> None:
    _, findings = next(read(put(month=["2026-10"], colour=["red"]), "payroll.parquet", tables()["payroll"]))
    assert [(one.column, one.rule) for one in findings] == [("colour", "unknown_column")]


@pytest.mark.parametrize("kept", [0, 3, 200, -20])
def test_a_truncated_file_is_named(put: Put, kept: int) -> None:
    path = put(month=["2026-10"] * 500, org_number=[f"{n:010d}" for n in range(500)])
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Failure, match=r"payroll\.parquet is not a whole Parquet file"):
        list(read(path, "payroll.parquet", tables()["payroll"]))


def test_a_file_damaged_inside_is_named(put: Put) -> None:
    path = put(month=["2026-10"] * 500, org_number=[f"{n:010d}" for n in range(500)])
    data = bytearray(path.read_bytes())
    data[4:400] = b"\xff" * 396
    path.write_bytes(bytes(data))
    with pytest.raises(Failure, match=r"payroll\.parquet is not a whole Parquet file"):
        list(read(path, "payroll.parquet", tables()["payroll"]))
