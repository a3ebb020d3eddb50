"""The situational picture in the application: proposed by one, approved by another, then in the document; no names."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from valfardsbrott.review.models import SituationEdition

MEASURE = {
    "kind": "measure", "title": "Oanmälda besök", "goal": "Alla följs upp.", "means": "En plan.", "ends": "2027-06-30",
    "indicator": "Andel oanmälda", "progress": "planned", "causes": ["missing_follow_up", "S01"],
}  # fmt: skip
PERIOD = {"first": "2025-11", "last": "2026-10"}


def newest(app: FastAPI) -> dict[str, Any]:
    with app.state.make() as db:
        return dict(db.query(SituationEdition).order_by(SituationEdition.id.desc()).first().document)


def test_what_an_officer_enters_and_the_lead_approves_is_in_the_next_document(
    app: FastAPI, anna: Any, visitor: Callable[[str], Any]
) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation")
    assert "En ny upplaga är framtagen" in lena.post("/situation/editions", **PERIOD).text
    assert "Oanmälda besök" not in json.dumps(newest(app), ensure_ascii=False)
    anna.get("/situation/plan/new")
    assert "väntar på godkännande" in anna.post("/situation/plan", **MEASURE).text
    assert "Inget är ändrat" in lena.post("/situation/editions", **PERIOD).text  # a proposal is not in it
    lena.get("/situation/plan/entries/1")
    assert "Godkänt" in lena.post("/situation/plan/entries/1/decide", say="approve", reasons="Rätt väg.").text
    lena.post("/situation/editions", **PERIOD)
    document = newest(app)
    assert document["number"] == 2
    assert "1. Oanmälda besök" in [block.get("text") for block in document["blocks"]]


def test_the_figures_of_a_period_stay_as_they_were_published(app: FastAPI, visitor: Callable[[str], Any]) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation")
    lena.post("/situation/editions", **PERIOD)
    assert lena.post("/situation/editions", first="2026-05", last="2026-10").status_code == 409
    assert lena.post("/situation/editions", first="2026-05", last="2026-09").status_code == 409
    assert lena.post("/situation/editions", first="i fjol", last="2026-10").status_code == 409
    assert lena.get("/situation/editions/1").status_code == 200


def test_who_proposes_cannot_approve(visitor: Callable[[str], Any]) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation/plan/new")
    lena.post("/situation/plan", **MEASURE)
    assert lena.post("/situation/plan/entries/1/decide", say="approve", reasons="Själv.").status_code == 409


def test_a_field_that_is_missing_is_named_as_in_the_form(anna: Any) -> None:
    anna.get("/situation/plan/new")
    assert "Ett obligatoriskt fält saknas: Mål." in anna.post("/situation/plan", **{**MEASURE, "goal": ""}).text


def test_a_board_is_answered_for_by_those_of_the_board_alone(visitor: Callable[[str], Any]) -> None:
    soder = visitor("demo:soder")
    soder.get("/situation/plan/new")
    assert soder.post("/situation/plan", board="N01", **MEASURE).status_code == 409
    assert soder.post("/situation/plan", **MEASURE).status_code == 409  # the whole city's
    assert soder.post("/situation/plan", board="N02", **MEASURE).status_code == 200


@pytest.mark.parametrize(
    "goal",
    ["Följ upp Gransbo Hemtjänst.", "följ upp GRANSBO  HEMTJÄNST AB", "19121212-1212 ska höras", "0029000015",
     "p3120876ef37e7109fb26440032c99d92", "n-2026-10-00000001"],
)  # fmt: skip
def test_nobody_can_be_named_in_the_plan(anna: Any, goal: str) -> None:
    anna.get("/situation/plan/new")
    refused = anna.post("/situation/plan", **{**MEASURE, "goal": goal})
    assert refused.status_code == 409
    assert "Gransbo" not in refused.text


def test_no_page_of_the_picture_names_a_provider_but_the_work_list_of_its_own_board(
    visitor: Callable[[str], Any],
) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation")
    lena.post("/situation/editions", **PERIOD)
    names = ("Gransbo", "Tallvik", "Ekdal", "Alhaga", "00290000")
    for subject in ("demo:lena", "demo:dag", "demo:rut", "demo:soder"):
        someone = visitor(subject)
        for path in ("", "/editions/1", "/editions/1/json", "/plan"):
            page = someone.get(f"/situation{path}")
            assert page.status_code == 200
            assert not [name for name in names if name in page.text], path
    tables = zipfile.ZipFile(io.BytesIO(lena.get("/situation/editions/1/zip").content))
    assert not [name for name in names for table in tables.namelist() if name.encode() in tables.read(table)]
    soder = visitor("demo:soder").get("/situation/work").text
    assert "Ekdal" in soder
    assert "Gransbo" not in soder
    assert visitor("demo:dag").get("/situation/work").status_code == 403


def test_every_file_of_an_edition_is_what_it_says(visitor: Callable[[str], Any]) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation")
    lena.post("/situation/editions", **PERIOD)
    begins = {"pdf": b"%PDF", "docx": b"PK", "zip": b"PK", "json": b"{"}
    for form, first in begins.items():
        answer = lena.get(f"/situation/editions/1/{form}")
        assert answer.content.startswith(first)
        assert f".{form}" in answer.headers["content-disposition"]
    assert lena.get("/situation/editions/1/exe").status_code == 404


def test_pages_are_in_english_too(visitor: Callable[[str], Any]) -> None:
    lena = visitor("demo:lena")
    lena.get("/situation")
    lena.post("/language", language="en", next="/situation")
    for path in ("", "/plan", "/plan/new?kind=cause", "/work"):
        assert 'lang="en"' in lena.get(f"/situation{path}").text
    lena.post("/situation/editions", **PERIOD)
    assert "Situational picture" in lena.get("/situation/editions/1").text
