"""What an attacker would try: forms from elsewhere, others' ids, large files, planted sessions, requests made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from valfardsbrott.review import database
from valfardsbrott.review.models import (
    Base,
    CaseFile,
    Correction,
    Disclosure,
    DisclosureStatus,
    EvidencePack,
    GraphNote,
    NetworkProvider,
    Reidentification,
    SavedFilter,
    StoredFile,
    Task,
    WebSession,
)
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import policy
from valfardsbrott.web.app import create

Visitor = Any
NORTH_ONLY = "n-2026-10-0000000a"
#: Routes that anybody may use without a session of a user, or that end the session.
OPEN = {"sign_out", "demo_sign_in", "set_language"}


def routes(app: FastAPI, method: str) -> Iterator[tuple[str, str]]:
    for route in policy.api_routes(app):
        if method in (route.methods or ()):
            yield str(route.name), str(route.path_format)


def owned(db: Session, owner: int) -> None:
    """One of everything that belongs to a case (2, Gransbo, of N01) or a user, each with the id 1."""
    db.add(StoredFile(sha256="0" * 64, size=1, media_type="text/plain"))
    db.flush()
    disclosure = Disclosure(
        case_id=2, kind="referral", status=DisclosureStatus.PROPOSED, recipient="ivo", statute_id="x",
        statute_version="1", purpose="x", conditions={}, balancing="x", categories=[], proposed_by_id=owner,
    )  # fmt: skip
    wrong = {"source_table": "visit", "source_row_id": "visit.csv:1", "wrong": "Fel", "source_owner": "N01"}
    pack = {"file_sha256": "0" * 64, "manifest": {}, "signature": "x", "key_id": "x", "made_by_id": owner}
    db.add_all(
        [
            disclosure,
            Task(case_id=2, title="Ring", created_by_id=owner),
            CaseFile(case_id=2, sha256="0" * 64, name="a.txt", user_id=owner),
            Correction(case_id=2, user_id=owner, **wrong),
            Reidentification(case_id=2, pseudonym="p" + "0" * 32, reasons="x", asked_by_id=owner),
            SavedFilter(user_id=owner, name="mitt", query={}),
            GraphNote(network_id=NORTH_ONLY, target="node", target_id="x", text="x", user_id=owner),
            NetworkProvider(network_id=NORTH_ONLY, month="2026-10", org_number="0029000015"),
        ]
    )
    db.flush()
    db.add(EvidencePack(case_id=2, disclosure_id=1, **pack))


def rows(engine: Engine) -> dict[str, list[Any]]:
    """What is in every table that a stranger must not change."""
    volatile = {"audit_entry", "web_session", "case_purpose", "sign_in_attempt", "app_user"}
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in volatile
        }


@pytest.fixture
def shop(app: FastAPI, user_id: Callable[[str], int]) -> FastAPI:
    with database.work(app.state.make) as db:
        owned(db, user_id("demo:norr"))
    return app


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_belongs_to_another_case_is_not_reached_through_ones_own(
    shop: FastAPI, engine: Engine, visitor: Callable[[str], Visitor], method: str
) -> None:
    """Soder may see case 3 and asks there for the task, file, disclosure ... 1, which are case 2's."""
    soder, tried = visitor("demo:soder"), 0
    soder.open(3)
    before = rows(engine)
    for name, path in routes(shop, method):
        nested = path.count("{") > 1 and path.startswith("/cases/{case_id}")
        if nested:
            there = path.format_map(_Ones(case_id="3"))
            answer = soder.get(there) if method == "GET" else soder.post(there, say="approve", reasons="x", how="x")
            assert answer.status_code in {404, 422}, name
            tried += 1
    assert tried >= (2 if method == "GET" else 8)
    assert rows(engine) == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_network_of_another_board_is_not_there(shop: FastAPI, visitor: Callable[[str], Visitor], method: str) -> None:
    soder = visitor("demo:soder")
    for name, path in routes(shop, method):
        if "{network_id}" in path:
            there = path.format_map(_Ones(network_id=NORTH_ONLY))
            assert (soder.get(there) if method == "GET" else soder.post(there)).status_code == 404, name


def test_a_filter_of_another_user_is_not_deleted(shop: FastAPI, engine: Engine, anna: Visitor) -> None:
    before = rows(engine)["saved_filter"]
    anna.get("/inbox")
    anna.post("/inbox/filters/1/delete")
    assert rows(engine)["saved_filter"] == before


def test_no_form_is_taken_without_its_token_or_from_another_site(shop: FastAPI, engine: Engine, anna: Visitor) -> None:
    """Every POST there is, for a user who may use most of them."""
    anna.open(2)
    before = rows(engine)
    for name, path in routes(shop, "POST"):
        there = path.format_map(_Ones(case_id="2", org_number="0029000015", network_id=NORTH_ONLY))
        assert anna.client.post(there).status_code == 403, name
        assert anna.client.post(there, data={"csrf": "x" * 43}).status_code == 403, name
        foreign = {"sec-fetch-site": "cross-site", "x-csrf-token": anna.csrf}
        assert anna.client.post(there, headers=foreign).status_code == 403, name
    assert rows(engine) == before


def test_no_page_changes_anything_by_being_read(shop: FastAPI, engine: Engine, anna: Visitor) -> None:
    anna.open(2)
    before = rows(engine)
    for _, path in routes(shop, "GET"):
        anna.get(path.format_map(_Ones(case_id="2", org_number="0029000015", network_id=NORTH_ONLY)))
    assert rows(engine) == before


def test_a_planted_session_is_never_the_users(app: FastAPI, visitor: Callable[[str], Visitor]) -> None:
    """Whoever knows the cookie from before sign-in has nothing after it."""
    someone = visitor("demo:anna")
    planted = someone.client.cookies["valfardsbrott"]
    someone.sign_in("demo:lena")
    with app.state.make() as db:
        ended = db.scalars(select(WebSession).where(WebSession.revoked_at.is_not(None)))
        users = {one.user.subject for one in ended if one.user}
    assert "demo:lena" not in users
    someone.client.cookies.clear()
    someone.client.cookies.set("valfardsbrott", planted)
    assert "Inloggad: Lena" not in someone.get("/inbox").text


def test_a_session_that_is_over_reads_nothing(app: FastAPI, anna: Visitor) -> None:
    anna.open(2)
    with database.work(app.state.make) as db:
        for one in db.scalars(select(WebSession)):
            one.created_at -= dt.timedelta(hours=11)
    assert "Gransbo" not in anna.get("/cases/2").text  # the demo signs in anew: the purpose is asked again
    assert anna.get("/cases/2").url.path == "/cases/2/open"


def test_a_file_that_is_too_large_is_not_taken(engine: Engine, app: FastAPI, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    small = create(ReviewSettings(out=tmp_path / "runs", upload_mb=1), engine)
    client = TestClient(small, base_url="http://127.0.0.1:8080", client=("127.0.0.1", 50000))
    for size, status in ((3 * 1024 * 1024, 413), (10, 403)):
        answer = client.post("/cases/2/files", files={"file": ("a.txt", b"x" * size, "text/plain")})
        assert answer.status_code == status, size


@pytest.mark.parametrize(("language", "told"), [("sv", "Sidan finns inte"), ("en", "There is no such page")])
def test_a_page_that_is_not_there_speaks_the_chosen_language(anna: Visitor, language: str, told: str) -> None:
    anna.get("/inbox")
    anna.post("/language", language=language)
    answer = anna.get("/no/such/page")
    assert answer.status_code == 404
    assert told in answer.text
    assert f'lang="{language}"' in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["demo:lena", "demo:rut"])
def test_no_made_up_request_makes_an_error_of_ours(
    shop: FastAPI, visitor: Callable[[str], Visitor], subject: str
) -> None:
    """Schemathesis makes requests of the routes' own schema: paths, queries and forms, right and wrong."""
    someone = visitor(subject)
    if subject == "demo:lena":
        for case_id in (1, 2, 3, 4):
            someone.open(case_id)
    schema = schemathesis.openapi.from_dict(shop.openapi())
    operations: list[Any] = list(schema.get_all_operations())
    wanted = [each.ok() for each in operations if each.ok().path not in {"/sign-out", "/sign-in/demo"}]
    assert len(wanted) > 50

    # no shrinking: an example is a request to every route
    @settings(
        max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def asked(data: st.DataObject) -> None:
        for operation in wanted:
            case = data.draw(operation.as_strategy())
            form = case.body if isinstance(case.body, dict) else {}
            token = {"x-csrf-token": someone.csrf}
            answer = someone.client.request(
                case.method, case.formatted_path, params=case.query or None, data=form or None, headers=token
            )
            assert answer.status_code < 500, (case.method, case.formatted_path, case.query, form)

    asked()


class _Ones(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "1"
