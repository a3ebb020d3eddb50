"""Errors as pages that say what happened and what to do; never with a row's contents, a path or a traceback."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from valfardsbrott.review import browser_sessions
from valfardsbrott.review.cases import Refused
from valfardsbrott.web.problems import Elsewhere, Problem, local
from valfardsbrott.web.visit import cookie_name
from valfardsbrott.web.words import words

_log = structlog.get_logger()
#: HTTP status -> the text's key, for errors that the framework raises.
_KEYS = {401: "sign_in", 403: "role", 404: "missing", 405: "missing", 413: "large", 422: "input", 429: "often"}

#: Where no route was found, so that nobody has looked the visitor up yet.
_NO_PAGE = (404, 405)

#: Other errors -> status and key; the first that fits counts.
_SEEN_AS: dict[type[Exception], tuple[int, str]] = {
    StaleDataError: (409, "changed"),
    IntegrityError: (409, "changed"),
    OverflowError: (404, "missing"),  # an id that no row can have: SQLite's driver, and below PostgreSQL
    DataError: (404, "missing"),
    DBAPIError: (503, "database"),
    RequestValidationError: (422, "input"),
}


def add_handlers(app: FastAPI) -> None:
    """Have every exception end in a page or a redirect."""
    app.add_exception_handler(Elsewhere, _elsewhere)
    for kind in (
        Problem,
        HTTPException,
        RequestValidationError,
        Refused,
        StaleDataError,
        OverflowError,
        DBAPIError,
        Exception,
    ):
        app.add_exception_handler(kind, _page)


def _elsewhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, Elsewhere)  # noqa: S101 - it was registered for it
    target = local(error.path)
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-redirect": target})
    return RedirectResponse(target, 303)


def _page(request: Request, error: Exception) -> Response:
    status, key, parts = _seen_as(error)
    if status >= 500:
        _log.error("page failed", error=type(error).__name__, status=status, route=_route(request))
    known = getattr(request.state, "language", None)
    language = known or (_chosen(request) if status in _NO_PAGE else request.app.state.settings.language)
    t = words(language)
    group = "refused" if isinstance(error, Refused) else "errors"
    text = t(f"{group}.{key}", **parts) if group == "refused" else t(f"errors.{key}.text", **parts)
    html = request.app.state.templates.get_template("error.html.j2").render(
        t=t, title=t("errors.refused.title") if group == "refused" else t(f"errors.{key}.title"), text=text,
        status=status, back=_back(request), language=language,
    )  # fmt: skip
    return HTMLResponse(html, status)


def _chosen(request: Request) -> str:
    """The language of the visitor's session, where no page has looked it up; the default where it cannot be read."""
    settings = request.app.state.settings
    token = request.cookies.get(cookie_name(settings))
    try:
        with request.app.state.make() as db:
            found = browser_sessions.find(db, token, *settings.session_limits()) if token else None
            return str((found and found.language) or settings.language)
    except SQLAlchemyError:
        return str(settings.language)


def _seen_as(error: Exception) -> tuple[int, str, dict[str, object]]:
    """HTTP status, the text's key and what is filled into it."""
    if isinstance(error, Problem):
        return error.status, error.key, error.parts
    if isinstance(error, Refused):
        return 409, error.key, error.parts
    if isinstance(error, HTTPException):
        return error.status_code, _KEYS.get(error.status_code, "failed"), {}
    status, key = next((seen for kind, seen in _SEEN_AS.items() if isinstance(error, kind)), (500, "failed"))
    return status, key, {}


def _back(request: Request) -> str:
    """The page that the visitor came from, if it is one of ours."""
    came = urlsplit(request.headers.get("referer", ""))
    return local(came.path) if came.netloc == request.url.netloc else "/"


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "name", ""))
