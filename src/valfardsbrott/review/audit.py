"""The audit log: who read or wrote what, when and why, as a chain of hashes that shows any change or gap."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replace  # noqa: PLC0414 - for those who complete an Access
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from valfardsbrott.review.models import AuditEntry, User, utc_now

#: What the first entry follows.
START = "0" * 64
#: Taken by who appends on PostgreSQL, so that the chain has one end. (SQLite has one writer anyway.)
_LOCK = 0x5641_4C46
_NOTED = "audit_noted"


@dataclass(frozen=True)
class Access:
    """What is to be logged. ``detail`` holds codes and ids only, never the value of a personal field."""

    actor: str
    action: str
    object_kind: str
    object_id: str = ""
    user_id: int | None = None
    purpose: str | None = None
    granted: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold: the number of the entry, and what is wrong with it."""

    seq: int
    what: str


def note(session: Session, access: Access) -> None:
    """Log it together with what the session writes: both are committed, or neither is."""
    session.info.setdefault(_NOTED, []).append(access)


def take(session: Session) -> list[Access]:
    """What was noted and not yet written, which then is no longer noted."""
    noted: list[Access] = session.info.pop(_NOTED, [])
    return noted


def by(user: User, action: str, object_kind: str, object_id: object = "", **detail: Any) -> Access:
    """An access by a user."""
    return Access(user.subject, action, object_kind, str(object_id), user.id, detail=detail)


def write_noted(session: Session) -> None:
    """Append what was noted, right before the commit, so that the end of the chain is held as briefly as can be."""
    noted = take(session)
    if not noted:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, START)
    for access in noted:
        seq += 1
        entry = AuditEntry(seq=seq, at=utc_now(), previous=previous, **_columns(access))
        entry.hash = previous = digest(entry)
        session.add(entry)
    session.flush()


def digest(entry: AuditEntry) -> str:
    """SHA-256 over all columns but the hash itself, as canonical JSON."""
    text = json.dumps(content(entry), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def content(entry: AuditEntry) -> dict[str, Any]:
    """All columns but the hash, as they are hashed and exported: the instant as ISO 8601 in UTC."""
    return {
        "seq": entry.seq, "at": _stamp(entry.at), "user_id": entry.user_id, "actor": entry.actor,
        "action": entry.action, "object_kind": entry.object_kind, "object_id": entry.object_id,
        "purpose": entry.purpose, "granted": entry.granted, "detail": entry.detail, "previous": entry.previous,
    }  # fmt: skip


def broken(session: Session) -> Iterator[Broken]:
    """Every place where the chain does not hold, in order; none where nothing was changed, taken out or put in.

    That the *end* was cut off cannot be seen from the chain alone: compare ``count`` and the last hash with an export.
    """
    expected, previous = 1, START
    query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)
    with closing(session.scalars(query)) as entries:  # also where the caller wants only the first
        for entry in entries:
            if entry.seq != expected:
                yield Broken(entry.seq, f"entries {expected} to {entry.seq - 1} are missing")
            if entry.previous != previous:
                yield Broken(entry.seq, "does not follow the entry before it")
            if digest(entry) != entry.hash:
                yield Broken(entry.seq, "was changed")
            expected, previous = entry.seq + 1, entry.hash


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def _columns(access: Access) -> dict[str, Any]:
    return asdict(access) | {"detail": dict(access.detail)}


def _stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
