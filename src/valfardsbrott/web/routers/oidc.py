"""Signing in by the city's identity provider: there, back, and out again."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse, Response

from valfardsbrott.review import accounts, audit
from valfardsbrott.web.oidc import Begun, Provider, SignedIn, SignInFailed, kept
from valfardsbrott.web.problems import Problem, local
from valfardsbrott.web.routers.sign_in import attempt
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/sign-in")
#: Sign-ins on their way at once in one browser: a page asks for one in each tab.
_TABS = 4


@router.get("/begin", name="sign_in_begin")
def begin(visit: In, to: Annotated[str, Query(alias="next")] = "/") -> Response:
    """To the identity provider. A plain link, so that no form is sent on to another host."""
    address, begun = _provider(visit).begin(local(to))
    on_their_way = visit.session.data.get("sign_ins", [])[1 - _TABS :]
    visit.session.data = {**visit.session.data, "sign_ins": [*on_their_way, kept(begun)]}
    return RedirectResponse(address, 303)


@router.get("/back", name="sign_in_back")
def back(visit: In, state: str = "", code: str = "", iss: str | None = None, error: str = "") -> Response:
    """From the identity provider: who it is, under a new session, or why not."""
    provider = _provider(visit)
    with attempt(visit):
        begun = _begun(visit, state)
        if error:
            raise _failed(visit, SignInFailed("provider:" + "".join(mark for mark in error[:40] if mark.isalnum())))
        try:
            signed_in = provider.finish(begun, code, iss)
        except SignInFailed as failed:
            raise _failed(visit, failed) from None
        _let_in(visit, signed_in)
    return visit.on(begun.next)


def _let_in(visit: Visit, signed_in: SignedIn) -> None:
    user = accounts.of_claims(visit.db, signed_in.claims, visit.settings)
    if user is None:
        subject = str(signed_in.claims.get("sub"))[:255]
        audit.note(visit.db, audit.Access(subject, "sign_in", "session", granted=False, detail={"reason": "no_role"}))
        raise Problem(403, "no_role")
    visit.sign_in(user, id_token=signed_in.id_token)


def _begun(visit: Visit, state: str) -> Begun:
    """The sign-in that this browser began with ``state``: none, and somebody else sent it here."""
    for one in visit.session.data.get("sign_ins", []):
        if secrets.compare_digest(one["state"].encode(), state.encode()):
            return Begun(**one)
    raise _failed(visit, SignInFailed("state"))


def _failed(visit: Visit, failed: SignInFailed) -> SignInFailed:
    access = audit.Access("anonymous", "sign_in", "session", granted=False, detail={"reason": failed.reason})
    audit.note(visit.db, access)
    return failed


def _provider(visit: Visit) -> Provider:
    provider: Provider | None = visit.request.app.state.provider
    if provider is None:
        raise Problem(404, "missing")
    return provider
