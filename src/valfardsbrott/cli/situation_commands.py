"""The commands of the situational picture: make the document, and list what has been made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import options as o
from valfardsbrott.cli import output

app = typer.Typer(help="The situational picture, action plan and follow-up; nobody is in it.", no_args_is_help=True)

_Runs = Annotated[Path | None, typer.Option("--runs", help="Folder with the published months.  [default: runs]")]


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder to write to; made if it is not there.")],
    runs: _Runs = None,
    first: Annotated[str | None, typer.Option(help="First month.  [default: eleven before the last]")] = None,
    last: Annotated[str | None, typer.Option(help="Last month.  [default: the newest imported]")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="The document's date.  [default: today]")] = None,
    config: Annotated[Path | None, typer.Option(help="The city's names, logo, texts and map: situation.yaml.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Marked as a draft, and not kept as an edition.")] = False,
    language: o.Language = None,
) -> None:
    """Make the document as PDF and Word, and every table as CSV and JSON.

    The figures of a period are counted once: a later edition of the same months has them as they were published.

    Example:  valfardsbrott situation make --runs runs/ --out lagesbild/
    """
    from valfardsbrott.review.situation import editions, forms
    from valfardsbrott.review.situation.config import load
    from valfardsbrott.review.situation.picture import Folders
    from valfardsbrott.web.words import words

    settings = o.review_settings(out=runs, situation=config)
    day = _day(as_of) if as_of else dt.date.today()
    with editions.opened(settings.database) as db:
        order = editions.Order(editions.period_of(db, first, last), day, draft)
        folders = Folders(settings.out, settings.store_folder)
        document = editions.make(db, order, folders, load(settings.situation), words(language or settings.language))
    for name, data in forms.files(document).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    typer.echo(f"{document['edition']}: {out / forms.name_of(document)}.pdf")


@app.command("list")
def show(runs: _Runs = None, as_json: o.AsJson = False) -> None:
    """List the editions that have been made.

    Example:  valfardsbrott situation list --runs runs/
    """
    from valfardsbrott.review.situation import editions

    settings = o.review_settings(out=runs)
    with editions.opened(settings.database) as db:
        found = [
            {"first": one.first_month, "last": one.last_month, "number": one.number,
             "made_on": one.document["made_on"], "sha256": one.sha256}
            for one in editions.editions(db)
        ]  # fmt: skip
    if as_json:
        output.show_json(found)
        return
    for one in found:
        typer.echo(f"{one['first']}–{one['last']}  {one['number']}  {one['made_on']}  {str(one['sha256'])[:12]}")
    if not found:
        typer.echo("no edition has been made")


def _day(text: str) -> dt.date:
    from valfardsbrott.domain import EXIT_USAGE, Failure

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure(f"'{text}' is not a day", "Write it as YYYY-MM-DD", EXIT_USAGE) from None
