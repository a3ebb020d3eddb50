"""A case: where it stands, who has it, its history; and what may be done with it before a decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from valfardsbrott.review import cases, inbox
from valfardsbrott.review.models import User, utc_now
from valfardsbrott.web.case_parts import parts
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.routers.inbox import day
from valfardsbrott.web.visit import In

router = APIRouter(prefix="/cases/{case_id}")


@router.get("", name="case")
def show(visit: In) -> Response:
    return visit.page(
        "case.html.j2", case=visit.case, assignable=inbox.assignable(visit.db, visit.user), now=utc_now(),
        today=utc_now().date(), **parts(visit),
    )  # fmt: skip


@router.post("/assign", name="case_assign")
def assign(visit: In, version: Annotated[int, Form()], assignee: Annotated[str, Form()] = "") -> Response:
    cases.expect(visit.case, version)
    to = visit.db.get(User, int(assignee)) if assignee.isdecimal() and len(assignee) < 10 else None
    if assignee and to is None:
        raise Problem(422, "input")
    cases.assign(visit.db, visit.case, visit.user, to)
    return visit.to("case", case_id=visit.case.id)


@router.post("/snooze", name="case_snooze")
def snooze(
    visit: In, version: Annotated[int, Form()], until: Annotated[str, Form()] = "", text: Annotated[str, Form()] = ""
) -> Response:
    """Until a day; an empty one takes the case up again."""
    cases.expect(visit.case, version)
    cases.snooze(visit.db, visit.case, visit.user, day(until) if until else None, text)
    return visit.to("case", case_id=visit.case.id)


@router.post("/release", name="case_release")
def release(visit: In) -> Response:
    cases.release(visit.db, visit.case, visit.user)
    return visit.to("case", case_id=visit.case.id)


@router.post("/deadline", name="case_deadline")
def deadline(
    visit: In, version: Annotated[int, Form()], on: Annotated[str, Form()] = "", text: Annotated[str, Form()] = ""
) -> Response:
    cases.expect(visit.case, version)
    cases.set_deadline(visit.db, visit.case, visit.user, day(on), text)
    return visit.to("case", case_id=visit.case.id)
