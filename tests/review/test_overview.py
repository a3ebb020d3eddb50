"""The lead's figures: counted by hand on a dozen cases, on both databases, and never of another board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import overview
from valfardsbrott.review.models import (
    Board,
    Case,
    CaseBoard,
    Decision,
    DecisionKind,
    DecisionStatus,
    Outcome,
    SecondReview,
    State,
    User,
    UserBoard,
)
from valfardsbrott.review.overview import Scope

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
NORR, ALL = Scope(board="N01"), Scope()
OUTCOMES = {"confirm": Outcome.CONFIRMED, "clear": Outcome.CLEARED, "insufficient": Outcome.INSUFFICIENT}

#: Board, arm, state or decision, days since the hit, amount in ore, second review.
CASES = [
    ("N01", "risk", "hit", 3, 1_000_00, ""),
    ("N01", "risk", "initial_review", 20, None, ""),
    ("N01", "control", "in_depth_review", 100, 5_00, ""),
    ("N01", "risk", "confirm", 80, 2_000_00, "confirm"),
    ("N01", "risk", "confirm", 80, None, "clear"),
    ("N01", "risk", "clear", 80, None, "clear"),
    ("N01", "control", "clear", 80, None, "clear"),
    ("N01", "control", "insufficient", 80, None, ""),
    ("N01", "manual", "refer", 80, None, ""),
    ("N02", "control", "confirm", 80, 7_00, "confirm"),
    ("N02", "risk", "hit", 15, 9_00, ""),
]  # fmt: skip


@pytest.fixture
def db(make: sessionmaker[Session]) -> Iterator[Session]:
    with make() as session:
        session.add_all([Board(board_id="N01", name="Norra nämnden"), *(_user(name, "*") for name in ("anna", "bo"))])
        session.flush()
        for at, row in enumerate(CASES, 1):
            _add(session, at, *row)
        session.flush()
        yield session


@pytest.fixture
def lead(db: Session) -> User:
    return _added(db, _user("lena", "*"))


def _user(name: str, board: str) -> User:
    return User(subject=f"test:{name}", name=name, board_rows=[UserBoard(board_id=board)])


def _added(db: Session, user: User) -> User:
    db.add(user)
    db.flush()
    return user


def _add(db: Session, at: int, board: str, arm: str, what: str, days: int, amount: int | None, second: str) -> None:
    decided = what in set(DecisionKind)
    state = State(what) if not decided else State.REFERRED if what == "refer" else State.CLOSED
    case = Case(
        number=f"2026-{at:04}", entity_type="provider", entity_id=f"00290000{at:02}", name=f"Bolag {at}", arm=arm,
        first_month="2026-09", month="2026-10", position=at, board_id=board, district="Norrstad", state=state,
        outcome=OUTCOMES.get(what), amount_ore=None if decided else amount, opened_at=NOW - dt.timedelta(days=days),
        assignee_id=1 if at == 2 else None, deadline=dt.date(2026, 11, 21 if at == 3 else 30),
        board_rows=[CaseBoard(board_id=board)],
    )  # fmt: skip
    db.add(case)
    db.flush()
    if decided:
        db.add(Decision(
            case_id=case.id, kind=what, status=DecisionStatus.DECIDED, reasons="Skäl.", arm=arm, case_version=1,
            proposed_by_id=1, amount_ore=amount, decided_at=dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC),
        ))  # fmt: skip
    if second:
        db.add(SecondReview(case_id=case.id, user_id=2, kind=second, reasons="Skäl."))


def test_load_counts_the_open_cases_and_the_pace_of_three_whole_months(db: Session, lead: User) -> None:
    found = overview.load(db, lead, NORR, NOW)
    assert (found.open, found.unassigned, found.late, found.snoozed, found.waiting) == (3, 2, 1, 0, 0)
    assert (found.median_age, found.oldest) == (20, 100)
    assert found.pace == 2.0  # six decisions in October, none in August and September
    assert found.months_left == 1.5


def test_without_cases_there_is_no_age_and_no_end(db: Session, lead: User) -> None:
    found = overview.load(db, lead, Scope(board="N09"), NOW)
    assert (found.open, found.median_age, found.oldest, found.months_left) == (0, None, None, None)


def test_people_with_nobody_last(db: Session, lead: User) -> None:
    rows = overview.by_person(db, lead, NORR, NOW.date())
    assert rows == [("anna", 1, 0, 1, 0, 0, 0), (None, 2, 1, 0, 1, 1, 0)]


def test_months_are_those_of_the_hit_and_of_the_decision_in_utc(db: Session, lead: User) -> None:
    months = overview.over_months(db, lead, NORR, NOW)
    assert [month for month, *_ in months][::12] == ["2025-11", "2026-11"]
    assert [row for row in months if any(row[1:])] == [("2026-09", 9, 0), ("2026-10", 0, 6)]


def test_ages_fall_into_bands_that_include_their_upper_end(db: Session, lead: User) -> None:
    rows = overview.by_age(db, lead, ALL, NOW)
    assert rows == [(14, 1, 0, 0), (30, 1, 1, 0), (60, 0, 0, 0), (90, 0, 0, 0), (None, 0, 0, 1)]


def test_outcomes_and_amounts_by_board(db: Session, lead: User) -> None:
    assert overview.outcomes(db, lead, ALL, Case.board_id) == [
        ("N02", 1, 1, 0, 0, 0, 7_00, 9_00),
        ("Norra nämnden", 3, 2, 2, 1, 1, 2_000_00, 1_005_00),
    ]
    assert overview.outcomes(db, lead, Scope(district="Söderstad"), Case.district) == []


def test_precision_counts_the_confirmed_and_cleared_of_each_arm(db: Session, lead: User) -> None:
    risk, control, manual = overview.precision(db, lead, ALL)
    assert (risk.arm, risk.confirmed, risk.decided) == ("risk", 2, 3)
    assert risk.share == pytest.approx(2 / 3)
    assert risk.interval == pytest.approx((0.0943, 0.9916), abs=1e-4)  # Clopper and Pearson's tables: 2 of 3
    assert (control.confirmed, control.decided, control.insufficient) == (1, 2, 1)
    assert (manual.decided, manual.referred, manual.share) == (0, 1, None)
    assert np.isnan(manual.interval[0])


def test_agreement_compares_with_the_decision_that_stands(db: Session, lead: User) -> None:
    agreed = overview.agreement(db, lead, ALL)
    assert agreed.counts == ((2, 1, 0, 0), (0, 2, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
    assert (agreed.cases, agreed.same) == (5, 4)
    assert agreed.kappa == pytest.approx((0.8 - 0.48) / (1 - 0.48))
    low, high = agreed.interval
    assert low < agreed.kappa <= high


def test_a_reversed_decision_counts_nowhere(db: Session, lead: User) -> None:
    for decision in db.query(Decision):
        decision.status, decision.reversal_reasons = DecisionStatus.REVERSED, "Fel."
    db.flush()
    assert overview.agreement(db, lead, ALL).cases == 0
    assert [each.decided for each in overview.precision(db, lead, ALL)] == [0, 0]


@pytest.mark.parametrize("scope", [ALL, NORR])
def test_nothing_of_another_board(db: Session, scope: Scope) -> None:
    soder = _added(db, _user("soder", "N02"))
    counted: Sequence[int] = [
        overview.load(db, soder, scope, NOW).open,
        len(overview.outcomes(db, soder, scope, Case.district)),
        sum(each.decided for each in overview.precision(db, soder, scope)),
        overview.agreement(db, soder, scope).cases,
    ]
    assert counted == ([1, 1, 1, 1] if scope == ALL else [0, 0, 0, 0])
    assert overview.boards_and_districts(db, soder)[0] == [("N02", "N02")]
