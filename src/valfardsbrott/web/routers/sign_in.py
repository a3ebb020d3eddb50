"""Signing in and out, the choice of language, and the way in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from valfardsbrott.review import browser_sessions, demo
from valfardsbrott.review.settings import is_loopback
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit
from valfardsbrott.web.words import LANGUAGES

router = APIRouter()


@router.get("/", name="start")
def start(visit: In) -> Response:
    """To the first page of the menu that the visitor's roles reach."""
    return visit.to(visit.menu[0][0]) if visit.menu else visit.to("about")


@router.get("/sign-in", name="sign_in")
def sign_in(visit: In, to: Annotated[str, Query(alias="next")] = "/") -> Response:
    users = [(subject, name, roles[0]) for subject, (name, roles) in demo.DEMO_USERS.items()] if _demo(visit) else []
    return visit.page("sign_in.html.j2", users=users, next=to, provider=visit.settings.oidc_issuer is not None)


@router.post("/sign-in/demo", name="demo_sign_in")
def demo_sign_in(
    visit: In, subject: Annotated[str, Form()] = "", to: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    """Become one of the demo's users. Only in the demo, and only from this machine."""
    with attempt(visit):
        user = demo.user(visit.db, subject) if _demo(visit) else None
        if user is None:
            raise Problem(403, "sign_in")
        visit.sign_in(user)
    return visit.on(to)


@router.post("/sign-out", name="sign_out")
def sign_out(visit: In) -> Response:
    """Out of here, and where the identity provider has a page for that out of there too.

    The browser is sent on by the page and not by this answer: no form of ours may end at another host.
    """
    provider, id_token = visit.request.app.state.provider, visit.session.data.get("id_token")
    visit.sign_out()
    onward = provider.end(id_token) if provider and id_token else None
    return visit.page("signed_out.html.j2", onward=onward) if onward else visit.to("sign_in")


@router.post("/language", name="set_language")
def set_language(
    visit: In, language: Annotated[str, Form()] = "", to: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    if language in LANGUAGES:
        visit.session.language = language
        if visit.session.user is not None:
            visit.session.user.language = language
    return visit.on(to)


@router.get("/about", name="about")
def about(visit: In) -> Response:
    """What a flag is and is not, what is logged, how accessible the application is."""
    return visit.page("about.html.j2")


@contextmanager
def attempt(visit: Visit) -> Iterator[None]:
    """An attempt to sign in, written down; a Problem where too many from the same place failed, and then not tried."""
    address = visit.request.client.host if visit.request.client else ""
    source = browser_sessions.source_of(address, visit.settings.database)
    if browser_sessions.too_many_attempts(visit.db, source, visit.settings.sign_in_limit):
        raise Problem(429, "often")
    try:
        yield
    except Exception:
        browser_sessions.attempted(visit.db, source, succeeded=False)
        raise
    browser_sessions.attempted(visit.db, source, succeeded=True)


def _demo(visit: Visit) -> bool:
    client = visit.request.client
    return visit.settings.demo and client is not None and is_loopback(client.host)
