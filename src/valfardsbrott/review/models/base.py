"""What all tables share: names of constraints, times in UTC, codes kept as text, and text that may not be empty."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Enum, ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant. Kept in UTC on both databases; SQLite has no time zones, so what comes back is given its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Base(DeclarativeBase):
    """Mapped columns: a str is TEXT, a datetime an instant in UTC, a dict or list JSON, a StrEnum its value as text."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - as SQLAlchemy reads it
        str: Text,
        dt.datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
    }


Id = Annotated[int, mapped_column(primary_key=True)]
Code = Annotated[str, mapped_column(String(64))]
At = Annotated[dt.datetime, mapped_column(default=utc_now)]
UserRef = Annotated[int, mapped_column(ForeignKey("app_user.id"), index=True)]
OptionalUser = Annotated[int | None, mapped_column(ForeignKey("app_user.id"), index=True)]
CaseRef = Annotated[int, mapped_column(ForeignKey("review_case.id"), index=True)]


def code_of(kind: type[StrEnum]) -> Enum:
    """A column for a StrEnum: its values as text, checked by the database."""
    values = [member.value for member in kind]
    return Enum(
        kind, values_callable=lambda _: values, native_enum=False, create_constraint=True, length=32,
        name=_snake(kind.__name__),
    )  # fmt: skip


def said(*columns: str) -> list[CheckConstraint]:
    """Checks that mandatory texts hold more than blanks; a null one passes where the column may be null."""
    return [CheckConstraint(f"length(trim({column})) > 0", name=f"{column}_said") for column in columns]


def different(one: str, other: str, name: str) -> CheckConstraint:
    """Four eyes, kept by the database itself: two columns never name the same user."""
    return CheckConstraint(f"{one} <> {other}", name=name)


def _snake(name: str) -> str:
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in name).lstrip("_")
