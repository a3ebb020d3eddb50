"""What the commands for models print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from valfardsbrott.cli.output import show_table

if TYPE_CHECKING:
    from pathlib import Path

    from valfardsbrott.stages.language import Language
    from valfardsbrott.stages.models_roles import Roles

#: An experiment's measures that are printed, and their short names.
_SHOWN = {
    "average_precision": "AP", "average_precision_within_size": "AP within size", "auc": "AUC",
    "precision_at_capacity": "P at capacity", "list_kept_from_month_before": "list kept",
    "list_kept_under_other_seed": "other seed", "seconds_fit_and_score": "seconds",
}  # fmt: skip
_WHERE = {"both": "both", "champion": "only champion", "challenger": "only challenger"}


def show_models(found: Sequence[Mapping[str, Any]], held: Roles) -> None:
    """Who decides, then the registered versions; a line where an alias says something else than the record."""
    typer.echo(f"Deciding: {held.champion}. Beside it, shown to nobody else: {held.challenger}.")
    if not found:
        typer.echo("No model is registered yet: valfardsbrott run registers those that it uses.")
        return
    rows = [
        (one["version"], one["name"], ", ".join(one["aliases"]), one["month"], one["promoted"]["by"]) for one in found
    ]
    show_table(("version", "model", "alias", "from the run of", "promoted by"), rows)
    aliased = next((one["name"] for one in found if "champion" in one["aliases"]), held.champion)
    if aliased != held.champion:
        typer.echo(
            f"The alias champion points at {aliased}, moved without a record: runs follow the record "
            "(valfardsbrott models history) and put the alias back."
        )


def show_history(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        typer.echo("Nobody has promoted a model here: the project's own champion decides.")
        return
    rows = [(one["at"], one["action"], one["before"], one["champion"], one["by"], one["why"]) for one in found]
    show_table(("when", "what", "decided before", "decides since", "by", "why"), rows)


def show_change(entry: Mapping[str, Any]) -> None:
    typer.echo(f"From the next run on {entry['champion']} decides; {entry['challenger']} is tried beside it.")
    aliases = ", ".join(f"{alias} -> version {version}" for alias, version in entry["registered"].items())
    typer.echo(f"Aliases: {aliases}." if aliases else "Nothing is registered yet, so no alias was moved.")


def show_learned(found: Mapping[str, Any], words: Language) -> None:
    """Estimates with intervals, who is held back and who is back, the gate, and the first of the learnt order."""
    from valfardsbrott.stages.learning_report import lines, shares

    said = lines(found, words)
    if not said:
        typer.echo(words.text("learning.nothing"))
        return
    for line in said:
        typer.echo(line)
    typer.echo("")
    rows = [(row["label"], row["value"], f"{row['low']} – {row['high']}") for row in shares(found, words)]
    show_table([words.text(f"learning.{name}") for name in ("figure", "estimate", "interval")], rows)
    for row in (*found["held"], *found["back"]):
        typer.echo(f"{row['org_number']}: {row[f'text_{words.code}']}")
    typer.echo("")
    order = [
        (row["learned_rank"], row["champion_rank"], row["org_number"], ", ".join(row["why"])) for row in found["order"]
    ]
    show_table([words.text(f"learning.order.{name}") for name in ("learned", "champion", "provider", "why")], order)


def show_shadow(found: Mapping[str, Any]) -> None:
    """The figures, then a row for each provider that is on one list only; those on both are counted."""
    champion, challenger = found["champion"], found["challenger"]
    rows = found["rows"]
    shared = sum(1 for row in rows if row["on_list"] == "both")
    typer.echo(
        f"{found['month']}: {champion.get('name')} decides, {challenger.get('name')} beside it. Of the first "
        f"{found['capacity']}, {shared} are on both lists, {found['exchanged']} would be exchanged; whole order: "
        f"rank-biased overlap {challenger.get('rank_biased_overlap', 0):.2f}, "
        f"rank correlation {challenger.get('rank_correlation', 0):.2f}."
    )
    differ = [row for row in rows if row["on_list"] != "both"]
    if not differ:
        typer.echo("Both would flag the same providers.")
        return
    show_table(
        ("provider", "on the list of", "champion's rank", "challenger's rank", "strongest reasons (nats)"),
        [
            (
                row["org_number"], _WHERE[row["on_list"]], row["champion_rank"], row["challenger_rank"],
                _reasons(row[f"{row['on_list']}_reasons"]),
            )
            for row in differ
        ],
    )  # fmt: skip


def show_backtest(found: Mapping[str, Any]) -> None:
    """A row for each ranking; intervals are 95 % over cases."""
    plan, cases = found["plan"], found["cases"]
    typer.echo(
        f"{plan['from']} to {plan['to']}, the first {plan['capacity']} of each month. Known cases: "
        f"{cases.get('confirmed', 0)} confirmed, {cases.get('cleared', 0)} cleared."
    )
    rows = [
        (
            name, f"{one['found']} of {one['confirmed_cases']}", _with_interval(one["share_found"]),
            _with_interval(one["lead_months"], 1), _number(one["overlap_at_capacity"]), one["reviews"],
            _number(one["reviews_per_confirmed"], 1), _number(one["sek_per_confirmed"], 0),
        )
        for name, one in found["rankings"].items()
    ]  # fmt: skip
    show_table(
        ("ranking", "confirmed found", "share", "lead, months", "list kept", "reviews", "a confirmed", "SEK"), rows
    )
    for name, one in found["differences"].items():
        typer.echo(f"{name}: {_with_interval(one)} of the confirmed cases")
    typer.echo(
        "Known cases are those that somebody chose to look into: what nobody looked into is in no figure here. "
        "A random control sample says what lists miss."
    )
    typer.echo(f"Files: {found['folder']}")
    _tracked(found)


def _reasons(pairs: Sequence[Sequence[Any]]) -> str:
    return ", ".join(f"{name} {nats:.1f}" for name, nats in pairs) or "-"


def _with_interval(one: Mapping[str, Any] | None, digits: int = 2) -> str:
    if not one or one["value"] is None:
        return "-"
    if one["low"] is None:
        return _number(one["value"], digits)
    return f"{one['value']:.{digits}f} ({one['low']:.{digits}f} to {one['high']:.{digits}f})"


def _number(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def show_experiment(found: Mapping[str, Any], folder: Path) -> None:
    """Each variant's figures, then its difference from the first; a script's results are where it says."""
    variants = found.get("variants", {})
    if variants:
        first = next(iter(variants.values()))
        names = [name for name in _SHOWN if name in first["summary"]]
        show_table(
            ("variant", *(_SHOWN[name] for name in names)),
            [(name, *(_spread(each["summary"].get(name)) for name in names)) for name, each in variants.items()],
        )
        for title, measures in found["differences"].items():
            said = [f"{_SHOWN.get(name, name)} {_difference(one)}" for name, one in measures.items()]
            typer.echo(f"{title}: {'; '.join(said)}")
    typer.echo(f"Results: {folder / 'results.json'}")
    _tracked(found)


def show_comparison(found: Mapping[str, Any]) -> None:
    rows = [
        (
            name.replace("_", " "), _number(found["means"][name][0], 3), _number(found["means"][name][1], 3),
            _difference(one, 3), one["pairs"], f"{one['higher']} / {one['lower']}",
        )
        for name, one in found["measures"].items()
    ]  # fmt: skip
    typer.echo(f"{found['one']} less {found['other']}")
    show_table(("measure", "one", "other", "difference (95 %)", "data sets", "higher / lower"), rows)
    if found["changed"]:
        typer.echo(
            f"{len(found['changed'])} data sets were made by another generator or features, or it is not known: the "
            "difference is not of the models alone."
        )


def show_experiments(found: Sequence[Mapping[str, Any]]) -> None:
    show_table(("experiment", "title"), [(one["name"], one["title"]) for one in found])
    for one in found:
        for problem in one["problems"]:
            typer.echo(problem)


def _spread(one: Mapping[str, Any] | None) -> str:
    if not one or one["mean"] is None:
        return "-"
    return f"{one['mean']:.3f}" if one["sd"] is None else f"{one['mean']:.3f} ± {one['sd']:.3f}"


def _difference(one: Mapping[str, Any], digits: int = 2) -> str:
    value = f"{one['difference']:+.{digits}f}"
    return value if one["low"] is None else f"{value} ({one['low']:+.{digits}f} to {one['high']:+.{digits}f})"


def _tracked(found: Mapping[str, Any]) -> None:
    for key, word in (("tracked", "MLflow"), ("tracking_error", "Not logged")):
        if found.get(key):
            typer.echo(f"{word}: {found[key]}")
