"""The commands of the review application: serve it, and keep its database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import backup_commands, log_commands, output
from valfardsbrott.cli import options as o

app = typer.Typer()
review_app = typer.Typer(help="The case database: take published months over, migrate it.", no_args_is_help=True)
app.add_typer(review_app, name="review")
review_app.add_typer(log_commands.app)
review_app.add_typer(backup_commands.app)


@app.command()
def serve(
    out: o.Published = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [default: 8080]")] = None,
    language: o.Language = None,
) -> None:
    """Open the review application; in the demo on this machine only, with a user already signed in.

    Example:  valfardsbrott serve --out demo/runs
    """
    from valfardsbrott.web.server import serve as run

    settings = o.review_settings(out=out, host=host, port=port, language=language)
    run(settings, lambda url: typer.echo(f"{url}  (Ctrl-C stops)"))


@review_app.command("import")
def take_over(
    out: o.Published = None,
    month: Annotated[str | None, typer.Option("--month", "-m", help="The month; all new ones if not given.")] = None,
    as_json: o.AsJson = False,
) -> None:
    """Make cases of what published months flagged; what has been imported is not imported again.

    Example:  valfardsbrott review import --month 2026-10 --out runs/
    """
    from valfardsbrott.web.server import import_months

    done = import_months(o.review_settings(out=out), month)
    output.show_json(done) if as_json else output.show_imported(done)


@review_app.command()
def migrate(
    out: o.Published = None, to: Annotated[str, typer.Option(help="Revision, for going back.")] = "head"
) -> None:
    """Bring the case database to this version's tables, or back to an earlier revision.

    Example:  valfardsbrott review migrate
    """
    from valfardsbrott.web.server import migrate as run

    typer.echo(run(o.review_settings(out=out), to))


@review_app.command()
def decisions(
    month: Annotated[str, typer.Option("--month", "-m", help="The last month to write, as 2026-10.")],
    deliveries: Annotated[Path, typer.Option(help="Folder with a delivery for each month.")] = Path("deliveries"),
    out: o.Published = None,
) -> None:
    """Write what was decided into the deliveries, as known cases for the next run, with how each case was selected.

    Example:  valfardsbrott review decisions --month 2026-11 --deliveries deliveries/ --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.review import database
    from valfardsbrott.review.outcomes import write

    make = database.sessions(database.connect(o.review_settings(out=out).database))
    with database.work(make) as db:
        changed = write(db, deliveries, Month.parse(month))
    for file in changed:
        typer.echo(f"{file}: {'written' if file.is_file() else 'taken away, nothing was decided'}")
    typer.echo(f"{len(changed)} files changed" if changed else "nothing was decided that the deliveries do not have")
