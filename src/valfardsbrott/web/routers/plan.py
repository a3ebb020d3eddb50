"""The plan and its follow-up: entries proposed, approved by another, revised; every version stays to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select

from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import Board, PlanEntry
from valfardsbrott.review.situation import plan
from valfardsbrott.review.situation.kinds import KINDS, templates
from valfardsbrott.review.situation.plan_part import told
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/situation/plan")


async def written(request: Request) -> dict[str, str | list[str]]:
    """The form's fields as they were sent; one that was sent several times as a list."""
    form = await request.form()
    found: dict[str, str | list[str]] = {}
    for name in form:
        values = [value for value in form.getlist(name) if isinstance(value, str)]
        found[name] = values if len(values) > 1 else "".join(values)
    return found


Written = Annotated[dict[str, str | list[str]], Depends(written)]


@router.get("", name="plan")
def show(visit: In, kind: str = "") -> Response:
    """All entries by kind, with what waits for approval."""
    chosen = kind if kind in KINDS else None
    return visit.page(
        "plan.html.j2", entries=plan.entries(visit.db, chosen), kinds=KINDS, chosen=chosen or "", names=_names(visit),
        templates=templates(),
    )  # fmt: skip


@router.get("/new", name="plan_new")
def new(visit: In, kind: str = "measure", template: str = "", board: str = "", indicator: str = "") -> Response:
    """The form of a new entry, begun from a template where one is named."""
    if kind not in KINDS:
        raise Problem(404, "missing")
    given = {"indicator": indicator, **(templates().get(template, {}) if kind == "measure" else {})}
    return visit.page("plan_form.html.j2", kind=KINDS[kind], given=given, board=board, entry=None, **_choices(visit))


@router.post("", name="plan_propose")
def propose(
    visit: In, given: Written, kind: Annotated[str, Form()] = "", board: Annotated[str, Form()] = ""
) -> Response:
    with _fields_in_words(visit):
        made = plan.propose(visit.db, visit.user, kind, given, board or None)
    visit.flash("plan.proposed")
    return visit.to("plan_entry", entry_id=made.entry_id)


@router.get("/entries/{entry_id}", name="plan_entry")
def entry(visit: In, entry_id: int) -> Response:
    """An entry with all its versions, the form of a new one, and the approval of what waits."""
    found = _entry(visit, entry_id)
    newest = found.versions[0].content
    given = {name: "\n".join(value) if isinstance(value, list) and name == "sources" else value
             for name, value in newest.items()}  # fmt: skip
    return visit.page(
        "plan_entry.html.j2", entry=found, kind=KINDS[found.kind], given=given, board=found.board_id or "",
        told=lambda field, value: told(field, value, visit.words), mine=plan.may_write(visit.user, found.board_id),
        **_choices(visit),
    )  # fmt: skip


@router.post("/entries/{entry_id}", name="plan_revise")
def revise(visit: In, entry_id: int, given: Written) -> Response:
    with _fields_in_words(visit):
        plan.revise(visit.db, visit.user, _entry(visit, entry_id), given)
    visit.flash("plan.proposed")
    return visit.to("plan_entry", entry_id=entry_id)


@router.post("/entries/{entry_id}/decide", name="plan_decide")
def decide(
    visit: In, entry_id: int, reasons: Annotated[str, Form()] = "", say: Annotated[str, Form()] = ""
) -> Response:
    """A second person: ``say`` is approve or return."""
    if say not in {"approve", "return"}:
        raise Problem(422, "input")
    plan.decide(visit.db, visit.user, _entry(visit, entry_id), reasons, approve=say == "approve")
    visit.flash("plan.approved" if say == "approve" else "plan.returned")
    return visit.to("plan_entry", entry_id=entry_id)


@contextmanager
def _fields_in_words(visit: Visit) -> Iterator[None]:
    """A refusal names a field as the form does."""
    try:
        yield
    except Refused as refused:
        if "field" in refused.parts:
            refused.parts["field"] = visit.words.text(f"plan_word.field.{refused.parts['field']}")
        raise


def _entry(visit: Visit, number: int) -> PlanEntry:
    found = visit.db.get(PlanEntry, number)
    if found is None:
        raise Problem(404, "missing")
    return found


def _names(visit: Visit) -> dict[str, str]:
    return {one.board_id: one.name for one in visit.db.scalars(select(Board).order_by(Board.name))}


def _choices(visit: Visit) -> dict[str, Any]:
    """What the form offers: boards that the visitor answers for, indicators that are approved."""
    names = _names(visit)
    return {
        "names": names,
        "boards": [(code, name) for code, name in names.items() if plan.may_write(visit.user, code)],
        "whole_city": plan.may_write(visit.user, None),
        "indicators": [one.code for one in plan.standing(visit.db, "indicator")],
    }
