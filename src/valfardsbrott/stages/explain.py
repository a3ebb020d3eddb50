"""explain: why a provider or network is on the list, as one object that a page or a machine can show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from statistics import median
from typing import Any

from valfardsbrott.domain import EXIT_USAGE, Failure, Month
from valfardsbrott.features import Feature, feature_columns, load_views
from valfardsbrott.settings import Settings
from valfardsbrott.stages import network_story
from valfardsbrott.stages.hidden import hidden, unplaced, veiled
from valfardsbrott.stages.language import language
from valfardsbrott.stages.result import Flag, Network, Reason, Result, Row
from valfardsbrott.stages.workspace import Workspace


@dataclass(frozen=True)
class Why:
    """One reason with the peers of the month and the rows behind it; no ``evidence_file`` where none is published."""

    reason: Reason
    peers: tuple[float, ...]
    evidence_file: str
    evidence_total: int
    evidence_rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Tie:
    """What ties a network's members together, one kind of link a line."""

    link_type: str
    values: int
    p_value: float | None
    sources: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything the published result says of one provider or network. ``flag`` is None where it is not flagged."""

    month: str
    entity_type: str
    entity_id: str
    name: str
    rank: int | None
    total: int
    score: float | None
    p_value: float | None
    flag: Flag | None
    reasons: tuple[Why, ...]
    providers: tuple[str, ...]
    ties: tuple[Tie, ...]
    checks: tuple[str, ...]
    history: tuple[str, ...]
    report: str
    judged: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def explain(
    entity_id: str, settings: Settings, month: Month | None = None, rows: int = 0, feature: str = ""
) -> Explanation:
    """Explain an organisation number or network id from the month's published result (default: the newest one).

    ``rows`` source rows of evidence are read for each reason. With a ``feature`` that indicator takes the place of the
    reasons, also of a provider that is not flagged: its rows are found in the working store. Raises Failure where the
    month, the id or the feature is not there.
    """
    month = month or _newest(settings.out)
    folder = settings.out / str(month)
    result = Result(folder, settings.language)
    if not folder.is_dir():
        raise Failure(f"there is no published result for {month} in {settings.out}", _published_hint(settings.out))
    wanted = entity_id.strip().replace("-", "") if entity_id.strip().replace("-", "").isdigit() else entity_id.strip()
    protected = hidden(Workspace(settings)) if rows else frozenset()
    if wanted in result.networks and not feature:
        return _network(wanted, result, month, rows, protected)
    if wanted in result.providers:
        found = _provider(wanted, result, month, rows, protected)
        return replace(found, reasons=(_asked(wanted, feature, result, settings, rows),)) if feature else found
    if wanted in result.networks:
        raise Failure(
            f"{wanted} is a network, and an indicator is a provider's",
            f"Name a member: {', '.join(result.networks[wanted].providers)}",
            EXIT_USAGE,
        )
    raise Failure(
        f"{entity_id} is neither a provider nor a network in the result of {month}",
        f"The ids are in {folder / 'flags.csv'} and {folder / 'scores.parquet'}",
        EXIT_USAGE,
    )


def published(out: Path) -> list[Month]:
    """The months that have a published result, oldest first."""
    return sorted(Month.parse(path.parent.name) for path in out.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/run.json"))


def runs(out: Path) -> list[dict[str, Any]]:
    """run.json of every published month, oldest first."""
    return [json.loads((out / str(month) / "run.json").read_text(encoding="utf-8")) for month in published(out)]


def _provider(org_number: str, result: Result, month: Month, rows: int, protected: frozenset[str]) -> Explanation:
    score = result.scores.get(org_number, {})
    flag = _flag(org_number, result)
    return Explanation(
        month=str(month), entity_type="provider", entity_id=org_number, name=result.name(org_number),
        rank=score.get("rank"), total=len(result.scores), score=score.get("score"), p_value=score.get("p_value"),
        flag=flag, reasons=_reasons(flag, (org_number,), result, rows, protected), providers=(), ties=(), checks=(),
        history=(), report=_report(result, flag), judged=result.judged({org_number}),
    )  # fmt: skip


def _network(network_id: str, result: Result, month: Month, rows: int, protected: frozenset[str]) -> Explanation:
    network, words = result.networks[network_id], language(result.language)
    flag = _flag(network_id, result)
    return Explanation(
        month=str(month), entity_type="network", entity_id=network_id,
        name=result.network_name(network_id),
        rank=flag.rank if flag else None, total=len(result.networks),
        score=flag.score if flag else network.row.get("score"), p_value=network.row.get("p_value"), flag=flag,
        reasons=_reasons(flag, network.providers, result, rows, protected),
        providers=tuple(f"{org} {result.name(org)}" for org in network.providers),
        ties=_ties(network, rows), checks=_said(network.checks, result) + _said(network.discounts, result),
        history=network_story.story(network, result, words),
        report=_report(result, flag), judged=result.judged(_nodes(network)),
    )  # fmt: skip


def _nodes(network: Network) -> set[str]:
    """The members, and the values that join them: each may stand for several spellings."""
    return {*network.providers, *(str(link["target_id"]) for _, links in network.ties() for link in links)}


def _flag(entity_id: str, result: Result) -> Flag | None:
    return next((flag for flag in result.flags if flag.entity_id == entity_id), None)


def _reasons(
    flag: Flag | None, orgs: Sequence[str], result: Result, rows: int, protected: frozenset[str]
) -> tuple[Why, ...]:
    found = []
    for reason in flag.reasons if flag else ():
        peers = result.peers(flag.entity_id, reason.feature) if flag and reason.value is not None else []
        evidence, total = result.evidence(reason.feature, orgs, rows, protected)
        file = result.folder / "evidence" / f"{reason.feature}.parquet"
        found.append(Why(reason, tuple(peers), str(file), total, tuple(dict(row) for row in evidence)))
    return tuple(found)


def _asked(org_number: str, name: str, result: Result, settings: Settings, rows: int) -> Why:
    """One indicator of any provider, with the rows behind it as the working store has them."""
    from valfardsbrott.stages.evidence import evidence

    feature, _ = feature_named(name)
    if feature.restricted:
        raise Failure(f"{name} is for the designated controller only", "It is in no published result", EXIT_USAGE)
    value, peers = result.providers[org_number].get(name), result.peers(org_number, name)
    middle = median(peers) if peers and value is not None else None
    reason = result.reason({"feature": name, "value": value, "peer_median": middle, "peer_count": len(peers)})
    if value is None:
        reason = replace(reason, figures=f"{reason.figures} {feature.missing[settings.language]}.")
    store = Workspace(settings)
    table = evidence(feature, (org_number,), Month.parse(result.folder.name), store)
    shown = unplaced(veiled(table.slice(0, rows), hidden(store))).to_pylist()
    return Why(reason, tuple(peers) if value is not None else (), "", table.num_rows, tuple(shown))


def _said(entries: Sequence[Row], result: Result) -> tuple[str, ...]:
    return tuple(str(entry[f"text_{result.language}"]) for entry in entries)


def _ties(network: Network, rows: int) -> tuple[Tie, ...]:
    found = []
    for name, links in network.ties():
        chances = [float(link["p_value"]) for link in links if link["p_value"] is not None]
        sources = tuple(sorted({str(link["source_table"]) for link in links if link["source_table"]}))
        behind = sorted({f"{link['source_table']} {row}" for link in links for row in link["source_rows"] or ()})
        values = len({link["target_id"] for link in links})
        found.append(Tie(name, values, min(chances, default=None), sources, tuple(behind[:rows])))
    return tuple(found)


def _report(result: Result, flag: Flag | None) -> str:
    return f"{result.folder / 'report.html'}{f'#{flag.anchor}' if flag else ''}"


def _newest(out: Path) -> Month:
    months = published(out)
    if not months:
        raise Failure(
            f"there is no published result in {out}", "Run `valfardsbrott run` first, or name its --out folder"
        )
    return months[-1]


def _published_hint(out: Path) -> str:
    months = published(out)
    return f"Published months: {', '.join(map(str, months))}" if months else "Run `valfardsbrott run` for it first"


def feature_named(name: str) -> tuple[Feature, str]:
    """An indicator and the query that computes it. Raises Failure, with the nearest names, where there is none."""
    for view in load_views():
        for feature in view.features:
            if feature.name == name:
                return feature, view.sql
    near = get_close_matches(name, [feature.name for feature in feature_columns()], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "See valfardsbrott features list"
    raise Failure(f"there is no indicator named '{name}'", hint, EXIT_USAGE)
