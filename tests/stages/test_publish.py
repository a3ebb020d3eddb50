"""The published folder: complete or absent, the same bytes twice, safe to open."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month, cell
from valfardsbrott.settings import Settings
from valfardsbrott.stages import hidden, publish, swap

OCTOBER = Month(2026, 10)

FILES = {
    "run.json", "flags.csv", "flags.parquet", "scores.parquet", "networks.parquet", "network_members.csv",
    "network_members.parquet", "network_links.parquet", "features.parquet", "evidence/billed_over_performed.parquet",
    "quarantine.parquet", "report.html", "entities.parquet", "network_timeline.parquet", "control_reasons.parquet",
    "capacity.csv", "capacity.parquet", "lead_times.parquet", "migrations.parquet", "claim_checks.csv",
    "claim_checks.parquet", "held_back.csv", "held_back.parquet", "learning.json", "drift.csv", "drift.parquet",
    "drift.html",
}  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_the_result_is_there_and_nothing_else(finished_store: Settings) -> None:
    manifest = publish.run(OCTOBER, finished_store)
    assert set(contents(finished_store.out / "2026-10")) == FILES
    assert set(manifest.outputs) == FILES
    assert [path.name for path in finished_store.out.iterdir() if path.name != ".store"] == ["2026-10"]


def test_published_twice_only_the_measurements_in_run_json_differ(finished_store: Settings) -> None:
    publish.run(OCTOBER, finished_store)
    first = contents(finished_store.out / "2026-10")
    publish.run(OCTOBER, finished_store)
    second = contents(finished_store.out / "2026-10")
    records = [json.loads(files.pop("run.json")) for files in (first, second)]
    assert first == second
    for record in records:
        assert record.pop("durations").keys() >= {"ingest", "publish"}
        assert record.pop("peak_memory_mb") > 1
    assert records[0] == records[1]


def test_run_json_says_what_was_read_and_who_judged(finished_store: Settings) -> None:
    publish.run(OCTOBER, finished_store)
    record = json.loads((finished_store.out / "2026-10" / "run.json").read_text("utf-8"))
    assert record["month"] == "2026-10"
    assert record["run_id"].startswith("2026-10-")
    assert record["purpose"]["code"] == "KL 10:8"
    assert record["rows"]["visit"] == {
        "rows_in": 1200, "accepted": 1199, "quarantined": 1, "warnings": {"staff_id:luhn": 4},
    }  # fmt: skip
    assert record["model"] == {"name": "provider_champion", "version": "1", "fingerprint": "ef" * 32}
    assert len(record["input_fingerprint"]) == len(record["code"]["digest"]) == 64
    assert not {"key", "key_file", "out", "deliveries", "threads"} & set(record["settings"])


def test_another_seed_is_another_run(finished_store: Settings) -> None:
    other = finished_store.model_copy(update={"seed": 7})
    assert publish.run(OCTOBER, finished_store).fingerprint != publish.run(OCTOBER, other).fingerprint


def test_csv_and_parquet_of_the_flags_hold_the_same(finished_store: Settings) -> None:
    publish.run(OCTOBER, finished_store)
    folder = finished_store.out / "2026-10"
    with (folder / "flags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    flags = pq.read_table(folder / "flags.parquet").to_pylist()
    assert [row["entity_id"] for row in rows] == [flag["entity_id"] for flag in flags]
    assert json.loads(rows[0]["reasons"])[0]["feature"] == "billed_over_performed"
    assert float(rows[0]["amount_at_risk_sek"]) == 41_230.5


def test_a_protected_person_is_in_no_file_and_the_evidence_keeps_its_rows(finished_store: Settings) -> None:
    owner = "p" + "0a" * 16
    publish.run(OCTOBER, finished_store)
    evidence = finished_store.out / "2026-10" / "evidence" / "billed_over_performed.parquet"
    assert pq.read_table(evidence)["staff_id"].to_pylist() == [owner, owner]
    marked = finished_store.store_path / "ingest" / "2026-10" / "protected.parquet"
    marked.parent.mkdir(parents=True)
    pq.write_table(pa.table({"person_id": [owner]}), marked)
    publish.run(OCTOBER, finished_store)
    rows = pq.read_table(evidence)
    assert rows["staff_id"].to_pylist() == [None, None]
    assert rows["source_row_id"].to_pylist() == ["visit.csv:17", "visit.csv:32"]
    for path in (finished_store.out / "2026-10").rglob("*.*"):
        text = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text("utf-8")
        assert owner not in text, path.name


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_row_about_a_protected_person_goes_and_a_mention_is_emptied(kind: pa.DataType) -> None:
    rows = pa.table(
        {"node_id": pa.array(["anna", "bo", None], kind), "staff_id": pa.array(["bo", "anna", "anna"], kind)}
    )
    assert hidden.veiled(rows, frozenset({"anna"})).to_pylist() == [
        {"node_id": "bo", "staff_id": None}, {"node_id": None, "staff_id": None},
    ]  # fmt: skip


def test_dwellings_are_numbered_in_evidence() -> None:
    table = pa.table({"dwelling_id": ["d-9", None, "d-1", "d-9"], "dwelling_people": [4, 0, 2, 4]})
    assert hidden.unplaced(table)["dwelling_id"].to_pylist() == ["home-2", None, "home-1", "home-2"]


def test_a_month_without_flags_is_published_too(finished_store: Settings) -> None:
    path = finished_store.store_path / "flag" / "2026-10" / "flags.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    publish.run(OCTOBER, finished_store)
    assert pq.read_table(finished_store.out / "2026-10" / "flags.parquet").num_rows == 0
    assert (finished_store.out / "2026-10" / "report.html").stat().st_size


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12;=1+1", "12;'=1+1"), ("a\t@SUM(A1)", "a\t'@SUM(A1)"), ("två\n+1", "två\n'+1"), ('x; "=1"', "x; \"'=1\""),
        ("KL 10:8; SoL 15:9", "KL 10:8; SoL 15:9"), ("a = b, c - d", "a = b, c - d"),
    ],
)  # fmt: skip
def test_nor_does_a_spreadsheet_that_parts_cells_otherwise_find_a_formula_inside(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_a_missing_stage_is_named_and_the_earlier_result_stays(finished_store: Settings) -> None:
    publish.run(OCTOBER, finished_store)
    before = contents(finished_store.out / "2026-10")
    (finished_store.store_path / "networks" / "2026-10" / "links.parquet").unlink()
    with pytest.raises(Failure, match=r"'networks' has left no links\.parquet for 2026-10"):
        publish.run(OCTOBER, finished_store)
    assert contents(finished_store.out / "2026-10") == before
    assert not list(finished_store.out.glob(".*.tmp"))


def test_the_exchange_leaves_one_folder_with_or_without_the_systems_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "2026-10"
    for able in (True, False):
        if not able:
            monkeypatch.setattr(swap, "_exchange", lambda *_: False)
        for text in ("old", "new"):
            with swap.replacing_folder(target) as folder:
                (folder / "a").write_text(text)
        assert (target / "a").read_text() == "new"
        assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]


def test_a_result_that_was_set_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".2026-10.old").mkdir()
    (tmp_path / ".2026-10.old" / "a").write_text("old")
    (tmp_path / ".2026-10.999.tmp").mkdir()
    swap.recover(tmp_path / "2026-10")
    assert [path.name for path in tmp_path.iterdir()] == ["2026-10"]
    assert (tmp_path / "2026-10" / "a").read_text() == "old"


def test_killed_just_before_the_exchange_the_earlier_result_is_whole(finished_store: Settings) -> None:
    publish.run(OCTOBER, finished_store)
    before = contents(finished_store.out / "2026-10")
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from valfardsbrott.domain import Month\n"
        "from valfardsbrott.settings import Settings\n"
        "from valfardsbrott.stages import hidden, publish, swap\n"
        "swap._take_place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "publish.run(Month(2026, 10), Settings(out=Path(sys.argv[1])))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, finished_store.out], check=False, env=os.environ)
    assert done.returncode == -9
    assert contents(finished_store.out / "2026-10") == before
    assert list(finished_store.out.glob(".2026-10.*.tmp"))
    publish.run(OCTOBER, finished_store)
    assert not list(finished_store.out.glob(".2026-10.*.tmp"))
