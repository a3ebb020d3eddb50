"""One request of one visitor: let in by the policy, logged, in one transaction, answered with a page or a redirect."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.routing import replace_params

from valfardsbrott.review import audit, browser_sessions, database, demo
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import Case, CasePurpose, User, WebSession
from valfardsbrott.review.settings import ReviewSettings, is_loopback
from valfardsbrott.review.visibility import sees_any
from valfardsbrott.web.policy import MENU, POLICY, SCOPED, Rule
from valfardsbrott.web.problems import Elsewhere, Problem, local
from valfardsbrott.web.words import Words, words

_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass
class Visit:
    """What a page works with. ``user`` raises for an anonymous visitor, whom only pages for ANYBODY get to see."""

    request: Request
    db: Session
    rule: Rule
    session: WebSession
    purpose: str | None = None

    @property
    def settings(self) -> ReviewSettings:
        settings: ReviewSettings = self.request.app.state.settings
        return settings

    @property
    def user(self) -> User:
        if self.session.user is None:
            raise Problem(401, "sign_in")
        return self.session.user

    @property
    def language(self) -> str:
        return self.session.language or self.settings.language

    @cached_property
    def words(self) -> Words:
        return words(self.language)

    @cached_property
    def case(self) -> Case:
        """The case that the path names; the policy has let the visitor see it."""
        found = self.db.get(Case, int(self.request.path_params["case_id"]))
        if found is None:
            raise Problem(404, "missing")
        return found

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page in the visitor's language. Messages that earlier requests left are shown once."""
        return HTMLResponse(self.render(template, **context), status)

    def render(self, template: str, **context: Any) -> str:
        flashes = self.session.data.get("flash", [])
        if flashes:
            self.session.data = {key: value for key, value in self.session.data.items() if key != "flash"}
        environment = self.request.app.state.templates
        made: str = environment.get_template(template).render(
            visit=self, t=self.words, url=self.url, csrf=self.session.csrf, flashes=flashes, **context
        )
        return made

    def to(self, route: str, **path: Any) -> RedirectResponse:
        """On to another page, after something was done."""
        return self.on(self.url(route, **path))

    def on(self, path: str | None) -> RedirectResponse:
        """On to a path that came with the request, if it is one of ours; else to the start."""
        return RedirectResponse(local(path), 303)

    def url(self, route: str, query: Mapping[str, str] | None = None, **path: object) -> str:
        form, convertors = self.request.app.state.paths[route]
        parts: dict[str, Any] = dict(path)
        made, _ = replace_params(form, convertors, parts)
        return f"{made}?{urlencode(query)}" if query else made

    def flash(self, key: str, **parts: object) -> None:
        """Leave a message for the next page."""
        kept = [*self.session.data.get("flash", []), [key, {name: str(part) for name, part in parts.items()}]]
        self.session.data = {**self.session.data, "flash": kept}

    def log(self, action: str, object_kind: str, object_id: object, **detail: Any) -> None:
        """Log more than the request itself: each of many cases that one request changes, a look at a person's row."""
        access = audit.by(self.user, action, object_kind, object_id, **detail)
        audit.note(self.db, audit.replace(access, purpose=self.purpose))

    def sees(self, case: Case) -> bool:
        """Whether a case is of the visitor's boards."""
        return sees_any(self.user, case.boards)

    def may(self, route: str) -> bool:
        """Whether the visitor's roles reach a route; which objects it may see there is another question."""
        roles = POLICY[route].roles
        return not roles or (self.session.user is not None and bool(roles & self.session.user.roles))

    @property
    def menu(self) -> list[tuple[str, str]]:
        return [(name, key) for name, key in MENU if self.may(name)]

    def sign_in(self, user: User, **data: str) -> None:
        """From now on the visitor is this user, in a session with another token and its own CSRF token."""
        self.session, token = browser_sessions.sign_in(self.db, self.session, user, **data)
        kept = dt.timedelta(days=self.settings.purpose_days)
        browser_sessions.purge(self.db, *self.settings.session_limits(), kept)
        self.request.state.cookie = (cookie_name(self.settings), token)
        audit.note(self.db, audit.by(user, "sign_in", "session"))

    def sign_out(self) -> None:
        audit.note(self.db, audit.by(self.user, "sign_out", "session"))
        browser_sessions.end(self.session)
        self.request.state.cookie = (cookie_name(self.settings), None)


def transaction(request: Request) -> Iterator[Session]:
    """The request's one transaction: committed before the answer goes, undone where the page raises.

    What was noted for the audit log is kept even then: an attempt is logged, with what stopped it.
    """
    make = request.app.state.make
    with make() as db:
        try:
            yield db
            db.commit()
        except Exception as error:
            database.undo_and_keep(db, type(error).__name__)
            raise


async def sent_token(request: Request) -> str:
    """The CSRF token of a form or of htmx; empty where there is none."""
    if request.method in _SAFE:
        return ""
    header = request.headers.get("x-csrf-token", "")
    if header or "form" not in request.headers.get("content-type", ""):
        return header
    token = (await request.form()).get("csrf", "")
    return token if isinstance(token, str) else ""


def enter(
    request: Request,
    db: Annotated[Session, Depends(transaction, scope="function")],
    token: Annotated[str, Depends(sent_token)],
) -> Visit:
    """Let the visitor in, or not: session, CSRF, role, board, purpose, in that order; and log it."""
    rule = POLICY[request.scope["route"].name]
    visit = Visit(request, db, rule, _session(request, db))
    request.state.language = visit.language  # for an error page, which has no database
    if request.method not in _SAFE:
        _check_csrf(request, visit.session, token)
    if rule.roles:
        _check_role(visit)
        _check_board_and_purpose(visit)
    return visit


In = Annotated[Visit, Depends(enter)]


def cookie_name(settings: ReviewSettings) -> str:
    """Browsers hold a cookie of this prefix to https, this host and the whole of it."""
    return "__Host-valfardsbrott" if settings.https else "valfardsbrott"


def _session(request: Request, db: Session) -> WebSession:
    settings: ReviewSettings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    found = browser_sessions.find(db, token, *settings.session_limits()) if token else None
    if found is None:
        found, made = browser_sessions.begin(db, _demo_user(request, db, settings))
        request.state.cookie = (cookie_name(settings), made)
    return found


def _demo_user(request: Request, db: Session, settings: ReviewSettings) -> User | None:
    """In the demo who comes from this machine to this machine is signed in; a page elsewhere cannot pose as it."""
    client, host = request.client.host if request.client else "", request.url.hostname or ""
    if not settings.demo or not is_loopback(client) or not is_loopback(host) or request.method not in _SAFE:
        return None
    return demo.user(db, next(iter(demo.DEMO_USERS)))


def _check_csrf(request: Request, session: WebSession, token: str) -> None:
    foreign = request.headers.get("sec-fetch-site", "same-origin") in {"cross-site", "same-site"}
    if foreign or not secrets.compare_digest(token.encode(), session.csrf.encode()):
        raise Problem(403, "form")


def _check_role(visit: Visit) -> None:
    if visit.session.user is None:
        if visit.request.method in _SAFE:
            path = visit.request.url.path
            query = f"?{visit.request.url.query}" if visit.request.url.query else ""
            raise Elsewhere(visit.url("sign_in", {"next": path + query}))
        raise Problem(401, "sign_in")
    if not visit.rule.roles & visit.user.roles:
        _note(visit, granted=False)
        raise Problem(403, "role")


def _check_board_and_purpose(visit: Visit) -> None:
    if visit.rule.object in SCOPED:
        parameter, boards_of = SCOPED[visit.rule.object]
        boards = boards_of(visit.db, str(visit.request.path_params[parameter]))
        if boards is None:
            raise Problem(404, "missing")
        if not sees_any(visit.user, boards):
            _note(visit, granted=False)
            raise Problem(404, "missing")
    if visit.rule.needs_purpose:
        visit.purpose = _purpose(visit)
        if visit.purpose is None:
            here = visit.request.url.path if visit.request.method in _SAFE else ""
            query = {"next": here} if here else None
            raise Elsewhere(visit.url("case_open", query, case_id=visit.request.path_params["case_id"]))
    if visit.rule.object != "nothing":
        _note(visit, granted=True)


def _purpose(visit: Visit) -> str | None:
    given = select(CasePurpose.purpose).where(
        CasePurpose.session_id == visit.session.id,
        CasePurpose.case_id == int(visit.request.path_params["case_id"]),
    )
    return visit.db.scalar(given)


def _note(visit: Visit, *, granted: bool) -> None:
    route, rule = visit.request.scope["route"].name, visit.rule
    parameter = SCOPED[rule.object][0] if rule.object in SCOPED else ""
    object_id = visit.request.path_params.get(parameter, "")
    access = audit.by(visit.user, rule.action, rule.object, object_id, route=route)
    audit.note(visit.db, audit.replace(access, granted=granted, purpose=visit.purpose))


__all__ = ["In", "Refused", "Visit", "enter", "transaction"]
