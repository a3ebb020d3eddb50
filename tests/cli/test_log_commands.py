"""The commands of the audit log, as a monitor calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from valfardsbrott.cli.commands import app
from valfardsbrott.domain import EXIT_BROKEN, Failure
from valfardsbrott.review import audit, database


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A case database of three entries, which the commands find by the environment."""
    address = f"sqlite:///{tmp_path}/cases.db"
    monkeypatch.setenv("VALFARDSBROTT_DATABASE_URL", address)
    engine = database.connect(address)
    database.upgrade(engine)
    with database.work(database.sessions(engine)) as db:
        for case_id in ("1", "2", "3"):
            audit.note(db, audit.Access("anna", "read", "case", case_id))
    return engine


def test_a_log_that_holds_says_what_to_keep(engine: Engine) -> None:
    told = CliRunner().invoke(app, ["review", "verify-log"])
    assert told.exit_code == 0
    known = told.output.split()[-1]
    assert known.startswith("3:")
    assert CliRunner().invoke(app, ["review", "verify-log", "--known", known]).exit_code == 0


def test_the_first_broken_entry_is_named_with_exit_code_1(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_entry_update"))
        connection.execute(text("UPDATE audit_entry SET actor = 'bo' WHERE seq >= 2"))
    error = CliRunner().invoke(app, ["review", "verify-log"]).exception
    assert isinstance(error, Failure)
    assert "entry 2 was changed" in str(error)
    assert error.exit_code == EXIT_BROKEN == 1


@pytest.mark.parametrize("known", ["3", "x:y", "1:short"])
def test_a_known_entry_is_written_as_number_and_hash(engine: Engine, known: str) -> None:
    error = CliRunner().invoke(app, ["review", "verify-log", "--known", known]).exception
    assert isinstance(error, Failure)


def test_the_whole_log_is_written_out(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert CliRunner().invoke(app, ["review", "export-log", str(file)]).exit_code == 0
    assert [json.loads(line)["object_id"] for line in file.read_text("utf-8").splitlines()] == ["1", "2", "3"]
    again = CliRunner().invoke(app, ["review", "export-log", str(file)]).exception
    assert isinstance(again, Failure)
    assert "there already" in str(again)
    other = CliRunner().invoke(app, ["review", "export-log", str(tmp_path / "log.xml")]).exception
    assert isinstance(other, Failure)


def test_what_is_over_is_deleted_and_counted(engine: Engine) -> None:
    told = CliRunner().invoke(app, ["review", "purge-sessions"])
    assert told.output.strip() == "0 purposes, 0 sessions, 0 attempts"
