"""The commands about networks: write one for another tool, ways between two entities, and any list of links."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import network_output as shown
from valfardsbrott.cli import options as o
from valfardsbrott.cli.output import show_json
from valfardsbrott.cli.progress import progress_on_stderr

app = typer.Typer()

_Runs = Annotated[Path | None, typer.Option("--runs", help="Folder with the published months.  [default: runs]")]
_Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


@app.command()
def export(
    network_id: Annotated[str, typer.Argument(metavar="NETWORK_ID", help="As in flags.csv.")],
    form: Annotated[str, typer.Option("--format", "-f", help="graphml, gexf, cytoscape, ftm or i2.")],
    out: Annotated[Path, typer.Option(help="File to write; i2 makes two, OUT-entities and OUT-links.")],
    runs: _Runs = None,
    store: o.Store = None,
    month: o.AnyMonth = None,
    language: o.Language = None,
    force: _Force = False,
) -> None:
    """Write a published network for Gephi, Cytoscape, Aleph or i2 Analyst's Notebook; persons are pseudonyms.

    Example:  valfardsbrott export n-2026-10-1a2b3c4d --format gexf --out ring.gexf --runs runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.language import language as words
    from valfardsbrott.stages.network_export import export_network

    settings = o.settings_from({"out": runs, "store": store, "language": language})
    files = export_network(network_id, form, out, settings, Month.parse(month) if month else None, force=force)
    shown.show_exported(network_id, files, words(settings.language))


@app.command()
def path(
    ctx: typer.Context,
    start: Annotated[str, typer.Argument(metavar="FROM", help="An organisation number, a pseudonym, an account ...")],
    goal: Annotated[str, typer.Argument(metavar="TO", help="Another; phone:08123 where the id alone is not enough.")],
    month: o.AnyMonth = None,
    out: o.Out = None,
    store: o.Store = None,
    count: Annotated[int, typer.Option(min=1, max=20, help="How many ways, with nobody between in common.")] = 3,
    language: o.Language = None,
    as_json: o.AsJson = False,
) -> None:
    """How two entities hang together: the shortest ways over the month's links, with dates and source rows.

    Example:  valfardsbrott path 0029000015 0029000023 --out runs/ --month 2026-10
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.language import language as words
    from valfardsbrott.stages.paths import paths

    settings = o.settings_from(ctx.params)
    found = paths(start, goal, settings, Month.parse(month) if month else None, count)
    show_json(found.as_json()) if as_json else shown.show_paths(found, words(settings.language))


@app.command()
def networks(
    ctx: typer.Context,
    links: Annotated[Path, typer.Argument(metavar="LINKS.csv", help="A line for each link.")],
    out: Annotated[Path, typer.Option(help="Folder for networks.csv, members.csv, links.csv and networks.graphml.")],
    source: Annotated[str, typer.Option(help="Column of those whose networks are looked for.")] = "source",
    target: Annotated[str, typer.Option(help="Column of what they have, or whom they are linked to.")] = "target",
    kind: Annotated[str, typer.Option("--type", help="Column of the kind of link.")] = "type",
    start: Annotated[str, typer.Option("--from", help="Column of the first day.")] = "from",
    end: Annotated[str, typer.Option("--to", help="Column of the last day; empty: still in force.")] = "to",
    month: Annotated[str | None, typer.Option(help="As it was then.  [default: the file's latest month]")] = None,
    permutations: o.Permutations = None,
    seed: o.Seed = None,
    threads: o.Threads = None,
    key_file: o.KeyFile = None,
    language: o.Language = None,
    force: _Force = False,
) -> None:
    """The networks in any CSV of links, without deliveries: who has more in common than chance explains.

    Example:  valfardsbrott networks links.csv --out found/ --source company --target holder --type kind
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.sources.link_list import Columns
    from valfardsbrott.stages.language import language as words
    from valfardsbrott.stages.link_list import find

    settings, at = o.settings_from(ctx.params), Month.parse(month) if month else None
    columns = Columns(source, target, kind, start, end)
    with progress_on_stderr() as progress:
        found = find(links, columns, settings, at, force=force, progress=progress)
    shown.show_link_list(found, words(settings.language))
