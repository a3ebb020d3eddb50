"""The commands of the audit log and of sessions: verify the chain, write it out, delete what is over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import options as o

app = typer.Typer()


@app.command("verify-log")
def verify_log(
    out: o.Published = None,
    known: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER:HASH of an entry, from an earlier check or export; may be repeated."),
    ] = None,
) -> None:
    """Check the audit log's chain of hashes; exit code 1 and the first broken entry where it does not hold.

    Example:  valfardsbrott review verify-log --known 1204:5f2a...
    """
    from valfardsbrott.domain import EXIT_BROKEN, Failure
    from valfardsbrott.review import database
    from valfardsbrott.review.log_search import verify

    with database.sessions(database.connect(o.review_settings(out=out).database))() as db:
        count, last, broken = verify(db, dict(_known(each) for each in known or []))
    if broken is not None:
        raise Failure(
            f"the audit log does not hold: entry {broken.seq} {broken.what}",
            "Tell who is responsible for information security; compare with an earlier export",
            EXIT_BROKEN,
        )
    typer.echo(f"{count} entries hold; the last is {count}:{last}")


@app.command("export-log")
def export_log(
    file: Annotated[Path, typer.Argument(help="Ends in .csv, or .jsonl with the hashes.")],
    out: o.Published = None,
    force: Annotated[bool, typer.Option(help="Write over the file.")] = False,
) -> None:
    """Write the whole audit log to a file; that it was written is logged.

    Example:  valfardsbrott review export-log log-2026.jsonl
    """
    from valfardsbrott.domain import EXIT_USAGE, Failure
    from valfardsbrott.review import audit, database
    from valfardsbrott.review.log_search import LogFilter, lines

    if file.suffix not in {".csv", ".jsonl"}:
        raise Failure(f"{file.name} is neither .csv nor .jsonl", "Give it one of those endings", EXIT_USAGE)
    if file.exists() and not force:
        raise Failure(f"{file} is there already", "Choose another name, or --force", EXIT_USAGE)
    with database.work(database.sessions(database.connect(o.review_settings(out=out).database))) as db:
        audit.note(db, audit.Access("command", "export_log", "log", file.suffix[1:]))
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(lines(db, LogFilter(), "csv" if file.suffix == ".csv" else "json"))
    typer.echo(str(file))


@app.command("purge-sessions")
def purge_sessions(out: o.Published = None) -> None:
    """Delete sessions and attempts to sign in that are over; it is also done at each sign-in.

    Example:  valfardsbrott review purge-sessions
    """
    import datetime as dt

    from valfardsbrott.review import browser_sessions, database

    settings = o.review_settings(out=out)
    with database.work(database.sessions(database.connect(settings.database))) as db:
        done = browser_sessions.purge(db, *settings.session_limits(), dt.timedelta(days=settings.purpose_days))
    typer.echo(", ".join(f"{count} {name}" for name, count in done.items()))


def _known(text: str) -> tuple[int, str]:
    from valfardsbrott.domain import EXIT_USAGE, Failure

    number, _, hashed = text.partition(":")
    if not number.isdecimal() or len(hashed) != 64:
        raise Failure(f"'{text}' is not NUMBER:HASH", "Take it from an earlier verify-log or export", EXIT_USAGE)
    return int(number), hashed
