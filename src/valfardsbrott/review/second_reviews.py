"""Which cases a second reviewer can judge without having had a part in them."""

from __future__ import annotations

import hashlib

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from valfardsbrott.review.models import Case, CaseEvent, Decision, DecisionStatus, SecondReview, User
from valfardsbrott.review.visibility import cases_of

#: Cases offered at a time.
MOST = 10
_COUNTED = (DecisionStatus.PROPOSED, DecisionStatus.DECIDED)


def waiting(db: Session, user: User) -> list[Case]:
    """Cases with a proposed or standing decision in which the user had no part and has not been a second reviewer.

    At most `MOST`, in an order drawn from their numbers: a sample that nobody chooses and that is the same tomorrow.
    """
    decided = exists().where(Decision.case_id == Case.id, Decision.status.in_(_COUNTED))
    took_part = exists().where(CaseEvent.case_id == Case.id, CaseEvent.user_id == user.id)
    reviewed = exists().where(SecondReview.case_id == Case.id, SecondReview.user_id == user.id)
    other = or_(Case.assignee_id.is_(None), Case.assignee_id != user.id)
    found = db.scalars(select(Case).where(cases_of(user), decided, ~took_part, ~reviewed, other)).unique()
    return sorted(found, key=lambda case: hashlib.sha256(case.number.encode()).digest())[:MOST]
