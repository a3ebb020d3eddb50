"""Merging, splitting and second reviews on the pages: what is shown and to whom; a second reviewer sees no decision."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from valfardsbrott.web.words import words

Visitor = Any
NETWORK, GRANSBO, EKDAL, TALLVIK = 1, 2, 3, 4


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def number(case_id: int, page: str) -> str:
    found = re.search(rf"\d{{4}}-000{case_id}", page)
    assert found
    return found[0]


def test_merged_into_another_and_taken_up_again(anna: Visitor) -> None:
    listed = anna.get("/inbox").text
    anna.open(EKDAL)
    page = anna.open(GRANSBO).text
    fields = {"version": version(page), "number": number(EKDAL, listed), "why": "Samma företrädare."}
    page = anna.post(f"/cases/{GRANSBO}/merge", **fields).text
    assert "Har tagit upp ärende" in page
    merged = anna.get(f"/cases/{GRANSBO}").text
    assert "sammanfört" in merged
    assert "Fatta eller föreslå beslut" not in merged
    page = anna.post(f"/cases/{GRANSBO}/take-apart", version=version(merged), why="Skilda.").text
    assert "inledande granskning" in page


def test_a_case_of_another_board_is_as_if_it_were_not_there(visitor: Callable[[str], Visitor], anna: Visitor) -> None:
    norr, other = visitor("demo:norr"), number(EKDAL, anna.get("/inbox").text)
    page = norr.open(GRANSBO).text
    answers = {
        norr.post(f"/cases/{GRANSBO}/merge", version=version(page), number=asked, why="Samma.").text
        for asked in (other, "2026-9999")
    }
    assert all("inget sådant ärende" in answer for answer in answers)


def test_split_off_a_network_and_linked_both_ways(anna: Visitor) -> None:
    anna.open(GRANSBO)
    anna.post(
        f"/cases/{GRANSBO}/merge", version=version(anna.get(f"/cases/{GRANSBO}").text),
        number=number(NETWORK, anna.get("/inbox").text), why="Hör ihop.",
    )  # fmt: skip
    page = anna.open(NETWORK).text
    fields = {"version": version(page), "provider": "0029000015", "why": "Bara Gransbo."}
    assert "Öppna ärende" in anna.post(f"/cases/{NETWORK}/split", **fields).text, "a new case asks for a purpose too"
    assert "Avdelat från ärende" in anna.open(5).text
    assert "Har delat av ärende" in anna.get(f"/cases/{NETWORK}").text


def test_a_second_reviewer_sees_the_reasons_and_not_the_decision(
    anna: Visitor, visitor: Callable[[str], Visitor]
) -> None:
    page = anna.open(TALLVIK).text
    page = anna.post(f"/cases/{TALLVIK}/move", version=version(page), to="initial_review", text="Börjar.").text
    anna.post(f"/cases/{TALLVIK}/decide", version=version(page), kind="insufficient", reasons="Hemliga skäl.")
    bo = visitor("demo:bo")
    assert f"/cases/{TALLVIK}/second-review" in bo.get("/second-reviews").text
    bo.open(TALLVIK)
    form = bo.get(f"/cases/{TALLVIK}/second-review").text
    assert "Hemliga skäl" not in form
    assert "sparad" in bo.post(f"/cases/{TALLVIK}/second-review", kind="clear", reasons="Rättelse.").text
    assert "Inget ärende väntar" in bo.get("/second-reviews").text
    assert "Inget ärende väntar" in anna.get("/second-reviews").text


def test_a_networks_name_follows_the_reader() -> None:
    assert words("en").case_name("Nätverk: Gransbo och 2 till") == "Network: Gransbo and 2 more"
    assert words("sv").case_name("Network: Gransbo and 2 more") == "Nätverk: Gransbo och 2 till"
    assert words("en").case_name("Gransbo och 2 till") == "Gransbo och 2 till"
