"""Who one pseudonym is: asked with reasons, allowed by another, for hours, each look logged, nothing kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from valfardsbrott.review import database
from valfardsbrott.review.models import AuditEntry, Base, Case, CaseEvent, Reidentification, utc_now
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.sources.pseudonyms import Pseudonymiser

ASTA, CYRIL = "195003129805", "197205019826"
NAMES = Pseudonymiser(bytes(32), dt.date(2026, 10, 31))
PAGE = "/cases/2/persons"


def pseudonym(number: str) -> str:
    return NAMES.person(number).value or ""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReviewSettings:
    """An installation that has the deliveries and the key: Cyril is protected since the last run."""
    monkeypatch.setenv("VALFARDSBROTT_KEY", "00" * 32)
    folder = tmp_path / "deliveries" / "2026-10"
    folder.mkdir(parents=True)
    (folder / "person.csv").write_text(f"person_id;secrecy_marked\n{ASTA};N\n{CYRIL};J\n", encoding="utf-8")
    return ReviewSettings(out=tmp_path / "runs", deliveries=tmp_path / "deliveries")


@pytest.fixture
def people(app: FastAPI, settings: ReviewSettings, visitor: Callable[[str], Any]) -> tuple[Any, Any]:
    """Anna and Bo with the case open, whose evidence shows Asta and Cyril."""
    folder = settings.out / "2026-10" / "evidence"
    folder.mkdir()
    rows = [
        {"org_number": "0029000015", "board_id": "N01", "client_id": pseudonym(number), "source_table": "visit"}
        for number in (ASTA, CYRIL)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "duplicate_claims.parquet")
    anna, bo = visitor("demo:anna"), visitor("demo:bo")
    anna.open(2)
    bo.open(2)
    return anna, bo


def asked(anna: Any, bo: Any, number: str = ASTA) -> None:
    anna.post(PAGE, pseudonym=pseudonym(number), reasons="Samma person på två håll.")
    bo.get(PAGE)
    bo.post(f"{PAGE}/1/answer", say="approve", reasons="Går inte att utreda annars.")
    anna.get(PAGE)


def test_two_persons_and_then_the_number_is_shown_to_who_asked(people: tuple[Any, Any]) -> None:
    anna, bo = people
    asked(anna, bo)
    assert ASTA not in anna.get(PAGE).text
    page = anna.post(f"{PAGE}/1/look")
    assert ASTA in page.text
    assert page.headers["cache-control"] == "no-store"
    assert ASTA not in anna.get(PAGE).text
    assert bo.post(f"{PAGE}/1/look").status_code == 409


def test_the_number_is_in_no_table_and_no_log(
    app: FastAPI, people: tuple[Any, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    anna, bo = people
    asked(anna, bo)
    anna.post(f"{PAGE}/1/look")
    with app.state.make() as db:
        for table in Base.metadata.sorted_tables:
            assert ASTA not in str(db.execute(select(table)).all()), table.name
        assert ASTA not in str(db.execute(text("SELECT sql FROM sqlite_master")).all())
    assert ASTA not in "".join(capsys.readouterr())


def test_each_look_is_counted_logged_and_in_the_history(app: FastAPI, people: tuple[Any, Any]) -> None:
    anna, bo = people
    asked(anna, bo)
    anna.post(f"{PAGE}/1/look")
    anna.post(f"{PAGE}/1/look")
    with app.state.make() as db:
        assert db.get_one(Reidentification, 1).looks == 2
        seen = select(AuditEntry).where(AuditEntry.action == "reidentify", AuditEntry.object_kind == "person")
        assert [(one.actor, one.object_id, one.purpose) for one in db.scalars(seen)] == [
            ("demo:anna", pseudonym(ASTA), "review")
        ] * 2
        kinds = db.scalars(select(CaseEvent.kind).where(CaseEvent.kind.startswith("reid")).order_by(CaseEvent.id))
        assert list(kinds) == ["reidentify_asked", "reidentify_approved", "reidentified", "reidentified"]


def test_nobody_approves_for_oneself(people: tuple[Any, Any]) -> None:
    anna, _ = people
    anna.post(PAGE, pseudonym=pseudonym(ASTA), reasons="Behövs.")
    assert anna.post(f"{PAGE}/1/answer", say="approve", reasons="Behövs.").status_code == 409
    assert anna.post(f"{PAGE}/1/look").status_code == 409


def test_what_was_refused_or_is_over_is_not_shown(app: FastAPI, people: tuple[Any, Any]) -> None:
    anna, bo = people
    asked(anna, bo)
    with database.work(app.state.make) as db:
        db.get_one(Reidentification, 1).expires_at = utc_now() - dt.timedelta(seconds=1)
    assert "Begäran är inte godkänd" in anna.post(f"{PAGE}/1/look").text
    anna.get(PAGE)
    anna.post(PAGE, pseudonym=pseudonym(ASTA), reasons="Igen.")
    bo.get(PAGE)
    bo.post(f"{PAGE}/2/answer", say="refuse", reasons="Räcker med pseudonymen.")
    assert bo.post(f"{PAGE}/2/answer", say="approve", reasons="Ångrar mig.").status_code == 409
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/2/look").status_code == 409


def test_a_protected_person_is_refused_like_one_who_is_not_there(people: tuple[Any, Any]) -> None:
    """The last run did not know yet; the delivery does."""
    anna, bo = people
    asked(anna, bo, CYRIL)
    answer = anna.post(f"{PAGE}/1/look")
    assert answer.status_code == 409
    assert CYRIL not in answer.text
    assert "finns inte i leveranserna, eller så får det inte visas" in answer.text


@pytest.mark.parametrize("other", ["p" + "0" * 32, ASTA, "", "<script>"])
def test_only_the_cases_own_people_may_be_asked_about(people: tuple[Any, Any], other: str) -> None:
    anna, _ = people
    assert anna.post(PAGE, pseudonym=other, reasons="Nyfiken.").status_code == 409


@pytest.mark.parametrize("reasons", ["", "  "])
def test_reasons_are_mandatory_for_both(people: tuple[Any, Any], reasons: str) -> None:
    anna, bo = people
    assert anna.post(PAGE, pseudonym=pseudonym(ASTA), reasons=reasons).status_code == 409
    anna.get(PAGE)
    anna.post(PAGE, pseudonym=pseudonym(ASTA), reasons="Behövs.")
    assert anna.post(PAGE, pseudonym=pseudonym(ASTA), reasons="Igen.").status_code == 409
    bo.get(PAGE)
    assert bo.post(f"{PAGE}/1/answer", say="approve", reasons=reasons).status_code == 409


def test_a_request_of_another_case_is_not_there(people: tuple[Any, Any]) -> None:
    anna, bo = people
    asked(anna, bo)
    anna.open(3)
    for path in ("answer", "look"):
        assert anna.post(f"/cases/3/persons/1/{path}", say="approve", reasons="x").status_code == 404


def test_a_network_case_is_asked_about_by_its_map(app: FastAPI, people: tuple[Any, Any]) -> None:
    anna, _ = people
    with database.work(app.state.make) as db:
        assert db.get_one(Case, 1).entity_type == "network"
    anna.open(1)
    assert anna.post("/cases/1/persons", pseudonym=pseudonym(ASTA), reasons="Behövs.").status_code == 409


def test_an_installation_without_deliveries_says_whom_to_ask(
    app: FastAPI, people: tuple[Any, Any], settings: ReviewSettings
) -> None:
    anna, bo = people
    asked(anna, bo)
    app.state.settings = settings.model_copy(update={"deliveries": None})
    assert "Be den som förvarar nyckeln" in anna.post(f"{PAGE}/1/look").text
