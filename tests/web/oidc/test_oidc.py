"""Signing in against a real identity provider: who gets in, as what, and every answer that must not be trusted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from valfardsbrott.domain import Failure
from valfardsbrott.review.models import AuditEntry, Role, User, WebSession
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web.app import create

Settings = Callable[..., ReviewSettings]
AtBrowser = Callable[[FastAPI], Any]


def users(app: FastAPI) -> dict[str, User]:
    with app.state.make() as db:
        return {user.subject: user for user in db.scalars(select(User))}


def refusals(app: FastAPI) -> list[tuple[str, str]]:
    """Actor and reason of each refused sign-in that was logged."""
    with app.state.make() as db:
        found = db.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in", ~AuditEntry.granted))
        return [(one.actor, one.detail["reason"]) for one in found]


def test_who_has_a_role_is_let_in_as_it(application: FastAPI, person: Any) -> None:
    answer = person.sign_in("astrid", to="/inbox?state=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?state=all")
    astrid = users(application)["astrid"]
    assert (astrid.name, *astrid.roles, *astrid.boards) == ("Astrid Ek", Role.INVESTIGATOR, "N01")
    page = person.here.get("/inbox").text
    assert "Astrid Ek" in page
    assert "Gransbo" in page
    assert "Ekdal" not in page


def test_the_request_has_pkce_state_and_nonce(person: Any) -> None:
    asked = parse_qs(urlsplit(person.begin()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("code_challenge", "state", "nonce"))


def test_the_cookie_is_another_after_sign_in_and_held_to_https(person: Any) -> None:
    person.begin()
    before = person.here.cookies["__Host-valfardsbrott"]
    answer = person.sign_in("astrid")
    assert person.here.cookies["__Host-valfardsbrott"] != before
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_who_has_no_role_gets_a_page_that_says_so(application: FastAPI, person: Any) -> None:
    answer = person.sign_in("disa")
    assert answer.status_code == 403
    assert "Du har ingen roll här" in answer.text
    assert "disa" not in users(application)
    assert refusals(application) == [("disa", "no_role")]
    assert person.here.get("/inbox").headers["location"].startswith("/sign-in")


def test_who_was_shut_out_stays_out(application: FastAPI, person: Any) -> None:
    person.sign_in("astrid")
    with application.state.make() as db:
        db.scalar(select(User)).active = False
        db.commit()
    assert person.here.get("/inbox").status_code == 303
    again = person.sign_in("astrid")
    assert (again.status_code, refusals(application)) == (403, [("astrid", "no_role")])


def test_roles_are_those_of_the_newest_sign_in(application: FastAPI, person: Any) -> None:
    person.sign_in("bertil")
    with application.state.make() as db:
        lead = db.scalar(select(User))
        lead.role_rows, lead.board_rows = [], []
        db.commit()
    person.sign_in("bertil")
    again = users(application)["bertil"]
    assert (set(again.roles), set(again.boards)) == ({Role.LEAD}, {"N01", "N02"})


def test_a_code_is_good_for_one_sign_in(application: FastAPI, person: Any) -> None:
    address = person.consent(person.begin(), "astrid")
    assert person.back(address).status_code == 303
    assert person.back(address).status_code == 400
    assert refusals(application) == [("anonymous", "state")]


@pytest.mark.parametrize(
    ("changed", "to", "reason"),
    [
        ("state", "planted", "state"),
        ("iss", "https://evil.example", "issuer"),
        ("code", "made-up", "token:400"),
    ],
)
def test_an_answer_that_was_changed_is_refused(
    application: FastAPI, person: Any, changed: str, to: str, reason: str
) -> None:
    address = person.consent(person.begin(), "astrid")
    answer = person.back(re.sub(rf"{changed}=[^&]+", f"{changed}={to}", address))
    assert answer.status_code == 400
    assert users(application) == {}
    assert refusals(application) == [("anonymous", reason)]


def test_an_answer_to_another_browser_is_refused(application: FastAPI, person: Any, at_browser: AtBrowser) -> None:
    """A sign-in that somebody planted: the victim's browser never began it."""
    address = person.consent(person.begin(), "astrid")
    victim = at_browser(application)
    victim.begin()
    assert victim.back(address).status_code == 400


@pytest.mark.parametrize(("remembered", "reason"), [("nonce", "id_token:nonce"), ("verifier", "token:400")])
def test_nonce_and_verifier_are_those_of_the_request(
    application: FastAPI, person: Any, remembered: str, reason: str
) -> None:
    address = person.consent(person.begin(), "astrid")
    with application.state.make() as db:
        session = db.scalar(select(WebSession))
        (begun,) = session.data["sign_ins"]
        session.data = {"sign_ins": [begun | {remembered: "x" * 43}]}
        db.commit()
    assert person.back(address).status_code == 400
    assert refusals(application) == [("anonymous", reason)]


def test_refusing_at_the_provider_is_told(application: FastAPI, person: Any) -> None:
    state = parse_qs(urlsplit(person.begin()).query)["state"][0]
    answer = person.here.get("/sign-in/back", params={"state": state, "error": "access_denied"})
    assert answer.status_code == 400
    assert refusals(application) == [("anonymous", "provider:accessdenied")]


def test_failed_attempts_are_stopped_and_good_ones_are_not_counted(application: FastAPI, person: Any) -> None:
    for _ in range(3):
        assert person.sign_in("astrid").status_code == 303
    person.begin()
    statuses = [person.here.get("/sign-in/back", params={"state": "x"}).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_host_after_sign_in(person: Any, to: str) -> None:
    assert person.sign_in("astrid", to=to).headers["location"] == "/"


def test_signing_out_ends_the_session_there_too(application: FastAPI, person: Any) -> None:
    person.sign_in("astrid")
    csrf = re.search(r'name="csrf" value="([^"]+)"', person.here.get("/inbox").text)
    assert csrf
    page = person.here.post("/sign-out", data={"csrf": csrf[1]})
    onward = re.search(r'href="(http://127[^"]+)"', page.text)
    assert onward
    assert f'content="0; url={onward[1]}"' in page.text
    assert person.here.get("/inbox").headers["location"].startswith("/sign-in")
    asked = person.there.get(onward[1].replace("&amp;", "&"))
    secret = re.search(r'name="xsrf" value="([^"]+)"', asked.text)
    action = re.search(r'action="([^"]+)"', asked.text)
    assert secret and action  # noqa: PT018 - one page
    done = person.there.post(action[1], data={"xsrf": secret[1], "logout": "yes"})
    assert done.headers["location"] == "https://granskning.example/sign-in"
    assert 'value="login"' in person.there.get(person.begin(), follow_redirects=True).text
    with application.state.make() as db:
        assert [one.data for one in db.scalars(select(WebSession).where(WebSession.revoked_at.is_not(None)))] == [
            {},
            {},
        ]


def test_a_client_without_a_secret_signs_in_by_pkce_alone(
    application: FastAPI, production: Settings, issuer: str, at_browser: AtBrowser
) -> None:
    own = production(oidc_issuer=issuer, oidc_client_id="public", oidc_client_secret=None)
    someone = at_browser(create(own, application.state.engine))
    assert someone.sign_in("astrid").status_code == 303


def test_a_wrong_secret_lets_nobody_in(
    application: FastAPI, production: Settings, issuer: str, at_browser: AtBrowser
) -> None:
    own = create(production(oidc_issuer=issuer, oidc_client_secret="fel"), application.state.engine)
    assert at_browser(own).sign_in("astrid").status_code == 400
    assert refusals(own) == [("anonymous", "token:401")]


def test_a_provider_that_is_away_is_told(
    new_database: Callable[[str], Engine], production: Settings, at_browser: AtBrowser
) -> None:
    app = create(production(oidc_issuer="http://127.0.0.1:1"), new_database("sqlite"))
    answer = at_browser(app).here.get("/sign-in/begin")
    assert answer.status_code == 503
    assert "Inloggningstjänsten svarar inte" in answer.text


def test_demo_users_are_nobody_in_production(application: FastAPI, person: Any) -> None:
    page = person.here.get("/sign-in").text
    assert "demo:" not in page
    assert "/sign-in/begin" in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    assert person.here.post("/sign-in/demo", data={"csrf": csrf[1], "subject": "demo:lena"}).status_code == 403


def test_a_provider_without_https_is_not_trusted(production: Settings) -> None:
    with pytest.raises(Failure, match="not https"):
        production(oidc_issuer="http://id.example").check()
