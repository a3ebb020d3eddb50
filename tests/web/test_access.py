"""Who gets where: every route has a rule, every rule is kept, whatever the role, the board and the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import select

from valfardsbrott.domain import Failure
from valfardsbrott.review.demo import DEMO_USERS
from valfardsbrott.review.models import AuditEntry, WebSession
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import policy
from valfardsbrott.web.problems import local


def paths(app: FastAPI, method: str) -> list[tuple[str, str]]:
    """Name and path of each route, with an object that there is."""
    known = {"case_id": "2", "org_number": "0029000015", "network_id": "n-2026-10-00000001"}
    return [
        (str(route.name), str(route.path_format).format_map(_Known(known)))
        for route in policy.api_routes(app)
        if method in (route.methods or ())
    ]


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "1"


def test_a_route_without_a_rule_stops_the_start(app: FastAPI) -> None:
    router = APIRouter()
    router.add_api_route("/secret", lambda: None, name="secret")
    app.include_router(router)
    with pytest.raises(LookupError, match="no row for \\['secret'\\]"):
        policy.check(app)


def test_a_case_in_the_path_is_guarded_as_one(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(policy.POLICY, "case", policy.Rule(policy.WORKERS))
    with pytest.raises(LookupError, match="case_id"):
        policy.check(app)


@pytest.mark.parametrize("subject", DEMO_USERS)
def test_no_role_gets_what_it_is_not_granted(app: FastAPI, visitor: Callable[[str], Any], subject: str) -> None:
    someone, roles = visitor(subject), set(DEMO_USERS[subject][1])
    for method in ("GET", "POST"):
        for name, path in paths(app, method):
            if name in {"sign_out", "demo_sign_in", "set_language"}:
                continue
            granted = not policy.POLICY[name].roles or bool(policy.POLICY[name].roles & roles)
            status = (someone.get(path) if method == "GET" else someone.post(path)).status_code
            assert (status == 403) != granted, (name, status)
            assert status < 500, (name, status)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_objects_of_other_boards_are_not_there(app: FastAPI, visitor: Callable[[str], Any], method: str) -> None:
    soder = visitor("demo:soder")
    for name, path in paths(app, method):
        if policy.POLICY[name].object in policy.SCOPED and "n-2026" not in path:
            status = (soder.get(path) if method == "GET" else soder.post(path)).status_code
            assert status == 404, name


def test_lists_hold_nothing_of_other_boards(visitor: Callable[[str], Any]) -> None:
    soder = visitor("demo:soder")
    for path in ("/inbox", "/inbox?state=all", "/changes"):
        page = soder.get(path).text
        assert "Ekdal" in page
        assert "Tallvik" not in page
    soder.get("/inbox")
    assert soder.post("/inbox/bulk", action="snooze", case=["4"], until="2999-01-01").status_code == 404


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi.testclient import TestClient

    stranger = TestClient(app, base_url="http://127.0.0.1:8080", client=("192.0.2.7", 50000))
    assert stranger.get("/cases/2?x=1").url.query == b"next=%2Fcases%2F2%3Fx%3D1"
    assert stranger.post("/inbox/take").status_code in {401, 403}
    page = stranger.get("/sign-in")
    assert "demo:anna" not in page.text


def test_a_form_without_its_token_or_from_elsewhere_does_nothing(anna: Any) -> None:
    anna.get("/inbox")
    assert anna.client.post("/inbox/take", data={}).status_code == 403
    assert anna.client.post("/inbox/take", data={"csrf": "x"}).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    assert anna.client.post("/inbox/take", data={"csrf": anna.csrf}, headers=foreign).status_code == 403
    assert anna.client.post("/inbox/take", headers={"x-csrf-token": anna.csrf}).status_code == 200


def test_signing_in_gives_another_token_and_the_old_one_is_worth_nothing(app: FastAPI, anna: Any) -> None:
    old = anna.client.cookies["valfardsbrott"]
    anna.sign_in("demo:bo")
    assert anna.client.cookies["valfardsbrott"] != old
    with app.state.make() as db:
        ended = db.scalars(select(WebSession).where(WebSession.revoked_at.is_not(None))).all()
        assert len(ended) >= 1


def test_a_session_ends_when_it_is_idle_or_old(app: FastAPI, anna: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    from valfardsbrott.review import browser_sessions

    with app.state.make() as db:
        assert browser_sessions.find(db, anna.client.cookies["valfardsbrott"], dt.timedelta(1), dt.timedelta(1))
        assert not browser_sessions.find(db, anna.client.cookies["valfardsbrott"], dt.timedelta(0), dt.timedelta(1))
        assert not browser_sessions.find(db, anna.client.cookies["valfardsbrott"], dt.timedelta(1), dt.timedelta(0))


def test_too_many_attempts_to_sign_in_are_stopped(visitor: Callable[[str], Any]) -> None:
    someone = visitor("demo:anna")
    statuses = []
    for _ in range(11):
        someone.get("/sign-in")
        statuses.append(someone.post("/sign-in/demo", subject="demo:nobody").status_code)
    assert set(statuses[:5]) == {403}
    assert statuses[-1] == 429


def test_no_case_is_read_without_a_purpose_and_all_is_logged(app: FastAPI, anna: Any) -> None:
    assert anna.get("/cases/2").url.path == "/cases/2/open"
    anna.post("/cases/2/open", purpose="curiosity")
    assert anna.get("/cases/2").url.path == "/cases/2/open"
    assert "Gransbo" in anna.open(2, "follow_up").text
    with app.state.make() as db:
        read = select(AuditEntry).where(AuditEntry.object_kind == "case", AuditEntry.action == "read")
        assert [(each.actor, each.object_id, each.purpose) for each in db.scalars(read)][-1] == (
            "demo:anna",
            "2",
            "follow_up",
        )


def test_a_refused_attempt_is_logged(app: FastAPI, visitor: Callable[[str], Any]) -> None:
    visitor("demo:soder").get("/cases/2")
    with app.state.make() as db:
        refused = db.scalars(select(AuditEntry).where(~AuditEntry.granted)).all()
        assert [(each.actor, each.object_id) for each in refused] == [("demo:soder", "2")]


def test_every_answer_has_its_headers(anna: Any) -> None:
    for path in ("/inbox", "/nowhere", "/static/app.css"):
        headers = anna.get(path).headers
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert anna.get("/inbox").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_nobody_is_sent_to_another_host(anna: Any, path: str) -> None:
    assert local(path) == "/"
    anna.get("/inbox")
    assert anna.post("/language", language="en", next=path).url.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "0.0.0.0"}, "this machine only"),
        ({"profile": "production"}, "identity provider"),
        ({"profile": "production", "oidc_issuer": "https://id.example"}, "https address"),
    ],
)
def test_settings_that_would_let_anybody_in_do_not_start(given: dict[str, Any], told: str) -> None:
    with pytest.raises(Failure, match=told):
        ReviewSettings(**given).check()
