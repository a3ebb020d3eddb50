"""What a lead looks at: load and capacity, age of cases, outcomes and amounts, precision by arm, agreement.

Everything is of the cases that the user may see, narrowed to a board or district. What is not decided is not counted as
anything: a precision is of the cases that were confirmed or cleared, and says how many those are.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, String, and_, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from valfardsbrott.domain import Month
from valfardsbrott.measures import binomial_interval, kappa, kappa_interval
from valfardsbrott.review.models import (
    OPEN_STATES,
    Board,
    Case,
    Decision,
    DecisionKind,
    DecisionStatus,
    SecondReview,
    User,
)
from valfardsbrott.review.visibility import cases_of

#: Upper ends of the bands of age, in days; the last band has none.
BANDS = (14, 30, 60, 90)
ARMS = ("risk", "control", "manual")
#: Months that the pace is of, and that the drawing shows.
PACE, SHOWN = 3, 12

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Scope:
    """Which cases are looked at; empty means all that the user may see."""

    board: str = ""
    district: str = ""

    def conditions(self, user: User) -> list[ColumnElement[bool]]:
        found = [cases_of(user)]
        if self.board:
            found.append(Case.board_id == self.board)
        if self.district:
            found.append(Case.district == self.district)
        return found


@dataclass(frozen=True)
class Load:
    """Where the work stands. Ages in days, None without an open case; ``pace``: cases decided a month, of late."""

    open: int
    unassigned: int
    late: int
    snoozed: int
    waiting: int
    median_age: int | None
    oldest: int | None
    pace: float

    @property
    def months_left(self) -> float | None:
        """How long the open cases last at this pace; None where nothing was decided of late."""
        return self.open / self.pace if self.pace else None


@dataclass(frozen=True)
class Share:
    """Confirmed among confirmed and cleared, with its exact interval (95 %); nan where there are none."""

    arm: str
    confirmed: int
    cleared: int
    insufficient: int
    referred: int

    @property
    def decided(self) -> int:
        return self.confirmed + self.cleared

    @property
    def share(self) -> float | None:
        return self.confirmed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        return binomial_interval(self.confirmed, self.decided)


@dataclass(frozen=True)
class Agreement:
    """Standing decisions against second reviews: ``counts`` (4, 4), decided by second, in the order of DecisionKind."""

    counts: tuple[tuple[int, ...], ...]

    @property
    def cases(self) -> int:
        return sum(map(sum, self.counts))

    @property
    def same(self) -> int:
        return sum(row[at] for at, row in enumerate(self.counts))

    @property
    def kappa(self) -> float:
        return kappa(np.array(self.counts))

    @property
    def interval(self) -> tuple[float, float]:
        return kappa_interval(np.array(self.counts))


def load(db: Session, user: User, scope: Scope, now: dt.datetime) -> Load:
    """The open cases, and how fast cases were decided in the last whole months."""
    where = (*scope.conditions(user), Case.state.in_(OPEN_STATES))
    today = now.date()
    found = db.execute(
        select(
            func.count(), _number(Case.assignee_id.is_(None)), _number(Case.deadline < today),
            _number(Case.snoozed_until > today), func.min(Case.opened_at),
        ).where(*where)
    ).one()  # fmt: skip
    middle = select(Case.opened_at).where(*where).order_by(Case.opened_at).limit(1).offset(found[0] // 2)
    waiting = select(func.count()).select_from(Decision).join(Case, Case.id == Decision.case_id)
    proposed = (*scope.conditions(user), Decision.status == DecisionStatus.PROPOSED)
    pace = [closed for _, _, closed in over_months(db, user, scope, now)[-PACE - 1 : -1]]
    return Load(
        found[0], found[1], found[2], found[3], db.scalar(waiting.where(*proposed)) or 0,
        _days(now, db.scalar(middle)), _days(now, found[4]), fmean(pace),
    )  # fmt: skip


def by_person(db: Session, user: User, scope: Scope, today: dt.date) -> list[Row]:
    """Name (None: nobody), then open cases: all, in each open state, late, put off; most first."""
    states = [_number(Case.state == state) for state in OPEN_STATES]
    grouped = (
        select(
            User.name, func.count().label("open"), *states, _number(Case.deadline < today),
            _number(Case.snoozed_until > today),
        )
        .select_from(Case)
        .outerjoin(User, User.id == Case.assignee_id)
        .where(*scope.conditions(user), Case.state.in_(OPEN_STATES))
        .group_by(User.id, User.name)
    )  # fmt: skip
    return sorted((tuple(row) for row in db.execute(grouped)), key=lambda row: (row[0] is None, -row[1], row[0]))


def over_months(db: Session, user: User, scope: Scope, now: dt.datetime) -> list[tuple[str, int, int]]:
    """For each of the last twelve months and this one, rising: new cases by the month of their hit, decided cases."""
    months = [Month(now.year, now.month).plus(-back) for back in range(SHOWN, -1, -1)]
    where, first = scope.conditions(user), str(months[0])
    new = select(Case.first_month, func.count()).where(*where, Case.first_month >= first).group_by(Case.first_month)
    decided_in = _month_of(db, Decision.decided_at)
    decided = (
        select(decided_in, func.count())
        .join(Case, Case.id == Decision.case_id)
        .where(*where, Decision.status == DecisionStatus.DECIDED, decided_in >= first)
        .group_by(decided_in)
    )
    came, went = ({row[0]: row[1] for row in db.execute(query)} for query in (new, decided))
    return [(str(month), came.get(str(month), 0), went.get(str(month), 0)) for month in months]


def by_age(db: Session, user: User, scope: Scope, now: dt.datetime) -> list[Row]:
    """For each band of days since the hit was imported (its upper end, None for the last): cases in each open state."""
    ends = [now - dt.timedelta(days=days + 1) for days in BANDS]
    band = case(*((Case.opened_at > end, at) for at, end in enumerate(ends)), else_=len(BANDS))
    grouped = (
        select(band, Case.state, func.count())
        .where(*scope.conditions(user), Case.state.in_(OPEN_STATES))
        .group_by(band, Case.state)
    )
    counts = {(at, state): number for at, state, number in db.execute(grouped)}
    uppers = (*BANDS, None)
    return [(upper, *(counts.get((at, state), 0) for state in OPEN_STATES)) for at, upper in enumerate(uppers)]


def outcomes(db: Session, user: User, scope: Scope, by: InstrumentedAttribute[Any]) -> list[Row]:
    """For each board or district (``by``; None where a case has none): cases open, confirmed, cleared, insufficient,
    referred; in ore what was found wrongly paid, and what the open ones are about (None where nobody said any amount).
    """
    kinds = (DecisionKind.CONFIRM, DecisionKind.CLEAR, DecisionKind.INSUFFICIENT, DecisionKind.REFER)
    still = Case.state.in_(OPEN_STATES)
    grouped = (
        select(
            by, _number(still), *(_number(Decision.kind == kind) for kind in kinds),
            func.sum(case((Decision.kind == DecisionKind.CONFIRM, Decision.amount_ore))),
            func.sum(case((still, Case.amount_ore))),
        )
        .select_from(Case)
        .outerjoin(Decision, and_(Decision.case_id == Case.id, Decision.status == DecisionStatus.DECIDED))
        .where(*scope.conditions(user))
        .group_by(by)
    )  # fmt: skip
    names = {each.board_id: each.name for each in db.scalars(select(Board))} if by is Case.board_id else {}
    rows = [(names.get(row[0], row[0]), *row[1:6], *(_ore(sum_) for sum_ in row[6:])) for row in db.execute(grouped)]
    return sorted(rows, key=lambda row: (row[0] is None, str(row[0]).casefold()))


def precision(db: Session, user: User, scope: Scope) -> list[Share]:
    """Of each arm: how standing decisions went. The control arm is drawn at random, so its share is of all that is not
    on the risk list; both only of what has been decided so far."""
    grouped = (
        select(Decision.arm, Decision.kind, func.count())
        .join(Case, Case.id == Decision.case_id)
        .where(*scope.conditions(user), Decision.status == DecisionStatus.DECIDED)
        .group_by(Decision.arm, Decision.kind)
    )
    counts: dict[str, dict[DecisionKind, int]] = defaultdict(dict)
    for arm, kind, number in db.execute(grouped):
        counts[arm][kind] = number
    kinds = (DecisionKind.CONFIRM, DecisionKind.CLEAR, DecisionKind.INSUFFICIENT, DecisionKind.REFER)
    return [Share(arm, *(counts[arm].get(kind, 0) for kind in kinds)) for arm in ARMS if arm != "manual" or counts[arm]]


def agreement(db: Session, user: User, scope: Scope) -> Agreement:
    """Each second review beside the decision that stands; a reversed one is no judgement to compare with."""
    grouped = (
        select(Decision.kind, SecondReview.kind, func.count())
        .select_from(SecondReview)
        .join(Decision, and_(Decision.case_id == SecondReview.case_id, Decision.status == DecisionStatus.DECIDED))
        .join(Case, Case.id == SecondReview.case_id)
        .where(*scope.conditions(user))
        .group_by(Decision.kind, SecondReview.kind)
    )
    counts = {(one, other): number for one, other, number in db.execute(grouped)}
    return Agreement(tuple(tuple(counts.get((one, other), 0) for other in DecisionKind) for one in DecisionKind))


def boards_and_districts(db: Session, user: User) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    """What can be narrowed to, among the cases that the user may see."""
    names = {each.board_id: each.name for each in db.scalars(select(Board))}
    pairs = db.execute(select(Case.board_id, Case.district).where(cases_of(user)).distinct()).all()
    boards = sorted({board for board, _ in pairs if board})
    return [(board, names.get(board, board)) for board in boards], sorted({place for _, place in pairs if place})


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet a condition; 0 of none."""
    return func.count(case((condition, 1)))


def _month_of(db: Session, column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The month of an instant in UTC, as 2026-10, on either database."""
    if db.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", column), "YYYY-MM")
    return func.substr(cast(column, String), 1, 7)


def _ore(amount: Any) -> int | None:
    return None if amount is None else int(amount)


def _days(now: dt.datetime, since: dt.datetime | None) -> int | None:
    return (now - since).days if since else None
