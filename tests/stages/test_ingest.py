"""Deliveries become the store: typed, complete, pseudonymised, the same bytes, read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import EXIT_LIMIT, Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.sources.convert import ARROW
from valfardsbrott.stages import ingest
from valfardsbrott.stages.ingest_stats import summary
from valfardsbrott.stages.workspace import Workspace

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
ALMA, BEDA = "198001019986", "197506159818"
FIRM = "0021000146"
VISITS = f"""visit_id;org_number;recipient_id;staff_id;service_code;started_at;ended_at;start_receipt
V2;{FIRM};{BEDA};{ALMA};home_care;2026-10-05 08:00;2026-10-05 08:30;NFC
V1;{FIRM};19750615-9818;800101-9986;home_care;2026-10-25T02:50;2026-10-25T02:10;manual
"""
EARLIER = VISITS.replace("T02:50", "T01:50").replace("2026-10", "2026-09")
CLAIMS = f"""line_id,invoice_id,org_number,recipient_id,period,quantity,unit_code,unit_price_sek,amount_sek
L1,I1,{FIRM},{BEDA},2026-10,"7,5",HUR,516,"3 870,00"
"""
Put = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", key="0f" * 32, tracking=False)


@pytest.fixture
def put(settings: Settings) -> Put:
    def write(name: str, text: str, month: str = "2026-10") -> Path:
        path = settings.deliveries / month / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def stored(settings: Settings, table: str, month: Month = OCTOBER) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(Workspace(settings).table(table, month)).to_pylist()
    return rows


def quarantined(settings: Settings, file: str = "quarantine.parquet") -> list[tuple[Any, ...]]:
    path = Workspace(settings).stage("quarantine", OCTOBER, file)
    return [tuple(row.values()) for row in pq.read_table(path).to_pylist()]


def test_a_table_is_stored_as_the_catalogue_has_it(put: Put, settings: Settings) -> None:
    put("visit.csv", VISITS)
    put("claim_line.csv", CLAIMS)
    ingest.run(OCTOBER, settings)
    for name in ("visit", "claim_line"):
        schema = pq.read_schema(Workspace(settings).table(name, OCTOBER))
        assert {field.name: field.type for field in schema} == {
            column: ARROW[kind] for column, kind in tables()[name].stored.items()
        }
    first, second = stored(settings, "visit")
    assert (first["visit_id"], second["visit_id"]) == ("V1", "V2")  # sorted by key
    assert first["ended_at_utc"] - first["started_at_utc"] == dt.timedelta(minutes=20)  # through the repeated hour
    assert (second["start_receipt"], second["tag_id"], second["source_file"], second["source_row"]) == (
        "nfc", None, "visit.csv", 2,
    )  # fmt: skip
    (line,) = stored(settings, "claim_line")
    assert (line["quantity"], line["amount_ore"], line["period"]) == (Decimal("7.5000"), 387_000, dt.date(2026, 10, 1))


def test_one_person_is_one_pseudonym_in_every_table_and_no_file_holds_a_number(put: Put, settings: Settings) -> None:
    put("visit.csv", VISITS.replace("home_care;2026-10-05 08:00", "home_care;08:00"))
    put("claim_line.csv", CLAIMS)
    put("provider.csv", f"org_number,name,phone,street\n{ALMA[2:]},Alma {ALMA},{ALMA},Gatan 1\n{FIRM},Firm,08-1,G 2\n")
    ingest.run(OCTOBER, settings.model_copy(update={"quarantine_limit": 1.0}))
    (visit,) = stored(settings, "visit")
    (line,) = stored(settings, "claim_line")
    providers = {row["source_row"]: row for row in stored(settings, "provider")}
    assert visit["recipient_id"] == line["recipient_id"]
    assert providers[2]["org_number"] == visit["staff_id"] == providers[2]["phone"]
    assert providers[3]["org_number"] == FIRM
    for path in settings.store_path.rglob("*"):
        if path.is_file():
            text = repr(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text("utf-8")
            assert not [number for number in (ALMA, BEDA, ALMA[2:], BEDA[2:], "9818") if number in text], path


def test_counts_say_what_became_of_every_row(put: Put, settings: Settings) -> None:
    rows = VISITS + f"V3;{FIRM};{BEDA};198001019987;home_care;2026-10-06;2026-10-08;\n"  # two doubts
    rows += f"V4;{FIRM};{BEDA};{ALMA};home_care;2026-10-06 09:00;2026-10-06 08:00;stamp\n"  # two errors
    rows += f"V1;{FIRM};{BEDA};{ALMA};home_care;2026-10-07;2026-10-07;\nV5;{FIRM}\n"  # same key; ragged
    put("visit.csv", rows)
    put("note.txt", "read me")
    manifest = ingest.run(OCTOBER, settings.model_copy(update={"quarantine_limit": 1.0}))
    counts = manifest.stats["tables"]["visit"]
    assert {key: counts[key] for key in ("files", "rows_in", "accepted", "quarantined", "doubted", "warnings")} == {
        "files": ["visit.csv"], "rows_in": 6, "accepted": 3, "quarantined": 3, "doubted": 1,
        "warnings": {"ended_at:longer_than_a_day": 1, "staff_id:luhn": 1},
    }  # fmt: skip
    assert set(counts["columns_present"]) == {
        "visit_id", "org_number", "recipient_id", "staff_id", "service_code", "started_at", "started_at_utc",
        "ended_at", "ended_at_utc", "start_receipt", "source_file", "source_row",
    }  # fmt: skip
    assert quarantined(settings) == [
        ("visit", "visit.csv", 5, "ended_at", "ends_before_start", "20**************"),
        ("visit", "visit.csv", 5, "start_receipt", "unknown_code", "s****"),
        ("visit", "visit.csv", 6, "visit_id", "duplicate_key", "V1"),
        ("visit", "visit.csv", 7, "", "ragged_row", "2 values, header has 8"),
    ]
    (line,) = summary(manifest)
    assert (line.received, line.accepted, line.doubted, line.refused) == (6, 3, 1, 3)
    assert line.sv.startswith("Besök: 3 av 6 rader godtagna, 1 med tveksamheter (")
    assert line.en.startswith("Visit: 3 of 6 rows accepted, 1 with doubts (")
    assert [one["file"] for one in manifest.stats["findings"] if one["rule"] == "unknown_file"] == ["note.txt"]


def test_csv_and_parquet_of_a_table_are_read_together(put: Put, settings: Settings) -> None:
    path = put("board.csv", "board_id,name\nB1,Söder\nB2,Norr\n")
    pq.write_table(pa.table({"board_id": ["B3", "B1"], "name": ["Väst", "again"]}), path.with_suffix(".parquet"))
    manifest = ingest.run(OCTOBER, settings.model_copy(update={"quarantine_limit": 1.0}))
    assert [(row["board_id"], row["name"]) for row in stored(settings, "board")] == [
        ("B1", "Söder"), ("B2", "Norr"), ("B3", "Väst"),
    ]  # fmt: skip
    assert manifest.stats["tables"]["board"]["files"] == ["board.csv", "board.parquet"]
    assert quarantined(settings) == [("board", "board.parquet", 2, "board_id", "duplicate_key", "B1")]


def test_documents_and_tables_meet(put: Put, settings: Settings, shared_data: Callable[[str], Path]) -> None:
    for path in shared_data("peppol").glob("*.xml"):
        put(f"peppol/{path.name}", "").write_bytes(path.read_bytes())
    for path in shared_data("svefaktura").glob("*.xml"):
        put(f"svefaktura/{path.name}", "").write_bytes(path.read_bytes())
    put("peppol/torn.xml", "<Invoice")
    limit = settings.model_copy(update={"quarantine_limit": 0.5})
    counts = ingest.run(OCTOBER, limit).stats["tables"]["invoice"]
    assert (counts["rows_in"], counts["accepted"], counts["quarantined"]) == (12, 11, 1)
    assert {row["source"] for row in stored(settings, "invoice")} == {"peppol", "svefaktura"}
    assert [row[1] for row in quarantined(settings)] == ["peppol/torn.xml"]


def test_the_same_delivery_gives_the_same_bytes_anywhere(put: Put, settings: Settings, tmp_path: Path) -> None:
    put("visit.csv", VISITS)
    put("claim_line.csv", CLAIMS)
    other = settings.model_copy(update={"out": tmp_path / "elsewhere"})
    ingest.run(OCTOBER, settings)
    ingest.run(OCTOBER, other)
    for path in settings.store_path.rglob("*.parquet"):
        assert path.read_bytes() == (other.store_path / path.relative_to(settings.store_path)).read_bytes()


def test_a_month_is_read_once_until_its_files_change(put: Put, settings: Settings) -> None:
    put("visit.csv", EARLIER, "2026-09")
    path = put("visit.csv", VISITS)
    assert not ingest.run(OCTOBER, settings).cached
    assert ingest.run(OCTOBER, settings).cached
    path.touch()  # a new time, the same bytes
    assert ingest.run(OCTOBER, settings).cached
    put("visit.csv", VISITS + f"V3;{FIRM};{BEDA};{ALMA};home_care;2026-10-06 08:00;2026-10-06 08:30;\n")
    assert ingest.run(SEPTEMBER, settings).cached
    manifest = ingest.run(OCTOBER, settings)
    assert not manifest.cached
    assert manifest.stats["tables"]["visit"]["accepted"] == 3
    assert not ingest.run(OCTOBER, settings.model_copy(update={"key": "a0" * 32})).cached  # another key, other names


def test_a_later_delivery_is_not_looked_at(put: Put, settings: Settings) -> None:
    put("visit.csv", EARLIER, "2026-09")
    put("visit.csv", 'visit_id\n"broken', "2026-10")
    manifest = ingest.run(SEPTEMBER, settings)
    assert manifest.month == "2026-09"
    assert not Workspace(settings).table("visit", OCTOBER).exists()


def test_earlier_deliveries_are_read_with_the_month(put: Put, settings: Settings) -> None:
    put("visit.csv", EARLIER, "2026-09")
    put("claim_line.csv", CLAIMS)
    manifest = ingest.run(OCTOBER, settings)
    assert list(manifest.stats["tables"]) == ["claim_line"]
    assert len(stored(settings, "visit", SEPTEMBER)) == 2


def test_what_is_no_longer_delivered_leaves_the_store(put: Put, settings: Settings) -> None:
    put("board.csv", "board_id,name\nB1,Söder\n", "2026-09")
    table = put("board.csv", "board_id,name\nB1,Söder\n")
    put("visit.csv", VISITS)
    ingest.run(OCTOBER, settings)
    table.unlink()
    september = settings.deliveries / "2026-09"
    for path in september.iterdir():
        path.unlink()
    september.rmdir()
    ingest.run(OCTOBER, settings)
    assert not Workspace(settings).table("board", OCTOBER).exists()
    assert not Workspace(settings).table("board", SEPTEMBER).exists()
    assert Workspace(settings).table("visit", OCTOBER).exists()


def test_too_many_wrong_rows_stop_the_month_and_leave_the_last_one(put: Put, settings: Settings) -> None:
    put("visit.csv", VISITS)
    before = ingest.run(OCTOBER, settings)
    put("visit.csv", VISITS.replace("2026-10-05 08:30", "soon"))
    with pytest.raises(Failure) as stopped:
        ingest.run(OCTOBER, settings)
    assert stopped.value.exit_code == EXIT_LIMIT
    message = str(stopped.value)
    assert "visit 50.0% of 2 rows, limit 5.0% (visit.csv 50.0%), first visit.csv:2:ended_at bad_timestamp" in message
    assert "the last result is as it was" in message
    assert len(stored(settings, "visit")) == 2
    assert Workspace(settings).manifest("ingest", OCTOBER) == before
    assert quarantined(settings) == []  # the last result's
    assert [row[4] for row in quarantined(settings, file="stopped.parquet")] == ["bad_timestamp"]
    assert (
        ingest.run(OCTOBER, settings.model_copy(update={"quarantine_limit": 0.5})).stats["tables"]["visit"]["accepted"]
        == 1
    )


def test_an_empty_table_is_a_table(put: Put, settings: Settings) -> None:
    put("absence.csv", "recipient_id,kind,from_date,to_date\n")
    counts = ingest.run(OCTOBER, settings).stats["tables"]["absence"]
    assert (counts["rows_in"], counts["accepted"], counts["columns_present"]) == (0, 0, [])
    assert stored(settings, "absence") == []


def test_a_company_that_looks_like_a_person_stays_where_the_register_says_so(put: Put, settings: Settings) -> None:
    put("provider.csv", "org_number,name,legal_form\n000101-9981,Firm,AB\n", "2026-09")
    put("visit.csv", VISITS.replace(FIRM, "0001019981"))
    ingest.run(OCTOBER, settings)
    assert stored(settings, "provider", SEPTEMBER)[0]["org_number"] == "0001019981"
    assert {row["org_number"] for row in stored(settings, "visit")} == {"0001019981"}


def test_pay_without_a_worker_is_not_taken_for_the_same_pay_again(put: Put, settings: Settings) -> None:
    put("payroll.csv", f"org_number,month,paid_minutes,gross_pay_sek\n{FIRM},2026-09,600,100\n{FIRM},2026-09,600,200\n")
    put("payroll.csv", f"org_number,month,gross_pay_sek\n{FIRM},2026-09,300\n{FIRM},2026-09,300\n", "2026-09")
    manifest = ingest.run(OCTOBER, settings)
    assert manifest.stats["tables"]["payroll"]["quarantined"] == 0
    assert [row["gross_pay_ore"] for row in stored(settings, "payroll")] == [10_000, 20_000]
    assert len(stored(settings, "payroll", SEPTEMBER)) == 2
    assert not Workspace(settings).superseded("payroll", OCTOBER).exists()
