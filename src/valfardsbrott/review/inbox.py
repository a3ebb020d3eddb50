"""The list of cases as a reviewer reads it: filtered, ordered, a page at a time, blind to how a case was selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, lazyload

from valfardsbrott.review.models import OPEN_STATES, Board, Case, Role, SavedFilter, State, User, UserRole, utc_now
from valfardsbrott.review.visibility import cases_of, sees_any

PAGE = 50
#: What the list can be ordered by, rising; the amount falls, since the largest is looked at first.
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "position": (Case.month.desc(), Case.position.asc()),
    "amount": (Case.amount_ore.desc().nulls_last(),),
    "deadline": (Case.deadline.asc().nulls_last(),),
    "name": (func.lower(Case.name).asc(),),
    "number": (Case.number.desc(),),
    "state": (Case.state.asc(),),
}


@dataclass(frozen=True)
class Filter:
    """What a reviewer asked for; empty means all. ``assignee``: an id, ``me``, ``nobody``; ``text``: in name or ids."""

    month: str = ""
    state: str = "open"
    board: str = ""
    district: str = ""
    service: str = ""
    assignee: str = ""
    due: str = ""
    text: str = ""
    order: str = "position"
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """From the address line; what is unknown or malformed is as if it had not been asked for."""
        known = {each.name: query[each.name].strip() for each in fields(cls) if query.get(each.name, "").strip()}
        page = known.pop("page", "1")
        if known.get("order", "position") not in ORDERS:
            known.pop("order")
        number = int(page) if page.isdecimal() and len(page) < 7 else 1
        return cls(**known, page=max(number, 1))

    def as_query(self, **changes: object) -> dict[str, str]:
        """The parts that differ from a plain list, for a link."""
        plain = asdict(Filter())
        return {
            name: str(value) for name, value in (asdict(self) | {"page": 1} | changes).items() if value != plain[name]
        }

    def conditions(self, user: User) -> list[ColumnElement[bool]]:
        """The filter as conditions on Case; not who may see it, which ``search`` always adds."""
        found = [column == value for column, value in self._equal() if value]
        if self.state == "open":
            found.append(Case.state.in_(OPEN_STATES))
        elif self.state == "snoozed":
            found.append(Case.snoozed_until > utc_now().date())
        elif self.state in set(State):
            found.append(Case.state == State(self.state))
        if self.assignee == "nobody":
            found.append(Case.assignee_id.is_(None))
        elif self.assignee == "me":
            found.append(Case.assignee_id == user.id)
        elif self.assignee.isdecimal() and len(self.assignee) < 10:
            found.append(Case.assignee_id == int(self.assignee))
        if self.due == "late":
            found.append(Case.deadline < utc_now().date())
        if self.text:
            like = f"%{_plain(self.text)}%"
            columns = (Case.name, Case.entity_id, Case.number)
            found.append(or_(*(column.ilike(like, escape="\\") for column in columns)))
        return found

    def _equal(self) -> list[tuple[InstrumentedAttribute[Any], str]]:
        return [
            (Case.month, self.month),
            (Case.board_id, self.board),
            (Case.district, self.district),
            (Case.service_code, self.service),
        ]


@dataclass(frozen=True)
class Found:
    """One page of the list."""

    cases: Sequence[Case]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Choices:
    """What can be filtered by, among the cases that the user may see."""

    months: Sequence[str]
    boards: Sequence[tuple[str, str]]
    districts: Sequence[str]
    services: Sequence[str]
    assignees: Sequence[User]


def search(db: Session, user: User, wanted: Filter) -> Found:
    """The cases that the user may see and asked for; a page beyond the last gives the last."""
    where = (cases_of(user), *wanted.conditions(user))
    total = db.scalar(select(func.count()).select_from(Case).where(*where)) or 0
    page = min(wanted.page, max(1, -(-total // PAGE)))
    # A list shows who has a case and its board's name; roles and boards of that user, and all boards, it does not.
    slim = (lazyload(Case.board_rows), joinedload(Case.assignee).lazyload("*"))
    query = select(Case).where(*where).order_by(*ORDERS[wanted.order], Case.id).options(*slim)
    cases = db.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).unique().all()
    return Found(cases, total, page)


def choices(db: Session, user: User) -> Choices:
    where = cases_of(user)

    def values(column: InstrumentedAttribute[Any]) -> list[str]:
        return [each for each in db.scalars(select(column).where(where).distinct().order_by(column)) if each]

    names = {board.board_id: board.name for board in db.scalars(select(Board))}
    boards = [(each, names.get(each, each)) for each in values(Case.board_id)]
    return Choices(
        months=values(Case.month)[::-1],
        boards=boards,
        districts=values(Case.district),
        services=values(Case.service_code),
        assignees=assignable(db, user),
    )


def assignable(db: Session, user: User) -> list[User]:
    """Who can be given cases by this user: leads and investigators with a board in common."""
    workers = select(UserRole.user_id).where(UserRole.role.in_((Role.LEAD, Role.INVESTIGATOR)))
    users = db.scalars(select(User).where(User.active, User.id.in_(workers)).order_by(User.name))
    return [each for each in users if sees_any(user, each.boards) or sees_any(each, user.boards)]


def saved(db: Session, user: User) -> Sequence[SavedFilter]:
    return db.scalars(select(SavedFilter).where(SavedFilter.user_id == user.id).order_by(SavedFilter.name)).all()


def save(db: Session, user: User, name: str, wanted: Filter) -> SavedFilter:
    """Keep a filter under a name, in place of an earlier one of that name."""
    name = " ".join(name.split())[:80]
    found = db.scalar(select(SavedFilter).where(SavedFilter.user_id == user.id, SavedFilter.name == name))
    kept = found or SavedFilter(user_id=user.id, name=name)
    kept.query = wanted.as_query()
    db.add(kept)
    return kept


def _plain(text: str) -> str:
    """Text whose signs mean nothing to LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
