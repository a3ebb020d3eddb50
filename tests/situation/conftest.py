"""A year of a control unit, decided through the review's own functions: thirty providers of three boards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review import database, decisions, demo
from valfardsbrott.review.decisions import Draft
from valfardsbrott.review.models import (
    Board,
    Case,
    CaseBoard,
    CaseFlag,
    DecisionKind,
    Disclosure,
    ImportedRun,
    Provider,
    ProviderBoard,
    ProviderEvent,
    State,
    User,
)
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.picture import Folders

YEAR = Period.of("2025-11", "2026-10")
BOARDS = {"N01": "Norrstads nämnd", "N02": "Söderstads nämnd", "N03": "Västerstads nämnd"}
SERVICES = ("home_care", "housing_support")


@pytest.fixture
def engine(new_database: Callable[[str], Engine]) -> Engine:
    return new_database("sqlite")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Published months with what providers billed, and how many recipients they had."""
    for month in YEAR.months:
        folder = tmp_path / "runs" / month
        folder.mkdir(parents=True)
        rows = [{"org_number": org(at), "billed_ore": 10_000_000 + at, "recipients": 12} for at in range(30)]
        pq.write_table(pa.Table.from_pylist(rows), folder / "features.parquet")
    return Folders(tmp_path / "runs", tmp_path / "store")


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """The year, decided: every third random check and every second other hit confirmed."""
    with database.sessions(engine)() as session:
        _registers(session)
        for at in range(30):
            _case(session, at)
        session.flush()
        yield session


def org(at: int) -> str:
    return f"00{at:08d}"


def _registers(db: Session) -> None:
    demo.prepare(db)
    db.add_all(Board(board_id=board, name=name, district=name.split()[0]) for board, name in BOARDS.items())
    for month in YEAR.months:
        db.add(ImportedRun(month=month, run_id=f"{month}-abc", facts={}, counts={}))
    for at in range(30):
        board = list(BOARDS)[at % 3]
        db.add(
            Provider(
                org_number=org(at), name=f"Utförare Nummer{at}", month="2026-10", board_id=board,
                district=BOARDS[board].split()[0], service_code=SERVICES[at % 2], billed_ore=10_000_000 + at,
            )
        )  # fmt: skip
        db.flush()
        db.add(ProviderBoard(org_number=org(at), board_id=board))
        if at % 5 == 0:
            db.add(ProviderEvent(
                org_number=org(at), date=dt.date(2026, 3, 1), source_table="contract_follow_up", source_id=f"U{at}",
                kind="unannounced" if at % 10 == 0 else "planned", severity=1, board_id=board, detail={},
            ))  # fmt: skip
    db.flush()


def _case(db: Session, at: int) -> None:
    people = {one.subject: one for one in db.query(User)}
    anna, lena = people["demo:anna"], people["demo:lena"]
    month, board = YEAR.months[at % 12], list(BOARDS)[at % 3]
    arm = "control" if at < 12 else "risk"
    case = Case(
        number=f"2026-{at:04d}", entity_type="provider", entity_id=org(at), name=f"Utförare Nummer{at}", arm=arm,
        first_month=month, month=month, position=at, board_id=board, state=State.IN_DEPTH, amount_ore=5_000_000,
    )  # fmt: skip
    case.board_rows = [CaseBoard(board_id=board)]
    db.add(case)
    db.flush()
    db.add(CaseFlag(
        case_id=case.id, month=month, run_id="r", rank=at, position=at, arm=arm, amount_ore=5_000_000, reasons=[],
    ))  # fmt: skip
    db.flush()
    db.refresh(case)
    if at < 24:
        made = decisions.propose(db, case, anna, case.version, draft(at))
        if made.kind in decisions.FOUR_EYES:
            decisions.approve(db, case, lena, made, "Läst.")
        made.decided_at = dt.datetime.combine(Month.parse(month).last, dt.time(12), dt.UTC)
        if made.kind is DecisionKind.REFER:
            db.add(Disclosure(
                case_id=case.id, kind="police_report", status="answered", recipient="police", statute_id="osl_10_24",
                statute_version="1", purpose="1", conditions={}, balancing="-", categories=[], proposed_by_id=anna.id,
                approved_by_id=lena.id, sent_at=made.decided_at, answered_on=Month.parse(month).last + dt.timedelta(20),
            ))  # fmt: skip
    db.flush()


def draft(at: int) -> Draft:
    if at < 12 and at % 3:
        return Draft(DecisionKind.CLEAR, "Förklarat.")
    if at % 4 == 1:
        return Draft(DecisionKind.REFER, "Till polisen.")
    return Draft(
        DecisionKind.CONFIRM, "Fel.", amount_ore=1_000_000, schemes=("S01",) if at % 2 else ("S01", "S17"),
        enabling_factors=("missing_follow_up",), hearing_waived="Hörd.",
    )  # fmt: skip
