"""What users keep for themselves or each other about a view: filters of the inbox, layouts of a graph, notes on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from valfardsbrott.review.models.base import At, Base, Code, Id, UserRef, said
from valfardsbrott.review.models.people import User


class SavedFilter(Base):
    """A named filter of a user's inbox; ``query`` as in the address line."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("user_id", "name"), *said("name"))

    id: Mapped[Id]
    user_id: Mapped[UserRef]
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[dict[str, Any]]
    at: Mapped[At]


class GraphLayout(Base):
    """Where a user has put the nodes of a network, node id to x and y."""

    __tablename__ = "graph_layout"
    __table_args__ = (UniqueConstraint("user_id", "network_id", "name"), *said("name"))

    id: Mapped[Id]
    user_id: Mapped[UserRef]
    network_id: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(80))
    positions: Mapped[dict[str, Any]]
    at: Mapped[At]


class GraphNote(Base):
    """A note on a node or link of a network, seen by all who may see the network; taking it away leaves a trace."""

    __tablename__ = "graph_note"
    __table_args__ = (CheckConstraint("target IN ('node', 'link')", name="target"), *said("text"))

    id: Mapped[Id]
    network_id: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[Code]
    target_id: Mapped[str] = mapped_column(String(255))
    text: Mapped[str]
    user_id: Mapped[UserRef]
    at: Mapped[At]
    removed_at: Mapped[dt.datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

    user: Mapped[User] = relationship(foreign_keys="GraphNote.user_id", lazy="joined")
