"""The work on a case: heard, noted, uploaded, corrected; wrong files and other cases' parts are refused."""

from __future__ import annotations

from typing import Any

import pytest

Visitor = Any
CASE = "/cases/2"
PDF = b"%PDF-1.7\nett underlag"


@pytest.fixture
def reader(anna: Visitor) -> Visitor:
    anna.open(2)
    anna.get(f"{CASE}/work")
    return anna


def upload(reader: Visitor, name: str, data: bytes) -> Any:
    return reader._seen(
        reader.client.post(f"{CASE}/files", data={"csrf": reader.csrf}, files={"file": (name, data, "text/html")})
    )


def test_the_provider_is_heard_and_answers(reader: Visitor) -> None:
    page = reader.post(f"{CASE}/hearing", kind="told", on="2026-11-01", due="2026-11-15", text="Brev sänt.").text
    assert "Utföraren underrättades" in page
    assert "Brev sänt." in page
    page = reader.post(f"{CASE}/hearing", kind="answer", on="2026-11-10", text="Fel i systemet.", answers="1").text
    assert "Fel i systemet." in page
    early = reader.post(f"{CASE}/hearing", kind="answer", on="2026-10-01", text="För tidigt.", answers="1")
    assert early.status_code == 409
    assert reader.post(f"{CASE}/hearing", kind="told", on="2999-01-01", text="Senare.").status_code == 409
    assert reader.post(f"{CASE}/hearing", kind="shout", on="2026-11-01", text="Nej.").status_code == 422


def test_tasks_are_added_and_done(reader: Visitor) -> None:
    assert "Begär fakturor" in reader.post(f"{CASE}/tasks", title="Begär fakturor", due="2026-12-01").text
    assert "klar 20" in reader.post(f"{CASE}/tasks/1/done").text


def test_a_file_comes_back_as_an_attachment_with_the_same_bytes(reader: Visitor) -> None:
    assert "underlag.pdf" in upload(reader, "../../underlag.pdf", PDF).text
    answer = reader.get(f"{CASE}/files/1")
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''underlag.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("program.exe", b"MZ\x90\x00"),
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg onload='x'/>"),
        ("program.pdf", b"MZ\x90\x00"),
        ("script.txt", b"#!/bin/sh\nrm -rf /"),
        ("binary.csv", b"a\x00b"),
        ("empty.pdf", b""),
        ("noending", PDF),
    ],
)
def test_what_is_not_taken(reader: Visitor, name: str, data: bytes) -> None:
    assert upload(reader, name, data).status_code == 409
    assert "Inga filer." in reader.get(f"{CASE}/work").text


def test_a_removed_file_says_why_and_is_no_longer_read(reader: Visitor) -> None:
    upload(reader, "fel.pdf", PDF)
    assert reader.post(f"{CASE}/files/1/remove", reasons=" ").status_code == 409
    assert (
        "borttagen: Hör till ett annat ärende."
        in reader.post(f"{CASE}/files/1/remove", reasons="Hör till ett annat ärende.").text
    )
    assert reader.get(f"{CASE}/files/1").status_code == 404


def test_another_cases_file_is_not_found(reader: Visitor) -> None:
    upload(reader, "underlag.pdf", PDF)
    reader.open(3)
    assert reader.get("/cases/3/files/1").status_code == 404
    assert reader.post("/cases/3/files/1/remove", reasons="Nej.").status_code == 404


def test_data_that_is_wrong_goes_back_to_its_owner_and_marks_what_is_built_on_it(reader: Visitor) -> None:
    fields = {"table": "claim_line", "row": "claim_line.csv:7", "column": "quantity", "wrong": "Rad två gånger.",
              "owner": "Ekonomisystemet"}  # fmt: skip
    page = reader.post(f"{CASE}/corrections", **fields).text
    assert "Berör: duplicate_claims" in page
    page = reader.post(f"{CASE}/corrections/1/answer", status="corrected", answer="Rättat.", on="2026-11-20").text
    assert "rättad" in page
    assert reader.post(f"{CASE}/corrections", **fields | {"table": "no_such"}).status_code == 409
    assert reader.post(f"{CASE}/corrections", **fields | {"column": "no_such"}).status_code == 409


def test_comments_stay_and_markup_is_text(reader: Visitor) -> None:
    page = reader.post(f"{CASE}/comments", text="<b>Ring</b> dem").text
    assert "&lt;b&gt;Ring&lt;/b&gt; dem" in page
    assert reader.post(f"{CASE}/comments", text="  ").status_code == 409
