"""Opening a case: nobody reads one without saying why. Asked once for each session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from valfardsbrott.review.purposes import PURPOSES, state
from valfardsbrott.web.problems import Problem, local
from valfardsbrott.web.visit import In

router = APIRouter()


@router.get("/cases/{case_id}/open", name="case_open")
def ask(visit: In, to: Annotated[str, Query(alias="next")] = "") -> Response:
    return visit.page("case_open.html.j2", case=visit.case, purposes=PURPOSES, next=to)


@router.post("/cases/{case_id}/open", name="case_state_purpose")
def opened(
    visit: In,
    purpose: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    to: Annotated[str, Form(alias="next")] = "",
) -> Response:
    if purpose not in PURPOSES:
        raise Problem(422, "purpose")
    state(visit.db, visit.session, visit.case, purpose, note)
    return visit.on(local(to, visit.url("case", case_id=visit.case.id)))
