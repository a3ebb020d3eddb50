"""The audit log: one chain whoever writes, any change or gap is seen, nothing is logged of what was undone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import audit, database

#: How someone with the database in hand takes the guard away first.
_UNGUARDED = {
    "sqlite": ("DROP TRIGGER audit_entry_update", "DROP TRIGGER audit_entry_delete"),
    "postgresql": ("ALTER TABLE audit_entry DISABLE TRIGGER ALL",),
}


def read(object_id: str) -> audit.Access:
    return audit.Access("demo:anna", "read", "case", object_id, detail={"route": "case"})


def log(make: sessionmaker[Session], *object_ids: str) -> None:
    for each in object_ids:
        with database.work(make) as session:
            audit.note(session, read(each))


def tampered(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        for guard in _UNGUARDED[engine.dialect.name]:
            connection.execute(text(guard))
        connection.execute(text(statement))


def test_an_untouched_log_holds(make: sessionmaker[Session]) -> None:
    log(make, "1", "2", "3")
    with make() as session:
        assert list(audit.broken(session)) == []
        assert audit.count(session) == 3


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("UPDATE audit_entry SET object_id = '9' WHERE seq = 2", [(2, "was changed")]),
        ("UPDATE audit_entry SET granted = NOT granted WHERE seq = 1", [(1, "was changed")]),
        (
            "DELETE FROM audit_entry WHERE seq = 2",
            [(3, "entries 2 to 2 are missing"), (3, "does not follow the entry before it")],
        ),
    ],
)
def test_a_change_or_gap_is_seen(
    make: sessionmaker[Session], engine: Engine, statement: str, seen: list[tuple[int, str]]
) -> None:
    log(make, "1", "2", "3")
    tampered(engine, statement)
    with make() as session:
        assert [(each.seq, each.what) for each in audit.broken(session)] == seen


def test_what_was_undone_is_not_logged(make: sessionmaker[Session]) -> None:
    with make() as session:
        audit.note(session, read("1"))
        session.rollback()
    with make() as session:
        assert audit.count(session) == 0


def test_many_writers_make_one_chain(make: sessionmaker[Session]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: log(make, str(each)), range(40)))
    with make() as session:
        assert audit.count(session) == 40
        assert list(audit.broken(session)) == []
