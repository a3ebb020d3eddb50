"""What report.html says of the questioned claim lines: sums by rule, provider and board, and first lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from valfardsbrott.rules import Rule, in_force
from valfardsbrott.stages.claim_totals import Row, by, once
from valfardsbrott.stages.language import Language

FIRST_LINES = 3
FIRST_PROVIDERS = 20


@dataclass(frozen=True)
class Sums:
    """Questioned lines and money of one rule, provider or board; each line's amount counted once."""

    key: str
    lines: int
    certain_sek: float
    doubt_sek: float


@dataclass(frozen=True)
class Asked:
    """A rule that found something, in the reader's language. ``first``: its largest lines, the certain ones first."""

    sums: Sums
    label: str
    severity: str
    law: str
    clears: str
    innocent: str
    doubt_when: str
    first: tuple[Row, ...]


@dataclass(frozen=True)
class Claims:
    """The section; ``providers`` are those with the largest sums, ``more`` how many others there are."""

    total: Sums
    rules: tuple[Asked, ...]
    providers: tuple[Sums, ...]
    more: int
    boards: tuple[Sums, ...]
    unavailable: tuple[tuple[str, str], ...]


def claims(rows: Sequence[Row], facts: Mapping[str, Any], rules: tuple[Rule, ...], words: Language) -> Claims:
    """The section from the rows of claim_checks.parquet; ``facts`` are those of run.json."""
    providers = [_sums(key, own) for key, own in by(rows, "org_number")]
    lacking = facts.get("claim_checks", {}).get("unavailable", {})
    return Claims(
        _sums("", rows),
        tuple(_asked(in_force(rules, name), own, words) for name, own in by(rows, "rule")),
        tuple(providers[:FIRST_PROVIDERS]),
        max(0, len(providers) - FIRST_PROVIDERS),
        tuple(_sums(key, own) for key, own in by(rows, "board_id")),
        tuple((entry[words.code], ", ".join(entry["needs"])) for _, entry in sorted(lacking.items())),
    )


def _sums(key: str, rows: Iterable[Row]) -> Sums:
    lines, certain, asked = once(rows)
    return Sums(key, lines, certain / 100, (asked - certain) / 100)


def _asked(rule: Rule, rows: list[Row], words: Language) -> Asked:
    code: Any = words.code
    first = sorted(rows, key=lambda row: (row["certainty"] != "contradiction", -row["amount_sek"], row["line_id"]))
    return Asked(
        _sums(rule.name, rows), rule.label[code], rule.severity, rule.law, rule.clears[code], rule.innocent[code],
        rule.doubt_when[code] if rule.doubt_when else "", tuple(first[:FIRST_LINES]),
    )  # fmt: skip
