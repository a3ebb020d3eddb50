"""Deliveries: a folder for each month, files known by name, form or mapping."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.sources.delivery import delivery, months

OCTOBER = Month(2026, 10)


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return root


def test_files_are_sorted_by_what_reads_them(tmp_path: Path) -> None:
    touch(
        tmp_path / "2026-10", "visit.parquet", "Provider.CSV", "claim_line.csv.gz", "peppol/a.xml", "peppol/note.txt",
        "svefaktura/b.XML", "navet/c.xml", "other/visit.csv", "letter.docx", ".hidden.csv", ".git/visit.csv",
    )  # fmt: skip
    found = delivery(tmp_path, OCTOBER)
    assert {source.name: (source.form, source.tables) for source in found.sources} == {
        "visit.parquet": ("parquet", ("visit",)),
        "Provider.CSV": ("csv", ("provider",)),
        "claim_line.csv.gz": ("csv", ("claim_line",)),
        "peppol/a.xml": ("peppol", ("invoice", "claim_line")),
        "svefaktura/b.XML": ("svefaktura", ("invoice", "claim_line")),
        "navet/c.xml": ("navet", ("person", "person_relation")),
    }
    assert found.unknown == ("letter.docx", "other/visit.csv", "peppol/note.txt")


def test_a_person_number_in_the_name_of_a_file_is_starred(tmp_path: Path) -> None:
    touch(
        tmp_path / "2026-10", "navet/198001019994.xml", "navet/19900202-9800.xml", "navet/199002029800.xml",
        "peppol/20261015-1200.xml", "svar 800101-9994.txt",
    )  # fmt: skip
    found = delivery(tmp_path, OCTOBER)
    assert [(source.path.name, source.name) for source in found.sources] == [
        ("198001019994.xml", "navet/************.xml"),
        ("19900202-9800.xml", "navet/********-****.xml"),
        ("199002029800.xml", "navet/************.xml~2"),
        ("20261015-1200.xml", "peppol/20261015-1200.xml"),
    ]
    assert found.unknown == ("svar ******-****.txt",)


def test_a_mapping_takes_the_files_it_names(tmp_path: Path) -> None:
    touch(tmp_path / "2026-10", "board.csv", "sub/nämnder.csv")
    mapping = "files: [{file: '%s', tables: [{table: board, columns: {board_id: id, name: namn}}]}]"
    (tmp_path / "mapping.yaml").write_text(mapping % "sub/*.csv", encoding="utf-8")
    found = delivery(tmp_path, OCTOBER)
    assert {source.name: source.form for source in found.sources} == {"board.csv": "csv", "sub/nämnder.csv": "mapped"}
    assert found.mapping == tmp_path / "mapping.yaml"
    (tmp_path / "2026-10" / "mapping.yaml").write_text(mapping % "board.csv", encoding="utf-8")
    found = delivery(tmp_path, OCTOBER)  # the delivery's own comes first
    assert {source.name: source.form for source in found.sources} == {"board.csv": "mapped"}
    assert found.unknown == ("sub/nämnder.csv",)


def test_other_folders_are_left_alone_and_named(tmp_path: Path) -> None:
    touch(tmp_path, "2026-09/visit.csv", "2026-10/visit.csv", "archive/visit.csv", "2026-13/visit.csv", "readme.txt")
    found, others = months(tmp_path)
    assert list(found) == [Month(2026, 9), OCTOBER]
    assert others == ("2026-13", "archive")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="there is no folder of deliveries"):
        delivery(tmp_path / "absent", OCTOBER)


def test_tables_beside_the_months_show_the_layout(tmp_path: Path) -> None:
    touch(tmp_path, "visit.csv")
    with pytest.raises(Failure, match=r"holds the table visit.csv itself.*DELIVERIES/2026-10/visit.csv"):
        delivery(tmp_path, OCTOBER)


def test_a_month_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    touch(tmp_path, "2026-08/visit.csv", "2026-09/visit.csv")
    with pytest.raises(Failure, match=r"no delivery for 2026-10 .*\(deliveries: 2026-08, 2026-09\)"):
        delivery(tmp_path, OCTOBER)


def test_an_empty_delivery(tmp_path: Path) -> None:
    (tmp_path / "2026-10").mkdir()
    with pytest.raises(Failure, match="holds no table"):
        delivery(tmp_path, OCTOBER)
    touch(tmp_path / "2026-10", "payments.csv")
    with pytest.raises(Failure, match=r"holds no table.*map payments.csv with a mapping.yaml"):
        delivery(tmp_path, OCTOBER)


def test_a_table_that_is_no_file_is_named_and_not_taken_for_missing(tmp_path: Path) -> None:
    month = tmp_path / "2026-10"
    (month / "visit.parquet").mkdir(parents=True)
    with pytest.raises(Failure, match=r"2026-10/visit.parquet is a folder, not a file"):
        delivery(tmp_path, Month(2026, 10))
    (month / "visit.parquet").rmdir()
    (month / "visit.csv").symlink_to("/nowhere")
    with pytest.raises(Failure, match=r"visit.csv is a link that leads nowhere"):
        delivery(tmp_path, Month(2026, 10))
