"""The auditor's pages, from the log to the signed review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from valfardsbrott.review import audit, database
from valfardsbrott.review.models import LogReviewItem, Role
from valfardsbrott.web.policy import POLICY
from valfardsbrott.web.words import words

LAST_MONTH = (dt.datetime.now(dt.UTC).replace(day=1) - dt.timedelta(days=10)).replace(hour=9)


@pytest.fixture
def rut(app: FastAPI, visitor: Callable[[str], Any], user_id: Callable[[str], int]) -> Any:
    """The auditor, with entries of last month in the log."""
    with pytest.MonkeyPatch.context() as clock, database.work(app.state.make) as db:
        clock.setattr(audit, "utc_now", lambda: LAST_MONTH)
        for case_id in ("2", "3", "4"):
            audit.note(db, audit.Access("demo:bo", "read", "case", case_id, user_id("demo:bo"), "review"))
        audit.write_noted(db)
    return visitor("demo:rut")


def test_the_log_is_searched_and_what_the_auditor_reads_is_logged(rut: Any) -> None:
    page = rut.get("/log", actor="demo:bo", action="read")
    assert page.text.count('<td class="n">') == 3
    assert "Bo (demo)" in page.text
    assert "läste" in page.text
    again = rut.get("/log", actor="demo:rut", object_kind="log")
    assert "demo:rut" in again.text


def test_a_long_log_has_older_pages(app: FastAPI, rut: Any) -> None:
    with database.work(app.state.make) as db:
        for each in range(60):
            audit.note(db, audit.Access("demo:bo", "export", "network", f"n{each}"))
    first = rut.get("/log", action="export")
    assert "n59" in first.text
    assert "n0<" not in first.text
    older = first.text.split('rel="next"')[0].split('href="')[-1].split('"')[0].replace("&amp;", "&")
    assert "n0<" in rut.get(older).text


@pytest.mark.parametrize("query", [{"since": "igår"}, {"until": "2026-13-01"}])
def test_a_day_that_is_none_is_told(rut: Any, query: dict[str, str]) -> None:
    assert rut.get("/log", **query).status_code == 422


@pytest.mark.parametrize(("form", "start"), [("csv", "\ufeffseq,"), ("json", '{"action"')])
def test_the_log_is_taken_home_and_that_is_logged(rut: Any, form: str, start: str) -> None:
    answer = rut.get(f"/log/export.{form}", actor="demo:bo", action="read", object_kind="case")
    assert answer.text.startswith(start)
    assert "attachment" in answer.headers["content-disposition"]
    assert "exporterade loggen" in rut.get("/log", action="export_log").text


def test_the_page_says_that_the_log_holds(rut: Any) -> None:
    assert "orörda och i följd" in rut.get("/log/verify").text


def test_a_month_is_reviewed_from_draw_to_sign_off(app: FastAPI, rut: Any) -> None:
    month = f"{LAST_MONTH:%Y-%m}"
    assert "Gör urvalet" in rut.get("/log/reviews").text
    page = rut.post(f"/log/reviews/{month}")
    assert "Andras ärenden: Bo (demo)" in page.text
    assert "Slumpmässigt urval" in page.text
    with app.state.make() as db:
        items = list(db.scalars(select(LogReviewItem.id)))
    for item in items:
        page = rut.post(f"/log/reviews/{month}/items/{item}", finding="in_order", note="Frågade Bo: <b>granskning</b>")
    assert "<b>granskning" not in page.text
    page = rut.post(f"/log/reviews/{month}/sign", conclusion="Inget att anmärka.")
    assert "Signerad av Rut (demo)" in page.text
    assert rut.post(f"/log/reviews/{month}/sign", conclusion="Igen").status_code == 409
    assert "Rut (demo)" in rut.get("/log/reviews").text


@pytest.mark.parametrize("path", ["/log/reviews/2026-13", "/log/reviews/x", "/log/reviews/2020-01"])
def test_a_month_without_a_review_is_no_page(rut: Any, path: str) -> None:
    assert rut.get(path).status_code == 404


def test_an_item_of_another_month_is_not_there(rut: Any) -> None:
    rut.get("/log")
    assert rut.post("/log/reviews/2020-01/items/1", finding="in_order").status_code == 404


def test_only_auditors_see_the_log() -> None:
    rows = [rule for name, rule in POLICY.items() if name.startswith("log")]
    assert len(rows) >= 8
    assert {rule.roles for rule in rows} == {frozenset({Role.AUDITOR})}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_action_and_object_that_is_logged_has_its_word(language: str) -> None:
    t = words(language).texts
    assert {rule.action for rule in POLICY.values()} <= set(t["action"])
    assert {rule.object for rule in POLICY.values()} - {"nothing"} <= set(t["object"])
