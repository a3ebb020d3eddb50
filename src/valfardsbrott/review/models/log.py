"""The audit log, a chain of hashes that the database refuses to change, and its monthly review by the auditor."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from valfardsbrott.review.models.base import At, Base, Code, Id, OptionalUser, said


class AuditEntry(Base):
    """One read or write. ``hash`` is over the entry and ``previous``, so a change or gap anywhere is seen.

    ``seq`` counts from 1 without gaps. No foreign keys: the log outlives what it speaks of. ``detail`` holds codes and
    ids, never the value of a personal field.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_user_at", "user_id", "at"),
        Index("ix_audit_entry_object", "object_kind", "object_id"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    user_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(255), comment="the user's subject, or the command that acted")
    action: Mapped[Code]
    object_kind: Mapped[Code]
    object_id: Mapped[str] = mapped_column(String(128))
    purpose: Mapped[str | None] = mapped_column(String(64))
    granted: Mapped[bool]
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class LogReview(Base):
    """A month's review of the log: drawn as a sample with odd patterns, then signed off by an auditor."""

    __tablename__ = "log_review"
    __table_args__ = (*said("conclusion"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    drawn_at: Mapped[At]
    drawn_by_id: Mapped[OptionalUser]
    first_seq: Mapped[int | None]
    last_seq: Mapped[int | None]
    signed_by_id: Mapped[OptionalUser]
    signed_at: Mapped[dt.datetime | None]
    conclusion: Mapped[str | None]


class LogReviewItem(Base):
    """An entry or pattern to look at, and what the auditor found: in_order, to_follow_up or breach."""

    __tablename__ = "log_review_item"
    __table_args__ = (
        CheckConstraint("finding IN ('in_order', 'to_follow_up', 'breach')", name="finding"),
        *said("note"),
    )

    id: Mapped[Id]
    month: Mapped[str] = mapped_column(ForeignKey("log_review.month"), index=True)
    pattern: Mapped[Code] = mapped_column(comment="sample, volume, hours or unassigned")
    user_id: Mapped[int | None]
    seqs: Mapped[list[Any]]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    finding: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None]
