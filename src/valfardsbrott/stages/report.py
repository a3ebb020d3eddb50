"""report.html: what a control unit reads first, in one file that needs no script and fetches nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.features import DENOMINATOR, Feature
from valfardsbrott.plots import peer_plot, trend
from valfardsbrott.rules import load_rules
from valfardsbrott.stages import drift_words, network_story
from valfardsbrott.stages.capacity_report import capacity_curve
from valfardsbrott.stages.claim_report import claims
from valfardsbrott.stages.history import History
from valfardsbrott.stages.language import Language, language
from valfardsbrott.stages.learning_report import learned
from valfardsbrott.stages.result import Flag, Network, Reason, Result, Row
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    from jinja2 import Environment

EVIDENCE_ROWS = 3
EVIDENCE_COLUMNS = 6
#: Columns of evidence that the page says in another place.
_ELSEWHERE = {
    "org_number", "source_table", "source_row_id", "source_file", "source_row", "delivery_month", DENOMINATOR,
    "dwelling_id",
}  # fmt: skip
_PSEUDONYM = re.compile(r"p[0-9a-f]{32}")


@dataclass(frozen=True)
class Section:
    """A flag and what the page draws for it."""

    flag: Flag
    provider: Row
    reasons: tuple[Told, ...]
    trends: tuple[tuple[str, str], ...]
    network: Network | None = None
    drawing: str = ""
    months: tuple[str, ...] = ()
    links: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True)
class Told:
    """A reason with its share of the flag's reasons (0-1), its drawing and its first source rows."""

    reason: Reason
    share: float | None
    plot: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: int


def render(folder: Path, facts: Mapping[str, Any], store: Workspace) -> str:
    """The page for the published files in ``folder``; ``facts`` are those of run.json. Same input, same bytes."""
    words = language(store.settings.language)
    result = Result(folder, store.settings.language)
    month = Month.parse(facts["month"])
    orgs = [flag.entity_id for flag in result.flags if flag.entity_type == "provider"]
    history = History(store, month, orgs)
    sections = [_section(flag, result, history, words) for flag in result.flags]
    page = environment(words).get_template("report.html.j2")
    return page.render(
        w=words, facts=facts, month=month_name(month, words), tables=tables(), result=result,
        providers=[s for s in sections if s.flag.arm == "risk" and s.flag.entity_type == "provider"],
        networks=[s for s in sections if s.flag.arm == "risk" and s.flag.entity_type == "network"],
        control=[s for s in sections if s.flag.arm != "risk"],
        claims=claims(result.claim_checks, facts, load_rules(store.settings.rules_folder), words),
        changed=_changed(store, month), learned=learned(folder, words), active=result.active,
        curve=capacity_curve(folder / "capacity.parquet", words),
    )  # fmt: skip


def _changed(store: Workspace, month: Month) -> str:
    """The line that leads to drift.html; empty where there is nothing to say."""
    found = store.manifest("drift", month)
    return drift_words.line(found.stats, language(store.settings.language)) if found else ""


def month_name(month: Month, words: Language) -> str:
    return words.text("month", name=words.texts["months"][f"{month.number:02d}"], year=month.year)


def short(identifier: object) -> str:
    """A person's pseudonym cut to what tells two apart on a page; anything else as it is."""
    text = str(identifier)
    return f"{text[:7]}…" if _PSEUDONYM.fullmatch(text) else text


def doubted(rows: Mapping[str, Any]) -> int:
    """Warnings in all tables together."""
    return sum(sum(counts["warnings"].values()) for counts in rows.values())


def cell(value: object, column: str, words: Language) -> str:
    """A value of a source row as people write it: kronor for ore, no seconds where there are none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words.text("yes" if value else "no")
    if column.endswith("_ore") and isinstance(value, int):
        return words.money(value / 100)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}" if value.second == 0 else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal | float):
        return words.number(float(value), 2).removesuffix(f"{words.texts['decimal_sign']}00")
    return str(value)


def _section(flag: Flag, result: Result, history: History, words: Language) -> Section:
    network = result.networks.get(flag.entity_id) if flag.entity_type == "network" else None
    orgs = network.providers if network else (flag.entity_id,)
    reasons = tuple(_told(reason, flag, orgs, result, words) for reason in flag.reasons)
    return Section(
        flag, result.providers.get(flag.entity_id, {}), reasons, tuple(_trends(flag, history, words)), network,
        _drawing(network, result) if network else "",
        network_story.story(network, result, words) if network else (),
        tuple(network_story.links(network, result, words)) if network else (),
    )  # fmt: skip


def _drawing(network: Network, result: Result) -> str:
    from valfardsbrott.networks.layout import draw

    names = {org: result.name(org) for org in network.providers}
    return draw(network.members, network.links, names, result.language)


def _told(reason: Reason, flag: Flag, orgs: tuple[str, ...], result: Result, words: Language) -> Told:
    plot, total = "", sum(each.contribution or 0.0 for each in flag.reasons)
    if reason.value is not None and flag.entity_type == "provider" and reason.feature in result.features:
        peers = result.peers(flag.entity_id, reason.feature)
        plot = peer_plot(peers, reason.value, reason.peer_median, reason.unit, words)
    rows, count = result.evidence(reason.feature, orgs, EVIDENCE_ROWS)
    columns = tuple(_columns(rows, result.features.get(reason.feature)))
    share = reason.contribution / total if reason.contribution is not None and total > 0 else None
    return Told(reason, share, plot, columns, tuple(rows), count)


def _columns(rows: list[Row], feature: Feature | None) -> list[str]:
    """What a table of evidence shows: the columns that made the rows evidence first, then when and what, while room.

    No column that names a person or is empty; where the rows come from stands apart.
    """
    said = [
        name
        for name in (rows[0] if rows else ())
        if name not in _ELSEWHERE
        and any(row[name] is not None for row in rows)
        and not any(_PSEUDONYM.fullmatch(str(row[name])) for row in rows)
    ]
    named = set(re.findall(r"[a-z_]+", f"{feature.evidence.where} {feature.evidence.measure}")) if feature else set()
    return sorted(said, key=lambda name: name not in named)[:EVIDENCE_COLUMNS]


def _trends(flag: Flag, history: History, words: Language) -> Iterator[tuple[str, str]]:
    """Curves of the strongest reason and of the money, where there are months to compare."""
    if flag.entity_type != "provider":
        return
    for reason in [each for each in flag.reasons if each.unit][:1]:
        if drawn := trend(history.of(flag.entity_id, reason.feature), reason.unit, reason.label, words):
            yield reason.label, drawn
    money = [(month, None if ore is None else ore / 100) for month, ore in history.of(flag.entity_id, "billed_ore")]
    label = words.text("flag.billed")
    if drawn := trend(money, "sek", label, words):
        yield label, drawn


def environment(words: Language) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "short": short,
        "doubted": doubted,
        "sek": lambda ore: words.money(None if ore is None else ore / 100),
        "cell": lambda value, column: cell(value, column, words),
    }
    return environment
