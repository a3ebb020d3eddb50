"""What is taken over from published runs, so that the application finds its way without reading whole files."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from valfardsbrott.review.models.base import At, Base, Code, Id


class Board(Base):
    """A board [nämnd]: each is an authority of its own, so it bounds what its people see."""

    __tablename__ = "board"

    board_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    district: Mapped[str | None]


class ImportedRun(Base):
    """A published month whose hits are cases here; imported again when its run_id is another."""

    __tablename__ = "imported_run"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    run_id: Mapped[Code]
    facts: Mapped[dict[str, Any]] = mapped_column(comment="run.json: code, model, fingerprints, seed")
    counts: Mapped[dict[str, Any]] = mapped_column(comment="what the import did, by kind")
    imported_at: Mapped[At]


class Provider(Base):
    """A provider as its newest imported month has it. Protected sole traders have no row."""

    __tablename__ = "provider"

    org_number: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    month: Mapped[str] = mapped_column(String(7), comment="the newest month that has the provider")
    board_id: Mapped[str | None] = mapped_column(String(64), index=True)
    district: Mapped[str | None]
    service_code: Mapped[str | None] = mapped_column(String(64))
    size_class: Mapped[str | None] = mapped_column(String(8))
    sole_trader: Mapped[bool] = mapped_column(default=False)
    billed_ore: Mapped[int | None] = mapped_column(BigInteger)


class ProviderBoard(Base):
    """A board that the provider has a contract with, or is paid by most."""

    __tablename__ = "provider_board"

    org_number: Mapped[str] = mapped_column(ForeignKey("provider.org_number"), primary_key=True)
    board_id: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class NetworkProvider(Base):
    """A provider's membership of a published network in a month: by it a network belongs to boards."""

    __tablename__ = "network_provider"

    network_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    org_number: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class ProviderEvent(Base):
    """A contract follow-up or a deviation, for the provider's time line. ``detail`` has the row's codes and amounts."""

    __tablename__ = "provider_event"
    __table_args__ = (
        UniqueConstraint("source_table", "source_id"),
        Index("ix_provider_event_org_number_date", "org_number", "date"),
    )

    id: Mapped[Id]
    org_number: Mapped[str] = mapped_column(String(64))
    date: Mapped[dt.date]
    source_table: Mapped[Code]
    source_id: Mapped[str] = mapped_column(String(128))
    kind: Mapped[Code]
    severity: Mapped[int | None]
    board_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
