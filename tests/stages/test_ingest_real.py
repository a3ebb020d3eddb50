"""Real files from outside, through the mappings in the guide."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import ingest
from valfardsbrott.stages.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
SharedData = Callable[[str], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", key="0f" * 32, tracking=False)


def deliver(settings: Settings, files: list[Path], mapping: str, month: str) -> Manifest:
    folder = settings.deliveries / month
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).symlink_to(file)
    text = (ROOT / "docs" / "mappings" / f"{mapping}.mapping.yaml").read_text(encoding="utf-8")
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    return ingest.run(Month.parse(month), settings)


def test_corporate_payments(settings: Settings, shared_data: SharedData) -> None:
    source = shared_data("corporate_payments") / "payments.csv"
    counts = deliver(settings, [source], "corporate_payments", "2010-12").stats["tables"]
    assert {name: (one["rows_in"], one["accepted"]) for name, one in counts.items()} == {
        "provider": (26_166, 26_166), "invoice": (189_470, 189_470), "claim_line": (189_470, 189_470),
    }  # fmt: skip
    with source.open(encoding="utf-8") as file:
        total = sum(round(float(row["Amount"]) * 100) for row in csv.DictReader(file))
    invoices = pq.read_table(Workspace(settings).table("invoice", Month(2010, 12)))
    assert pc.sum(invoices["total_ore"]).as_py() == total
    assert pc.max(invoices["source_row"]).as_py() == 189_471


def test_medicare(settings: Settings, shared_data: SharedData) -> None:
    files = sorted(shared_data("medicare").glob("*.zip"))
    counts = deliver(settings, files, "medicare", "2009-12").stats["tables"]
    assert {name: one["accepted"] for name, one in counts.items()} == {
        "provider": 2_092, "person": 138_556, "invoice": 40_474, "claim_line": 40_474, "visit": 40_362, "staff": 18_644,
    }  # fmt: skip
    assert all(one["quarantined"] == 0 for one in counts.values())
    persons = pq.read_table(Workspace(settings).table("person", Month(2009, 12)))
    assert (
        len(persons) - persons["deregistered_on"].null_count
        == pc.sum(pc.equal(persons["deregistration_reason"], "AV")).as_py()
        == 1_421
    )
