"""Adds up questioned claim lines so that a krona is counted once, however many rules ask about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def once(rows: Iterable[Row]) -> tuple[int, int, int]:
    """Lines, ore questioned as contradictions, and ore questioned at all.

    Of the rules that ask about one line the largest amount counts: they ask about the same money. What is doubted only
    is the third less the second.
    """
    certain: dict[str, int] = {}
    asked: dict[str, int] = {}
    for row in rows:
        line, ore = row["line_id"], round(row["amount_sek"] * 100)
        asked[line] = max(asked.get(line, 0), ore)
        if row["certainty"] == "contradiction":
            certain[line] = max(certain.get(line, 0), ore)
    return len(asked), sum(certain.values()), sum(asked.values())


def totals(rows: Sequence[Row]) -> dict[str, Any]:
    """For run.json: in all, and by rule, lines and SEK; each line's amount counted once within each figure."""
    return {"total": _entry(rows), "by_rule": {name: _entry(own) for name, own in by(rows, "rule")}}


def by(rows: Iterable[Row], column: str) -> list[tuple[str, list[Row]]]:
    """The rows of each value of a column, largest amount first, then by value; a missing value is an empty text."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column] or ""].append(row)
    return sorted(grouped.items(), key=lambda item: (-once(item[1])[2], item[0]))


def _entry(rows: Iterable[Row]) -> dict[str, Any]:
    lines, certain, asked = once(rows)
    return {"lines": lines, "contradiction_sek": certain / 100, "doubt_sek": (asked - certain) / 100}
