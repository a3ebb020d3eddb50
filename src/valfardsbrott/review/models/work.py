"""The work on a case: tasks, comments, files, the hearing of the provider, corrections of data that proved wrong."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, CaseRef, Code, Id, OptionalUser, UserRef, code_of, said
from valfardsbrott.review.models.people import User


class Task(Base):
    __tablename__ = "task"
    __table_args__ = (*said("title"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    title: Mapped[str]
    assignee_id: Mapped[OptionalUser]
    due: Mapped[dt.date | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[At]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[dt.datetime | None]

    assignee: Mapped[User | None] = relationship(foreign_keys="Task.assignee_id", lazy="joined")


class Comment(Base):
    """A note on a case. It stays as it was written: a correction is another comment."""

    __tablename__ = "comment"
    __table_args__ = (*said("text"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    user_id: Mapped[UserRef]
    text: Mapped[str]
    at: Mapped[At]

    user: Mapped[User] = relationship(lazy="joined")


class StoredFile(Base):
    """The bytes of a file, once, under their SHA-256 in the files folder; ``media_type`` is what the bytes are."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(128))
    stored_at: Mapped[At]


class CaseFile(Base):
    """A file of a case. Taking it away hides it and says why; the bytes go with the case's disposal."""

    __tablename__ = "case_file"
    __table_args__ = (*said("name", "removal_reasons"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    name: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    user_id: Mapped[UserRef]
    at: Mapped[At]
    removed_at: Mapped[dt.datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    removal_reasons: Mapped[str | None]

    stored: Mapped[StoredFile] = relationship(lazy="joined")
    user: Mapped[User] = relationship(foreign_keys="CaseFile.user_id", lazy="joined")


class HearingKind(StrEnum):
    """What was said to or by the provider [kommunicering]."""

    TOLD = "told"
    ANSWER = "answer"
    MEETING = "meeting"
    EXTENSION = "extension"


class Hearing(Base):
    """One entry of the hearing. ``answers_id``: the entry that this one answers; ``due``: when an answer is wanted."""

    __tablename__ = "hearing"
    __table_args__ = (*said("text"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    kind: Mapped[HearingKind] = mapped_column(code_of(HearingKind))
    date: Mapped[dt.date]
    due: Mapped[dt.date | None]
    text: Mapped[str]
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("hearing.id"))
    user_id: Mapped[UserRef]
    at: Mapped[At]

    user: Mapped[User] = relationship(lazy="joined")


class Correction(Base):
    """Data that proved wrong, sent back to the source's owner; the ``features`` built on it are marked until then."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("status IN ('sent', 'corrected', 'refused')", name="status"),
        *said("wrong"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    source_table: Mapped[Code]
    source_row_id: Mapped[str] = mapped_column(String(255))
    column: Mapped[str | None] = mapped_column(String(64))
    wrong: Mapped[str] = mapped_column(comment="what is wrong, without the value of a personal field")
    features: Mapped[list[str]] = mapped_column(default=list)
    source_owner: Mapped[str]
    status: Mapped[Code] = mapped_column(default="sent")
    user_id: Mapped[UserRef]
    at: Mapped[At]
    answered_on: Mapped[dt.date | None]
    answer: Mapped[str | None]
