"""The commands that save the case database with its files, and bring it back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from valfardsbrott.cli import options as o
from valfardsbrott.cli import output

if TYPE_CHECKING:
    from valfardsbrott.review.backup import Summary

app = typer.Typer()

_File = Annotated[Path, typer.Argument(help="The backup: one zip with tables, files and their checksums.")]


@app.command()
def backup(
    file: _File,
    out: o.Published = None,
    force: Annotated[bool, typer.Option(help="Write over the file.")] = False,
    as_json: o.AsJson = False,
) -> None:
    """Save the whole case database and its files, as of one moment; the application may go on meanwhile.

    Example:  valfardsbrott review backup cases-2026-11-22.zip
    """
    from valfardsbrott.domain import EXIT_BROKEN, Failure
    from valfardsbrott.review import database
    from valfardsbrott.review.backup import backup as run

    settings = o.review_settings(out=out)
    done = run(database.connect(settings.database), settings.files_folder, file, overwrite=force)
    _show(done, "saved", as_json=as_json)
    if done.missing or done.broken is not None:
        what = [f"{len(done.missing)} files are gone or changed"] if done.missing else []
        what += [f"the audit log does not hold at entry {done.broken}"] if done.broken is not None else []
        raise Failure(f"saved, but {' and '.join(what)}", "See docs/operations.md, Backup", EXIT_BROKEN)


@app.command()
def restore(
    file: _File,
    out: o.Published = None,
    force: Annotated[bool, typer.Option(help="Replace what the database holds.")] = False,
    as_json: o.AsJson = False,
) -> None:
    """Bring a backup back, checked first: all of it or nothing. Stop the application before. Everybody is signed out.

    Example:  valfardsbrott review restore cases-2026-11-22.zip
    """
    from valfardsbrott.review import database
    from valfardsbrott.review.restore import restore as run

    settings = o.review_settings(out=out)
    done = run(database.connect(settings.database), settings.files_folder, file, overwrite=force)
    _show(done, "restored", as_json=as_json)


def _show(done: Summary, word: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        output.show_json(asdict(done))
        return
    rows = sum(done.rows.values())
    typer.echo(f"{word}: {rows} rows of {len(done.rows)} tables and {done.files} files, as of {done.made_at}")
    typer.echo(f"sha256 {done.sha256}")
