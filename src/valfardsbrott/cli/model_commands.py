"""Commands for the models: which decide, where they differ, promotion and rollback, cards, backtests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import model_output, output
from valfardsbrott.cli import options as o
from valfardsbrott.cli.progress import progress_on_stderr

app = typer.Typer()
models_app = typer.Typer(invoke_without_command=True)
app.add_typer(models_app, name="models")

By = Annotated[str, typer.Option(help="Who decides this: a name or a role.")]
Why = Annotated[str, typer.Option(help="Why, in a sentence; it is kept.")]


@models_app.callback()
def models(ctx: typer.Context, out: o.Out = None, store: o.Store = None, as_json: o.AsJson = False) -> None:
    """The registered models and which one decides (champion), which one is tried beside it (challenger).

    Example:  valfardsbrott models --out runs/
    """
    if ctx.invoked_subcommand is None:
        _list(ctx, as_json)


@models_app.command("list")
def list_models(ctx: typer.Context, out: o.Out = None, store: o.Store = None, as_json: o.AsJson = False) -> None:
    """The registered versions, newest first.

    Example:  valfardsbrott models list --out runs/
    """
    _list(ctx, as_json)


@models_app.command()
def history(ctx: typer.Context, out: o.Out = None, store: o.Store = None, as_json: o.AsJson = False) -> None:
    """Who let which model decide, when and why.

    Example:  valfardsbrott models history --out runs/
    """
    from valfardsbrott.stages.models_roles import history as made

    found = made(o.settings_from(ctx.params))
    output.show_json(found) if as_json else model_output.show_history(found)


@models_app.command()
def promote(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(help="A model's name, or the number of a registered version.")],
    by: By,
    why: Why,
    out: o.Out = None,
    store: o.Store = None,
    as_json: o.AsJson = False,
) -> None:
    """Let a model decide from the next run on; the one that did is tried beside it.

    Example:  valfardsbrott models promote provider_challenger --by "A. Analyst" --why "Finds two more of ten cases"
    """
    from valfardsbrott.stages.models_roles import promote as make

    entry = make(o.settings_from(ctx.params), model, by, why)
    output.show_json(entry) if as_json else model_output.show_change(entry)


@models_app.command()
def rollback(
    ctx: typer.Context, by: By, why: Why, out: o.Out = None, store: o.Store = None, as_json: o.AsJson = False
) -> None:
    """Undo the last promotion: the roles are as before it, from the next run on.

    Example:  valfardsbrott models rollback --by "A. Analyst" --why "Two wrong lists in a row"
    """
    from valfardsbrott.stages.models_roles import rollback as undo

    entry = undo(o.settings_from(ctx.params), by, why)
    output.show_json(entry) if as_json else model_output.show_change(entry)


@models_app.command()
def shadow(
    ctx: typer.Context,
    month: o.Month,
    capacity: o.Capacity = None,
    out: o.Out = None,
    store: o.Store = None,
    as_json: o.AsJson = False,
) -> None:
    """Where champion and challenger differ in a month: who is on one list and not on the other, and for which reason.

    Example:  valfardsbrott models shadow --month 2026-10 --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.models_shadow import report

    found = report(Month.parse(month), o.settings_from(ctx.params), capacity)
    output.show_json(found) if as_json else model_output.show_shadow(found)


@models_app.command()
def learned(
    ctx: typer.Context,
    month: o.Month,
    out: o.Out = None,
    store: o.Store = None,
    language: o.Language = None,
    as_json: o.AsJson = False,
) -> None:
    """What decisions have taught by a month: the control sample's estimates, who is held back, the gate, the new order.

    Example:  valfardsbrott models learned --month 2026-10 --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.language import language as words
    from valfardsbrott.stages.learning_report import of_store

    settings = o.settings_from(ctx.params)
    found = of_store(Month.parse(month), settings)
    output.show_json(found) if as_json else model_output.show_learned(found, words(settings.language))


@models_app.command()
def frame(
    ctx: typer.Context,
    month: o.Month,
    file: Annotated[Path, typer.Option("--file", help="Parquet file to write.")],
    out: o.Out = None,
    store: o.Store = None,
) -> None:
    """The frame that a registered model scores: the month's ranked providers with their memory and networks.

    Example:  valfardsbrott models frame --month 2026-10 --file frame.parquet --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.models_known import Known
    from valfardsbrott.stages.workspace import replacing

    found = Known(Month.parse(month), o.settings_from(ctx.params)).frame()
    with replacing(file) as path:
        found.to_parquet(path, index=False)
    typer.echo(f"{len(found)} provider-months, {len(found.columns)} columns: {file}")


@models_app.command()
def card(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Models.  [default: all]")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write models/<name>/CARD.md anew.")] = False,
    experiments: Annotated[Path, typer.Option(help="Folder of experiments.")] = Path("experiments"),
) -> None:
    """A model's card: purpose, data, performance with intervals, limits, what it must not be used for.

    Example:  valfardsbrott models card provider_champion
    """
    from valfardsbrott.stages import models_card

    for name in names or models_card.names():
        typer.echo(str(models_card.write(name, experiments)) if write else models_card.shown(name))


@app.command()
def backtest(
    ctx: typer.Context,
    rankings: Annotated[
        list[str] | None,
        typer.Argument(help="Models, registered versions, amount, random.  [default: both models in use and amount]"),
    ] = None,
    first: Annotated[str, typer.Option("--from", help="The first month, as YYYY-MM.")] = ...,  # type: ignore[assignment]
    last: Annotated[str, typer.Option("--to", help="The last month, as YYYY-MM.")] = ...,  # type: ignore[assignment]
    capacity: o.Capacity = None,
    review_cost: Annotated[float | None, typer.Option(min=0, help="What a review costs, in SEK.")] = None,
    cases: Annotated[
        Path | None,
        typer.Option(help="CSV of org_number, decided_on, outcome.  [default: known cases in the deliveries]"),
    ] = None,
    deliveries: o.Deliveries = None,
    out: o.Out = None,
    store: o.Store = None,
    no_tracking: o.NoTracking = False,
    as_json: o.AsJson = False,
) -> None:
    """What rankings of past months, each made of what was known then, would have found, how early and at what cost.

    Example:  valfardsbrott backtest provider_champion amount --from 2026-01 --to 2026-10 --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.backtest import Question
    from valfardsbrott.stages.backtest import backtest as run
    from valfardsbrott.stages.models_roles import roles

    settings = o.settings_from(ctx.params)
    held = roles(settings)
    names = tuple(dict.fromkeys(rankings or (held.champion, held.challenger, "amount")))
    asked = Question(names, Month.parse(first), Month.parse(last), settings.capacity, review_cost, cases)
    with progress_on_stderr() as progress:
        found = run(asked, settings, progress)
    output.show_json(found) if as_json else model_output.show_backtest(found)


def _list(ctx: typer.Context, as_json: bool) -> None:
    from valfardsbrott import tracking
    from valfardsbrott.stages.models_roles import roles

    settings = o.settings_from(ctx.params)
    found = tracking.versions(settings)
    output.show_json(found) if as_json else model_output.show_models(found, roles(settings))
