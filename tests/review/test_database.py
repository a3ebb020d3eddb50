"""The tables: migrations there and back, models and migrations agree, what stays stays."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.domain import Failure
from valfardsbrott.review import audit, database
from valfardsbrott.review.models import Base, Case, CaseEvent


def test_migrations_go_forward_and_back_and_forward(empty_url: str) -> None:
    empty = database.connect(empty_url)
    database.upgrade(empty)
    assert database.current(empty) == database.newest()
    database.downgrade(empty, "base")
    assert inspect(empty).get_table_names() == ["alembic_version"]
    database.upgrade(empty)
    assert set(Base.metadata.tables) <= set(inspect(empty).get_table_names())
    empty.dispose()


def test_the_migrated_tables_are_those_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    engine = database.connect("postgresql://reviewer:hemligt@127.0.0.1:1/cases")
    with pytest.raises(Failure) as told:
        database.upgrade(engine)
    assert "hemligt" not in str(told.value)
    assert "VALFARDSBROTT_DATABASE_URL" in told.value.hint


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_can_neither_be_changed_nor_deleted(make: sessionmaker[Session], engine: Engine, change: str) -> None:
    with database.work(make) as session:
        session.add(case := a_case())
        session.flush()
        session.add(CaseEvent(case_id=case.id, kind="opened"))
        audit.note(session, audit.Access("test", "read", "case", str(case.id)))
    for table in ("case_event", "audit_entry"):
        statement = change.format(table).replace("id = id", "detail = detail")
        with pytest.raises(DBAPIError, match="rows stay"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_case_cannot_be_deleted(make: sessionmaker[Session], engine: Engine) -> None:
    with database.work(make) as session:
        session.add(a_case())
    with pytest.raises(DBAPIError, match="rows stay"), engine.begin() as connection:
        connection.execute(text("DELETE FROM review_case"))


def a_case() -> Case:
    return Case(
        number="2026-0001", entity_type="provider", entity_id="0029000015", name="Gransbo Hemtjänst", arm="risk",
        first_month="2026-10", month="2026-10", position=1, board_id="N01",
    )  # fmt: skip
