"""The inbox: the month's cases, both arms mixed, filtered and ordered; taken, given out and put off."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form
from fastapi.responses import Response

from valfardsbrott.review import cases, inbox
from valfardsbrott.review.inbox import Filter
from valfardsbrott.review.models import Case, SavedFilter, State, User, utc_now
from valfardsbrott.review.visibility import sees_any
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter()


@router.get("/inbox", name="inbox")
def show(visit: In) -> Response:
    wanted, choices = Filter.read(visit.request.query_params), inbox.choices(visit.db, visit.user)
    return visit.page(
        "inbox.html.j2",
        wanted=wanted,
        found=inbox.search(visit.db, visit.user, wanted),
        selects=_selects(visit, choices),
        assignees=_people(choices),
        saved=inbox.saved(visit.db, visit.user),
        today=utc_now().date(),
        now=utc_now(),
    )


@router.post("/inbox/take", name="inbox_take")
def take(visit: In, query: Annotated[str, Form()] = "") -> Response:
    """The next case that nobody has, within the filter that the visitor was looking at."""
    wanted = _filter(query)
    case = cases.take_next(visit.db, visit.user, wanted.conditions(visit.user), visit.settings.lock_minutes)
    if case is None:
        visit.flash("inbox.none_left")
        return visit.on(visit.url("inbox", wanted.as_query()))
    visit.log("take", "case", case.id)
    visit.flash("inbox.taken", number=case.number)
    return visit.to("case_open", case_id=case.id)


@router.post("/inbox/bulk", name="inbox_bulk")
def bulk(
    visit: In,
    action: Annotated[str, Form()] = "",
    case: Annotated[list[int] | None, Form()] = None,
    assignee: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    """Give the ticked cases to somebody, or put them off until a day: all of them, or none."""
    chosen = [_visible(visit, each) for each in dict.fromkeys(case or [])]
    for each in chosen:
        if action == "assign":
            cases.assign(visit.db, each, visit.user, _user(visit, assignee))
        elif action == "snooze":
            cases.snooze(visit.db, each, visit.user, day(until))
        else:
            raise Problem(422, "input")
        visit.log(action, "case", each.id)
    visit.flash("inbox.done" if chosen else "inbox.none_ticked", count=len(chosen))
    return visit.on(visit.url("inbox", _filter(query).as_query()))


@router.post("/inbox/filters", name="inbox_filter_save")
def save(visit: In, name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = "") -> Response:
    wanted = _filter(query)
    if not name.strip():
        visit.flash("inbox.name_missing")
    else:
        inbox.save(visit.db, visit.user, name, wanted)
        visit.flash("inbox.saved", name=" ".join(name.split())[:80])
    return visit.on(visit.url("inbox", wanted.as_query()))


@router.post("/inbox/filters/{filter_id}/delete", name="inbox_filter_delete")
def delete(visit: In, filter_id: int) -> Response:
    kept = visit.db.get(SavedFilter, filter_id)
    if kept is None or kept.user_id != visit.user.id:
        raise Problem(404, "missing")
    visit.db.delete(kept)
    return visit.to("inbox")


def _selects(visit: Visit, choices: inbox.Choices) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filter's choices: name, label, and pairs of value and text."""
    t = visit.words
    every = [("", t("inbox.all"))]
    states = [("open", t("inbox.state_open")), ("snoozed", t("inbox.state_snoozed")), ("all", t("inbox.all"))]
    people = [("me", t("inbox.me")), ("nobody", t("inbox.nobody"))]
    return [
        ("state", t("case.state"), [*states, *((each.value, t.word("state", each.value)) for each in State)]),
        ("month", t("case.month"), [*every, *((each, t.month(each)) for each in choices.months)]),
        ("board", t("case.board"), [*every, *choices.boards]),
        ("district", t("case.district"), [*every, *((each, each) for each in choices.districts)]),
        ("service", t("case.service"), [*every, *((each, t.word("service", each)) for each in choices.services)]),
        ("assignee", t("case.assignee"), [*every, *people, *_people(choices)]),
        ("due", t("inbox.due"), [*every, ("late", t("inbox.due_late"))]),
        ("order", t("inbox.order"), [(each, t(f"inbox.orders.{each}")) for each in inbox.ORDERS]),
    ]


def _people(choices: inbox.Choices) -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in choices.assignees]


def day(text: str) -> dt.date:
    """A day from a form; a Problem where it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Problem(422, "day") from None


def _filter(query: str) -> Filter:
    return Filter.read(dict(parse_qsl(query)))


def _visible(visit: Visit, case_id: int) -> Case:
    case = visit.db.get(Case, case_id)
    if case is None or not sees_any(visit.user, case.boards):
        raise Problem(404, "missing")
    return case


def _user(visit: Visit, user_id: str) -> User | None:
    if not user_id:
        return None
    found = visit.db.get(User, int(user_id)) if user_id.isdecimal() and len(user_id) < 10 else None
    if found is None:
        raise Problem(422, "input")
    return found
