"""docs/invoice-rules.md says what the headers say, and its example works as a city's own rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import claim_checks
from valfardsbrott.stages.rule_table import renewed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "invoice-rules.md"
PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]


def test_the_table_is_that_of_the_headers() -> None:
    """Where it is not: valfardsbrott.stages.rule_table.write(Path("docs/invoice-rules.md"))."""
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        renewed("# A page\n")


def test_the_example_asks_as_the_page_says(tmp_path: Path, put_table: PutTable) -> None:
    example = re.search(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    store, own = tmp_path / "store", tmp_path / "own"
    own.mkdir()
    (own / "weekend_shopping.sql").write_text(example[1], encoding="utf-8")
    who = {"org_number": "acme", "recipient_id": "anna", "service_code": "shopping"}
    line = {"line_id": "r1", "invoice_id": "f1", "period": "2026-10-01", "quantity": Decimal(1), "unit_code": "HUR"}
    put_table(store, "claim_line", "2026-10", [{**who, **line, "unit_price_ore": 47800, "amount_ore": 47800}])
    saturday = {"started_at": "2026-10-10 10:00", "ended_at": "2026-10-10 11:00"}
    utc = {"started_at_utc": "2026-10-10 08:00", "ended_at_utc": "2026-10-10 09:00"}
    put_table(store, "visit", "2026-10", [{**who, **saturday, **utc, "visit_id": "v1", "staff_id": "bo"}])
    claim_checks.run(Month(2026, 10), Settings(store=store, threads=1, rules_folder=own))
    rows = pq.read_table(store / "claim_checks" / "2026-10" / "claim_checks.parquet").to_pylist()
    (row,) = [row for row in rows if row["rule"] == "weekend_shopping"]
    assert row["text_en"] == "The line for 2026-10 holds 1 shopping visits at weekends."
