"""Backup and restore: everything comes back, on either database from either, or nothing is touched."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from typer.testing import CliRunner

from valfardsbrott.cli.commands import app as commands
from valfardsbrott.domain import Failure
from valfardsbrott.review import audit, cases, database, demo, files
from valfardsbrott.review.backup import backup, state_of_log, tables_of
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.models import Case, CaseEvent, State, StoredFile, User, WebSession, utc_now
from valfardsbrott.review.restore import restore
from valfardsbrott.review.settings import ReviewSettings

NewDatabase = Callable[[str], Engine]
BYTES = b"%PDF-1.7 ett underlag"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the first database's files are."""
    return tmp_path / "files"


@pytest.fixture
def filled(engine: Engine, kept: Path, publish: Callable[..., Path], tmp_path: Path) -> Engine:
    """A database with a month, a moved case with a file, a session and an audit log."""
    publish(tmp_path / "runs")
    make = database.sessions(engine)
    with database.work(make) as db:
        demo.prepare(db)
    import_month(make, "2026-10", ReviewSettings(out=tmp_path / "runs"))
    with database.work(make) as db:
        anna, case = db.get(User, 1), db.get(Case, 2)
        assert anna is not None
        assert case is not None
        cases.move(db, case, anna, State.INITIAL, "Åtgärd krävs – «se bilaga»\n=1+1")
        case.snoozed_until = dt.date(2026, 12, 24)
        files.attach(db, case, anna, folder=kept, name="underlag.pdf", data=BYTES)
        db.add(WebSession(token_hash="t" * 64, user_id=1, csrf="c", created_at=utc_now(), last_seen_at=utc_now()))
        audit.note(db, audit.by(anna, "read", "case", 2, codes=["ä", 1.5]))
    return engine


def contents(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table but the sessions, which end, comparable between the two kinds of database."""
    with engine.connect() as connection:
        return {
            table.name: [_same(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in tables_of(connection)
            if table.name != "web_session"
        }


def _same(row: Any) -> list[Any]:
    return [each.replace(tzinfo=dt.UTC) if isinstance(each, dt.datetime) and not each.tzinfo else each for each in row]


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path, new_database: NewDatabase) -> Iterator[Engine]:
    """An empty database, of each kind."""
    if request.param == "postgresql":
        yield new_database("postgresql")
        return
    made = database.connect(f"sqlite:///{tmp_path}/other.db")
    yield made
    made.dispose()


def test_all_comes_back_and_work_goes_on(filled: Engine, other: Engine, kept: Path, tmp_path: Path) -> None:
    saved = backup(filled, kept, tmp_path / "saved.zip")
    restored = restore(other, tmp_path / "new", tmp_path / "saved.zip")
    assert saved == restored
    assert (saved.files, saved.missing, saved.rows["review_case"], saved.broken) == (1, (), 4, None)
    assert contents(other) == contents(filled)
    assert database.current(other) == database.newest()
    with database.work(database.sessions(other)) as db:
        stored = db.scalars(select(StoredFile)).one()
        assert files.read(tmp_path / "new", stored) == BYTES
        assert list(audit.broken(db)) == []
        assert db.scalars(select(WebSession)).one().revoked_at is not None  # nobody is signed in by an old cookie
        case, anna = db.get(Case, 2), db.get(User, 1)
        assert case is not None
        assert anna is not None
        last = max(each.id for each in case.events)
        cases.move(db, case, anna, State.IN_DEPTH, "Vidare.")
        audit.note(db, audit.by(anna, "move", "case", 2))
        db.flush()
        assert db.scalars(select(func.max(CaseEvent.id))).one() > last  # numbers go on after those that came back
    with other.connect() as connection:
        assert state_of_log(connection) | {"hash": ""} == {
            "last": saved.rows["audit_entry"] + 1,
            "hash": "",
            "broken": None,
        }


def test_rows_are_replaced_only_when_told(filled: Engine, kept: Path, tmp_path: Path) -> None:
    backup(filled, kept, tmp_path / "saved.zip")
    before = contents(filled)
    with database.work(database.sessions(filled)) as db:
        db.add(User(subject="test:later", name="Later"))
    with pytest.raises(Failure, match="has rows already"):
        restore(filled, kept, tmp_path / "saved.zip")
    restore(filled, kept, tmp_path / "saved.zip", overwrite=True)
    assert contents(filled) == before


def _changed(source: Path, target: Path, name: str, change: Callable[[bytes], bytes], *, sums: bool = False) -> Path:
    """A copy of a backup with one member changed; with ``sums`` by somebody who mends the checksum as well."""
    import hashlib

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members = {each: old.read(each) for each in old.namelist()}
        members[name] = change(members[name])
        if sums:
            manifest = json.loads(members["manifest.json"])
            manifest["sha256"][name] = hashlib.sha256(members[name]).hexdigest()
            members["manifest.json"] = json.dumps(manifest).encode()
        for each, data in members.items():
            new.writestr(each, data)
    return target


LOG, CASES = "tables/audit_entry.jsonl", "tables/review_case.jsonl"


#: Member, what is done to it, whether the checksum is mended too, what is told.
TAMPERED: list[tuple[str, Callable[[bytes], bytes], bool, str]] = [
    (CASES, lambda data: data.replace(b"Gransbo", b"Granbyn"), False, "is damaged"),
    (CASES, lambda data: data.splitlines(keepends=True)[0], True, "not what was backed up: case_"),
    (LOG, lambda data: data.replace(b'"demo:anna"', b'"demo:bo"'), True, "the audit log's chain"),
    (LOG, lambda data: b"".join(data.splitlines(keepends=True)[:-1]), True, "the audit log's chain"),
    ("manifest.json", lambda data: b"{}", False, "is damaged"),
    ("manifest.json", lambda data: data.replace(b'"revision": "', b'"revision": "9'), False, "another version"),
]


def test_a_backup_that_was_tampered_with_changes_nothing(filled: Engine, kept: Path, tmp_path: Path) -> None:
    backup(filled, kept, tmp_path / "saved.zip")
    before = contents(filled)
    for name, change, sums, told in TAMPERED:
        wrong = _changed(tmp_path / "saved.zip", tmp_path / "wrong.zip", name, change, sums=sums)
        with pytest.raises(Failure, match=told):
            restore(filled, kept, wrong, overwrite=True)
        assert contents(filled) == before


def test_half_a_file_is_no_backup(filled: Engine, kept: Path, tmp_path: Path) -> None:
    backup(filled, kept, tmp_path / "saved.zip")
    (tmp_path / "half.zip").write_bytes((tmp_path / "saved.zip").read_bytes()[:3000])
    with pytest.raises(Failure, match="no whole backup"):
        restore(filled, kept, tmp_path / "half.zip", overwrite=True)
    with pytest.raises(Failure, match="there is no file"):
        restore(filled, kept, tmp_path / "nowhere.zip")


def test_a_backup_of_an_earlier_revision_is_migrated(filled: Engine, other: Engine, kept: Path, tmp_path: Path) -> None:
    database.downgrade(filled, "0004")
    saved = backup(filled, kept, tmp_path / "saved.zip")
    assert saved.revision == "0004"
    restore(other, tmp_path / "new", tmp_path / "saved.zip")
    assert database.current(other) == database.newest()


def test_a_broken_log_is_told_and_still_comes_back_as_it_was(filled: Engine, kept: Path, tmp_path: Path) -> None:
    with filled.begin() as connection:
        guard = "audit_entry_update ON audit_entry" if filled.dialect.name == "postgresql" else "audit_entry_update"
        connection.execute(text(f"DROP TRIGGER {guard}"))
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 1"))
    assert backup(filled, kept, tmp_path / "saved.zip").broken == 1
    with pytest.raises(Failure, match="has rows"):
        restore(filled, kept, tmp_path / "saved.zip")


def test_a_lost_file_is_told(filled: Engine, kept: Path, tmp_path: Path) -> None:
    (path,) = (each for each in kept.rglob("*") if each.is_file())
    path.write_bytes(b"%PDF-1.7 ett annat")
    saved = backup(filled, kept, tmp_path / "saved.zip")
    assert (saved.files, saved.missing) == (0, (path.name,))


def test_the_commands_say_what_they_did_and_write_over_nothing(tmp_path: Path, publish: Callable[..., Path]) -> None:
    publish(tmp_path / "runs")
    run, out = CliRunner(), ["--out", str(tmp_path / "runs")]
    assert run.invoke(commands, ["review", "import", *out]).exit_code == 0
    saved = run.invoke(commands, ["review", "backup", str(tmp_path / "saved.zip"), *out])
    assert "saved: " in saved.output
    assert (tmp_path / "saved.zip").stat().st_mode & 0o777 == 0o600
    again = run.invoke(commands, ["review", "backup", str(tmp_path / "saved.zip"), *out])
    assert isinstance(again.exception, Failure)
    assert "is there already" in again.exception.message
    into = ["--out", str(tmp_path / "elsewhere"), "--json"]
    told = run.invoke(commands, ["review", "restore", str(tmp_path / "saved.zip"), *into])
    assert json.loads(told.output)["rows"]["review_case"] == 4
