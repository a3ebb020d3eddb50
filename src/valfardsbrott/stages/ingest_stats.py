"""What the manifest of a reading tells: counts by table, findings by rule and file, and both in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Manifest
from valfardsbrott.sources.delivery import Delivery
from valfardsbrott.sources.raw import Finding
from valfardsbrott.stages.ingest_collect import Collected

_MOST_FINDINGS = 500


def counts(collected: Collected, final: pa.Table) -> dict[str, Any]:
    """One table's counts: rows_in = accepted + quarantined + withheld + already_delivered."""
    noted = Counter(f"{one.column}:{one.rule}" for one in collected.notes if one.rule != "unknown_column")
    places = {(one.file, one.line) for one in collected.notes if one.rule != "unknown_column"}
    return {
        "files": sorted(collected.rows_in),
        "rows_in": collected.rows_in.total(),
        "accepted": len(final),
        "quarantined": collected.refused.total(),
        "withheld": collected.withheld,
        "already_delivered": collected.already_delivered,
        "doubted": min(len(final), collected.doubted + len(places)),
        "refused": dict(sorted(collected.broken.items())),
        "warnings": dict(sorted((collected.warnings + noted).items())),
        "columns_present": [name for name in final.column_names if final[name].null_count < len(final)],
    }


def findings(
    tables_read: Iterable[Collected], delivery: Delivery, other_folders: tuple[str, ...]
) -> list[dict[str, Any]]:
    """What importers noted, once for each table, file, column and rule: the first place and how often."""
    noted = [one for collected in tables_read for one in collected.notes]
    noted += [Finding("", name, 0, "", "unknown_file", "", "warning") for name in delivery.unknown]
    noted += [Finding("", f"{name}/", 0, "", "not_a_month", "", "warning") for name in other_folders]
    times = Counter((one.table, one.file, one.column, one.rule) for one in noted)
    first: dict[tuple[str, str, str, str], Finding] = {}
    for one in noted:
        first.setdefault((one.table, one.file, one.column, one.rule), one)
    told = [
        {"level": one.level, "table": one.table, "file": one.file, "line": one.line, "column": one.column,
         "rule": one.rule, "value": one.value[:40], "count": times[place]}
        for place, one in sorted(first.items())
    ]  # fmt: skip
    return told[:_MOST_FINDINGS]


@dataclass(frozen=True)
class Summary:
    """What became of one table's rows, for people. ``sv`` and ``en``: one sentence each."""

    table: str
    received: int
    accepted: int
    doubted: int
    refused: int
    left_out: int
    sv: str
    en: str


def summary(manifest: Manifest) -> list[Summary]:
    """A line for each table that the delivery brought, in the catalogue's order.

    ``doubted`` rows are accepted and counted; ``left_out`` are rows that were delivered before or that would tell
    where a protected person is.
    """
    read = manifest.stats.get("tables", {})
    return [_summary(name, read[name]) for name in tables() if name in read]


def _summary(name: str, one: dict[str, Any]) -> Summary:
    label = tables()[name].label
    left_out = one.get("withheld", 0) + one.get("already_delivered", 0)
    doubted, refused = one.get("doubted", 0), one["quarantined"]
    common = _common({**one.get("refused", {})}), _common(one.get("warnings", {}))
    sv = f"{label['sv'].capitalize()}: {one['accepted']} av {one['rows_in']} rader godtagna"
    en = f"{label['en'].capitalize()}: {one['accepted']} of {one['rows_in']} rows accepted"
    if doubted:
        sv, en = f"{sv}, {doubted} med tveksamheter ({common[1]})", f"{en}, {doubted} with doubts ({common[1]})"
    if refused:
        sv, en = f"{sv}, {refused} avvisade ({common[0]})", f"{en}, {refused} refused ({common[0]})"
    if left_out:
        sv, en = f"{sv}, {left_out} utelämnade", f"{en}, {left_out} left out"
    return Summary(name, one["rows_in"], one["accepted"], doubted, refused, left_out, f"{sv}.", f"{en}.")


def _common(rules: dict[str, int]) -> str:
    """The three most frequent rules with their counts."""
    most = sorted(rules.items(), key=lambda item: (-item[1], item[0]))[:3]
    return ", ".join(f"{rule.lstrip(':')} {count}" for rule, count in most)
