"""What leaves the board: referrals and notifications with their legal ground, evidence packs, re-identification."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import (
    At,
    Base,
    CaseRef,
    Code,
    Id,
    OptionalUser,
    UserRef,
    code_of,
    different,
    said,
)
from valfardsbrott.review.models.people import User


class DisclosureStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    SENT = "sent"
    ANSWERED = "answered"


class Disclosure(Base):
    """A disclosure record: what goes to whom, on which ground, why that outweighs secrecy, who approved.

    ``conditions`` has for each condition of the ground how it is met; ``categories`` are the data categories that go,
    never one that the ground excludes. ``kind``: referral, notification (a statutory duty) or police_report.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        different("approved_by_id", "proposed_by_id", "four_eyes"),
        CheckConstraint("kind IN ('referral', 'notification', 'police_report')", name="kind"),
        CheckConstraint(
            "status NOT IN ('approved', 'sent', 'answered') OR approved_by_id IS NOT NULL", name="approved"
        ),
        *said("balancing", "approval_reasons"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    kind: Mapped[Code]
    status: Mapped[DisclosureStatus] = mapped_column(code_of(DisclosureStatus))
    recipient: Mapped[Code] = mapped_column(comment="authority: police, ivo, fk, skv, utbm, board")
    recipient_board_id: Mapped[str | None] = mapped_column(String(64))
    statute_id: Mapped[Code]
    statute_version: Mapped[Code]
    purpose: Mapped[Code]
    conditions: Mapped[dict[str, Any]]
    balancing: Mapped[str]
    categories: Mapped[list[str]]
    penalty_months: Mapped[int | None] = mapped_column(comment="least penalty of the suspected crime, where asked")
    proposed_by_id: Mapped[UserRef]
    proposed_at: Mapped[At]
    approved_by_id: Mapped[OptionalUser]
    approved_at: Mapped[dt.datetime | None]
    approval_reasons: Mapped[str | None]
    sent_at: Mapped[dt.datetime | None]
    sent_how: Mapped[str | None]
    answered_on: Mapped[dt.date | None]
    answer: Mapped[str | None]
    answer_outcome: Mapped[str | None] = mapped_column(String(32))

    proposed_by: Mapped[User] = relationship(foreign_keys="Disclosure.proposed_by_id", lazy="joined")
    approved_by: Mapped[User | None] = relationship(foreign_keys="Disclosure.approved_by_id", lazy="joined")


class EvidencePack(Base):
    """A signed pack of evidence: hashes of all it holds are in ``manifest``, the signature is over the manifest."""

    __tablename__ = "evidence_pack"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    disclosure_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure.id"), index=True)
    file_sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    manifest: Mapped[dict[str, Any]]
    signature: Mapped[str]
    key_id: Mapped[Code]
    made_by_id: Mapped[UserRef]
    made_at: Mapped[At]


class Reidentification(Base):
    """A request to see who one pseudonym is: reasons, a second person, a time limit, each look counted.

    The clear number is nowhere in this database: who may see it is told it by the key's keeper, and looks are logged.
    """

    __tablename__ = "reidentification"
    __table_args__ = (
        different("decided_by_id", "asked_by_id", "four_eyes"),
        CheckConstraint("status IN ('asked', 'approved', 'refused')", name="status"),
        *said("reasons", "decision_reasons"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    pseudonym: Mapped[str] = mapped_column(String(64))
    reasons: Mapped[str]
    status: Mapped[Code] = mapped_column(default="asked")
    asked_by_id: Mapped[UserRef]
    asked_at: Mapped[At]
    decided_by_id: Mapped[OptionalUser]
    decided_at: Mapped[dt.datetime | None]
    decision_reasons: Mapped[str | None]
    expires_at: Mapped[dt.datetime | None]
    looks: Mapped[int] = mapped_column(default=0)
