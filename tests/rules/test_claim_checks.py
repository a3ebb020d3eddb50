"""The stage: sentences, versions by the claim's period, rules that lack their sources, money counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import claim_checks
from valfardsbrott.stages.claim_checks import written
from valfardsbrott.stages.claim_totals import by, once, totals
from valfardsbrott.stages.language import language

OCTOBER = Month(2026, 10)
PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]
LINE = {
    "invoice_id": "f1", "org_number": "acme", "recipient_id": "anna", "service_code": "bath", "period": "2026-10-01",
    "quantity": Decimal(10), "unit_code": "HUR", "unit_price_ore": 50000, "amount_ore": 510000,
}  # fmt: skip
RULE = """/* ---
name: odd
label: {{sv: Udda, en: Odd}}
words:
  sv: "{sv} {{period}}: {{line_ore}}."
  en: "Odd {{period}}: {{line_ore}}."
law: avtalet
certainty: contradiction
doubt_when: {{sv: Alltid., en: Always.}}
severity: note
clears: {{sv: Svar., en: An answer.}}
innocent: {{sv: Slump., en: Chance.}}
valid_from: {since}
{until}
sources: [claim_fact]
columns: {{line_ore: the line}}
--- */
select line_id, {amount} as amount_ore, amount_ore as line_ore, {doubt} as is_doubt from {source}
"""
#: All lines, as a source of the rule.
ALL = "select line_id, amount_ore from claim_fact"


@pytest.fixture
def settings(tmp_path: Path, put_table: PutTable) -> Settings:
    """One invoice with two lines, one of them late, and a recipient with a decision."""
    store, own = tmp_path / "store", tmp_path / "rules"
    own.mkdir()
    put_table(
        store, "claim_line", "2026-10",
        [{**LINE, "line_id": "now"}, {**LINE, "line_id": "late", "period": "2026-09-01", "amount_ore": 500000}],
    )  # fmt: skip
    invoice = {"invoice_id": "f1", "org_number": "acme", "invoice_number": "1", "issue_date": "2026-10-31"}
    put_table(store, "invoice", "2026-10", [invoice | {"source": "ledger", "board_id": "north", "total_ore": 1010000}])
    return Settings(store=store, threads=1, rules_folder=own)


def _write(settings: Settings, file: str = "odd.sql", **changes: str) -> None:
    parts = {
        "sv": "Udda", "since": "2020-01-01", "until": "", "amount": "amount_ore", "doubt": "true",
        "source": "claim_fact",
    }  # fmt: skip
    assert settings.rules_folder is not None
    (settings.rules_folder / file).write_text(RULE.format(**(parts | changes)), encoding="utf-8")


def _rows(settings: Settings, rule: str = "odd") -> list[dict[str, Any]]:
    path = settings.store_path / "claim_checks" / "2026-10" / "claim_checks.parquet"
    return [row for row in pq.read_table(path).to_pylist() if row["rule"] == rule]


def test_a_question_names_line_invoice_board_and_source_row_and_speaks_both_languages(settings: Settings) -> None:
    _write(settings)
    claim_checks.run(OCTOBER, settings)
    row = next(row for row in _rows(settings) if row["line_id"] == "now")
    assert row["text_sv"] == "Udda 2026-10: 5\u202f100\u202fkr."
    assert row["text_en"] == "Odd 2026-10: 5\u202f100\u202fSEK."
    assert (row["invoice_id"], row["org_number"], row["board_id"], row["amount_sek"]) == ("f1", "acme", "north", 5100.0)
    assert (row["certainty"], row["source_table"], row["source_row_id"]) == ("doubt", "claim_line", "claim_line.csv:2")


def test_the_version_in_force_in_the_claims_period_asks(settings: Settings) -> None:
    _write(settings, sv="Gammal", until="valid_to: 2026-09-30")
    _write(settings, "odd.2026-10.sql", sv="Ny", since="2026-10-01")
    claim_checks.run(OCTOBER, settings)
    assert {row["line_id"]: row["text_sv"].split()[0] for row in _rows(settings)} == {"now": "Ny", "late": "Gammal"}


def test_a_rule_without_its_tables_is_not_available_and_says_what_it_needs(settings: Settings) -> None:
    unavailable = claim_checks.run(OCTOBER, settings).stats["unavailable"]
    assert unavailable["no_permit"] == {"needs": ["permit"], "sv": "Inget giltigt tillstånd", "en": "No valid permit"}
    assert "arithmetic_wrong" not in unavailable
    assert [row["line_id"] for row in _rows(settings, "arithmetic_wrong")] == ["now"]


def test_the_same_input_gives_the_same_bytes_and_is_not_computed_twice(settings: Settings, tmp_path: Path) -> None:
    _write(settings)
    first = claim_checks.run(OCTOBER, settings)
    path = settings.store_path / first.outputs[0]
    was = path.read_bytes()
    assert claim_checks.run(OCTOBER, settings).cached
    again = claim_checks.run(OCTOBER, settings.model_copy(update={"threads": 4}))
    path.unlink()
    claim_checks.run(OCTOBER, settings.model_copy(update={"threads": 4}))
    assert again.fingerprint == first.fingerprint
    assert path.read_bytes() == was


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": f"({ALL} union all {ALL})"}, "gives a line twice"),
        ({"amount": "-1"}, "empty or negative"),
        ({"source": "claim_fact where nonsense"}, "odd.sql"),
        ({"source": "claim_fact where right(recipient_id, 4) < '5000'"}, "takes a person's identifier apart"),
    ],
)
def test_a_query_that_cannot_be_right_stops_the_run_and_names_its_file(
    settings: Settings, changes: dict[str, str], told: str
) -> None:
    _write(settings, **changes)
    with pytest.raises(Failure, match=told) as failure:
        claim_checks.run(OCTOBER, settings)
    assert "odd.sql" in str(failure.value)


def test_a_query_that_lacks_a_column_of_its_header_is_told(settings: Settings) -> None:
    _write(settings, amount="amount_ore as something_else, amount_ore")
    assert settings.rules_folder is not None
    path = settings.rules_folder / "odd.sql"
    path.write_text(path.read_text("utf-8").replace(" as line_ore", ""), encoding="utf-8")
    with pytest.raises(Failure, match="does not give line_ore"):
        claim_checks.run(OCTOBER, settings)


def test_a_month_without_a_delivery_is_told(settings: Settings) -> None:
    with pytest.raises(Failure, match="no delivery for 2026-11"):
        claim_checks.run(OCTOBER.plus(1), settings)


def _asked(line: str, rule: str, sek: float, certainty: str = "doubt") -> dict[str, Any]:
    return {"line_id": line, "rule": rule, "amount_sek": sek, "certainty": certainty}


def test_a_line_that_several_rules_ask_about_counts_once_with_its_largest_amount() -> None:
    rows = [_asked("a", "x", 100.0), _asked("a", "y", 80.0, "contradiction"), _asked("b", "x", 50.5)]
    assert once(rows) == (2, 8000, 15050)
    assert totals(rows)["total"] == {"lines": 2, "contradiction_sek": 80.0, "doubt_sek": 70.5}
    assert totals(rows)["by_rule"]["x"] == {"lines": 2, "contradiction_sek": 0.0, "doubt_sek": 150.5}
    assert [key for key, _ in by(rows, "rule")] == ["x", "y"]
    assert once([]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("price_ore", 51650, "516,50\u202fkr"), ("price_ore", 51600, "516\u202fkr"), ("price_ore", None, "–"),
        ("period", dt.date(2026, 10, 1), "2026-10"), ("from_date", dt.date(2026, 10, 1), "2026-10-01"),
        ("excess", 1200, "1\u202f200"), ("quantity", Decimal("1.5"), "1,50"), ("invoice_number", "=1+1", "=1+1"),
        ("service_code", "escort", "ledsagning"), ("service_code", "bath", "bath"),
    ],
)  # fmt: skip
def test_values_in_a_sentence(name: str, value: Any, shown: str) -> None:
    assert written(name, value, language("sv")) == shown
