"""What the migrations' columns have in common. Like a migration it stays as it is: what changes gets a new name here.

Names of keys, indexes and constraints come from the convention of the models' metadata. ``optional``: may be null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from valfardsbrott.review.models.base import UtcDateTime

Column = sa.Column[Any]


def key() -> Column:
    """The row's own number."""
    return sa.Column("id", sa.Integer(), primary_key=True)


def ref(name: str, target: str, kind: Any = None, *, index: bool = True, optional: bool = False, **how: Any) -> Column:
    """A reference to another table's ``table.column``."""
    return sa.Column(name, kind or sa.Integer(), sa.ForeignKey(target), index=index, nullable=optional, **how)


def code(name: str, length: int = 64, **how: Any) -> Column:
    """Text of a bounded length."""
    return _column(name, sa.String(length), **how)


def text(name: str, **how: Any) -> Column:
    return _column(name, sa.Text(), **how)


def choice(name: str, values: Sequence[str], kind: str = "", **how: Any) -> Column:
    """One of some codes, checked by the database under the name ``kind`` (default: the column's)."""
    made = sa.Enum(*values, name=kind or name, native_enum=False, create_constraint=True, length=32)
    return _column(name, made, **how)


def instant(name: str, **how: Any) -> Column:
    return _column(name, UtcDateTime(), **how)


def day(name: str, **how: Any) -> Column:
    return _column(name, sa.Date(), **how)


def whole(name: str, **how: Any) -> Column:
    return _column(name, sa.Integer(), **how)


def big(name: str, **how: Any) -> Column:
    """A whole number that may need more than 31 bits, as ore do."""
    return _column(name, sa.BigInteger(), **how)


def real(name: str, **how: Any) -> Column:
    return _column(name, sa.Double(), **how)


def flag(name: str, **how: Any) -> Column:
    return _column(name, sa.Boolean(), **how)


def json(name: str, **how: Any) -> Column:
    return _column(name, sa.JSON(), **how)


def said(*columns: str) -> list[sa.CheckConstraint]:
    """Checks that texts hold more than blanks."""
    return [sa.CheckConstraint(f"length(trim({column})) > 0", name=f"{column}_said") for column in columns]


def _column(name: str, kind: Any, *, optional: bool = False, **how: Any) -> Column:
    return sa.Column(name, kind, nullable=optional, **how)
