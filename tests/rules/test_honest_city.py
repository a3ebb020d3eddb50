"""On a whole generated city: what is certain concerns those who were planted, and the files agree with each other."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.stages.claim_totals import totals


@pytest.fixture
def asked(published_city: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(published_city / "claim_checks.parquet").to_pylist()
    return rows


def test_certain_questions_leave_honest_providers_alone(
    city: Path, published_city: Path, asked: list[dict[str, Any]]
) -> None:
    """Late visits, lost visits, credits and mistyped persons are everywhere; only a mistyped sum may be certain."""
    with (city / "truth" / "providers.csv").open(encoding="utf-8") as file:
        planted = {row["org_number"] for row in csv.DictReader(file)}
    honest = [row for row in asked if row["certainty"] == "contradiction" and row["org_number"] not in planted]
    may_be_mistyped = {"billed_over_performed", "billed_twice", "price_over_contract"}
    assert {row["rule"] for row in honest} <= may_be_mistyped
    lines = json.loads((published_city / "run.json").read_text("utf-8"))["rows"]["claim_line"]["accepted"]
    assert len(honest) <= lines / 500


def test_files_and_run_json_agree(published_city: Path, asked: list[dict[str, Any]]) -> None:
    with (published_city / "claim_checks.csv").open(encoding="utf-8", newline="") as file:
        assert [row["line_id"] for row in csv.DictReader(file)] == [row["line_id"] for row in asked]
    facts = json.loads((published_city / "run.json").read_text("utf-8"))
    assert facts["claim_checks"]["total"] == totals(asked)["total"]
    assert asked, "a city with schemes has something to ask about"


def test_every_question_is_a_row_of_the_delivery_in_words(asked: list[dict[str, Any]]) -> None:
    for row in asked:
        assert row["source_table"] == "claim_line"
        assert row["source_row_id"]
        assert row["amount_sek"] >= 0
        assert "{" not in row["text_sv"] + row["text_en"]
