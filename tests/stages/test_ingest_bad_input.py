"""What a user may get wrong, and what is said: file, place and remedy, never the row."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.sources.delivery import delivery
from valfardsbrott.stages import ingest
from valfardsbrott.stages.failures import as_failure
from valfardsbrott.stages.ingest_files import FileIndex

OCTOBER = Month(2026, 10)
HEAD = "visit_id,org_number,recipient_id,staff_id,service_code,started_at,ended_at"
ROW = "V1,0021000146,197506159818,198001019986,home_care,2026-10-05 08:00,2026-10-05 08:30"
Put = Callable[[str, bytes], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", key="0f" * 32, tracking=False)


@pytest.fixture
def put(settings: Settings) -> Put:
    def write(name: str, data: bytes) -> Path:
        path = settings.deliveries / "2026-10" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return write


def refusal(settings: Settings, month: Month = OCTOBER) -> str:
    with pytest.raises(Failure) as failure:
        ingest.run(month, settings)
    assert "1975" not in str(failure.value)
    assert failure.value.hint
    return str(failure.value)


def test_no_folder_empty_folder_and_missing_month(settings: Settings, put: Put) -> None:
    assert "there is no folder of deliveries" in refusal(settings)
    (settings.deliveries / "2026-10").mkdir(parents=True)
    assert "holds no table" in refusal(settings)
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    assert "no delivery for 2026-11" in refusal(settings, Month(2026, 11))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{HEAD.replace(',staff_id', '')}\n{ROW}\n".encode(), "visit.csv: the column staff_id is missing"),
        (f'{HEAD}\n{ROW}\n"{ROW}\n'.encode(), "visit.csv, line 3: broken quoting"),
        (f"{HEAD}\n{ROW}\n".encode() + b"V2,\x81\n", "visit.csv, line 3: the text is neither UTF-8 nor cp1252"),
        (f"{HEAD}\n{ROW}\n".encode("utf-16"), "visit.csv is UTF-16"),
        (b"", "visit.csv is empty"),
        (b"PAR1 or not", "none of the columns is known"),
    ],
)
def test_tables_that_cannot_be_read(settings: Settings, put: Put, data: bytes, said: str) -> None:
    put("visit.csv", data)
    assert said in refusal(settings)


def test_a_wrong_type_in_a_row_is_shown_with_its_line(settings: Settings, put: Put) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n{ROW.replace('V1', 'V2').replace('08:30', 'half past')}\n".encode())
    assert "first visit.csv:3:ended_at bad_timestamp" in refusal(settings)


def test_a_truncated_parquet_file(settings: Settings, put: Put) -> None:
    put("visit.parquet", b"PAR1" + b"\x00" * 100)
    assert "visit.parquet is not a whole Parquet file" in refusal(settings)


BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


@pytest.mark.parametrize("data", [BOMB, OUTSIDE])
@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("navet", "navet/a.xml, line 1 holds a document type declaration"),
        ("peppol", "first peppol/a.xml:1 xml_doctype"),
        ("svefaktura", "first svefaktura/a.xml:1 xml_doctype"),
    ],
)
def test_an_xml_bomb_and_an_external_entity(settings: Settings, put: Put, folder: str, said: str, data: bytes) -> None:
    put(f"{folder}/a.xml", data)
    assert said in refusal(settings)


def test_only_a_later_delivery(settings: Settings, put: Put) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    (settings.deliveries / "2026-10").rename(settings.deliveries / "2026-12")
    told = refusal(settings)
    assert "no delivery for 2026-10" in told
    assert "deliveries: 2026-12" in told


def test_a_missing_table_is_no_error(settings: Settings, put: Put) -> None:
    put("board.csv", b"board_id,name\nB1,North\n")
    assert list(ingest.run(OCTOBER, settings).stats["tables"]) == ["board"]


def test_a_mapping_in_error(settings: Settings, put: Put) -> None:
    put("mapping.yaml", b"files:\n  - fil: x.csv\n")
    put("x.csv", b"a\n1\n")
    assert "mapping.yaml, line 2: 'fil' is not known here" in refusal(settings)


def test_a_person_number_in_the_name_of_a_file_is_kept_and_told_nowhere(settings: Settings, put: Put) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    put("brev/19800101_9986.txt", b"x")
    damaged = put("navet/198001019986.xml", b"<x")
    told = refusal(settings)
    assert "navet/************.xml" in told
    assert "9986" not in told
    damaged.rename(damaged.with_suffix(".txt"))
    ingest.run(OCTOBER, settings)
    assert (settings.store_path / "manifests").exists()
    for path in (each for each in settings.out.rglob("*") if each.is_file()):
        assert b"9986" not in path.read_bytes(), path


def test_the_index_of_read_files_holds_no_person_number(settings: Settings, put: Put, tmp_path: Path) -> None:
    put("visit.csv", b"x")
    put("navet/198001019986.xml", b"x")
    index = FileIndex(tmp_path / "index.json")
    assert set(index.digests(delivery(settings.deliveries, OCTOBER))) == {"visit.csv", "navet/************.xml"}
    index.save()
    assert "visit.csv" in (tmp_path / "index.json").read_text(encoding="utf-8")
    assert "9986" not in (tmp_path / "index.json").read_text(encoding="utf-8")


def test_no_permission_is_told_without_the_number_in_the_name(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "deliveries/2026-10/navet/198001019986.xml")
    told = str(as_failure(error, tmp_path, "the stage ingest"))
    assert "navet/************.xml" in told
    assert "9986" not in told


def test_a_store_that_cannot_be_written(settings: Settings, put: Put) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    settings.out.write_text("a file stands where the folder should be")
    with pytest.raises(OSError, match="runs"):  # the run turns it into one line for the user
        ingest.run(OCTOBER, settings)


def test_a_bad_month_before_stops_the_run_too(settings: Settings, put: Put) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    put("../2026-09/visit.csv", b"")
    assert "visit.csv is empty" in refusal(settings)


def test_nothing_is_left_half_written(settings: Settings, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("visit.csv", f"{HEAD}\n{ROW}\n".encode())
    put("board.csv", b"board_id,name\nB1,North\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("valfardsbrott.stages.ingest_carry.write", full)
    with pytest.raises(OSError, match="No space"):
        ingest.run(OCTOBER, settings)
    assert [path.name for path in settings.store_path.rglob("*") if path.is_file()] == ["files.json"]
