"""The report's curve: what a list of any length is expected to bring, and what another five investigations would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valfardsbrott.plots import curve
from valfardsbrott.stages.language import Language

#: Lengths of the list that the table has, and the longest that the drawing shows.
_LENGTHS, _LONGEST = (5, 10, 20, 30, 50, 100), 100


@dataclass(frozen=True)
class Drawn:
    """The drawing as SVG, and the table's rows with the found providers' interval as ``low`` and ``high``."""

    drawing: str
    rows: tuple[Mapping[str, Any], ...]


def capacity_curve(path: Path, words: Language) -> Drawn | None:
    """From the published capacity.parquet; None where nobody is ranked."""
    import pyarrow.parquet as pq

    table: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    if not table:
        return None
    rows = [
        row | {"low": row["precision_low"] * row["capacity"], "high": row["precision_high"] * row["capacity"]}
        for row in table[:_LONGEST]
    ]
    shown = [row for row in rows if row["capacity"] in _LENGTHS] or rows[-1:]
    return Drawn(_drawing(rows, words), tuple(shown))


def _drawing(rows: Sequence[Mapping[str, Any]], words: Language) -> str:
    last = rows[-1]
    told = words.text("capacity.drawing", length=last["capacity"], found=words.number(last["expected_found"], 1))
    return curve(
        [(row["capacity"], row["expected_found"], row["low"], row["high"]) for row in rows],
        words.text("capacity.length"), words.text("capacity.found"), told,
    )  # fmt: skip
