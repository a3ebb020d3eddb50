"""The monthly review of the audit log (Lag 2001:454 10 §): drawn, looked at entry by entry, signed off, then kept."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review import audit, log_patterns
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.log_search import HERE
from valfardsbrott.review.models import AuditEntry, LogReview, LogReviewItem, User, utc_now

FINDINGS = ("in_order", "to_follow_up", "breach")


def months(db: Session) -> list[tuple[str, LogReview | None]]:
    """Every month that the log has entries of, newest first, with its review where it has been drawn."""
    first = db.scalar(select(func.min(AuditEntry.at)))
    if first is None:
        return []
    drawn = {one.month: one for one in db.scalars(select(LogReview))}
    found, month = [], Month.of(_here(first))
    while month <= Month.of(_here(utc_now())):
        found.append((str(month), drawn.get(str(month))))
        month = month.plus(1)
    return found[::-1]


def draw(db: Session, user: User, month: Month) -> LogReview:
    """Draw the month's sample and patterns; Refused before the month is over, where it was drawn, or has no entries.

    The sample's seed is the hash of the month's last entry, which nobody can know beforehand.
    """
    if month >= Month.of(_here(utc_now())):
        raise Refused("log_month_open", month=month)
    if db.get(LogReview, str(month)) is not None:
        raise Refused("log_drawn", month=month)
    found = log_patterns.entries(db, month)
    if not found:
        raise Refused("log_empty", month=month)
    last = db.get_one(AuditEntry, found[-1].seq)
    review = LogReview(
        month=str(month), drawn_by_id=user.id, drawn_at=utc_now(), first_seq=found[0].seq, last_seq=last.seq
    )
    db.add(review)
    db.flush()
    for one in log_patterns.patterns(db, found, last.hash):
        db.add(
            LogReviewItem(month=str(month), pattern=one.pattern, user_id=one.user_id, seqs=one.seqs, detail=one.detail)
        )
    db.flush()
    return review


def items(db: Session, month: str) -> list[LogReviewItem]:
    """What is to be looked at: patterns first, then the sample."""
    found = db.scalars(select(LogReviewItem).where(LogReviewItem.month == month).order_by(LogReviewItem.id))
    return sorted(found, key=lambda one: one.pattern == "sample")


def judge(db: Session, user: User, item: LogReviewItem, finding: str, note: str) -> None:
    """What the auditor found; a note is needed where it was not in order. Nobody judges what is about oneself."""
    if _review(db, item.month).signed_at is not None:
        raise Refused("log_signed", month=item.month)
    if item.user_id == user.id:
        raise Refused("log_own")
    if finding not in FINDINGS or (finding != "in_order" and not note.strip()):
        raise Refused("log_finding")
    item.finding, item.note = finding, note.strip() or None


def sign(db: Session, user: User, month: str, conclusion: str) -> None:
    """Sign the review off: each item judged, a conclusion written, the chain of the log whole. Then nothing changes."""
    review = _review(db, month)
    if review.signed_at is not None:
        raise Refused("log_signed", month=month)
    left = sum(one.finding is None for one in items(db, month))
    if left:
        raise Refused("log_left", count=left)
    if not conclusion.strip():
        raise Refused("reasons")
    if next(audit.broken(db), None) is not None:
        raise Refused("log_broken")
    review.conclusion, review.signed_by_id, review.signed_at = conclusion.strip(), user.id, utc_now()
    audit.note(db, audit.by(user, "sign_log_review", "log", month, last_seq=review.last_seq))


def _review(db: Session, month: str) -> LogReview:
    found = db.get(LogReview, month)
    if found is None:
        raise Refused("log_not_drawn", month=month)
    return found


def _here(at: dt.datetime) -> dt.date:
    return at.astimezone(HERE).date()
