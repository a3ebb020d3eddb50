"""Sessions of browsers: a random token in the cookie, its hash in the database, a new one at each sign-in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from valfardsbrott.review import database
from valfardsbrott.review.models import SignInAttempt, User, WebSession, utc_now

#: How long attempts to sign in are counted together.
_WINDOW = dt.timedelta(minutes=10)
#: A page this soon after the last one is not written down as another sign of life.
_TOUCH = dt.timedelta(minutes=1)


def begin(db: Session, user: User | None, language: str | None = None, **data: Any) -> tuple[WebSession, str]:
    """A new session and the token for its cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    made = WebSession(
        token_hash=_hash(token), user=user, csrf=secrets.token_urlsafe(32), language=language, data=data,
        created_at=utc_now(), last_seen_at=utc_now(),
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made, token


def find(db: Session, token: str, idle: dt.timedelta, longest: dt.timedelta) -> WebSession | None:
    """The session of a cookie's token, while it is good: not ended, idle or open too long, nor of one shut out."""
    found = db.scalar(select(WebSession).where(WebSession.token_hash == _hash(token)))
    now = utc_now()
    if found is None or found.revoked_at or now - found.last_seen_at > idle or now - found.created_at > longest:
        return None
    if found.user is not None and not found.user.active:
        return None
    if now - found.last_seen_at > _TOUCH:
        found.last_seen_at = now
    return found


def sign_in(db: Session, old: WebSession | None, user: User) -> tuple[WebSession, str]:
    """A session of the user's own under a new token; the one before is ended, so a planted token is worth nothing."""
    if old is not None:
        end(old)
    user.last_seen_at = utc_now()
    return begin(db, user, user.language or (old.language if old else None))


def end(session: WebSession) -> None:
    session.revoked_at = utc_now()


def too_many_attempts(db: Session, source: str, limit: int) -> bool:
    """Whether ``source`` (an address) tried to sign in ``limit`` times in the last ten minutes; counts this try."""
    hashed = _hash(source)
    counted = select(func.count()).select_from(SignInAttempt)
    before = db.scalar(counted.where(SignInAttempt.source == hashed, SignInAttempt.at > utc_now() - _WINDOW)) or 0
    database.keep(db, lambda: SignInAttempt(source=hashed, at=utc_now()))
    return before >= limit


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
