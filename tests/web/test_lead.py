"""The lead's page: its tables in both languages, as files that harm no spreadsheet, of its boards alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from valfardsbrott.review.models import Case, User
from valfardsbrott.web.routers.lead import TABLES

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)

Visitor = Any


@pytest.fixture
def lena(visitor: Callable[[str], Visitor]) -> Visitor:
    return visitor("demo:lena")


def rows(lena: Visitor, table: str, **query: str) -> list[list[str]]:
    answer = lena.get(f"/lead/csv/{table}", **query)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{table}.csv"'
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_page_says_what_waits_in_both_languages(lena: Visitor) -> None:
    page = lena.get("/lead").text
    assert "<dt>Öppna ärenden</dt><dd>4</dd>" in page
    assert "Inget ärende har granskats två gånger." in page
    assert page.count("<caption>") == len(TABLES) - 1
    lena.get("/lead")
    lena.post("/language", language="en", next="/lead")
    assert "<dt>Open cases</dt><dd>4</dd>" in lena.get("/lead").text


def test_a_decision_shows_in_outcomes_and_precision(lena: Visitor) -> None:
    lena.open(4)
    page = lena.get("/cases/4").text
    version = page.split('name="version" value="')[1].split('"')[0]
    lena.post("/cases/4/move", version=version, to="initial_review", text="Börjar.")
    page = lena.get("/cases/4").text
    version = page.split('name="version" value="')[1].split('"')[0]
    assert lena.post("/cases/4/decide", version=version, kind="clear", reasons="Allt stämmer.").status_code == 200
    assert rows(lena, "boards")[1][:5] == ["N01", "2", "0", "1", "0"]
    assert rows(lena, "precision")[2] == ["slumpkontroll", "1", "0", "0.0", "0.0", "0.975", "0", "0"]
    assert "<svg" in lena.get("/lead").text


def test_narrowed_to_a_board(lena: Visitor) -> None:
    assert "<dt>Öppna ärenden</dt><dd>1</dd>" in lena.get("/lead", board="N02").text
    assert [row[0] for row in rows(lena, "boards", board="N02")] == ["Nämnd", "N02"]
    assert rows(lena, "districts", district="<script>") == [rows(lena, "districts")[0]]


def test_a_cell_is_no_formula(app: FastAPI, lena: Visitor, user_id: Callable[[str], int]) -> None:
    bo = user_id("demo:bo")
    with app.state.make() as db:
        db.get(User, bo).name = "=HYPERLINK(1)"
        db.get(Case, 2).assignee_id = bo
        db.get(Case, 2).district = "@SUM(1)"
        db.commit()
    assert {row[0] for row in rows(lena, "people")} >= {"'=HYPERLINK(1)"}
    assert {row[0] for row in rows(lena, "districts")} >= {"'@SUM(1)"}


def test_there_is_no_other_table(lena: Visitor) -> None:
    assert lena.get("/lead/csv/users").status_code == 404
