"""The commands. Each parses, calls a stage and prints; what they print is in output.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import (
    audit_commands,
    experiment_commands,
    model_commands,
    network_commands,
    output,
    pack_commands,
    review_commands,
    situation_commands,
    upkeep_commands,
)
from valfardsbrott.cli import options as o
from valfardsbrott.cli.progress import progress_on_stderr

app = typer.Typer(
    help="Which providers and networks should a city's control unit look at first this month, and why?\n\n"
    "A flag is a reason to look, never proof: each comes with its ordinary explanations.\n\n"
    "Try it:  valfardsbrott generate demo/city  and then  "
    "valfardsbrott run --month 2026-10 --deliveries demo/city/deliveries --out demo/runs",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
features_app = typer.Typer(help="What is measured: list, show and check the indicators.", no_args_is_help=True)
app.add_typer(features_app, name="features")
app.add_typer(model_commands.app)
app.add_typer(experiment_commands.app)
app.add_typer(network_commands.app)
app.add_typer(pack_commands.app, name="pack")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(upkeep_commands.app)
app.add_typer(review_commands.app)
app.add_typer(situation_commands.app, name="situation")


@app.command()
def run(
    ctx: typer.Context,
    month: o.Month,
    deliveries: o.Deliveries = None,
    out: o.Out = None,
    store: o.Store = None,
    capacity: o.Capacity = None,
    control: o.Control = None,
    seed: o.Seed = None,
    permutations: o.Permutations = None,
    profile: o.Profile = None,
    key_file: o.KeyFile = None,
    threads: o.Threads = None,
    engine: o.Engine = None,
    master: o.Master = None,
    language: o.Language = None,
    no_tracking: o.NoTracking = False,
    as_json: o.AsJson = False,
) -> None:
    """From one month's files to a published result: ranked flags, networks, evidence and a report.

    Stages that are done are not run again, so a stopped run takes up where it was.

    Example:  valfardsbrott run --month 2026-10 --deliveries deliveries/ --out runs/ --capacity 20 --control 3
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.language import language as words
    from valfardsbrott.stages.pipeline import run_month
    from valfardsbrott.stages.result import Result

    settings = o.settings_from(ctx.params)
    with progress_on_stderr() as progress:
        done = run_month(Month.parse(month), settings, progress)
    result = Result(done.folder, settings.language)
    if as_json:
        output.show_json(output.run_as_json(done, result))
    else:
        output.show_run(done, result, words(settings.language))


@app.command()
def ingest(
    ctx: typer.Context,
    month: o.Month,
    deliveries: o.Deliveries = None,
    out: o.Out = None,
    store: o.Store = None,
    profile: o.Profile = None,
    key_file: o.KeyFile = None,
    threads: o.Threads = None,
    as_json: o.AsJson = False,
) -> None:
    """Read and check a month's files without judging anybody: what was accepted, doubted and refused.

    Example:  valfardsbrott ingest --month 2026-10 --deliveries deliveries/ --out runs/
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.pipeline import ingest_month

    with progress_on_stderr() as progress:
        manifest = ingest_month(Month.parse(month), o.settings_from(ctx.params), progress)
    output.show_json(manifest.stats) if as_json else output.show_ingest(manifest)


@app.command()
def explain(
    ctx: typer.Context,
    entity_id: Annotated[str, typer.Argument(metavar="ORG_NUMBER|NETWORK_ID", help="As in flags.csv.")],
    month: o.AnyMonth = None,
    out: o.Out = None,
    rows: Annotated[int, typer.Option(min=0, help="Source rows to show behind each reason.")] = 0,
    feature: Annotated[
        str, typer.Option(help="One indicator of any provider, flagged or not, as in features list.")
    ] = "",
    language: o.Language = None,
    as_json: o.AsJson = False,
) -> None:
    """Why a provider or network is on the list: values, peers, ordinary explanations, source rows.

    Example:  valfardsbrott explain 0029000015 --out runs/ --rows 5
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.stages.explain import explain as explained
    from valfardsbrott.stages.language import language as words

    settings = o.settings_from(ctx.params)
    found = explained(entity_id, settings, Month.parse(month) if month else None, rows, feature)
    output.show_json(found.as_json()) if as_json else output.show_explanation(
        found, words(settings.language), settings.out
    )


@app.command()
def runs(ctx: typer.Context, out: o.Out = None, as_json: o.AsJson = False) -> None:
    """The months that have a published result.

    Example:  valfardsbrott runs --out runs/
    """
    from valfardsbrott.stages.explain import runs as published_runs

    found = published_runs(o.settings_from(ctx.params).out)
    output.show_json(found) if as_json else output.show_runs(found)


@app.command()
def generate(
    out: Annotated[Path, typer.Argument(help="Folder to make: deliveries/ for the program, truth/ for you.")],
    size: Annotated[str, typer.Option(help="XS, S, M, L or N: 10, 20, 100, 100 or 3 000 providers.")] = "S",
    months: Annotated[int | None, typer.Option(min=1, help="How many months.  [default: the size's own]")] = None,
    last: Annotated[str, typer.Option(help="The last month, as YYYY-MM.")] = "2026-10",
    seed: Annotated[int, typer.Option(help="The same seed makes the same city.")] = 1,
    difficulty: Annotated[str, typer.Option(help="easy, medium or hard: how well fraud hides.")] = "medium",
    fraud_share: Annotated[float, typer.Option(min=0, max=0.5, help="Share of providers that cheat.")] = 0.04,
) -> None:
    """Make a city that never was: months of deliveries with planted schemes, and the truth beside them.

    Example:  valfardsbrott generate demo/city --size S --months 4 --last 2026-10
    """
    from valfardsbrott.domain import Month
    from valfardsbrott.synthetic import generate as make

    with progress_on_stderr() as progress:
        make(
            out, size=size, months=months, last=Month.parse(last), seed=seed, difficulty=difficulty,
            fraud_share=fraud_share, progress=progress,
        )  # fmt: skip
    output.show_generated(out, Month.parse(last))


@features_app.command("list")
def list_features(ctx: typer.Context, language: o.Language = None, as_json: o.AsJson = False) -> None:
    """Every indicator, by family."""
    from dataclasses import asdict

    from valfardsbrott.features import feature_columns

    found = sorted(feature_columns(), key=lambda feature: (feature.family, feature.name))
    code = o.settings_from(ctx.params).language
    output.show_json([asdict(feature) for feature in found]) if as_json else output.show_features(found, code)


@features_app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The indicator, as `features list` writes it.")],
    language: o.Language = None,
    as_json: o.AsJson = False,
) -> None:
    """One indicator: why it matters, what innocent things look like it, how it is computed."""
    from dataclasses import asdict

    from valfardsbrott.stages.explain import feature_named

    feature, sql = feature_named(name)
    code = o.settings_from(ctx.params).language
    output.show_json(asdict(feature) | {"sql": sql}) if as_json else output.show_feature(feature, sql, code)


@features_app.command()
def check(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of views.  [default: the project's features, and all invoice rules]")
    ] = None,
) -> None:
    """Whether every header agrees with its query: columns, sources, both languages, cases, sums that keep their bytes.

    Without a folder also the invoice rules, with the city's own (VALFARDSBROTT_RULES_FOLDER).

    Example:  valfardsbrott features check features/
    """
    from valfardsbrott.domain import EXIT_INPUT, EXIT_OK
    from valfardsbrott.features_lint import check as problems_in
    from valfardsbrott.features_lint import check_rules
    from valfardsbrott.rules import load_rules

    rules = load_rules(o.settings_from(ctx.params).rules_folder) if folder is None else ()
    found = [*problems_in(folder), *check_rules(rules)]
    output.show_problems(found)
    raise typer.Exit(EXIT_INPUT if found else EXIT_OK)


@features_app.command()
def docs(
    out: Annotated[Path, typer.Option(help="Folder for the pages, sv/ and en/ in it.")] = Path("build/docs"),
) -> None:
    """Write the pages that are made from the headers: indicators, invoice rules, data dictionaries, personal data.

    Example:  valfardsbrott features docs --out build/docs
    """
    from valfardsbrott.stages.documentation import write

    pages = write(out)
    typer.echo(f"{len(pages)} pages in {out}")


@features_app.command()
def new(
    place: Annotated[str, typer.Argument(metavar="ENTITY/NAME", help="For example provider/late_registration.")],
    folder: Annotated[Path | None, typer.Option(help="Folder of views.  [default: the project's features]")] = None,
) -> None:
    """Lay down the two files of a new view, query under a header and cases, to write over. Nothing else is edited.

    Example:  valfardsbrott features new provider/late_registration
    """
    from valfardsbrott.stages.new_feature import lay_down

    for path in lay_down(place, folder):
        typer.echo(path)
