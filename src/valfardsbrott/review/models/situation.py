"""The plan and its follow-up in versions that two people stand behind, and the editions of the document."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, Code, Id, UserRef, code_of, different, said
from valfardsbrott.review.models.people import User


class PlanStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"


class PlanEntry(Base):
    """Something that the plan speaks of: a cause, measure, indicator, target, outcome or agreement.

    ``code``: what it is about (a scheme or factor, an indicator), or its own name. ``board_id`` None is the whole city.
    """

    __tablename__ = "plan_entry"

    id: Mapped[Id]
    kind: Mapped[Code] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(String(128))
    board_id: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[At]

    versions: Mapped[list[PlanVersion]] = relationship(order_by="PlanVersion.number.desc()", back_populates="entry")

    @property
    def standing(self) -> PlanVersion | None:
        """The newest approved version."""
        return next((one for one in self.versions if one.status is PlanStatus.APPROVED), None)

    @property
    def waiting(self) -> PlanVersion | None:
        return next((one for one in self.versions if one.status is PlanStatus.PROPOSED), None)


class PlanVersion(Base):
    """What was proposed, and what a second person said of it. The content stays as it was written."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        Index(
            "uq_plan_version_one_proposed", "entry_id", unique=True,
            sqlite_where=text("status = 'proposed'"), postgresql_where=text("status = 'proposed'"),
        ),
        CheckConstraint("(status = 'proposed') = (decided_by_id IS NULL)", name="decided"),
        different("decided_by_id", "proposed_by_id", "four_eyes"),
        *said("decision_reasons"),
    )  # fmt: skip

    id: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(ForeignKey("plan_entry.id"), index=True)
    number: Mapped[int]
    status: Mapped[PlanStatus] = mapped_column(code_of(PlanStatus), default=PlanStatus.PROPOSED)
    content: Mapped[dict[str, Any]]
    proposed_by_id: Mapped[UserRef]
    proposed_at: Mapped[At]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime | None]
    decision_reasons: Mapped[str | None]

    entry: Mapped[PlanEntry] = relationship(back_populates="versions")
    proposed_by: Mapped[User] = relationship(foreign_keys="PlanVersion.proposed_by_id", lazy="joined")
    decided_by: Mapped[User | None] = relationship(foreign_keys="PlanVersion.decided_by_id", lazy="joined")


class SituationEdition(Base):
    """A document as it was made. ``figures`` are those of the period's first edition in every later one.

    What has been published cannot be taken back: figures counted again would give small ones away by what changed.
    """

    __tablename__ = "situation_edition"
    __table_args__ = (UniqueConstraint("first_month", "last_month", "number"),)

    id: Mapped[Id]
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    number: Mapped[int]
    figures: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64), comment="of the document as JSON")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[At]

    made_by: Mapped[User | None] = relationship(lazy="joined")
