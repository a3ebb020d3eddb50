"""The work on a case besides deciding: comments, tasks, the hearing of the provider, data that proved wrong."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.catalogue import tables
from valfardsbrott.features import base, feature_columns, upstream
from valfardsbrott.review.cases import Refused, event
from valfardsbrott.review.models import Case, Comment, Correction, Hearing, HearingKind, Task, User, utc_now

#: How a source's owner may answer a correction.
ANSWERS = ("corrected", "refused")


def comment(db: Session, case: Case, user: User, text: str) -> Comment:
    """A note that stays as written; who erred writes another."""
    made = Comment(case_id=case.id, user_id=user.id, text=_said(text), at=utc_now())
    db.add(made)
    event(db, case, user, "commented", text)
    return made


def add_task(db: Session, case: Case, user: User, title: str, due: dt.date | None = None) -> Task:
    """Something to be done in an open case, by its assignee unless somebody else takes it."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    made = Task(
        case_id=case.id, title=_said(title), assignee_id=case.assignee_id, due=due, created_by_id=user.id,
        created_at=utc_now(),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, "task_added", title)
    return made


def finish_task(db: Session, case: Case, user: User, task: Task) -> None:
    """Done; done again says nothing new."""
    if task.done_at is None:
        task.done_at, task.done_by_id = utc_now(), user.id
        event(db, case, user, "task_done", task.title)


def hear(
    db: Session, case: Case, user: User, kind: HearingKind, *, on: dt.date, text: str, due: dt.date | None = None,
    answers: Hearing | None = None,
) -> Hearing:  # fmt: skip
    """What the provider was told or said [kommunicering, förvaltningslagen 25 §]. An answer names what it answers."""
    if on > utc_now().date():
        raise Refused("hearing_day")
    if due is not None and due < on:
        raise Refused("hearing_due")
    if answers is not None and (answers.case_id != case.id or on < answers.date):
        raise Refused("hearing_day")
    made = Hearing(
        case_id=case.id, kind=kind, date=on, due=due, text=_said(text), answers_id=answers.id if answers else None,
        user_id=user.id, at=utc_now(),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, f"hearing_{kind.value}", text, date=on.isoformat())
    db.flush()
    return made


def correct(
    db: Session, case: Case, user: User, *, table: str, row: str, wrong: str, column: str = "", owner: str
) -> Correction:
    """Say that a source row is wrong: it goes back to the source's owner, and the case's features on it are marked.

    ``wrong`` says what is wrong, never the value of a personal field. Refused for a table or column there is not.
    """
    known = tables()
    if table not in known or (column and column not in {one.name for one in known[table].columns}):
        raise Refused("correction_table")
    if not row.strip():
        raise Refused("correction_row")
    made = Correction(
        case_id=case.id, source_table=table, source_row_id=row.strip(), column=column or None, wrong=_said(wrong),
        features=list(affected(case, table)), source_owner=_said(owner), user_id=user.id, at=utc_now(),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, "correction_sent", wrong, table=table, row=row.strip(), features=made.features)
    db.flush()
    return made


def answer_correction(
    db: Session, case: Case, user: User, correction: Correction, *, status: str, answer: str, on: dt.date
) -> None:
    """What the source's owner said: corrected (the next delivery has it right) or refused."""
    if status not in ANSWERS or correction.status != "sent":
        raise Refused("changed", number=case.number)
    if on > utc_now().date():
        raise Refused("hearing_day")
    correction.status, correction.answered_on, correction.answer = status, on, _said(answer)
    event(db, case, user, f"correction_{status}", answer, correction=correction.id)


def affected(case: Case, table: str) -> tuple[str, ...]:
    """The case's features that are computed from a table, by the views' own sources, in the order of its reasons."""
    views = {feature.name: feature.view for feature in feature_columns()}
    named = [one["feature"] for one in (case.flags[0].reasons if case.flags else [])]
    return tuple(name for name in named if name in views and table in _tables_of(views[name]))


def open_corrections(db: Session) -> list[Correction]:
    """Data known to be wrong and not yet put right, oldest first: what the next run's reader should know."""
    return list(db.scalars(select(Correction).where(Correction.status == "sent").order_by(Correction.id)))


def _tables_of(view: str) -> set[str]:
    return {base(source)[0] for one in upstream([view]) for source in one.sources}


def _said(text: str) -> str:
    if not text.strip():
        raise Refused("reasons")
    return text.strip()
