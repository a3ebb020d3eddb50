"""A case: what hit, where it stands, who has it, and all that ever happened to it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, CaseRef, Code, Id, OptionalUser, UserRef, code_of, said
from valfardsbrott.review.models.imported import Board
from valfardsbrott.review.models.people import User


class State(StrEnum):
    """The states of the trade [urvalsträff, inledande granskning, fördjupad granskning, avslutat, överlämnat]."""

    HIT = "hit"
    INITIAL = "initial_review"
    IN_DEPTH = "in_depth_review"
    CLOSED = "closed"
    REFERRED = "referred"


OPEN_STATES = (State.HIT, State.INITIAL, State.IN_DEPTH)


class Outcome(StrEnum):
    """How a case was closed: confirmed, cleared, insufficient; or merged into another, which is no judgement."""

    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    INSUFFICIENT = "insufficient"
    MERGED = "merged"


class Case(Base):
    """One provider or network under review. ``version`` rises with each change: who saves an older one is told so.

    ``arm`` says how the case was selected (risk, control, or manual where a person opened it). It is never shown to a
    reviewer before the decision; ``position`` is the place in the month's list with both arms mixed. Amounts in ore.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index("ix_review_case_entity", "entity_type", "entity_id"),
        Index("ix_review_case_state_position", "state", "position"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint("arm IN ('risk', 'control', 'manual')", name="arm"),
        CheckConstraint("entity_type IN ('provider', 'network')", name="entity_type"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(16), unique=True)
    entity_type: Mapped[str] = mapped_column(String(16))
    entity_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    state: Mapped[State] = mapped_column(code_of(State), default=State.HIT)
    outcome: Mapped[Outcome | None] = mapped_column(code_of(Outcome))
    arm: Mapped[str] = mapped_column(String(16))
    first_month: Mapped[str] = mapped_column(String(7))
    month: Mapped[str] = mapped_column(String(7), index=True, comment="of the newest hit")
    position: Mapped[int]
    amount_ore: Mapped[int | None] = mapped_column(BigInteger)
    board_id: Mapped[str | None] = mapped_column(String(64), index=True, comment="the board that owns the case")
    district: Mapped[str | None]
    service_code: Mapped[str | None] = mapped_column(String(64))
    assignee_id: Mapped[OptionalUser]
    locked_by_id: Mapped[OptionalUser]
    locked_until: Mapped[dt.datetime | None]
    snoozed_until: Mapped[dt.date | None]
    deadline: Mapped[dt.date | None]
    opened_at: Mapped[At]
    changed_at: Mapped[At]
    closed_at: Mapped[dt.datetime | None]
    lasting_reason: Mapped[str | None] = mapped_column(comment="why the same reasons need no new case")
    lasting_until: Mapped[dt.date | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy reads it

    assignee: Mapped[User | None] = relationship(foreign_keys="Case.assignee_id", lazy="joined")
    locked_by: Mapped[User | None] = relationship(foreign_keys="Case.locked_by_id")
    board: Mapped[Board | None] = relationship(
        primaryjoin="foreign(Case.board_id) == Board.board_id", viewonly=True, lazy="joined"
    )
    flags: Mapped[list[CaseFlag]] = relationship(order_by="CaseFlag.month.desc()")
    events: Mapped[list[CaseEvent]] = relationship(order_by="CaseEvent.id")
    board_rows: Mapped[list[CaseBoard]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def boards(self) -> frozenset[str]:
        """All boards that may see the case."""
        return frozenset(row.board_id for row in self.board_rows)


class CaseBoard(Base):
    __tablename__ = "case_board"

    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), primary_key=True)
    board_id: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class CaseFlag(Base):
    """One month's hit of a case, as the run published it. ``reasons`` as in flags.parquet, strongest first.

    ``silenced``: the case was cleared with a lasting reason that covers it, so it opened nothing.
    """

    __tablename__ = "case_flag"
    __table_args__ = (UniqueConstraint("case_id", "month"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    month: Mapped[str] = mapped_column(String(7), index=True)
    run_id: Mapped[Code]
    rank: Mapped[int]
    position: Mapped[int]
    arm: Mapped[str] = mapped_column(String(16))
    score: Mapped[float | None]
    p_value: Mapped[float | None]
    amount_ore: Mapped[int | None] = mapped_column(BigInteger)
    reasons: Mapped[list[Any]]
    silenced: Mapped[bool] = mapped_column(default=False)


class CaseEvent(Base):
    """What happened to a case, in order. The database refuses to change or delete a row."""

    __tablename__ = "case_event"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    at: Mapped[At]
    user_id: Mapped[OptionalUser]
    kind: Mapped[Code]
    from_state: Mapped[str | None] = mapped_column(String(32))
    to_state: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    user: Mapped[User | None] = relationship(lazy="joined")


class CaseLink(Base):
    """How two cases hang together: merged_into, split_from, follows (an earlier case of the same entity)."""

    __tablename__ = "case_link"
    __table_args__ = (
        UniqueConstraint("case_id", "other_id", "kind"),
        CheckConstraint("case_id <> other_id", name="two_cases"),
        CheckConstraint("kind IN ('merged_into', 'split_from', 'follows')", name="kind"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    other_id: Mapped[CaseRef]
    kind: Mapped[Code]
    at: Mapped[At]
    user_id: Mapped[OptionalUser]


class InnocenceCheck(Base):
    """An innocent explanation of a reason, tried: whether it explains the figures, and how that was found out."""

    __tablename__ = "innocence_check"
    __table_args__ = (
        UniqueConstraint("case_id", "feature"),
        CheckConstraint("finding IN ('explains', 'in_part', 'does_not_explain')", name="finding"),
        *said("note"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    feature: Mapped[str] = mapped_column(String(128))
    finding: Mapped[Code]
    note: Mapped[str]
    user_id: Mapped[UserRef]
    at: Mapped[At]

    user: Mapped[User] = relationship(lazy="joined")
