"""What commands print: plain text that fits the terminal, or JSON for machines. The words are data in the locales."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from valfardsbrott.domain import Manifest, Month
    from valfardsbrott.features import Feature
    from valfardsbrott.stages.disposal import Disposal
    from valfardsbrott.stages.explain import Explanation, Tie, Why
    from valfardsbrott.stages.language import Language
    from valfardsbrott.stages.pipeline import RunResult
    from valfardsbrott.stages.result import Flag, Result

#: Alarms that are told in full; the page has all.
_ALARMS = 3
_COUNTS = ("rows_in", "accepted", "quarantined")


def show_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def show_run(run: RunResult, result: Result, words: Language) -> None:
    """The ranked flags with their reasons, what came in, and where the report lies."""
    risk = [flag for flag in result.flags if flag.arm == "risk"]
    control = [flag for flag in result.flags if flag.arm != "risk"]
    counts = {"risk": len(risk), "control": len(control), "providers": result.active}
    _say(words.text("run_view.headline", month=run.month, **counts))
    _say(words.text("run_view.rows", **_totals(run.rows)))
    if skipped := run.manifests["ingest"].stats.get("not_read_again"):
        _say(words.text("run_view.disposed", months=", ".join(skipped)))
    _entities(run.manifests["entities"].stats["kinds"], words)
    _say(words.text("run_view.remember"))
    for flag in risk:
        _flag(flag, words)
    if control:
        names = ", ".join(f"{flag.name} ({flag.entity_id})" for flag in control)
        _say(f"\n{words.text('run_view.control')}: {names}")
    _say("")
    _learnt(run.manifests["learning"].stats, words)
    if lacking := run.manifests["network_features"].stats.get("unavailable"):
        _say(words.text("run_view.unavailable", count=len(lacking)))
    if without := run.manifests["networks"].stats.get("not_delivered"):
        _say(words.text("run_view.networks_without", tables=", ".join(without)))
    _changed(run.manifests["drift"].stats, words)
    if run.tracked:
        _say(words.text("run_view.tracked", where=run.tracked))
    if run.tracking_error:
        _say(words.text("run_view.not_tracked", why=run.tracking_error))
    _say(words.text("run_view.report", file=run.folder / "report.html"))
    example = risk[0].entity_id if risk else "<org_number>"
    seconds, shown = words.number(run.seconds, 1), f"{example} --out {run.folder.parent}"
    _say(words.text("run_view.took", seconds=seconds, example=shown), wrap=False)


def _changed(stats: Mapping[str, Any], words: Language) -> None:
    """Whether the data has changed since the months before, and the first alarms in words."""
    from valfardsbrott.stages.drift_words import line

    if told := line(stats, words):
        _say(told)
    for text in stats["texts"][:_ALARMS]:
        _say(f" - {text[words.code]}", indent=3)
    if (more := len(stats["texts"]) - _ALARMS) > 0:
        _say(f"   {words.text('drift.line_more', count=more)}")


def _learnt(stats: Mapping[str, Any], words: Language) -> None:
    """Who was held back and what the gate says, where anything has been decided."""
    from valfardsbrott.stages.learning_report import lines

    for line in lines(stats, words):
        _say(line)


def _entities(kinds: Mapping[str, Mapping[str, Any]], words: Language) -> None:
    """How many records were taken for another, where any was."""
    joined = {kind: kinds.get(kind, {}).get("joined", 0) for kind in ("address", "organisation", "person")}
    if any(joined.values()):
        _say(words.text("month_in_figures.entities", **joined))


def run_as_json(run: RunResult, result: Result) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "month": str(run.month), "run_id": run.run_id, "folder": str(run.folder),
        "report": str(run.folder / "report.html"), "seconds": run.seconds, "rows": run.rows,
        "reused_stages": [name for name, manifest in run.manifests.items() if manifest.cached],
        "drift": run.manifests["drift"].stats,
        "tracked": run.tracked, "tracking_error": run.tracking_error, "flags": [asdict(flag) for flag in result.flags],
    }  # fmt: skip


def show_explanation(found: Explanation, words: Language, out: Path) -> None:
    """A page that a person can act on: what stands out, against whom, the ordinary explanations, the rows behind."""
    _say(_verdict(found, words))
    _say(words.text("explain.remember"))
    amount = found.flag.amount_at_risk_sek if found.flag else None
    figures = {
        "score": words.number(found.score or 0, 2),
        "p": words.chance(found.p_value),
        "amount": words.money(amount),
    }
    _say(words.text("explain.facts", **figures))
    for said in (found.flag.earlier, found.flag.counterfactual) if found.flag else ():
        if said:
            _say(said)
    if found.providers:
        _say(f"\n{words.text('explain.members')}: {', '.join(found.providers)}")
    for tie in found.ties:
        _tie(tie, words)
    for check in found.checks:
        _say(f"   [ ] {check}", indent=7)
    if found.judged:
        _say(f"\n{words.text('explain.judged')}:")
    for sentence in found.judged:
        _say(f"   - {sentence}", indent=5)
    for line in found.history:
        _say(f"   {line}", indent=7)
    for number, why in enumerate(found.reasons, 1):
        _why(number, why, words)
    again = f"valfardsbrott explain {found.entity_id} --month {found.month} --out {out}"
    asked = [why for why in found.reasons if not why.evidence_file]
    if any(why.evidence_total > len(why.evidence_rows) == 0 for why in found.reasons):
        chosen = f" --feature {asked[0].reason.feature}" if asked else ""
        _say("\n" + words.text("explain.more", command=f"{again}{chosen} --rows 10"), wrap=False)
    if found.entity_type == "provider" and not asked:
        _say(words.text("explain.indicator", command=again, name=words.text("explain.name")), wrap=False)
    _say(words.text("explain.report", file=found.report))


def show_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns under headers, as wide as their contents; the last one wraps nothing and may be long."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(headers), *lines]) for at in range(len(headers))]
    for line in [list(headers), *lines]:
        _say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), wrap=False)


def _flag(flag: Flag, words: Language) -> None:
    amount = f"{words.text('run_view.amount')} {words.money(flag.amount_at_risk_sek)}"
    _say(f"\n{flag.rank:>3}. {flag.name} ({flag.entity_id}) · {words.number(flag.score, 2)} · {amount}", indent=5)
    for reason in flag.reasons[:3]:
        _say(f"     - {reason.label}: {reason.figures or reason.why}", indent=7)


def _verdict(found: Explanation, words: Language) -> str:
    parts = {"name": found.name, "id": found.entity_id, "month": found.month, "rank": found.rank, "total": found.total}
    if found.flag:
        kind = "flagged" if found.flag.arm == "risk" else "control"
        return words.text(f"explain.{kind}", **(parts | {"rank": found.flag.rank}))
    return words.text(
        "explain.not_flagged" if found.entity_type == "provider" else "explain.network_not_flagged", **parts
    )


def _why(number: int, why: Why, words: Language) -> None:
    reason = why.reason
    _say(f"\n{number}. {reason.label}: {reason.figures or reason.why}", indent=3)
    if reason.why and reason.figures:
        _say(f"   {reason.why}", indent=3)
    if why.peers:
        ends = {"low": words.value(why.peers[0], reason.unit), "high": words.value(why.peers[-1], reason.unit)}
        _say("   " + words.text("explain.peers", count=len(why.peers), **ends), indent=3)
    for key in ("innocent", "check"):
        if text := getattr(reason, key):
            _say(f"   [ ] {words.text(f'explain.{key}')}: {text}", indent=7)
    if why.evidence_total:
        key = "explain.evidence" if why.evidence_file else "explain.evidence_here"
        _say("   " + words.text(key, total=words.number(why.evidence_total), file=why.evidence_file), indent=3)
    for row in why.evidence_rows:
        _say("     " + _row(row, words), indent=7)


def _row(row: Mapping[str, Any], words: Language) -> str:
    """A source row: where it lies first, then what it holds; what is empty, zero or false says nothing."""
    source = f"{row.get('source_table') or ''} {row.get('source_row_id') or ''}".strip()
    held = (
        _held(*each, words) for each in row.items() if each[1] and not each[0].startswith(("source_", "org_number"))
    )
    return f"{source}: {', '.join(held)}"


def _held(name: str, value: object, words: Language) -> str:
    """``is_duplicate`` for what is true, ``amount=516,50 kr`` for öre, other values as they are."""
    if value is True:
        return name
    if name.endswith("_ore") and isinstance(value, int):
        return f"{name.removesuffix('_ore')}={words.number(value / 100, 2)}\u202f{words.text('currency')}"
    return f"{name}={value}"


def _tie(tie: Tie, words: Language) -> None:
    parts = {"type": words.word("link_type", tie.link_type), "count": tie.values, "p": words.chance(tie.p_value)}
    _say("   " + words.text("explain.link", sources=", ".join(tie.sources), **parts), indent=3)
    for row in tie.rows:
        _say(f"     {row}", indent=7)


def _totals(rows: Mapping[str, Any]) -> dict[str, int]:
    counted = {name: sum(int(table.get(name, 0)) for table in rows.values()) for name in _COUNTS}
    return counted | {"doubted": sum(_doubts(table) for table in rows.values())}


def _doubts(table: Mapping[str, Any]) -> int:
    return sum(table.get("warnings", {}).values())


def _say(text: str, *, indent: int = 0, wrap: bool = True) -> None:
    """One paragraph, wrapped to the terminal where somebody reads it there."""
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    if not wrap:
        typer.echo(text)
        return
    for line in text.split("\n"):
        folded = textwrap.fill(
            line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
        )
        typer.echo(folded)


def show_ingest(manifest: Manifest) -> None:
    """Counts table by table, and the warnings by column and rule."""
    counted = manifest.stats.get("tables", {})
    rows = [(name, *(table.get(key, 0) for key in _COUNTS), _doubts(table)) for name, table in counted.items()]
    show_table(("table", "received", "accepted", "refused", "doubted"), rows)
    if skipped := manifest.stats.get("not_read_again"):
        _say(f"Not read again, since they were disposed of: {', '.join(skipped)}")


def show_disposal(found: Disposal, dry_run: bool) -> None:
    """What went, or would go, table by table, and where the record lies."""
    if found.left:
        named = ", ".join(found.left)
        _say(f"Published results with evidence of what has gone: {named}. They stay unless --published says otherwise.")
    if not (found.tables or found.results):
        _say(f"Nothing in the store is past its retention in {found.month}.")
        return
    rows: list[Sequence[object]] = [(one.table, one.month, one.rows, one.rule) for one in found.tables]
    rows += [("published result", one.month, "", one.rule) for one in found.results]
    show_table(("table", "delivery", "rows", "rule"), rows)
    _say(f"and {len(found.derived)} files that were made from them")
    _say("Nothing was deleted (--dry-run)." if dry_run else f"Deleted; the record is disposal/{found.month}.json.")


def show_imported(done: Sequence[Mapping[str, Any]]) -> None:
    """One line a month: how many cases were opened, hit again or covered by a lasting reason."""
    if not done:
        _say("Nothing new: every published month has been imported.")
    for month in done:
        told = (
            "already imported"
            if month["unchanged"]
            else (
                f"{month.get('opened', 0)} cases opened, {month.get('again', 0)} hit again, "
                f"{month.get('silenced', 0)} covered by a lasting reason"
            )
        )
        _say(f"{month['month']} ({month['run_id']}): {told}")


def show_runs(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        _say("No month is published there yet: valfardsbrott run publishes one.")
        return
    rows = [
        (
            run["month"],
            run["run_id"],
            run["model"]["name"],
            run["model"]["version"],
            f"{sum(run['durations'].values()):.1f}",
        )
        for run in found
    ]
    show_table(("month", "run", "model", "version", "seconds"), rows)


def show_features(found: Sequence[Feature], code: Literal["sv", "en"]) -> None:
    show_table(
        ("family", "feature", "label"), [(feature.family, feature.name, feature.label[code]) for feature in found]
    )


def show_feature(feature: Feature, sql: str, code: Literal["sv", "en"]) -> None:
    """All that a person or a law asks of an indicator, then the query that computes it."""
    peers = ", ".join(feature.peers) or "a fact that needs no peers"
    said = {
        "": f"{feature.name}: {feature.label[code]}", "why": feature.why[code], "innocent": feature.innocent[code],
        "check": feature.check[code], "unit": feature.unit, "suspicious": feature.direction, "peers": peers,
        "missing": feature.missing[code], "needs": ", ".join(feature.needs), "legal basis": feature.legal_basis,
        "schemes": ", ".join(feature.schemes), "evidence": f"{feature.evidence.view} where {feature.evidence.where}",
    }  # fmt: skip
    for name, text in said.items():
        if text:
            _say(f"{name}: {text}" if name else text, indent=4)
    typer.echo(f"\n{sql}")


def show_generated(out: Path, last: Month) -> None:
    """Where the city lies, and what to type next."""
    _say(f"The city is in {out}: deliveries/ to run on, truth/ with what was planted.")
    _say(f"Next: valfardsbrott run --month {last} --deliveries {out / 'deliveries'} --out {out / 'runs'}", wrap=False)


def show_problems(found: Sequence[object]) -> None:
    """One problem a line; a line too where there is none."""
    for problem in found:
        _say(str(problem), wrap=False)
    _say(f"{len(found)} problems." if found else "No problems: every header agrees with its query.")
