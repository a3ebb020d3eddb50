"""Who may sign in, what they may see, and the sessions they have open."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, Code, Id, OptionalUser, UserRef, code_of, said


class Role(StrEnum):
    """What a user is there for; one may have several. ``web/policy.py`` says what each may reach."""

    LEAD = "lead"  # control lead: all cases of its boards, assigns, approves
    INVESTIGATOR = "investigator"  # works on its boards' cases
    SCIENTIST = "data_scientist"  # pseudonyms and aggregates, no cases
    AUDITOR = "auditor"  # logs, no editing
    ADMIN = "administrator"  # users and operation, no case data


class User(Base):
    """A person who signs in. ``subject`` is the identity provider's own key of them, ``demo:...`` for a demo user."""

    __tablename__ = "app_user"

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str]
    demo: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[At]
    last_seen_at: Mapped[dt.datetime | None]

    role_rows: Mapped[list[UserRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    board_rows: Mapped[list[UserBoard]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(row.role for row in self.role_rows)

    @property
    def boards(self) -> frozenset[str]:
        """The boards whose recipients and cases this user may see."""
        return frozenset(row.board_id for row in self.board_rows)


class UserRole(Base):
    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(code_of(Role), primary_key=True)


class UserBoard(Base):
    """Membership of a board. No foreign key: the identity provider may name a board before its first import."""

    __tablename__ = "user_board"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    board_id: Mapped[str] = mapped_column(String(64), primary_key=True)


class WebSession(Base):
    """A browser's session. The cookie holds a random token, this table only its SHA-256; signing in makes a new one."""

    __tablename__ = "web_session"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[OptionalUser]
    csrf: Mapped[str] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(2))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[At]
    last_seen_at: Mapped[At]
    revoked_at: Mapped[dt.datetime | None]

    user: Mapped[User | None] = relationship(lazy="joined")


class CasePurpose(Base):
    """Why a user opened a case, asked once for each session: no case is read without one."""

    __tablename__ = "case_purpose"
    __table_args__ = (UniqueConstraint("session_id", "case_id"), *said("purpose"))

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("web_session.id"))
    user_id: Mapped[UserRef]
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    purpose: Mapped[Code]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[At]


class SignInAttempt(Base):
    """One attempt to sign in, counted by where it came from; ``source`` is a keyed hash, never an address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_source_at", "source", "at"),)

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(64))
    at: Mapped[At]
    succeeded: Mapped[bool] = mapped_column(default=False)
