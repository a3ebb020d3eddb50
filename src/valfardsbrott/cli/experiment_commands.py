"""Commands for experiments: run one as its folder says, compare two."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from valfardsbrott.cli import model_output, output
from valfardsbrott.cli import options as o
from valfardsbrott.cli.progress import progress_on_stderr

app = typer.Typer()
experiment_app = typer.Typer(help="Why a model is as it is: run an experiment, compare two.", no_args_is_help=True)
app.add_typer(experiment_app, name="experiment")

Folder = Annotated[Path, typer.Option("--folder", help="Folder of experiments.")]


@experiment_app.command()
def run(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The experiment's folder.")],
    folder: Folder = Path("experiments"),
    work: Annotated[
        Path | None, typer.Option(help="Where data, trials and models are kept.  [default: work in its folder]")
    ] = None,
    kept: Annotated[
        Path | None, typer.Option(help="Folder of cities that are made already, each in <kind>-<seed>.")
    ] = None,
    threads: o.Threads = None,
    no_tracking: o.NoTracking = False,
    as_json: o.AsJson = False,
) -> None:
    """Run what is not done yet of a grid or a search, in parallel, and write results.json.

    Example:  valfardsbrott experiment run detection --threads 2
    """
    from valfardsbrott.stages.experiment import Bench
    from valfardsbrott.stages.experiment import run as run_experiment

    place = work or folder / name / "work"
    settings = o.settings_from(ctx.params | {"out": place / "runs", "store": place})
    with progress_on_stderr() as progress:
        found = run_experiment(Bench(folder / name, place, settings, kept), progress)
    output.show_json(found) if as_json else model_output.show_experiment(found, folder / name)


@experiment_app.command()
def compare(
    ctx: typer.Context,
    one: Annotated[str, typer.Argument(metavar="EXPERIMENT[:VARIANT]", help="The first variant if none is named.")],
    other: Annotated[str, typer.Argument(metavar="EXPERIMENT[:VARIANT]")],
    folder: Folder = Path("experiments"),
    as_json: o.AsJson = False,
) -> None:
    """The first less the second, measure by measure, paired by data set, with 95 % intervals.

    Example:  valfardsbrott experiment compare detection "detection:sorting by amount"
    """
    from valfardsbrott.stages.experiment_compare import compare as side_by_side

    found = side_by_side(folder, one, other)
    output.show_json(found) if as_json else model_output.show_comparison(found)


@experiment_app.command("list")
def list_experiments(ctx: typer.Context, folder: Folder = Path("experiments"), as_json: o.AsJson = False) -> None:
    """The experiments, and what is wrong with a folder's README, plan or results.

    Example:  valfardsbrott experiment list
    """
    from valfardsbrott.stages.experiment_folder import listed

    found = listed(folder)
    output.show_json(found) if as_json else model_output.show_experiments(found)
