"""The demo's users: one of each role, on this machine only, without passwords."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review.models import Role, User, UserBoard, UserRole
from valfardsbrott.review.visibility import EVERY_BOARD

#: Subject -> name, roles. The first one is signed in where nobody is.
DEMO_USERS: dict[str, tuple[str, tuple[Role, ...]]] = {
    "demo:anna": ("Anna (demo)", (Role.INVESTIGATOR,)),
    "demo:bo": ("Bo (demo)", (Role.INVESTIGATOR,)),
    "demo:lena": ("Lena (demo)", (Role.LEAD,)),
    "demo:dag": ("Dag (demo)", (Role.SCIENTIST,)),
    "demo:rut": ("Rut (demo)", (Role.AUDITOR,)),
    "demo:alva": ("Alva (demo)", (Role.ADMIN,)),
}


def prepare(db: Session) -> None:
    """Make the demo's users where they are not there; each may see every board."""
    there = set(db.scalars(select(User.subject).where(User.demo)))
    for subject, (name, roles) in DEMO_USERS.items():
        if subject not in there:
            rows = [UserRole(role=role) for role in roles]
            db.add(User(subject=subject, name=name, demo=True, role_rows=rows, board_rows=[_everywhere()]))
    db.flush()


def user(db: Session, subject: str) -> User | None:
    """A demo user by subject, None for any other user: nobody else can be signed in without a password."""
    return db.scalar(select(User).where(User.subject == subject, User.demo))


def _everywhere() -> UserBoard:
    return UserBoard(board_id=EVERY_BOARD)
