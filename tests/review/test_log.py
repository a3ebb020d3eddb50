"""The audit log for its auditor: searched, exported, verified; its month drawn, judged and signed off."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.domain import Month
from valfardsbrott.review import audit, database, log_patterns, log_review, log_search
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.log_patterns import Entry, Found
from valfardsbrott.review.log_search import LogFilter
from valfardsbrott.review.models import AuditEntry, LogReview, User, utc_now

OCTOBER = Month(2026, 10)
MONDAY = dt.datetime(2026, 10, 5, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def rut(make: sessionmaker[Session]) -> User:
    with database.work(make) as db:
        db.add(user := User(subject="rut", name="Rut"))
    return user


def log(make: sessionmaker[Session], at: dt.datetime, *entries: dict[str, Any]) -> None:
    """Entries as the application writes them, at a given time."""
    with pytest.MonkeyPatch.context() as clock, database.work(make) as db:
        clock.setattr(audit, "utc_now", lambda: at)
        for one in entries:
            audit.note(db, audit.Access(**{"actor": "anna", "action": "read", "object_kind": "case", **one}))
        audit.write_noted(db)


def test_entries_are_found_by_what_was_asked(make: sessionmaker[Session]) -> None:
    log(make, MONDAY, {"object_id": "1"}, {"object_id": "2", "granted": False}, {"actor": "bo", "purpose": "review"})
    day = MONDAY.date()
    for wanted, seqs in (
        (LogFilter(), [3, 2, 1]),
        (LogFilter(actor="anna"), [2, 1]),
        (LogFilter(granted="no"), [2]),
        (LogFilter(object_kind="case", object_id="1"), [1]),
        (LogFilter(purpose="review"), [3]),
        (LogFilter(since=day, until=day), [3, 2, 1]),
        (LogFilter(since=day + dt.timedelta(1)), []),
        (LogFilter(until=day - dt.timedelta(1)), []),
    ):
        with make() as db:
            assert [one.seq for one in log_search.search(db, wanted)] == seqs, wanted
    with make() as db:
        assert [one.seq for one in log_search.search(db, LogFilter(), before=3)] == [2, 1]


def test_a_day_is_swedens(make: sessionmaker[Session]) -> None:
    """22.30 UTC on 4 October is half past midnight on the 5th."""
    log(make, dt.datetime(2026, 10, 4, 22, 30, tzinfo=dt.UTC), {})
    with make() as db:
        assert len(log_search.search(db, LogFilter(since=dt.date(2026, 10, 5)))) == 1


def test_the_export_can_be_followed_without_the_database(make: sessionmaker[Session]) -> None:
    log(make, MONDAY, *({"object_id": str(each)} for each in range(3)))
    with make() as db:
        rows = [json.loads(line) for line in log_search.export(db, LogFilter(), "json").splitlines()]
    assert [row["previous"] for row in rows] == [audit.START, rows[0]["hash"], rows[1]["hash"]]
    entry = AuditEntry(**{**rows[2], "at": dt.datetime.fromisoformat(rows[2]["at"])})
    assert audit.digest(entry) == rows[2]["hash"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_the_export_is_run_by_a_spreadsheet(make: sessionmaker[Session], start: str) -> None:
    log(make, MONDAY, {"actor": f"{start}cmd|' /C calc'!A0", "object_id": f"{start}1"})
    with make() as db:
        rows = list(csv.DictReader(io.StringIO(log_search.export(db, LogFilter(), "csv").lstrip("\ufeff"))))
    assert rows[0]["actor"].startswith(f"'{start}")
    assert not any(value[:1] in "=+-@\t" for value in rows[0].values() if value)


def test_too_many_entries_are_left_to_the_command(make: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    log(make, MONDAY, {}, {})
    monkeypatch.setattr(log_search, "MOST", 1)
    with make() as db, pytest.raises(Refused, match="log_many"):
        log_search.export(db, LogFilter(), "csv")


def test_an_end_that_was_cut_off_is_seen_against_what_was_known(make: sessionmaker[Session], engine: Engine) -> None:
    log(make, MONDAY, {}, {}, {})
    with make() as db:
        count, last, broken = log_search.verify(db)
    assert (count, broken) == (3, None)
    guard = "DROP TRIGGER audit_entry_delete" + (" ON audit_entry" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        connection.execute(text(guard))
        connection.execute(text("DELETE FROM audit_entry WHERE seq = 3"))
    with make() as db:
        assert log_search.verify(db)[2] is None
        assert log_search.verify(db, {3: last})[2] == audit.Broken(3, "is no longer there")
        assert log_search.verify(db, {2: "0" * 64})[2] == audit.Broken(2, "is not the entry that was known")


# --- patterns ---------------------------------------------------------------------------------------------------------


def entries(
    user: int, count: int, *, at: dt.datetime = MONDAY, kind: str = "case", granted: bool = True
) -> list[Entry]:
    """A user's entries about so many objects."""
    return [
        Entry(user * 1000 + each, at, user, f"user {user}", "read", kind, f"x{each}", granted) for each in range(count)
    ]


def told(make: sessionmaker[Session], found: Sequence[Entry], pattern: str) -> list[Found]:
    with make() as db:
        return [one for one in log_patterns.patterns(db, found, "seed") if one.pattern == pattern]


def test_who_opens_far_more_than_others_is_asked_why(make: sessionmaker[Session]) -> None:
    usual = [*entries(1, 8), *entries(2, 10), *entries(3, 9)]
    assert told(make, usual, "volume") == []
    assert [(one.user_id, one.detail["objects"]) for one in told(make, [*usual, *entries(4, 31)], "volume")] == [
        (4, 31)
    ]


@pytest.mark.parametrize(
    ("at", "odd"),
    [
        ("2026-10-05T05:59:00+02:00", True),
        ("2026-10-05T06:00:00+02:00", False),
        ("2026-10-05T19:59:00+02:00", False),
        ("2026-10-05T20:00:00+02:00", True),
        ("2026-10-04T12:00:00+02:00", True),
        ("2026-10-26T06:00:00+01:00", False),
    ],
)
def test_work_at_night_or_on_a_sunday_is_asked_about(make: sessionmaker[Session], at: str, odd: bool) -> None:
    assert bool(told(make, entries(1, 1, at=dt.datetime.fromisoformat(at)), "hours")) == odd


def test_repeated_refusals_are_asked_about(make: sessionmaker[Session]) -> None:
    refused = entries(1, 3, granted=False)
    assert told(make, refused[:2], "denied") == []
    assert [one.detail for one in told(make, refused, "denied")] == [{"entries": 3, "actor": "user 1"}]


def test_reading_others_cases_is_asked_about(make: sessionmaker[Session], rut: User) -> None:
    found = [Entry(each, MONDAY, rut.id, "rut", "read", "case", str(each), True) for each in range(1, 4)]
    assert [one.detail for one in told(make, found, "unassigned")] == [{"cases": 3}]
    assert told(make, found[:2], "unassigned") == []


@given(st.integers(0, 60), st.text(max_size=5))
def test_the_sample_is_of_personal_data_and_the_same_for_the_same_seed(count: int, seed: str) -> None:
    found = [*entries(1, count), *entries(2, 30, kind="log"), *entries(3, 30, granted=False)]
    drawn = log_patterns._sample(found, seed)
    assert drawn == log_patterns._sample(found, seed)
    assert len(drawn) == min(count, log_patterns.SAMPLE)
    assert {one.user_id for one in drawn} <= {1}
    assert len({one.seqs[0] for one in drawn}) == len(drawn)


# --- review -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(make: sessionmaker[Session], rut: User) -> LogReview:
    log(make, MONDAY, *({"object_id": str(each), "user_id": 99} for each in range(5)))
    with database.work(make) as db:
        return log_review.draw(db, db.get_one(User, rut.id), OCTOBER)


def test_a_review_is_drawn_judged_signed_and_then_stays(
    make: sessionmaker[Session], engine: Engine, rut: User, drawn: LogReview
) -> None:
    assert (drawn.first_seq, drawn.last_seq) == (1, 5)
    with database.work(make) as db:
        items = log_review.items(db, "2026-10")
        assert [one.pattern for one in items] == ["unassigned", *["sample"] * 5]
        with pytest.raises(Refused, match="log_left"):
            log_review.sign(db, rut, "2026-10", "Allt väl.")
        with pytest.raises(Refused, match="log_finding"):
            log_review.judge(db, rut, items[0], "breach", " ")
        for one in items:
            log_review.judge(db, rut, one, "to_follow_up", "Frågas på måndag.")
        with pytest.raises(Refused, match="reasons"):
            log_review.sign(db, rut, "2026-10", " ")
    with database.work(make) as db:
        log_review.sign(db, rut, "2026-10", "En fråga ställd.")
    with database.work(make) as db, pytest.raises(Refused, match="log_signed"):
        log_review.judge(db, rut, log_review.items(db, "2026-10")[0], "in_order", "")
    for statement in (
        "DELETE FROM log_review", "DELETE FROM log_review_item", "UPDATE log_review SET conclusion = 'annat'",
        "UPDATE log_review_item SET finding = 'in_order'",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="rows stay"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_broken_log_is_not_signed_off(
    make: sessionmaker[Session], engine: Engine, rut: User, drawn: LogReview
) -> None:
    guard = "DROP TRIGGER audit_entry_update" + (" ON audit_entry" if engine.dialect.name == "postgresql" else "")
    with engine.begin() as connection:
        connection.execute(text(guard))
        connection.execute(text("UPDATE audit_entry SET object_id = '7' WHERE seq = 2"))
    with make() as db:
        for one in log_review.items(db, drawn.month):
            log_review.judge(db, rut, one, "in_order", "")
        with pytest.raises(Refused, match="log_broken"):
            log_review.sign(db, rut, drawn.month, "Allt väl.")


def test_nobody_judges_what_is_about_oneself(make: sessionmaker[Session], rut: User, drawn: LogReview) -> None:
    with make() as db:
        item = log_review.items(db, drawn.month)[0]
        item.user_id = rut.id
        with pytest.raises(Refused, match="log_own"):
            log_review.judge(db, rut, item, "in_order", "")


def test_only_a_month_that_is_over_is_drawn_and_only_once(
    make: sessionmaker[Session], rut: User, drawn: LogReview
) -> None:
    with make() as db:
        for month, why in (
            (Month.of(utc_now().date()), "log_month_open"),
            (OCTOBER, "log_drawn"),
            (Month(2026, 9), "log_empty"),
        ):
            with pytest.raises(Refused, match=why):
                log_review.draw(db, rut, month)
        months = dict(log_review.months(db))
    assert months["2026-10"] is not None
    assert next(iter(months)) == str(Month.of(utc_now().date()))


def test_the_sign_off_is_itself_logged(make: sessionmaker[Session], rut: User, drawn: LogReview) -> None:
    with database.work(make) as db:
        for one in log_review.items(db, drawn.month):
            log_review.judge(db, rut, one, "in_order", "")
        log_review.sign(db, rut, drawn.month, "Allt väl.")
    with make() as db:
        last = db.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
        assert last is not None
        assert (last.actor, last.action, last.object_id) == ("rut", "sign_log_review", "2026-10")
