"""A backup back into a case database, of either kind: checked before anything is touched, all of it or nothing."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from valfardsbrott.domain import EXIT_INPUT, EXIT_USAGE, Failure
from valfardsbrott.review import database
from valfardsbrott.review.backup import FORMAT, MANIFEST, Summary, state_of_log, summary, tables_of
from valfardsbrott.review.files import path_of
from valfardsbrott.review.models import WebSession, utc_now

_ROWS = 1000


def restore(engine: Engine, files: Path, source: Path, *, overwrite: bool = False) -> Summary:
    """Bring a backup's tables and files back, migrate them to this version, and end every session that was open.

    Failure, and the database as before, where the backup is damaged or of another version, the database has rows
    (unless told to overwrite), or what was written back is not what the backup says: rows, audit log's chain and end.
    """
    with _opened(source) as archive:
        manifest = _checked(archive, source)
        try:
            with engine.begin() as connection:
                _emptied(connection, overwrite=overwrite)
                database.migrate_within(connection, manifest["revision"])
                _fill(connection, archive, manifest)
                database.migrate_within(connection, "head")
                _proved(connection, manifest)
                still = WebSession.revoked_at.is_(None)
                connection.execute(sa.update(WebSession).where(still).values(revoked_at=utc_now()))
                _keep_files(archive, manifest, files)
        except OperationalError as error:
            raise database.unreachable(error) from None
    return summary(manifest, source)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except OSError:
        raise Failure(f"there is no file {source}", exit_code=EXIT_USAGE) from None
    except zipfile.BadZipFile:
        raise Failure(f"{source} is no whole backup", "Take an earlier one", EXIT_INPUT) from None


def _checked(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """The manifest, where every member is as it was written and nothing is missing or added."""
    damaged = Failure(f"{source} is damaged", "Take an earlier backup", EXIT_INPUT)
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT or manifest["revision"] not in database.revisions():
            raise Failure(
                f"{source} was made by another version ({manifest['version']})", "Restore it with that one", EXIT_INPUT
            )
        if {*archive.namelist()} != {MANIFEST, *manifest["sha256"]}:
            raise damaged
        for name, known in manifest["sha256"].items():
            with archive.open(name) as member:
                if hashlib.file_digest(member, "sha256").hexdigest() != known:  # type: ignore[arg-type]
                    raise damaged
    except (KeyError, ValueError, zipfile.BadZipFile, EOFError):
        raise damaged from None
    return manifest


def _emptied(connection: Connection, *, overwrite: bool) -> None:
    """No tables. Failure where there are rows that nobody said may go."""
    found = tables_of(connection)
    if not overwrite and any(connection.scalar(sa.select(sa.exists(sa.select(table)))) for table in found):
        raise Failure(
            "the case database has rows already", "Restore into an empty one, or --force to replace them", EXIT_USAGE
        )
    if found:
        database.migrate_within(connection, "base")


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    for table in tables_of(connection):
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
        rows = _rows(archive, table, manifest)
        try:
            while some := list(islice(rows, _ROWS)):
                connection.execute(table.insert(), some)
        except (IntegrityError, DataError):
            raise _differs(table.name) from None
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection, table)


def _rows(archive: zipfile.ZipFile, table: Table, manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if table.name not in manifest["rows"]:
        return
    reads = {column.name: read for column in table.columns if (read := _reader(column.type))}
    with archive.open(f"tables/{table.name}.jsonl") as member:
        for line in member:
            row = json.loads(line)
            for name, read in reads.items():
                if row[name] is not None:
                    row[name] = read(row[name])
            yield row


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """How a column's values are read back, where JSON has no such values itself. SQLite keeps instants without zone."""
    if isinstance(kind, sa.DateTime):
        return dt.datetime.fromisoformat if kind.timezone else _unzoned
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat
    return base64.b64decode if isinstance(kind, sa.LargeBinary) else None


def _unzoned(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=None)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """New rows get numbers after those that came back."""
    key = [*table.primary_key.columns]
    if len(key) != 1 or not isinstance(key[0].type, sa.Integer):
        return
    sequence = connection.scalar(sa.func.pg_get_serial_sequence(table.name, key[0].name))
    last = connection.scalar(sa.select(sa.func.max(key[0])))
    if sequence and last:
        connection.execute(sa.select(sa.func.setval(sequence, last)))


def _proved(connection: Connection, manifest: dict[str, Any]) -> None:
    """Failure where rows, or the audit log, are not those that the backup says."""
    counted = {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables_of(connection)
    }
    wrong = sorted(name for name, rows in manifest["rows"].items() if counted.get(name, rows) != rows)
    if state_of_log(connection) != manifest["audit"]:
        wrong.append("the audit log's chain")
    if wrong:
        raise _differs(*wrong)


def _differs(*wrong: str) -> Failure:
    return Failure(f"what came back is not what was backed up: {', '.join(wrong)}", "Nothing was changed", EXIT_INPUT)


def _keep_files(archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path) -> None:
    for digest in manifest["files"]:
        target = path_of(folder, digest)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = target.with_name(f".{digest}")
        made.write_bytes(archive.read(f"files/{digest}"))
        made.chmod(0o600)
        made.replace(target)
