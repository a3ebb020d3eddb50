"""Deliveries as written: complete, of the declared types, consistent, and the same bytes every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.catalogue import Column, tables
from valfardsbrott.domain import Failure, Month
from valfardsbrott.identifiers import normalise
from valfardsbrott.synthetic import generate
from valfardsbrott.synthetic.write import AS_TEXT

OCTOBER = "2026-10"

_ARROW: dict[str, Callable[[pa.DataType], bool]] = {
    **dict.fromkeys(("string", "code", "org", "person", "account", "postal_code"), pa.types.is_string),
    "date": pa.types.is_date,
    "month": pa.types.is_date, "timestamp": pa.types.is_timestamp, "integer": pa.types.is_integer,
    "number": pa.types.is_decimal, "money": pa.types.is_decimal,
    "bool": pa.types.is_boolean,
}  # fmt: skip


def _read(city: Path, name: str, month: str = OCTOBER) -> pd.DataFrame:
    """The table of a month with values as they stand (text in text files)."""
    folder = city / "deliveries" / month
    if (folder / f"{name}.parquet").exists():
        return pd.DataFrame(pq.read_table(folder / f"{name}.parquet").to_pydict())
    dialect = AS_TEXT[name]
    return pd.read_csv(folder / f"{name}.csv", sep=dialect.delimiter, encoding=dialect.encoding, dtype=str)


@pytest.mark.parametrize("name", list(tables()))
def test_table_is_as_declared(small_city: Path, name: str) -> None:
    table, declared = _read(small_city, name), tables()[name]
    known = {column.name: column for column in declared.columns}
    assert set(table) <= set(known)
    for column in declared.columns:
        if column.required:
            assert table[column.name].notna().all(), column.name
        if column.values and column.name in table:
            assert set(table[column.name].dropna()) <= set(column.values), column.name
    assert table.duplicated(list(set(declared.key) & set(table))).sum() <= 0.01 * len(table)
    path = small_city / "deliveries" / OCTOBER / f"{name}.parquet"
    if path.exists():
        _check_types(pq.read_schema(path), known)


def _check_types(schema: Any, known: dict[str, Column]) -> None:
    for field in schema:
        assert _ARROW[known[field.name].type](field.type), field


@pytest.mark.parametrize(
    ("table", "column"),
    [(name, column.name) for name, table in tables().items() for column in table.columns if column.type == "person"],
)
def test_persons_are_nobody(small_city: Path, table: str, column: str) -> None:
    numbers = _read(small_city, table)[column].dropna().drop_duplicates().str.replace("-", "")
    assert numbers.str.fullmatch(r"\d{12}").all()
    assert numbers.str[8:11].astype(int).between(980, 999).all()
    wrong = [number for number in numbers if not normalise(number, "person").valid]
    assert len(wrong) <= max(1, 0.01 * len(numbers))


@pytest.mark.parametrize(
    ("table", "column"),
    [(name, column.name) for name, table in tables().items() for column in table.columns if column.type == "org"],
)
def test_organisations_are_nobody(small_city: Path, table: str, column: str) -> None:
    numbers = _read(small_city, table)[column].dropna().drop_duplicates().str.replace("-", "")
    company = numbers.str.startswith("00") & (numbers.str[2] >= "2")
    sole_trader = (numbers.str[2] < "2") & numbers.str[6:9].str.fullmatch("9[89][0-9]")
    assert (company | sole_trader).all()
    truth = pd.read_csv(small_city / "truth" / "entities.csv", dtype=str)
    mistyped = set(truth.loc[truth["kind"] == "organisation", "record"])
    assert {number for number in numbers[company] if not normalise(number, "org").valid} <= mistyped


def test_accounts_pass_their_check(small_city: Path) -> None:
    numbers = _read(small_city, "payment_account")["account_number"]
    assert all(normalise(number, "bankgiro").valid for number in numbers)
    assert numbers.str.startswith("1").all()  # no bankgiro of eight digits begins so


def test_invoices_add_up(small_city: Path) -> None:
    lines = _read(small_city, "claim_line").groupby("invoice_id")["amount_sek"].sum()
    invoices = _read(small_city, "invoice").set_index("invoice_id")["total_sek"]
    assert set(lines.index) == set(invoices.index)
    assert (lines == invoices.reindex(lines.index)).all()


def test_amount_is_quantity_times_price(small_city: Path) -> None:
    lines = _read(small_city, "claim_line")
    product = lines["quantity"].astype(float) * lines["unit_price_sek"].astype(float)
    assert (product - lines["amount_sek"].astype(float)).abs().max() <= 0.00501


def test_claims_are_the_registered_time(small_city: Path) -> None:
    """Honest providers bill what is registered: hours by the minute, nights by the visit."""
    visit, lines = _read(small_city, "visit").drop_duplicates("visit_id"), _read(small_city, "claim_line")
    visit = visit[~visit["deviation_code"].isin(["hospital", "cancelled"]) & (visit["service_code"] != "night_visit")]
    minutes = (visit["ended_at"] - visit["started_at"]).dt.total_seconds().clip(lower=0) / 60
    performed = minutes.groupby(visit["org_number"]).sum()
    hours = lines[lines["unit_code"] == "HUR"].groupby("org_number")["quantity"].sum().astype(float)
    planted = pd.read_csv(small_city / "truth" / "providers.csv", dtype=str)["org_number"]
    documents = {path.name[:10] for path in (small_city / "deliveries" / OCTOBER / "peppol").glob("*.xml")}
    ratio = (hours * 60 / performed).drop(list({*planted, *documents}), errors="ignore").dropna()
    assert len(ratio) >= 2
    assert ratio.between(0.97, 1.03).all()


def test_a_month_knows_nothing_later(small_city: Path) -> None:
    last = dt.date(2026, 9, 30)
    for name in tables():
        table = _read(small_city, name, "2026-09")
        for column in (
            "deregistered_on",
            "employed_to",
            "to_date",
            "revoked_on",
            "remedied_on",
            "decided_on",
            "issued_on",
        ):
            if column in table:
                assert (pd.to_datetime(table[column]).dropna() <= pd.Timestamp(last)).all(), (name, column)
    registered = _read(small_city, "visit", "2026-09")["registered_at"].dropna()
    assert registered.dt.strftime("%Y-%m").eq("2026-09").all()


def test_late_visits_come_with_the_next_delivery(small_city: Path) -> None:
    visit, lines = _read(small_city, "visit"), _read(small_city, "claim_line")
    assert (visit["started_at"] < "2026-10-01").sum() > 0
    assert set(lines["period"]) == {dt.date(2026, 9, 1), dt.date(2026, 10, 1)}


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_month_is_the_same_whatever_comes_with_it(small_city: Path, tmp_path: Path) -> None:
    generate(tmp_path, size="XS", months=2, seed=5, last=Month(2026, 11))
    assert _digests(tmp_path / "deliveries" / OCTOBER) == _digests(small_city / "deliveries" / OCTOBER)


def test_same_arguments_same_bytes(small_city: Path, tmp_path: Path) -> None:
    generate(tmp_path, size="xs", months=2, seed=5)
    assert _digests(tmp_path) == _digests(small_city)


def test_another_seed_another_city(small_city: Path, tmp_path: Path) -> None:
    generate(tmp_path, size="XS", seed=6)
    assert not set(_read(tmp_path, "provider")["org_number"]) & set(_read(small_city, "provider")["org_number"])


def test_truth_names_what_was_delivered(small_city: Path) -> None:
    orgs = set(_read(small_city, "provider")["org_number"]) | set(
        _read(small_city, "provider", "2026-09")["org_number"]
    )
    planted, networks, lookalikes = (
        pd.read_csv(small_city / "truth" / f"{name}.csv", dtype=str) for name in ("providers", "networks", "lookalikes")
    )
    assert list(planted) == ["org_number", "scheme", "arm", "difficulty", "from_month", "network_id"]
    assert set(planted["arm"]) == {"single", "network"}
    assert set(networks["org_number"]) == set(planted.loc[planted["arm"] == "network", "org_number"])
    assert not set(lookalikes["org_number"]) & set(planted["org_number"])
    assert set(planted["org_number"]) <= orgs


def test_no_share_plants_nobody(tmp_path: Path) -> None:
    generate(tmp_path, size="XS", seed=2, fraud_share=0.0)
    assert (tmp_path / "truth" / "providers.csv").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": "XXL"}, "no size 'XXL'"),
        ({"difficulty": "fair"}, "no difficulty 'fair'"),
        ({"fraud_share": 0.9}, "between 0 and 0.5"),
        ({"last": Month(2031, 1)}, "has no months"),
        ({"months": 60}, "has no months"),
        ({"months": 0}, "at least one month"),
    ],
)
def test_arguments_out_of_range_are_named(arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(Failure, match=message):
        generate(tmp_path, **{"size": "XS"} | arguments)
