"""Sessions of browsers: a random token in the cookie, its hash in the database, a new one at each sign-in."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from valfardsbrott.review import database
from valfardsbrott.review.models import CasePurpose, SignInAttempt, User, WebSession, utc_now

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


def sign_in(db: Session, old: WebSession | None, user: User, **data: Any) -> tuple[WebSession, str]:
    """A session of the user's own under a new token; the one before is ended, so a planted token is worth nothing."""
    if old is not None:
        end(old)
    user.last_seen_at = utc_now()
    return begin(db, user, user.language or (old.language if old else None), **data)


def end(session: WebSession) -> None:
    """Worth nothing from now on; what it kept of the identity provider goes at once."""
    session.revoked_at, session.data = utc_now(), {}


def purge(db: Session, idle: dt.timedelta, longest: dt.timedelta, purposes: dt.timedelta) -> dict[str, int]:
    """Delete what nobody needs any more, and say how much: attempts to sign in that are older than a day, and sessions
    that ended a day ago or more. Those in which a case was opened keep the stated purpose for ``purposes``.
    """
    now = utc_now()
    day, with_purpose = now - dt.timedelta(1), exists().where(CasePurpose.session_id == WebSession.id)
    over = or_(WebSession.revoked_at < day, WebSession.last_seen_at < day - idle, WebSession.created_at < day - longest)
    old = select(WebSession.id).where(over, WebSession.created_at < now - purposes)
    db.execute(update(WebSession).where(over, with_purpose).values(data={}))
    done = {
        "purposes": delete(CasePurpose).where(CasePurpose.session_id.in_(old)),
        "sessions": delete(WebSession).where(over, ~with_purpose),
        "attempts": delete(SignInAttempt).where(SignInAttempt.at < day),
    }
    how = {"synchronize_session": False}
    return {name: db.execute(each, execution_options=how).rowcount for name, each in done.items()}  # type: ignore[attr-defined]


def too_many_attempts(db: Session, source: str, limit: int) -> bool:
    """Whether sign-in from ``source`` (see source_of) failed ``limit`` times in the last ten minutes."""
    failed = select(func.count()).where(
        SignInAttempt.source == source, SignInAttempt.at > utc_now() - _WINDOW, ~SignInAttempt.succeeded
    )
    return (db.scalar(failed) or 0) >= limit


def attempted(db: Session, source: str, *, succeeded: bool) -> None:
    """Write an attempt down; it stays where the request that made it is undone."""
    at = utc_now()
    database.keep(db, lambda: SignInAttempt(source=source, at=at, succeeded=succeeded))


def source_of(address: str, secret: str) -> str:
    """An address under a key that the table's reader has not (``secret``): nobody learns from it who tried."""
    return hmac.new(secret.encode(), address.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
