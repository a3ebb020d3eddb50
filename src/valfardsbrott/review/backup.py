"""The whole case database and its files in one zip, the same from SQLite and PostgreSQL; `restore` is the way back.

``tables/<name>.jsonl`` has a row a line, ``files/<sha256>`` the files of cases, ``manifest.json`` the revision, how
many rows each table has, the end of the audit log and the SHA-256 of every other member. It is personal data: keep it
encrypted.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from valfardsbrott import __version__
from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.review import audit, database
from valfardsbrott.review.files import path_of
from valfardsbrott.review.models import AuditEntry, StoredFile

MANIFEST, FORMAT = "manifest.json", 1
#: Alembic's own table: the revision is in the manifest.
_VERSION = "alembic_version"
_ROWS = 1000


@dataclass(frozen=True)
class Summary:
    """What a backup holds. ``missing``: files that rows name and that were gone or changed on disk.

    ``broken``: the entry at which the audit log's chain did not hold when the backup was made, None where it held.
    """

    revision: str
    made_at: str
    rows: dict[str, int]
    files: int
    missing: tuple[str, ...]
    broken: int | None
    sha256: str


def backup(engine: Engine, files: Path, target: Path, *, overwrite: bool = False) -> Summary:
    """Write the backup as of one moment, while the application goes on; complete or absent, for its owner's eyes.

    Failure where ``target`` is there already (unless told to overwrite), or the database has no tables.
    """
    if target.exists() and not overwrite:
        raise Failure(f"{target} is there already", "Choose another name, or --force", EXIT_USAGE)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}")
    try:
        with os.fdopen(handle, "wb") as out:
            with _moment(engine) as connection, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest = _write(connection, files, archive)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(target)
    except OperationalError as error:
        raise database.unreachable(error) from None
    finally:
        Path(temporary).unlink(missing_ok=True)
    return summary(manifest, target)


def summary(manifest: dict[str, Any], path: Path) -> Summary:
    return Summary(
        manifest["revision"], manifest["made_at"], manifest["rows"], len(manifest["files"]),
        tuple(manifest["missing"]), manifest["audit"]["broken"], digest_of(path),
    )  # fmt: skip


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tables_of(connection: Connection) -> list[Table]:
    """The tables as they are in the database, those that others point to first; without Alembic's own."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def state_of_log(connection: Connection) -> dict[str, Any]:
    """The number and hash of the last entry (0, None without one), and the first that breaks the chain (or None)."""
    last = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    row = connection.execute(last).first()
    with Session(bind=connection) as session:
        broken = next(audit.broken(session), None)
    return {
        "last": row.seq if row else 0, "hash": row.hash if row else None, "broken": broken.seq if broken else None,
    }  # fmt: skip


def _moment(engine: Engine) -> Connection:
    """A connection that sees one moment: SQLite's transactions do by themselves."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _write(connection: Connection, files: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    from alembic.runtime.migration import MigrationContext

    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise Failure("the case database has no tables", "Run valfardsbrott review migrate", EXIT_USAGE)
    manifest: dict[str, Any] = {
        "format": FORMAT, "version": __version__, "revision": revision,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "rows": {}, "sha256": {}, "files": [],
        "missing": [],
    }  # fmt: skip
    for table in tables_of(connection):
        name = f"tables/{table.name}.jsonl"
        manifest["rows"][table.name], manifest["sha256"][name] = _member(archive, name, _lines(connection, table))
    manifest["audit"] = state_of_log(connection)
    for digest in _stored(connection):
        data = _kept(path_of(files, digest), digest)
        manifest["missing" if data is None else "files"].append(digest)
        if data is not None:
            _, manifest["sha256"][f"files/{digest}"] = _member(archive, f"files/{digest}", [data])
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def _member(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write a member piece by piece; how many pieces, and their SHA-256."""
    count, digest = 0, hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as out:
        for piece in pieces:
            out.write(piece)
            digest.update(piece)
            count += 1
    return count, digest.hexdigest()


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
    for row in connection.execute(query):
        yield json.dumps(row._asdict(), ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    """
    >>> _plain(dt.date(2026, 10, 1)), _plain(b"a")
    ('2026-10-01', 'YQ==')
    """
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"a column holds a {type(value).__name__}")


def _stored(connection: Connection) -> list[str]:
    return list(connection.scalars(select(StoredFile.sha256).order_by(StoredFile.sha256)))


def _kept(path: Path, digest: str) -> bytes | None:
    """The file's bytes; None where they are gone or are others."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == digest else None
