"""Seeing who one pseudonym of a case is: the request, the second person's answer, and the look itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import select

from valfardsbrott.review import reidentification
from valfardsbrott.review.models import Reidentification, User
from valfardsbrott.sources.reidentify import Identity
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/cases/{case_id}/persons")


@router.get("", name="case_persons")
def show(visit: In, pseudonym: str = "") -> Response:
    return _page(visit, pseudonym[:64])


@router.post("", name="case_person_ask")
def ask(visit: In, pseudonym: Annotated[str, Form()] = "", reasons: Annotated[str, Form()] = "") -> Response:
    among = reidentification.pseudonyms(visit.db, visit.case, visit.user, visit.settings, visit.words)
    made = reidentification.ask(visit.db, visit.case, visit.user, pseudonym.strip(), reasons=reasons, among=among)
    visit.log("reidentify_ask", "person", made.pseudonym)
    return visit.to("case_persons", case_id=visit.case.id)


@router.post("/{request_id}/answer", name="case_person_answer")
def answer(
    visit: In, request_id: int, say: Annotated[str, Form()] = "", reasons: Annotated[str, Form()] = ""
) -> Response:
    """The second person: ``say`` is approve or refuse."""
    if say not in {"approve", "refuse"}:
        raise Problem(422, "input")
    one = _one(visit, request_id)
    hours = visit.settings.reidentify_hours
    reidentification.answer(
        visit.db, visit.case, visit.user, one, approve=say == "approve", reasons=reasons, hours=hours
    )
    visit.log("reidentify_answer", "person", one.pseudonym, say=say)
    return visit.to("case_persons", case_id=visit.case.id)


@router.post("/{request_id}/look", name="case_person_look")
def look(visit: In, request_id: int) -> Response:
    """The number, in this answer and nowhere else: no redirect, nothing in the session, no cache."""
    one = _one(visit, request_id)
    found = reidentification.look(visit.db, visit.case, visit.user, one, reidentification.finder(visit.settings))
    visit.log("reidentify", "person", one.pseudonym, request=one.id, month=found.month)
    return _page(visit, "", one, found)


def _page(
    visit: Visit, pseudonym: str, looked: Reidentification | None = None, found: Identity | None = None
) -> Response:
    requests = reidentification.of_case(visit.db, visit.case)
    people = {one.asked_by_id for one in requests} | {one.decided_by_id for one in requests}
    names = select(User.id, User.name).where(User.id.in_([one for one in people if one is not None]))
    return visit.page(
        "persons.html.j2", case=visit.case, requests=requests, pseudonym=pseudonym, looked=looked, found=found,
        names={one.id: one.name for one in visit.db.execute(names)}, hours=visit.settings.reidentify_hours,
        live={one.id for one in requests if reidentification.may_look(one, visit.user)},
    )  # fmt: skip


def _one(visit: Visit, number: int) -> Reidentification:
    found = visit.db.get(Reidentification, number)
    if found is None or found.case_id != visit.case.id:
        raise Problem(404, "missing")
    return found
