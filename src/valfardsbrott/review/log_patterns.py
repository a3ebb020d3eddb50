"""What a month's audit log shows that somebody should look at. Each pattern is a reason to ask, never a finding.

That somebody reads of own relatives cannot be seen: the log knows no relatives, and neither does this application.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review.log_search import HERE, midnight
from valfardsbrott.review.models import AuditEntry, Case, CaseEvent

#: Entries about these are reads and writes of case or personal data.
PERSONAL = frozenset({"case", "provider", "network", "person"})
#: Entries drawn for a closer look.
SAMPLE = 20
#: Working hours in Sweden, from and until; on Saturdays and Sundays there are none.
WORKING = (6, 20)
#: Volume: so many times the median user's objects, and at least so many. Refusals and foreign cases: at least so many.
VOLUME_TIMES, VOLUME_LEAST, DENIED_LEAST, UNASSIGNED_LEAST = 3, 20, 3, 3
#: Numbers of entries that a pattern keeps as examples.
_EXAMPLES = 20


@dataclass(frozen=True)
class Entry:
    """What the patterns look at of an audit entry."""

    seq: int
    at: dt.datetime
    user_id: int | None
    actor: str
    action: str
    object_kind: str
    object_id: str
    granted: bool

    @property
    def personal(self) -> bool:
        return self.granted and self.object_kind in PERSONAL and self.user_id is not None


@dataclass(frozen=True)
class Found:
    """A pattern of one user (None: of nobody who is known), with examples; ``detail`` holds figures and codes."""

    pattern: str
    user_id: int | None
    seqs: list[int]
    detail: dict[str, Any] = field(default_factory=dict)


def entries(db: Session, month: Month) -> list[Entry]:
    """The month's entries in order; a month begins at midnight in Sweden."""
    names = ("seq", "at", "user_id", "actor", "action", "object_kind", "object_id", "granted")
    after = month.last + dt.timedelta(1)
    query = (
        select(*(getattr(AuditEntry, name) for name in names))
        .where(AuditEntry.at >= midnight(month.first), AuditEntry.at < midnight(after))
        .order_by(AuditEntry.seq)
    )
    return [Entry(*row) for row in db.execute(query)]


def patterns(db: Session, found: Sequence[Entry], seed: str) -> list[Found]:
    """A random sample and every pattern, in a fixed order: the same log and seed give the same."""
    return [*_sample(found, seed), *_volume(found), *_hours(found), *_unassigned(db, found), *_denied(found)]


def _sample(found: Sequence[Entry], seed: str) -> list[Found]:
    """``seed`` should be known only when the month is over: then nobody knows beforehand what will be looked at."""
    about = [one for one in found if one.personal]
    drawn = random.Random(seed).sample(about, min(SAMPLE, len(about)))  # noqa: S311 - a sample, not a secret
    return [Found("sample", one.user_id, [one.seq]) for one in sorted(drawn, key=lambda one: one.seq)]


def _volume(found: Sequence[Entry]) -> list[Found]:
    """Users who opened far more cases, providers and networks than the median user."""
    by_user = _by_user(found, lambda one: one.personal)
    opened = {user: len({(one.object_kind, one.object_id) for one in own}) for user, own in by_user.items()}
    median = statistics.median(opened.values()) if opened else 0
    return [
        Found("volume", user, _examples(by_user[user]), {"objects": count, "median": median})
        for user, count in sorted(opened.items())
        if count >= VOLUME_LEAST and count > VOLUME_TIMES * median
    ]


def _hours(found: Sequence[Entry]) -> list[Found]:
    """Users who read or wrote outside working hours."""
    by_user = _by_user(found, lambda one: one.personal and not _working(one.at))
    return [Found("hours", user, _examples(own), {"entries": len(own)}) for user, own in sorted(by_user.items())]


def _unassigned(db: Session, found: Sequence[Entry]) -> list[Found]:
    """Users who opened cases that they were never given and did nothing in."""
    by_user = _by_user(found, lambda one: one.personal and one.object_kind == "case" and one.object_id.isdecimal())
    made = []
    for user, own in sorted(by_user.items()):
        mine = union(
            select(Case.id).where(Case.assignee_id == user), select(CaseEvent.case_id).where(CaseEvent.user_id == user)
        )
        theirs = {str(each) for each in db.scalars(mine)}
        foreign = [one for one in own if one.object_id not in theirs]
        count = len({one.object_id for one in foreign})
        if count >= UNASSIGNED_LEAST:
            made.append(Found("unassigned", user, _examples(foreign), {"cases": count}))
    return made


def _denied(found: Sequence[Entry]) -> list[Found]:
    """Who was refused again and again: by user, or by name where the user is not known."""
    by_actor: dict[str, list[Entry]] = defaultdict(list)
    for one in found:
        if not one.granted:
            by_actor[one.actor].append(one)
    return [
        Found("denied", own[0].user_id, _examples(own), {"entries": len(own), "actor": actor})
        for actor, own in sorted(by_actor.items())
        if len(own) >= DENIED_LEAST
    ]


def _working(at: dt.datetime) -> bool:
    """
    >>> _working(dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)), _working(dt.datetime(2026, 10, 4, 12, tzinfo=dt.UTC))
    (True, False)
    """
    local = at.astimezone(HERE)
    return local.weekday() < 5 and WORKING[0] <= local.hour < WORKING[1]


def _by_user(found: Sequence[Entry], wanted: Callable[[Entry], bool]) -> dict[int, list[Entry]]:
    by_user: dict[int, list[Entry]] = defaultdict(list)
    for one in found:
        if one.user_id is not None and wanted(one):
            by_user[one.user_id].append(one)
    return by_user


def _examples(own: Sequence[Entry]) -> list[int]:
    return [one.seq for one in own[:_EXAMPLES]]
