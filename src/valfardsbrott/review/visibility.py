"""Tenancy by board: each board is an authority of its own, so a user sees what belongs to its boards and no more."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from valfardsbrott.review.models import Case, CaseBoard, NetworkProvider, ProviderBoard, User

#: A membership that means every board: a control unit that the boards have agreed may see all.
EVERY_BOARD = "*"


def sees_any(user: User, boards: frozenset[str]) -> bool:
    """Whether one of the boards is the user's. What belongs to no board is seen by those who see every board."""
    return EVERY_BOARD in user.boards or bool(user.boards & boards)


def cases_of(user: User) -> ColumnElement[bool]:
    """The condition on Case that leaves only those the user may see."""
    if EVERY_BOARD in user.boards:
        return true()
    return exists().where(CaseBoard.case_id == Case.id, CaseBoard.board_id.in_(user.boards))


def seen_of(db: Session, organisations: Collection[str], user: User) -> set[str]:
    """Those of the organisation numbers that work for one of the user's boards."""
    boards: dict[str, set[str]] = {}
    rows = select(ProviderBoard.org_number, ProviderBoard.board_id).where(ProviderBoard.org_number.in_(organisations))
    for org, board in db.execute(rows):
        boards.setdefault(org, set()).add(board)
    return {org for org in organisations if sees_any(user, frozenset(boards.get(org, ())))}


def boards_of_case(db: Session, case_id: str) -> frozenset[str] | None:
    """The boards of a case, None where there is no such case."""
    case = db.get(Case, int(case_id)) if case_id.isdecimal() and len(case_id) < 10 else None
    return case.boards if case else None


def boards_of_provider(db: Session, org_number: str) -> frozenset[str] | None:
    """The boards that a provider works for, None where no imported month has the provider."""
    found = db.scalars(select(ProviderBoard.board_id).where(ProviderBoard.org_number == org_number))
    return frozenset(found) or None


def boards_of_network(db: Session, network_id: str) -> frozenset[str] | None:
    """The boards that a network's providers work for, in any month; None where there is no such network."""
    members = select(NetworkProvider.org_number).where(NetworkProvider.network_id == network_id)
    found = db.scalars(select(ProviderBoard.board_id).where(ProviderBoard.org_number.in_(members)).distinct())
    return frozenset(found) or None
