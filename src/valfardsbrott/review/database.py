"""The case database: SQLite by default, PostgreSQL for a city. Engine, sessions, and the way to the newest tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.review.models import Base

_KEPT = "kept"
MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///...`` or ``postgresql+psycopg://...`` (``postgresql://`` is taken for the latter).

    SQLite waits for another writer, keeps foreign keys, and takes its write lock when a transaction begins, so a
    reader that goes on to write never finds that another has written in between. Errors never quote what was written.
    """
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith("sqlite"):
        patience = {"connect_timeout": 5}
        return create_engine(
            url, pool_pre_ping=True, pool_size=20, max_overflow=20, hide_parameters=True, connect_args=patience
        )
    place = url.removeprefix("sqlite:///")
    if place and place != ":memory:":
        Path(place).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _sqlite_ways)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _sqlite_ways(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects can still be read after commit; what they noted for the audit log is written at commit."""
    from valfardsbrott.review import audit

    made = sessionmaker(engine, expire_on_commit=False)
    event.listen(made, "before_commit", audit.write_noted)
    return made


@contextmanager
def work(make: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction: committed where the block ends, undone where it raises."""
    with make() as session, session.begin():
        yield session


def keep(session: Session, row: Callable[[], Base]) -> None:
    """Add a row that stays even where the session's transaction is undone (by ``undo_and_keep``)."""
    session.info.setdefault(_KEPT, []).append(row)
    session.add(row())


def undo_and_keep(session: Session, stopped: str) -> None:
    """Undo the transaction, all but what was to be kept and what was noted for the audit log, with what stopped it."""
    from valfardsbrott.review import audit

    noted, kept = audit.take(session), session.info.pop(_KEPT, [])
    session.rollback()
    session.add_all(row() for row in kept)
    for access in noted:
        audit.note(session, audit.replace(access, detail={**access.detail, "stopped": stopped}))
    session.commit()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to ``revision``. Safe to repeat; Failure where the database cannot be reached."""
    from alembic import command

    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to an earlier revision; what the later ones held is gone."""
    from alembic import command

    _run(engine, lambda config: command.downgrade(config, revision))


def current(engine: Engine) -> str | None:
    """The revision that the database is at, None where it has no tables yet."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this version of the program needs."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the program ships its migrations
    return head


def revisions() -> list[str]:
    """Every revision, oldest first."""
    from alembic.script import ScriptDirectory

    return [each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate_within(connection: Connection, revision: str) -> None:
    """To ``revision`` ("base": no tables) within the caller's transaction: undone with it, on both databases."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    (command.downgrade if revision == "base" else command.upgrade)(config, revision)


def _run(engine: Engine, command: Any) -> None:
    config = _config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command(config)
    except OperationalError as error:
        raise unreachable(error) from None


def unreachable(error: OperationalError) -> Failure:
    """What a user is told when the database does not answer; without the address, which may hold a password."""
    kind = type(error.orig).__name__
    return Failure(f"the case database cannot be used ({kind})", "Is VALFARDSBROTT_DATABASE_URL right?", EXIT_SYSTEM)
