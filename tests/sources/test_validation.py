"""What a row must keep to be accepted, and what is only doubted."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Mapping

import pyarrow as pa
import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.sources.convert import convert
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.sources.raw import RawRows
from valfardsbrott.sources.validation import judge

OCTOBER = Month(2026, 10)
Row = Mapping[str, str | None]
VISIT = {
    "visit_id": "V1", "org_number": "0021000146", "recipient_id": "197506159818", "staff_id": "198001019986",
    "service_code": "home_care", "started_at": "2026-10-05 08:00", "ended_at": "2026-10-05 08:30",
}  # fmt: skip
NOVEMBER = {"started_at": "2026-11-01", "ended_at": "2026-11-01"}
CLAIM = {
    "line_id": "L1", "invoice_id": "I1", "org_number": "0021000146", "period": "2026-10", "quantity": "2",
    "unit_code": "HUR", "unit_price_sek": "500", "amount_sek": "1000",
}  # fmt: skip
DECISION = {
    "decision_id": "D1", "recipient_id": "197506159818", "board_id": "B1", "law": "SoL", "service_code": "home_care",
    "granted_minutes_month": "600", "valid_from": "2026-01-01",
}  # fmt: skip
FOLLOW_UP = {
    "follow_up_id": "F1", "contract_id": "C1", "date": "2026-10-05", "type": "desk", "severity": "1", "sanction": "none"
}  # fmt: skip


def issues(table: str, row: Row) -> list[tuple[str, str, str]]:
    raw = RawRows(table, "f.csv", {name: pa.array([v], pa.string()) for name, v in row.items()}, pa.array([2]))
    batch = convert(raw, tables()[table], Pseudonymiser(b"k" * 32, dt.date(2026, 10, 31)))
    return [(one.column, one.rule, one.level) for one in judge(batch, tables()[table], OCTOBER) if len(one.rows)]


@pytest.mark.parametrize(
    ("table", "row"),
    [("visit", VISIT), ("claim_line", CLAIM), ("care_decision", DECISION), ("contract_follow_up", FOLLOW_UP)],
)
def test_a_good_row_has_no_issue(table: str, row: Row) -> None:
    assert issues(table, row) == []


@pytest.mark.parametrize(
    ("table", "row", "change", "issue"),
    [
        ("visit", VISIT, {"service_code": " "}, ("service_code", "required", "error")),
        ("visit", VISIT, {"staff_id": None}, ("staff_id", "required", "error")),
        ("visit", VISIT, {"started_at": "yesterday"}, ("started_at", "bad_timestamp", "error")),
        ("visit", VISIT, {"start_receipt": "stamp"}, ("start_receipt", "unknown_code", "error")),
        ("visit", VISIT, {"ended_at": "2026-10-05 07:59"}, ("ended_at", "ends_before_start", "error")),
        ("visit", VISIT, {"ended_at": "2026-10-06 08:01"}, ("ended_at", "longer_than_a_day", "warning")),
        ("visit", VISIT, NOVEMBER, ("started_at", "after_delivery", "error")),
        ("visit", VISIT, {"org_number": "000000-0000"}, ("org_number", "sentinel", "error")),
        ("visit", VISIT, {"staff_id": "9999999999"}, ("staff_id", "sentinel", "warning")),
        ("visit", VISIT, {"staff_id": "198001019987"}, ("staff_id", "luhn", "warning")),
        ("visit", VISIT, {"org_number": "0021000147"}, ("org_number", "luhn", "warning")),
        ("visit", VISIT, {"tag_id": "0"}, ("tag_id", "sentinel", "warning")),
        ("claim_line", CLAIM, {"period": "2026-11"}, ("period", "after_delivery", "warning")),
        ("claim_line", CLAIM, {"unit_code": "KGM"}, ("unit_code", "unknown_code", "error")),
        ("claim_line", CLAIM, {"amount_sek": "1,234"}, ("amount_sek", "more_than_two_decimals", "error")),
        ("claim_line", CLAIM, {"unit_price_sek": "515.255"}, ("unit_price_sek", "rounded", "warning")),
        ("claim_line", CLAIM, {"quantity": "many"}, ("quantity", "bad_number", "error")),
        ("care_decision", DECISION, {"granted_minutes_month": "-1"}, ("granted_minutes_month", "too_low", "error")),
        ("care_decision", DECISION, {"granted_minutes_month": "44641"}, ("granted_minutes_month", "high", "warning")),
        ("care_decision", DECISION, {"valid_to": "2025-12-31"}, ("valid_to", "ends_before_start", "warning")),
        ("care_decision", DECISION, {"double_staffing": "maybe"}, ("double_staffing", "bad_bool", "error")),
        ("contract_follow_up", FOLLOW_UP, {"severity": "4"}, ("severity", "too_high", "error")),
        ("contract_follow_up", FOLLOW_UP, {"amount_sek": "-1"}, ("amount_sek", "too_low", "error")),
    ],
)  # fmt: skip
def test_each_rule_names_column_and_level(table: str, row: Row, change: Row, issue: tuple[str, str, str]) -> None:
    assert issues(table, {**row, **change}) == [issue]


def test_case_and_blanks_in_codes_do_not_count() -> None:
    assert issues("visit", VISIT | {"start_receipt": " NFC ", "deviation_code": "Hospital"}) == []


def test_a_visit_through_the_repeated_hour_lasts_as_long_as_it_did() -> None:
    row = VISIT | {"started_at": "2026-10-25 02:50", "ended_at": "2026-10-25 02:10"}
    assert issues("visit", row) == []
    raw = RawRows("visit", "f.csv", {name: pa.array([v]) for name, v in row.items()}, pa.array([2]))
    batch = convert(raw, tables()["visit"], Pseudonymiser(b"k" * 32, dt.date(2026, 10, 31)))
    lasted = batch.columns["ended_at_utc"][0].as_py() - batch.columns["started_at_utc"][0].as_py()
    assert lasted == dt.timedelta(minutes=20)


def test_all_rules_of_a_row_are_told_at_once() -> None:
    found = issues("visit", VISIT | {"start_receipt": "x", "end_receipt": "y", "ended_at": "2026-10-05"})
    assert {column for column, _, _ in found} == {"start_receipt", "end_receipt", "ended_at"}


def test_every_table_has_a_schema_that_accepts_nothing_at_all() -> None:
    for name, table in tables().items():
        raw = RawRows(name, "f.csv", {}, pa.array([2], pa.int64()))
        batch = convert(raw, table, Pseudonymiser(b"k" * 32, dt.date(2026, 10, 31)))
        required = {column.name for column in table.columns if column.required}
        assert {one.column for one in judge(batch, table, OCTOBER) if one.rule == "required"} == required


def test_where_spark_is_loaded_rows_are_judged_without_its_pandas_and_its_warnings() -> None:
    pytest.importorskip("pyspark.sql", reason="pip install 'valfardsbrott[spark]'")
    judged = """
import sys, runpy, pyspark.sql
tests = runpy.run_path(sys.argv[1])
assert tests["issues"]("visit", tests["VISIT"] | {"service_code": None})
assert "pyspark.pandas" not in sys.modules
"""
    command = [sys.executable, "-W", "error::FutureWarning", "-c", judged, __file__]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
