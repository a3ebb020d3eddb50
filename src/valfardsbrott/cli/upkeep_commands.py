"""Commands for what has to be done besides the monthly run: disposal by the retention rules."""

from __future__ import annotations

from typing import Annotated

import typer

from valfardsbrott.cli import options as o
from valfardsbrott.cli import output

app = typer.Typer()


@app.command()
def dispose(
    ctx: typer.Context,
    month: o.Month,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    published: Annotated[
        int | None,
        typer.Option(min=1, help="Months that published results are kept, with reports and evidence.  [default: ever]"),
    ] = None,
    out: o.Out = None,
    store: o.Store = None,
    as_json: o.AsJson = False,
) -> None:
    """Dispose (gallra): delete what is past its retention in the month, and keep a record of what went.

    Example:  valfardsbrott dispose --month 2026-10 --out runs/ --dry-run
    """
    from dataclasses import asdict

    from valfardsbrott.domain import Month
    from valfardsbrott.stages.disposal import dispose as disposal

    found = disposal(Month.parse(month), o.settings_from(ctx.params), dry_run=dry_run, published=published)
    output.show_json(asdict(found)) if as_json else output.show_disposal(found, dry_run)
