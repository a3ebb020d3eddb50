"""What is over is deleted: sessions, attempts to sign in; stated purposes stay for as long as the city keeps them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import browser_sessions, database
from valfardsbrott.review.models import Case, CasePurpose, SignInAttempt, User, WebSession, utc_now

IDLE, LONGEST, KEPT = dt.timedelta(minutes=30), dt.timedelta(hours=10), dt.timedelta(days=730)


def days_ago(days: float) -> dt.datetime:
    return utc_now() - dt.timedelta(days=days)


def a_session(name: str, begun: float, **more: object) -> WebSession:
    """Begun and last seen so many days ago."""
    at = days_ago(begun)
    return WebSession(token_hash=name, csrf="x", data={"id_token": "secret"}, created_at=at, last_seen_at=at, **more)


@pytest.fixture
def user(make: sessionmaker[Session]) -> User:
    with database.work(make) as db:
        db.add(user := User(subject="anna", name="Anna"))
        db.add(
            Case(
                number="2026-0001", entity_type="provider", entity_id="0029000015", name="Gransbo", arm="risk",
                first_month="2026-10", month="2026-10", position=1,
            )
        )  # fmt: skip
    return user


def left(db: Session) -> dict[str, int]:
    return {
        "sessions": len(db.scalars(select(WebSession)).all()), "purposes": len(db.scalars(select(CasePurpose)).all()),
        "attempts": len(db.scalars(select(SignInAttempt)).all()),
    }  # fmt: skip


def test_sessions_that_are_over_go_a_day_later(make: sessionmaker[Session], user: User) -> None:
    with database.work(make) as db:
        db.add_all([a_session("now", 0), a_session("just over", 0.9), a_session("long over", 2)])
        db.add(a_session("signed out", 0.9, revoked_at=days_ago(0.8)))
    with database.work(make) as db:
        assert browser_sessions.purge(db, IDLE, LONGEST, KEPT)["sessions"] == 1
    with make() as db:
        assert set(db.scalars(select(WebSession.token_hash))) == {"now", "just over", "signed out"}


@pytest.mark.parametrize(("begun", "purposes"), [(2, 1), (729, 1), (731, 0)])
def test_stated_purposes_are_kept_and_nothing_else_of_their_session(
    make: sessionmaker[Session], user: User, begun: float, purposes: int
) -> None:
    with database.work(make) as db:
        db.add(session := a_session("old", begun, user_id=user.id))
        db.flush()
        db.add(CasePurpose(session_id=session.id, user_id=user.id, case_id=1, purpose="review"))
    with database.work(make) as db:
        browser_sessions.purge(db, IDLE, LONGEST, KEPT)
    with make() as db:
        assert left(db) == {"sessions": purposes, "purposes": purposes, "attempts": 0}
        assert all(one.data == {} for one in db.scalars(select(WebSession)))


def test_attempts_are_forgotten_after_a_day(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        db.add_all(SignInAttempt(source="x", at=days_ago(days)) for days in (0, 0.9, 1.1))
    with database.work(make) as db:
        assert browser_sessions.purge(db, IDLE, LONGEST, KEPT)["attempts"] == 1
    with make() as db:
        assert left(db)["attempts"] == 2


def test_only_failed_attempts_of_the_same_place_count(make: sessionmaker[Session]) -> None:
    here, there = (browser_sessions.source_of(each, "key") for each in ("192.0.2.1", "192.0.2.2"))
    with database.work(make) as db:
        for succeeded in (False, True, False):
            browser_sessions.attempted(db, here, succeeded=succeeded)
    with make() as db:
        assert not browser_sessions.too_many_attempts(db, here, 3)
        assert browser_sessions.too_many_attempts(db, here, 2)
        assert not browser_sessions.too_many_attempts(db, there, 1)


def test_the_place_is_not_told_by_the_table() -> None:
    assert browser_sessions.source_of("192.0.2.1", "key") != browser_sessions.source_of("192.0.2.1", "another key")
