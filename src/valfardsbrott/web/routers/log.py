"""For the auditor: the audit log searched, exported and verified, and its monthly review signed off."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import Response
from sqlalchemy import select

from valfardsbrott.domain import Failure, Month
from valfardsbrott.review import log_review, log_search
from valfardsbrott.review.log_search import LogFilter
from valfardsbrott.review.models import AuditEntry, LogReview, LogReviewItem, User
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/log")


def wanted(
    actor: str = "", action: str = "", object_kind: str = "", object_id: str = "", purpose: str = "",
    granted: str = "", since: str = "", until: str = "",
) -> LogFilter:  # fmt: skip
    """The filter of an address."""
    return LogFilter(actor.strip(), action, object_kind, object_id.strip(), purpose, granted, _day(since), _day(until))


Wanted = Annotated[LogFilter, Depends(wanted)]


@router.get("", name="log")
def show(visit: In, found: Wanted, before: Annotated[int | None, Query(ge=0, lt=2**31)] = None) -> Response:
    """A page of the log, newest first."""
    entries = log_search.search(visit.db, found, before)
    shown = entries[: log_search.PAGE]
    older = found.as_query() | {"before": str(shown[-1].seq)} if len(entries) > log_search.PAGE else None
    return visit.page(
        "log.html.j2", wanted=found, entries=shown, older=older, choices=log_search.choices(visit.db),
        names=_names(visit, {one.user_id for one in shown}),
    )  # fmt: skip


@router.get("/export.{form}", name="log_export")
def export(visit: In, form: Literal["csv", "json"], found: Wanted) -> Response:
    """The entries that match, as a file."""
    text = log_search.export(visit.db, found, form)
    visit.log("export_log", "log", form, filter=found.as_query())
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    name = f"log.{form if form == 'csv' else 'jsonl'}"
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/verify", name="log_verify")
def verify(visit: In) -> Response:
    """Whether the chain of hashes holds from the first entry to the last."""
    count, last, broken = log_search.verify(visit.db)
    return visit.page("log_verify.html.j2", count=count, last=last, broken=broken)


@router.get("/reviews", name="log_reviews")
def reviews(visit: In) -> Response:
    months = log_review.months(visit.db)
    names = _names(visit, {one.signed_by_id for _, one in months if one})
    return visit.page("log_reviews.html.j2", months=months, names=names)


@router.post("/reviews/{month}", name="log_review_draw")
def draw(visit: In, month: str) -> Response:
    """Draw the month's sample and patterns."""
    log_review.draw(visit.db, visit.user, _month(month))
    visit.log("draw_log_review", "log", month)
    return visit.to("log_review", month=month)


@router.get("/reviews/{month}", name="log_review")
def review(visit: In, month: str) -> Response:
    """What is to be looked at, what was found, and the sign-off."""
    found = _review(visit, month)
    items = log_review.items(visit.db, month)
    seqs = [seq for one in items for seq in one.seqs]
    entries = {one.seq: one for one in visit.db.scalars(select(AuditEntry).where(AuditEntry.seq.in_(seqs)))}
    people = {one.user_id for one in items} | {found.drawn_by_id, found.signed_by_id}
    return visit.page(
        "log_review.html.j2", review=found, items=items, entries=entries, findings=log_review.FINDINGS,
        left=sum(one.finding is None for one in items), names=_names(visit, people),
    )  # fmt: skip


@router.post("/reviews/{month}/items/{item_id}", name="log_review_judge")
def judge(
    visit: In, month: str, item_id: int, finding: Annotated[str, Form()] = "", note: Annotated[str, Form()] = ""
) -> Response:
    item = visit.db.get(LogReviewItem, item_id)
    if item is None or item.month != month:
        raise Problem(404, "missing")
    log_review.judge(visit.db, visit.user, item, finding, note)
    visit.log("judge_log", "log", f"{month}/{item_id}", finding=finding)
    return visit.on(f"{visit.url('log_review', month=month)}#item-{item_id}")


@router.post("/reviews/{month}/sign", name="log_review_sign")
def sign(visit: In, month: str, conclusion: Annotated[str, Form()] = "") -> Response:
    _review(visit, month)
    log_review.sign(visit.db, visit.user, month, conclusion)
    visit.flash("log.now_signed", month=month)
    return visit.to("log_review", month=month)


def _review(visit: Visit, month: str) -> LogReview:
    found = visit.db.get(LogReview, month)
    if found is None:
        raise Problem(404, "missing")
    return found


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except Failure:
        raise Problem(404, "missing") from None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(422, "day") from None


def _names(visit: Visit, ids: set[int | None]) -> dict[int | None, str]:
    """Names of users by their id."""
    found = visit.db.execute(select(User.id, User.name).where(User.id.in_([one for one in ids if one is not None])))
    return {one.id: one.name for one in found}
