"""Handing data over: proposed on a legal ground, approved by a second person, sent with a pack, answered.

Each step leaves the disclosure record that the law asks for (safeguards: OSL 10:15 a, 2008:206, 2024:307, 2025:170).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review import statutes
from valfardsbrott.review.cases import Refused, event, hold
from valfardsbrott.review.models import Case, Disclosure, DisclosureStatus, State, User, utc_now
from valfardsbrott.review.visibility import sees_any

#: A case nobody has looked into is not handed over.
OPEN_FOR = (State.IN_DEPTH, State.REFERRED, State.CLOSED)


def propose(db: Session, case: Case, user: User, draft: statutes.Proposal, board_id: str | None = None) -> Disclosure:
    """Propose to hand data over; Refused with the first thing that the ground asks for and the draft has not."""
    if case.state not in OPEN_FOR:
        raise Refused("disclose_from", number=case.number)
    today = utc_now().date()
    if missing := statutes.objections(draft, today):
        kind, _, what = missing[0].partition(":")
        raise Refused(f"ground_{kind}", what=what)
    if (draft.recipient == "board") != bool(board_id):
        raise Refused("ground_board")
    hold(case, user)
    statute = statutes.get(draft.statute_id, today)
    made = Disclosure(
        case_id=case.id, kind=statute.kind, status=DisclosureStatus.PROPOSED, recipient=draft.recipient,
        recipient_board_id=board_id, statute_id=statute.id, statute_version=statute.version, purpose=draft.purpose,
        conditions={key: text.strip() for key, text in draft.conditions.items()},
        balancing=draft.balancing.strip() or "-", categories=sorted(draft.categories),
        penalty_months=draft.penalty_months, proposed_by=user, proposed_at=utc_now(),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, "disclosure_proposed", recipient=made.recipient, statute=statute.id)
    db.flush()
    return made


def approve(db: Session, case: Case, user: User, disclosure: Disclosure, reasons: str) -> None:
    """A second person agrees, on the ground as it is in force on that day."""
    _second(case, user, disclosure, reasons)
    if statutes.get(disclosure.statute_id, utc_now().date()).version != disclosure.statute_version:
        raise Refused("ground_changed")
    _decide(disclosure, user, reasons, DisclosureStatus.APPROVED)
    event(db, case, user, "disclosure_approved", reasons, disclosure=disclosure.id)
    db.flush()


def send_back(db: Session, case: Case, user: User, disclosure: Disclosure, reasons: str) -> None:
    """A second person does not agree, and says why."""
    _second(case, user, disclosure, reasons)
    _decide(disclosure, user, reasons, DisclosureStatus.RETURNED)
    event(db, case, user, "disclosure_returned", reasons, disclosure=disclosure.id)
    db.flush()


def sent(db: Session, case: Case, user: User, disclosure: Disclosure, how: str) -> None:
    """It went, in the way that ``how`` says."""
    if disclosure.status is not DisclosureStatus.APPROVED:
        raise Refused("not_approved", number=case.number)
    if not how.strip():
        raise Refused("reasons")
    disclosure.status, disclosure.sent_at, disclosure.sent_how = DisclosureStatus.SENT, utc_now(), how.strip()
    event(db, case, user, "disclosure_sent", how, disclosure=disclosure.id)


def answered(
    db: Session, case: Case, user: User, disclosure: Disclosure, *, on: dt.date, answer: str, outcome: str
) -> None:
    """What came back, and when: ``outcome`` is opened, closed, no_action or other."""
    if disclosure.status not in {DisclosureStatus.SENT, DisclosureStatus.ANSWERED} or disclosure.sent_at is None:
        raise Refused("not_sent", number=case.number)
    if not disclosure.sent_at.date() <= on <= utc_now().date():
        raise Refused("answer_day")
    if not answer.strip():
        raise Refused("reasons")
    disclosure.status, disclosure.answered_on = DisclosureStatus.ANSWERED, on
    disclosure.answer, disclosure.answer_outcome = answer.strip(), outcome
    event(db, case, user, "disclosure_answered", answer, disclosure=disclosure.id, outcome=outcome)


def of_case(db: Session, case: Case) -> list[Disclosure]:
    """All of a case, newest first."""
    return list(db.scalars(select(Disclosure).where(Disclosure.case_id == case.id).order_by(Disclosure.id.desc())))


def _second(case: Case, user: User, disclosure: Disclosure, reasons: str) -> None:
    if disclosure.status is not DisclosureStatus.PROPOSED:
        raise Refused("not_proposed", number=case.number)
    if disclosure.proposed_by_id == user.id:
        raise Refused("four_eyes")
    if not sees_any(user, case.boards):
        raise Refused("assignee", number=case.number)
    if not reasons.strip():
        raise Refused("reasons")


def _decide(disclosure: Disclosure, user: User, reasons: str, status: DisclosureStatus) -> None:
    disclosure.status, disclosure.approved_by_id = status, user.id
    disclosure.approved_at, disclosure.approval_reasons = utc_now(), reasons.strip()
