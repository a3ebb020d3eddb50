"""Making the document: figures once for each period, the plan as it is approved, kept as an edition."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import EXIT_SYSTEM, EXIT_USAGE, Failure
from valfardsbrott.review import audit, database
from valfardsbrott.review.models import ImportedRun, SituationEdition, User
from valfardsbrott.review.situation import guard, picture_part, plan, plan_part
from valfardsbrott.review.situation.blocks import Block, heading, table, text
from valfardsbrott.review.situation.config import Config, logo_of
from valfardsbrott.review.situation.kinds import KINDS
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.picture import Folders, reckon
from valfardsbrott.wording import Language

COMMAND = "valfardsbrott situation make --first {first} --last {last} --as-of {as_of} --out MAPP"


@dataclass(frozen=True)
class Order:
    """What is to be made. ``day``: that it is dated; figures of a new period are of the decisions made by then."""

    period: Period
    day: dt.date
    draft: bool = False


@contextmanager
def opened(address: str) -> Iterator[Session]:
    """The case database in one transaction, for a command; Failure where it has not this version's tables."""
    engine = database.connect(address)
    try:
        if database.current(engine) != database.newest():
            raise Failure("there is no case database of this version", "valfardsbrott review import", EXIT_SYSTEM)
        with database.work(database.sessions(engine)) as db:
            yield db
    finally:
        engine.dispose()


def period_of(db: Session, first: str | None, last: str | None) -> Period:
    """The months from ``first`` to ``last``; twelve up to ``last``, or to the newest imported, where one is missing."""
    if first and not last:
        raise Failure("the last month is missing", "Give --last as well as --first", EXIT_USAGE)
    if not last:
        return latest_period(db)
    return Period.of(first, last) if first else Period.ending(last)


def latest_period(db: Session) -> Period:
    """The twelve months up to the newest imported one. Failure where nothing has been imported."""
    newest = db.scalar(select(ImportedRun.month).order_by(ImportedRun.month.desc()).limit(1))
    if newest is None:
        raise Failure("no month has been imported", "valfardsbrott review import")
    return Period.ending(newest)


def make(
    db: Session, order: Order, folders: Folders, config: Config, words: Language, *, user: User | None = None
) -> dict[str, Any]:
    """The document as plain data, kept as an edition unless it is a draft; one that says the same is not kept twice.

    Failure where the period overlaps another that has been published (months less months would give small figures
    away), or where some text names somebody.
    """
    earlier = editions_of(db, order.period)
    _apart(db, order.period)
    figures = earlier[-1].figures if earlier else reckon(db, order.period, folders, order.day, config.limits)
    made = compose(db, figures, config, words)
    guard.check(db, {**made, "logo": None})
    digest = hashlib.sha256(_json(made)).hexdigest()
    if earlier and earlier[-1].sha256 == digest:
        return earlier[-1].document
    number = 1 + len(earlier)
    document = {**made, **_dated(order, number, words)}
    if not order.draft:
        kept = SituationEdition(
            first_month=str(order.period.first), last_month=str(order.period.last), number=number, figures=figures,
            document=document, sha256=digest, made_by_id=user.id if user else None,
        )  # fmt: skip
        db.add(kept)
        db.flush()
        actor = audit.by(user, "make", "situation", kept.id) if user else None
        audit.note(db, actor or audit.Access("command", "make", "situation", str(kept.id)))
    return document


def compose(db: Session, figures: dict[str, Any], config: Config, words: Language) -> dict[str, Any]:
    """All of the document but its date and number."""
    approved = {kind: plan.standing(db, kind) for kind in KINDS}
    first, last = figures["period"]
    limits = figures["limits"]
    front = [text(part) for part in config.foreword] or []
    front += [
        text(words.text("picture.intro")),
        text(words.text("picture.no_person", providers=limits["providers"], recipients=limits["recipients"])),
    ]
    return {
        "language": words.code,
        "title": words.text("picture.title"),
        "subtitle": words.text("picture.subtitle", first=first, last=last),
        "period": [first, last],
        "city": config.city,
        "decided": words.text("picture.decided", by=config.decided) if config.decided else "",
        "logo": logo_of(config),
        "page": words.text("picture.page"),
        "contents": words.text("picture.contents"),
        "blocks": [
            *front,
            *picture_part.blocks(figures, config.map, words),
            *picture_part.history([*before(db, figures["period"][0]), figures], words),
            *plan_part.blocks(figures, approved, words),
            *_made(figures, words),
            *(text(part) for part in config.closing),
        ],
    }


def editions_of(db: Session, period: Period) -> list[SituationEdition]:
    """The period's editions, oldest first."""
    return [one for one in editions(db) if (one.first_month, one.last_month) == (str(period.first), str(period.last))]


def editions(db: Session) -> list[SituationEdition]:
    return list(db.scalars(select(SituationEdition).order_by(SituationEdition.id)))


def before(db: Session, first: str) -> list[dict[str, Any]]:
    """The figures of every period that was published and ended before a month, oldest first."""
    found = {(one.first_month, one.last_month): one.figures for one in editions(db) if one.last_month < first}
    return [figures for _, figures in sorted(found.items(), key=lambda each: each[0])]


def _apart(db: Session, period: Period) -> None:
    for one in editions(db):
        other = Period.of(one.first_month, one.last_month)
        if other != period and period.overlaps(other):
            raise Failure(
                f"{period} overlaps {other}, which has been published",
                "Choose the same months, or months outside it",
                EXIT_USAGE,
            )


def _dated(order: Order, number: int, words: Language) -> dict[str, Any]:
    return {
        "number": number,
        "made_on": order.day.isoformat(),
        "edition": words.text("picture.edition", number=number, day=order.day.isoformat()),
        "draft": words.text("picture.draft") if order.draft else "",
    }


def _made(figures: dict[str, Any], words: Language) -> list[Block]:
    first, last = figures["period"]
    command = COMMAND.format(first=first, last=last, as_of=figures["as_of"])
    columns = [(words.text("picture.columns.month"), "text"), (words.text("picture.columns.run"), "text")]
    return [
        heading(1, words.text("picture.made")),
        text(words.text("picture.made_text", as_of=figures["as_of"])),
        text(words.text("picture.again", command=command)),
        table("runs", words.text("picture.runs"), columns, [list(row) for row in figures["runs"].items()], words),
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
