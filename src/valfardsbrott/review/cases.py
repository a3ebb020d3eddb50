"""What may happen to a case before a decision: taken, locked, assigned, put off, moved on; each leaves an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.review.models import Case, CaseEvent, Role, State, User, utc_now
from valfardsbrott.review.visibility import cases_of, sees_any

#: Where a case may go by itself. Closing and referring come with a decision, opening again with its reversal.
MOVES: dict[State, tuple[State, ...]] = {
    State.HIT: (State.INITIAL,),
    State.INITIAL: (State.IN_DEPTH,),
    State.IN_DEPTH: (State.INITIAL,),
    State.CLOSED: (),
    State.REFERRED: (),
}


class Refused(Failure):
    """The rules of case work say no. ``key`` is the text to show (``refused.<key>`` in the locales)."""

    def __init__(self, key: str, **parts: object) -> None:
        super().__init__(f"refused: {key}", exit_code=EXIT_USAGE)
        self.key, self.parts = key, parts


def event(db: Session, case: Case, user: User | None, kind: str, text: str = "", **detail: Any) -> CaseEvent:
    """Write down what happened to a case, and that it has changed."""
    made = CaseEvent(case_id=case.id, user=user, kind=kind, text=text.strip(), detail=detail, at=utc_now())
    db.add(made)
    case.changed_at = made.at
    return made


def expect(case: Case, version: int) -> None:
    """Refused where the case has changed since the page with ``version`` was made: nobody overwrites another unseen."""
    if case.version != version:
        raise Refused("changed", number=case.number)


def move(db: Session, case: Case, user: User, to: State, text: str) -> None:
    """On to another state, with reasons."""
    if to not in MOVES[case.state]:
        raise Refused("move", number=case.number)
    if not text.strip():
        raise Refused("reasons")
    hold(case, user)
    enter(db, case, user, to, kind="moved", text=text)


def enter(
    db: Session, case: Case, user: User | None, to: State, *, kind: str, text: str = "", **detail: Any
) -> CaseEvent:
    """Set the state and write down from where; for those who have checked that it is allowed."""
    made = event(db, case, user, kind, text, **detail)
    made.from_state, made.to_state, case.state = case.state.value, to.value, to
    return made


def is_held(case: Case, by_other_than: User) -> bool:
    """Whether somebody else has the case locked now."""
    held = case.locked_until is not None and case.locked_until > utc_now()
    return held and case.locked_by_id != by_other_than.id


def hold(case: Case, user: User, minutes: int = 30) -> None:
    """Lock the case for a while, or prolong one's own lock; Refused while somebody else has it."""
    if is_held(case, user):
        raise Refused("held", name=case.locked_by.name if case.locked_by else "")
    case.locked_by_id, case.locked_until = user.id, utc_now() + dt.timedelta(minutes=minutes)


def release(db: Session, case: Case, user: User) -> None:
    """Give the lock up; a lead may take another's away."""
    if is_held(case, user) and Role.LEAD not in user.roles:
        raise Refused("held", name=case.locked_by.name if case.locked_by else "")
    case.locked_by_id = case.locked_until = None
    event(db, case, user, "released")


def take_next(db: Session, user: User, within: Iterable[ColumnElement[bool]] = (), minutes: int = 30) -> Case | None:
    """The first hit of the list that nobody has, now the user's: assigned, locked and in initial review. None: no more.

    Two who ask at once get two cases: the row is locked, and who comes second skips it.
    """
    now = utc_now()
    waiting = (
        select(Case)
        .where(cases_of(user), Case.state == State.HIT, Case.assignee_id.is_(None), *within)
        .where(or_(Case.snoozed_until.is_(None), Case.snoozed_until <= now.date()))
        .where(or_(Case.locked_until.is_(None), Case.locked_until <= now, Case.locked_by_id == user.id))
        .order_by(Case.month.desc(), Case.position, Case.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Case)
    )
    case = db.scalar(waiting)
    if case is None:
        return None
    hold(case, user, minutes)
    case.assignee_id = user.id
    enter(db, case, user, State.INITIAL, kind="taken", assignee=user.id)
    db.flush()
    return case


def assign(db: Session, case: Case, user: User, to: User | None) -> None:
    """Give the case to an investigator or lead who may see it, or to nobody."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if to is not None and not (to.active and to.roles & {Role.LEAD, Role.INVESTIGATOR} and sees_any(to, case.boards)):
        raise Refused("assignee", number=case.number)
    if is_held(case, user) and Role.LEAD not in user.roles:
        raise Refused("held", name=case.locked_by.name if case.locked_by else "")
    if (to.id if to else None) == case.assignee_id:
        return
    case.assignee = to
    case.locked_by_id = case.locked_until = None
    event(db, case, user, "assigned", to.name if to else "", assignee=to.id if to else None)


def snooze(db: Session, case: Case, user: User, until: dt.date | None, text: str = "") -> None:
    """Put the case off until a day to come, or (None) take it up again."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if until is not None and until <= utc_now().date():
        raise Refused("past")
    if is_held(case, user):
        raise Refused("held", name=case.locked_by.name if case.locked_by else "")
    case.snoozed_until = until
    event(db, case, user, "snoozed" if until else "woken", text, until=until.isoformat() if until else None)


def next_number(db: Session, year: int) -> str:
    """Cases are numbered within the year: 2026-0001. Of two at once the database refuses one."""
    last = db.scalar(select(func.count()).select_from(Case).where(Case.number.startswith(f"{year}-"))) or 0
    return f"{year}-{last + 1:04d}"


def set_deadline(db: Session, case: Case, user: User, deadline: dt.date | None, text: str = "") -> None:
    """Another last day for the case."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    before, case.deadline = case.deadline, deadline
    days = {"before": before.isoformat() if before else None, "deadline": deadline.isoformat() if deadline else None}
    event(db, case, user, "deadline", text, **days)
