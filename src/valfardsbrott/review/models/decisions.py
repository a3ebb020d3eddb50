"""Decisions, their approval by a second person, and independent second reviews."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, CaseRef, Id, UserRef, code_of, different, said
from valfardsbrott.review.models.people import User


class DecisionKind(StrEnum):
    CONFIRM = "confirm"
    CLEAR = "clear"
    INSUFFICIENT = "insufficient"
    REFER = "refer"


class DecisionStatus(StrEnum):
    """Proposed until approved or returned; decided until it is reversed."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    REVERSED = "reversed"


class Decision(Base):
    """A decision with its reasons. The database allows one proposed and one standing decision a case, never two.

    ``case_version`` is the version of the case that the decision rests on. ``schemes`` and ``enabling_factors`` are
    codes for the situational picture. ``amount_ore``: what was found to be wrongly paid, null where nobody said.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index(
            "uq_decision_one_proposed", "case_id", unique=True,
            sqlite_where=text("status = 'proposed'"), postgresql_where=text("status = 'proposed'"),
        ),
        Index(
            "uq_decision_one_standing", "case_id", unique=True,
            sqlite_where=text("status = 'decided'"), postgresql_where=text("status = 'decided'"),
        ),
        *said("reasons", "lasting_reason", "reversal_reasons"),
    )  # fmt: skip

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    kind: Mapped[DecisionKind] = mapped_column(code_of(DecisionKind))
    status: Mapped[DecisionStatus] = mapped_column(code_of(DecisionStatus))
    reasons: Mapped[str]
    lasting_reason: Mapped[str | None]
    lasting_until: Mapped[dt.date | None]
    amount_ore: Mapped[int | None] = mapped_column(BigInteger)
    schemes: Mapped[list[str]] = mapped_column(default=list)
    enabling_factors: Mapped[list[str]] = mapped_column(default=list)
    arm: Mapped[str] = mapped_column(String(16), comment="how the case had been selected")
    case_version: Mapped[int]
    proposed_by_id: Mapped[UserRef]
    proposed_at: Mapped[At]
    decided_at: Mapped[dt.datetime | None]
    reversed_at: Mapped[dt.datetime | None]
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    reversal_reasons: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    proposed_by: Mapped[User] = relationship(foreign_keys="Decision.proposed_by_id", lazy="joined")
    approval: Mapped[Approval | None] = relationship(lazy="joined")


class Approval(Base):
    """The second pair of eyes: approved or returned, by another than who proposed. Never changed, one a decision."""

    __tablename__ = "approval"
    __table_args__ = (different("user_id", "proposed_by_id", "four_eyes"), *said("reasons"))

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    user_id: Mapped[UserRef]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    approved: Mapped[bool]
    reasons: Mapped[str]
    at: Mapped[At]

    user: Mapped[User] = relationship(foreign_keys="Approval.user_id", lazy="joined")


class SecondReview(Base):
    """What another reviewer, who has not seen the decision, would decide: for agreement between reviewers."""

    __tablename__ = "second_review"
    __table_args__ = (UniqueConstraint("case_id", "user_id"), *said("reasons"))

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    user_id: Mapped[UserRef]
    kind: Mapped[DecisionKind] = mapped_column(code_of(DecisionKind))
    reasons: Mapped[str]
    at: Mapped[At]
