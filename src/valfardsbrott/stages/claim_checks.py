"""claim_checks: which lines of the month's claims a clerk may question before they are paid, rule by rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.engines.seam import Engine, literal
from valfardsbrott.features import base, upstream
from valfardsbrott.rules import OF_THE_LINE, Rule, load_rules
from valfardsbrott.settings import Settings
from valfardsbrott.stages.claim_totals import totals
from valfardsbrott.stages.export import write_parquet
from valfardsbrott.stages.language import Language, language
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

_CODE = (
    "rules.py",
    "stages/claim_checks.py",
    "stages/claim_totals.py",
    "stages/language.py",
    "stages/locales",
    "wording.py",
    "locales",
)
ORDER = ("org_number", "invoice_id", "line_id", "rule")
#: Column -> its type in pyarrow's words.
COLUMNS = {
    "line_id": "string", "invoice_id": "string", "org_number": "string", "board_id": "string", "rule": "string",
    "certainty": "string", "amount_sek": "float64", "text_sv": "string", "text_en": "string", "severity": "string",
    "clears_sv": "string", "clears_en": "string", "period": "date32", "law": "string", "source_table": "string",
    "source_row_id": "string",
}  # fmt: skip


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Question the claim lines of the month's delivery: ``claim_checks/<month>/claim_checks.parquet``.

    One row for a line and a rule. ``stats``: `claim_totals.totals` of them, and the rules ``unavailable`` with what
    they need. Raises Failure where the month has no delivery, where a rule of the city's own breaks a limit of all
    queries, and where a rule's query does not give what its header says.
    """
    deliveries = Deliveries(Workspace(settings))
    if month not in deliveries.months:
        raise Failure(f"there is no delivery for {month}", "Run ingest first, or choose a month that was delivered")
    rules = load_rules(settings.rules_folder)
    _keep_the_limits(rules, settings.rules_folder)
    with MonthOfViews(month, deliveries) as work:
        views = upstream({"claim_fact"} | {base(source)[0] for rule in rules for source in rule.sources})
        steps = [*views, *(rule.view for rule in rules)]
        work.compute(*steps, progress=lambda _, done, total: progress(f"claim checks {month}", done, total))
        stamps = [work.done[view.name].fingerprint for view in steps]
        fingerprint = digest(code_digest(*_CODE), *stamps)
        return work.workspace.run_once("claim_checks", month, fingerprint, lambda: _write(work, rules))


def _keep_the_limits(rules: Sequence[Rule], city: Path | None) -> None:
    """Ours are checked where they are made; a city's own are read here for the first time."""
    if city is None:
        return
    from valfardsbrott.features_lint import rules_beyond_limits

    if problems := rules_beyond_limits(rule for rule in rules if rule.path.is_relative_to(city)):
        raise Failure(str(problems[0]), "valfardsbrott features check lists all of them")


def _write(work: MonthOfViews, rules: Sequence[Rule]) -> tuple[list[Path], dict[str, Any]]:
    import pyarrow as pa

    lacks = {rule.path: missing for rule in rules if (missing := _missing(rule, work))}
    rows = [row for rule in rules if rule.path not in lacks for row in _questions(rule, work)]
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    out = work.workspace.stage("claim_checks", work.month, "claim_checks.parquet")
    with replacing(out) as path:
        write_parquet(pa.Table.from_pylist(rows, schema), path, ORDER)
    unavailable = {rule.name: {"needs": lacks[rule.path], **rule.label} for rule in rules if rule.path in lacks}
    return [out], {**totals(rows), "rules": [rule.name for rule in rules], "unavailable": unavailable}


def _missing(rule: Rule, work: MonthOfViews) -> list[str]:
    """The tables that the rule cannot do without, and the columns it needs that no delivery of the month has filled."""
    return [*work.done[rule.view.name].stats["missing"], *(need for need in rule.needs if not _filled(need, work))]


def _filled(need: str, work: MonthOfViews) -> bool:
    table, _, column = need.partition(".")
    for month in work.deliveries.of(table, work.month, 1):
        present = work.deliveries.columns_present(table, month)
        if present is None or column in present:
            return True
    return False


def _questions(rule: Rule, work: MonthOfViews) -> Iterable[dict[str, Any]]:
    """The rule's rows with their line, for periods in which this version is in force."""
    found = _ask(rule, work)
    lines = [row["line_id"] for row in found]
    if len(set(lines)) < len(lines):
        raise Failure(f"{rule.path}: the query gives a line twice", "Group by line_id")
    for row in found:
        if row["amount_ore"] is None or row["amount_ore"] < 0:
            raise Failure(f"{rule.path}: amount_ore is empty or negative", "Give what is questioned of the line")
        doubt = rule.certainty == "doubt" or (rule.doubt_when is not None and row["is_doubt"] is not False)
        yield {
            **{name: row[name] for name in ("line_id", "invoice_id", "org_number", "board_id", "period")},
            **{name: row[name] for name in ("source_table", "source_row_id")},
            **{f"text_{code}": _sentence(rule, row, language(code)) for code in ("sv", "en")},
            **{f"clears_{code}": text for code, text in rule.clears.items()},
            "rule": rule.name, "certainty": "doubt" if doubt else "contradiction", "law": rule.law,
            "severity": rule.severity, "amount_sek": row["amount_ore"] / 100,
        }  # fmt: skip


def _ask(rule: Rule, work: MonthOfViews) -> list[dict[str, Any]]:
    view, engine = rule.view, work.engine
    path = work.workspace.view(view.name, work.month)
    _check_columns(rule, engine, path)
    own = ", ".join(f"q.{name}" for name in (*view.grain, *view.columns))
    of_line = [name for name in (*OF_THE_LINE, "source_table", "source_row_id") if name not in view.columns]
    until = f"and l.period <= date '{rule.valid_to}'" if rule.valid_to else ""
    work.bind("claim_fact")
    query = (
        f"select {own}, {', '.join(f'l.{name}' for name in of_line)} from read_parquet({literal(path)}) as q"
        f" join claim_fact as l using (line_id) where l.period >= date '{rule.valid_from}' {until} order by line_id"
    )
    rows: list[dict[str, Any]] = engine.arrow(query).to_pylist()
    return rows


def _check_columns(rule: Rule, engine: Engine, path: Path) -> None:
    given = set(engine.types(path))
    if lacking := {*rule.view.grain, *rule.view.columns} - given:
        raise Failure(f"{rule.path}: columns: the query does not give {', '.join(sorted(lacking))}")


def _sentence(rule: Rule, row: Mapping[str, Any], words: Language) -> str:
    text = rule.words["sv" if words.code == "sv" else "en"]
    return text.format(**{name: written(name, value, words) for name, value in row.items()})


def written(name: str, value: Any, words: Language) -> str:
    """A value as the sentence shows it: money in kronor, a period as its month, what is missing as a dash.

    >>> written("price_ore", 51650, language("en"))
    '516.50\\u202fSEK'
    """
    if value is None:
        return "–"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}" if name == "period" else value.isoformat()
    if name.endswith("_ore"):
        return f"{words.number(value / 100, 2 if value % 100 else 0)}\u202f{words.text('currency')}"
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return words.number(float(value), 0 if value == int(value) else 2)
    return words.word("service", value) if name == "service_code" else str(value)
