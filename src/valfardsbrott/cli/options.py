"""The options that commands share, said once, and how they become settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from valfardsbrott.domain import EXIT_USAGE, Failure

if TYPE_CHECKING:
    from valfardsbrott.review.settings import ReviewSettings
    from valfardsbrott.settings import Settings

_INPUT, _JUDGING, _MACHINE = "What to read and write", "What to look for", "How to work"

Month = Annotated[str, typer.Option("--month", "-m", help="The month, as YYYY-MM.", rich_help_panel=_INPUT)]
AnyMonth = Annotated[
    str | None, typer.Option("--month", "-m", help="The month, as YYYY-MM; the newest published one if not given.")
]
Deliveries = Annotated[
    Path | None,
    typer.Option(
        help="Folder with one folder of files for each month.  [default: deliveries]",
        rich_help_panel=_INPUT,
        readable=False,  # no permission is the system's answer, told by the run
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for results; the month's own is made in it.  [default: runs]", rich_help_panel=_INPUT),
]
Store = Annotated[
    Path | None,
    typer.Option(help="Working store between months.  [default: .store in --out]", rich_help_panel=_INPUT),
]
Published = Annotated[Path | None, typer.Option(help="Folder with the published months.  [default: runs]")]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="File with the key of the pseudonyms (64 hex digits).", rich_help_panel=_INPUT),
]
Profile = Annotated[
    str | None,
    typer.Option(help="demo, or production: refuses the demo's key.  [default: demo]", rich_help_panel=_INPUT),
]
Capacity = Annotated[
    int | None,
    typer.Option(min=1, help="How many flags can be looked into this month.  [default: 20]", rich_help_panel=_JUDGING),
]
Control = Annotated[
    int | None,
    typer.Option(
        min=0, help="Random sample of what is not flagged, to learn from.  [default: 3]", rich_help_panel=_JUDGING
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(help="Start of all randomness; the same seed gives the same bytes.", rich_help_panel=_JUDGING),
]
Permutations = Annotated[
    int | None,
    typer.Option(min=1, help="Randomised cities behind the networks.  [default: 100]", rich_help_panel=_JUDGING),
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Processor threads.  [default: all]", rich_help_panel=_MACHINE)
]
Engine = Annotated[
    str | None,
    typer.Option(help="duckdb, or spark for who outgrows one machine.  [default: duckdb]", rich_help_panel=_MACHINE),
]
Master = Annotated[
    str | None,
    typer.Option(help="Where Spark is, as spark://host:7077.  [default: this machine]", rich_help_panel=_MACHINE),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language", help="sv or en: the report, and what is printed.  [default: sv]", rich_help_panel=_MACHINE
    ),
]
NoTracking = Annotated[
    bool, typer.Option("--no-tracking", help="Do not log the run in MLflow.", rich_help_panel=_MACHINE)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.", rich_help_panel=_MACHINE)]


def settings_from(params: Mapping[str, Any]) -> Settings:
    """Settings from a command's options; what is not given comes from VALFARDSBROTT_* or the default."""
    from pydantic import ValidationError

    from valfardsbrott.settings import Settings

    given = {name: value for name, value in params.items() if name in Settings.model_fields and value is not None}
    if params.get("no_tracking"):
        given["tracking"] = False
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        where = f"--{name.replace('_', '-')}" if name in given else f"the variable VALFARDSBROTT_{name.upper()}"
        raise Failure(f"{where}: {first['msg']}", "See valfardsbrott run --help", EXIT_USAGE) from None


def review_settings(**given: object) -> ReviewSettings:
    """The application's settings: the environment's, and over them what is given and not None."""
    from pydantic import ValidationError

    from valfardsbrott.review.settings import ReviewSettings

    try:
        return ReviewSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"VALFARDSBROTT_{str(first['loc'][0]).upper()}"
        raise Failure(f"{name}: {first['msg']}", "See docs/operations.md", EXIT_USAGE) from None
