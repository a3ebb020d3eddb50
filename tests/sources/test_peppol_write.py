"""What is written as Peppol reads back as the same rows, breaks no rule, and has the same bytes each time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.identifiers import luhn_check_digit
from valfardsbrott.sources import peppol
from valfardsbrott.sources.peppol_write import BUYER, document, write_invoice

NAMES = st.text("abcåäöÅ &<>'\"/-0123456789", min_size=1, max_size=12).map(lambda name: f"N{name}".strip())
MONTHS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)).map(lambda day: day.replace(day=1))
ORE = st.integers(-5_000_000, 5_000_000).map(lambda ore: Decimal(ore) / 100)
PRICES = st.integers(0, 100_000).map(lambda ore: Decimal(ore) / 100)
ORGS = st.integers(0, 9_999).map(lambda at: _org(f"00{2 + at % 8}{at:06d}"))
ACCOUNTS = st.one_of(
    st.integers(100_000, 9_999_999).map(lambda at: _giro(f"{at:07d}", 4)),
    st.integers(1, 99_999).map(lambda at: _giro(f"{at}", 1)),
)
Lines = list[dict[str, Any]]


def _org(nine: str) -> str:
    return nine + luhn_check_digit(nine)


def _giro(digits: str, last: int) -> str:
    full = digits + luhn_check_digit(digits)
    return f"{full[:-last]}-{full[-last:]}"


@st.composite
def line_rows(draw: st.DrawFn, credit: bool) -> dict[str, Any]:
    amount = abs(draw(ORE)) * (-1 if credit else 1)
    return {
        "recipient_id": draw(st.none() | st.just("198001019986")),
        "service_code": draw(st.none() | NAMES),
        "period": f"{draw(MONTHS):%Y-%m}",
        "quantity": draw(st.integers(1, 999)) * (-1 if credit else 1),
        "unit_code": draw(st.sampled_from(["HUR", "MIN", "VIS", "EA"])),
        "unit_price_sek": draw(PRICES),
        "amount_sek": amount,
    }


@st.composite
def bills(draw: st.DrawFn) -> tuple[dict[str, Any], Lines]:
    credit_of = draw(st.none() | NAMES)
    lines = draw(st.lists(line_rows(credit_of is not None), min_size=1, max_size=4))
    month = draw(MONTHS)
    invoice = {
        "org_number": draw(ORGS),
        "invoice_number": draw(NAMES),
        "issue_date": month,
        "due_date": draw(st.none() | st.just(month + dt.timedelta(30))),
        "period_from": month,
        "period_to": month + dt.timedelta(27),
        "board_id": draw(st.none() | NAMES),
        "contract_id": draw(st.none() | NAMES),
        "total_sek": sum(line["amount_sek"] for line in lines),
        "account_number": draw(st.none() | ACCOUNTS),
        "payee_org_number": draw(st.none() | ORGS),
        "credit_of": credit_of,
    }
    return invoice, lines


def read_back(path: Path) -> tuple[dict[str, Any], Lines, list[Any]]:
    (invoice, lines), findings = peppol.read(path, "peppol/f.xml")
    columns = {name: column.to_pylist() for name, column in lines.columns.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {name: column[0].as_py() for name, column in invoice.columns.items()}, rows, findings


def _as_read(row: dict[str, Any]) -> dict[str, Any]:
    """Numbers as numbers, all else as text."""
    shown = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}
    numbers = {"total_sek", "quantity", "unit_price_sek", "amount_sek"}
    return {name: Decimal(value) if name in numbers else value for name, value in shown.items()}


@given(bills())
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, bill: tuple[dict[str, Any], Lines]
) -> None:
    invoice, lines = bill
    path = tmp_path_factory.getbasetemp() / "written.xml"
    write_invoice(path, invoice, lines)
    invoice_read, lines_read, findings = read_back(path)
    assert {name: _as_read(invoice_read)[name] for name in invoice} == _as_read(invoice)
    for written, read in zip(lines, lines_read, strict=True):
        assert {name: _as_read(read)[name] for name in written} == _as_read(written)
        assert (read["invoice_id"], read["org_number"]) == (invoice_read["invoice_id"], invoice["org_number"])
    # Prices and amounts are drawn freely, so a line's arithmetic may be wrong; nothing else may be.
    assert {finding.rule for finding in findings} <= {"PEPPOL-EN16931-R120"}


@given(bills())
def test_the_same_rows_are_the_same_bytes(bill: tuple[dict[str, Any], Lines]) -> None:
    assert document(*bill) == document(dict(reversed(bill[0].items())), [dict(line) for line in bill[1]])


HOURS: dict[str, Any] = {
    "period": "2026-10",
    "quantity": 100,
    "unit_code": "HUR",
    "unit_price_sek": 516,
    "amount_sek": 51600,
}
CARE: dict[str, Any] = {
    "org_number": _org("002000000"),
    "invoice_number": "F-7",
    "issue_date": "2026-11-06",
    "total_sek": 51600,
}


def test_a_home_care_invoice_breaks_no_rule(tmp_path: Path) -> None:
    write_invoice(tmp_path / "f.xml", CARE, [HOURS])
    invoice, lines, findings = read_back(tmp_path / "f.xml")
    assert not findings
    assert (invoice["total_sek"], lines[0]["amount_sek"], lines[0]["unit_price_sek"]) == (
        "51600.00",
        "51600.00",
        "516.00",
    )
    assert (invoice["period_from"], invoice["period_to"]) == ("2026-10-01", "2026-10-31")


def test_a_sole_trader_is_written_with_ten_digits(tmp_path: Path) -> None:
    write_invoice(tmp_path / "f.xml", CARE | {"org_number": "198001019986"}, [HOURS])
    assert read_back(tmp_path / "f.xml")[0]["org_number"] == "8001019986"


def test_characters_that_xml_cannot_hold_are_left_out(tmp_path: Path) -> None:
    write_invoice(tmp_path / "f.xml", CARE | {"invoice_number": "F\x00\x0b7\ud800"}, [HOURS])
    assert read_back(tmp_path / "f.xml")[0]["invoice_number"] == "F7"


def test_the_buyer_is_nobody() -> None:
    assert BUYER.startswith("00")
