"""Commands that audit what the program does to people: on whom the flags fall."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import options as o
from valfardsbrott.cli import output

app = typer.Typer(no_args_is_help=True, help="Audit a published month: on whom do the flags fall?")


@app.callback()
def audits() -> None:
    """Audit a published month: on whom do the flags fall?"""


@app.command()
def burden(
    ctx: typer.Context,
    month: o.Month,
    to: Annotated[Path, typer.Option(help="Folder for burden.html, burden.csv and burden.json.")] = Path("burden"),
    groups: Annotated[
        Path | None, typer.Option(help="The city's CSV: person_id, and columns of groups. Read now and not kept.")
    ] = None,
    least: Annotated[int, typer.Option(help="The fewest persons that a figure may show; 5 or more.")] = 10,
    out: o.Out = None,
    store: o.Store = None,
    profile: o.Profile = None,
    key_file: o.KeyFile = None,
    language: o.Language = None,
    as_json: o.AsJson = False,
) -> None:
    """Shares of recipients and staff whose provider is flagged, by district, service, size and the city's own groups.

    Example:  valfardsbrott audit burden --month 2026-10 --out runs/ --to burden/
    """
    from dataclasses import asdict

    from valfardsbrott.audit.files import audit, words
    from valfardsbrott.domain import Month

    settings = o.settings_from({name: value for name, value in ctx.params.items() if name != "groups"})
    found = audit(Month.parse(month), settings, to, groups, least)
    said = words(settings.language)
    told = [said.text("burden.written", to=to), *([said.text("burden.not_kept")] if groups else [])]
    output.show_json(asdict(found)) if as_json else typer.echo(" ".join(told))
