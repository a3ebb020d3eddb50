"""The plan's life: proposed by who answers for the board, approved or sent back by another, revised by a new version.

Only what is approved is in the document; every version stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import Board, PlanEntry, PlanStatus, PlanVersion, User, utc_now
from valfardsbrott.review.situation.guard import numbers_in, provider_in
from valfardsbrott.review.situation.kinds import KINDS, clean, code_of
from valfardsbrott.review.visibility import sees_any


def may_write(user: User, board_id: str | None) -> bool:
    """Whether a user answers for a board; for the whole city only who sees every board."""
    return sees_any(user, frozenset([board_id] if board_id else []))


def propose(
    db: Session, user: User, kind: str, given: Mapping[str, str | Sequence[str]], board_id: str | None = None
) -> PlanVersion:
    """Propose an entry, or a new version of the one with the same board and code."""
    if kind not in KINDS:
        raise Refused("plan_kind")
    what = KINDS[kind]
    content = clean(what, given)
    if board_id and (not what.local or db.get(Board, board_id) is None):
        raise Refused("plan_board")
    if not may_write(user, board_id):
        raise Refused("plan_board")
    if kind in {"target", "outcome"} and content["indicator"] not in {one.code for one in standing(db, "indicator")}:
        raise Refused("plan_indicator")
    entry = _entry(db, kind, code_of(what, content), board_id)
    return _add(db, user, entry, content)


def revise(db: Session, user: User, entry: PlanEntry, given: Mapping[str, str | Sequence[str]]) -> PlanVersion:
    """Propose a new version of an entry. What it is about stays: a cause's code, an outcome's indicator and year."""
    kind = KINDS[entry.kind]
    content = clean(kind, given)
    if not may_write(user, entry.board_id):
        raise Refused("plan_board")
    if entry.kind in {"cause", "target", "outcome"} and code_of(kind, content) != entry.code:
        raise Refused("plan_about")
    return _add(db, user, entry, content)


def decide(db: Session, user: User, entry: PlanEntry, reasons: str, *, approve: bool) -> PlanVersion:
    """A second person approves what waits, or sends it back, with reasons."""
    waiting = entry.waiting
    if waiting is None:
        raise Refused("plan_not_waiting")
    if waiting.proposed_by_id == user.id:
        raise Refused("four_eyes")
    if not may_write(user, entry.board_id):
        raise Refused("plan_board")
    if not reasons.strip():
        raise Refused("reasons")
    waiting.status = PlanStatus.APPROVED if approve else PlanStatus.RETURNED
    waiting.decided_by_id, waiting.decided_at, waiting.decision_reasons = user.id, utc_now(), reasons.strip()
    db.flush()
    return waiting


def entries(db: Session, kind: str | None = None) -> list[PlanEntry]:
    """All entries, by kind, code and board."""
    found = select(PlanEntry).order_by(PlanEntry.kind, PlanEntry.code, PlanEntry.board_id, PlanEntry.id)
    return list(db.scalars(found.where(PlanEntry.kind == kind) if kind else found))


def standing(db: Session, kind: str) -> list[PlanEntry]:
    """Entries that have an approved version."""
    return [one for one in entries(db, kind) if one.standing is not None]


def _entry(db: Session, kind: str, code: str, board_id: str | None) -> PlanEntry:
    same = select(PlanEntry).where(PlanEntry.kind == kind, PlanEntry.code == code, PlanEntry.board_id == board_id)
    found = db.scalar(same)
    if found is None:
        found = PlanEntry(kind=kind, code=code, board_id=board_id, at=utc_now())
        db.add(found)
        db.flush()
    return found


def _add(db: Session, user: User, entry: PlanEntry, content: dict[str, Any]) -> PlanVersion:
    if entry.waiting is not None:
        raise Refused("plan_waiting")
    texts = [text for value in content.values() for text in (value if isinstance(value, list) else [str(value)])]
    if any(numbers_in(text) for text in texts):
        raise Refused("plan_person")
    if provider_in(db, texts):
        raise Refused("plan_provider")
    number = 1 + max((one.number for one in entry.versions), default=0)
    made = PlanVersion(
        entry=entry, number=number, status=PlanStatus.PROPOSED, content=content, proposed_by_id=user.id,
        proposed_at=utc_now(),
    )  # fmt: skip
    db.add(made)
    db.flush()
    db.refresh(entry)
    return made
