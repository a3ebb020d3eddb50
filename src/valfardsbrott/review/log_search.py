"""The audit log as an auditor looks at it: filtered, a page at a time from the newest, and whole as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from valfardsbrott.domain import cell
from valfardsbrott.review import audit
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import AuditEntry

PAGE = 50
#: So many entries are exported from a page; the command exports any number.
MOST = 100_000
HERE = ZoneInfo("Europe/Stockholm")
_EXACT = ("actor", "action", "object_kind", "object_id", "purpose")


@dataclass(frozen=True)
class LogFilter:
    """What to show; empty is everything. ``granted``: yes or no. Days are Sweden's, both inclusive."""

    actor: str = ""
    action: str = ""
    object_kind: str = ""
    object_id: str = ""
    purpose: str = ""
    granted: str = ""
    since: dt.date | None = None
    until: dt.date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """A condition for each field that is set."""
        found: list[ColumnElement[bool]] = [
            getattr(AuditEntry, name) == getattr(self, name) for name in _EXACT if getattr(self, name)
        ]
        if self.granted in {"yes", "no"}:
            found.append(AuditEntry.granted.is_(self.granted == "yes"))
        if self.since:
            found.append(AuditEntry.at >= midnight(self.since))
        if self.until and self.until < dt.date.max:
            found.append(AuditEntry.at < midnight(self.until + dt.timedelta(1)))
        return found

    def as_query(self) -> dict[str, str]:
        """The fields that are set, as they stand in an address."""
        return {name: str(value) for name, value in vars(self).items() if value}


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins in Sweden."""
    return dt.datetime.combine(day, dt.time(), HERE)


def search(db: Session, wanted: LogFilter, before: int | None = None) -> list[AuditEntry]:
    """A page of entries, newest first: those before the number ``before``, and one more where there is a next page."""
    query = select(AuditEntry).where(*wanted.conditions()).order_by(AuditEntry.seq.desc()).limit(PAGE + 1)
    return list(db.scalars(query if before is None else query.where(AuditEntry.seq < before)))


def choices(db: Session) -> dict[str, list[str]]:
    """What actions, objects and purposes the log holds."""
    columns = (AuditEntry.action, AuditEntry.object_kind, AuditEntry.purpose)
    return {
        column.key: sorted(each for each in db.scalars(select(column).distinct()) if each is not None)
        for column in columns
    }


def export(db: Session, wanted: LogFilter, form: str) -> str:
    """All entries that match, oldest first, as ``csv`` or ``json``; Refused where there are more than MOST."""
    if (db.scalar(select(func.count(AuditEntry.seq)).where(*wanted.conditions())) or 0) > MOST:
        raise Refused("log_many", most=MOST)
    return "".join(lines(db, wanted, form))


def lines(db: Session, wanted: LogFilter, form: str) -> Iterator[str]:
    """The file line by line. JSON has one entry on each line (JSON Lines) with its hash, so that the chain can be
    followed without the database; CSV has a byte order mark and no cell that a spreadsheet would run."""
    query = select(AuditEntry).where(*wanted.conditions()).order_by(AuditEntry.seq)
    if form == "csv":
        yield f"\ufeff{_row([*_columns(), 'detail'])}"
    for entry in _streamed(db, query):
        content = audit.content(entry) | {"hash": entry.hash}
        if form == "csv":
            detail = json.dumps(content.pop("detail"), ensure_ascii=False, sort_keys=True)
            yield _row([*(content[name] for name in _columns()), detail])
        else:
            yield json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"


def _streamed(db: Session, query: Select[Any]) -> Iterator[AuditEntry]:
    return iter(db.scalars(query.execution_options(yield_per=1000)))


def _columns() -> list[str]:
    return [column.key for column in AuditEntry.__table__.columns if column.key != "detail"]


def _row(values: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([cell(value) for value in values])
    return text.getvalue()


def verify(db: Session, known: Mapping[int, str] | None = None) -> tuple[int, str, audit.Broken | None]:
    """How many entries there are, the last one's hash, and the first that does not hold (None: all hold).

    ``known``: hashes by number that an earlier export or check gave; an entry that is gone or another is broken, which
    also shows an end that was cut off.
    """
    first = next(audit.broken(db), None)
    for seq, hashed in sorted((known or {}).items()):
        there = db.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq))
        if there != hashed and (first is None or seq < first.seq):
            first = audit.Broken(seq, "is not the entry that was known" if there else "is no longer there")
    last = db.scalar(select(AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1))
    return audit.count(db), last or audit.START, first
