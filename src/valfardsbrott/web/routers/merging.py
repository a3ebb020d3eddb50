"""Cases merged, split and taken apart again; a second review by somebody who has not worked on the case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from valfardsbrott.review import cases, merging, second_reviews
from valfardsbrott.review.models import DecisionKind
from valfardsbrott.web.case_parts import reasons
from valfardsbrott.web.visit import In

router = APIRouter()


@router.post("/cases/{case_id}/merge", name="case_merge")
def merge(
    visit: In, version: Annotated[int, Form()], number: Annotated[str, Form()] = "", why: Annotated[str, Form()] = ""
) -> Response:
    """Into the case of that number, where the visitor goes on."""
    cases.expect(visit.case, version)
    into = merging.by_number(visit.db, number, visit.user)
    merging.merge(visit.db, visit.case, visit.user, into, why)
    visit.log("merge", "case", into.id, merged=visit.case.id)
    visit.flash("merging.merged", number=visit.case.number, into=into.number)
    return visit.to("case", case_id=into.id)


@router.post("/cases/{case_id}/take-apart", name="case_take_apart")
def take_apart(visit: In, version: Annotated[int, Form()], why: Annotated[str, Form()] = "") -> Response:
    cases.expect(visit.case, version)
    merging.take_apart(visit.db, visit.case, visit.user, why)
    return visit.to("case", case_id=visit.case.id)


@router.post("/cases/{case_id}/split", name="case_split")
def split(
    visit: In,
    version: Annotated[int, Form()],
    provider: Annotated[str, Form()] = "",
    reason: Annotated[list[str] | None, Form()] = None,
    why: Annotated[str, Form()] = "",
) -> Response:
    """``provider``: whom the new case is about; ``reason``: which of the reasons go with it."""
    cases.expect(visit.case, version)
    made = merging.split(visit.db, visit.case, visit.user, merging.Part(provider, why, reason or ()))
    visit.log("split", "case", made.id, case=visit.case.id)
    visit.flash("merging.split", number=visit.case.number, made=made.number)
    return visit.to("case", case_id=made.id)


@router.get("/second-reviews", name="second_reviews")
def waiting(visit: In) -> Response:
    """Cases that the visitor can review independently."""
    return visit.page("second_reviews.html.j2", cases=second_reviews.waiting(visit.db, visit.user))


@router.get("/cases/{case_id}/second-review", name="case_second_review_form")
def form(visit: In) -> Response:
    """The reasons and nothing of what others found: no history, no decision, no explanations tried."""
    return visit.page("second_review.html.j2", case=visit.case, reasons=reasons(visit), kinds=list(DecisionKind))
