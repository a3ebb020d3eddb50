"""The situational picture: its editions, the button that makes one, the work list of the coordination function."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import select

from valfardsbrott.domain import Failure
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import Board, SituationEdition, utc_now
from valfardsbrott.review.situation import boards, editions, forms, plan, plan_part
from valfardsbrott.review.situation.config import load
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.picture import Folders
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/situation")


@router.get("", name="situation")
def show(visit: In) -> Response:
    """What has been made, what waits in the plan, and the button."""
    waiting = [one for one in plan.entries(visit.db) if one.waiting is not None]
    return visit.page(
        "situation.html.j2", editions=editions.editions(visit.db)[::-1], period=_period(visit), waiting=len(waiting),
        forms=forms.FORMS,
    )  # fmt: skip


@router.post("/editions", name="situation_make")
def make(visit: In, first: Annotated[str, Form()] = "", last: Annotated[str, Form()] = "") -> Response:
    """Make the document, with the figures of the period and the plan as it is approved."""
    folders = Folders(visit.settings.out, visit.settings.store_folder)
    before = len(editions.editions(visit.db))
    try:
        order = editions.Order(Period.of(first, last), utc_now().date())
        config = load(visit.settings.situation)
        editions.make(visit.db, order, folders, config, visit.words, user=visit.user)
    except Failure:
        raise Refused("situation_period") from None
    made = len(editions.editions(visit.db)) > before
    visit.flash("situation.made" if made else "situation.unchanged")
    return visit.to("situation")


@router.get("/editions/{edition_id}", name="situation_edition")
def read(visit: In, edition_id: int) -> Response:
    return visit.page("situation_edition.html.j2", edition=_edition(visit, edition_id), forms=forms.FORMS)


@router.get("/editions/{edition_id}/{form}", name="situation_file")
def download(visit: In, edition_id: int, form: str) -> Response:
    """The edition as PDF, Word, JSON, or a zip of every table."""
    if form not in forms.FORMS:
        raise Problem(404, "missing")
    document = _edition(visit, edition_id).document
    name = f"{forms.name_of(document)}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(forms.written(document, form), media_type=forms.FORMS[form], headers=headers)


@router.get("/work", name="situation_work")
def work(visit: In) -> Response:
    """Where boards differ, from the newest edition; and the visitor's own providers without follow-up, by name."""
    made = editions.editions(visit.db)
    period = _period(visit)
    block = plan_part.work_list(made[-1].figures, visit.words) if made else None
    return visit.page(
        "situation_work.html.j2", block=block, edition=made[-1] if made else None, period=period,
        providers=boards.unfollowed(visit.db, period, visit.user) if period else [],
        names={one.board_id: one.name for one in visit.db.scalars(select(Board))},
    )  # fmt: skip


def _period(visit: Visit) -> Period | None:
    """The period that is suggested; None before anything has been imported."""
    try:
        return editions.latest_period(visit.db)
    except Failure:
        return None


def _edition(visit: Visit, number: int) -> SituationEdition:
    found = visit.db.get(SituationEdition, number)
    if found is None:
        raise Problem(404, "missing")
    return found
