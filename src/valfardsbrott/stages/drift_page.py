"""drift.html: whether the data has changed since the months before. One file, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.drift import ENOUGH
from valfardsbrott.features import feature_columns
from valfardsbrott.stages.language import Language, language
from valfardsbrott.stages.report import environment, month_name
from valfardsbrott.stages.workspace import Workspace

AREAS = ("delivery", "feature", "score", "list")
_MOST_FEATURES = 10


@dataclass(frozen=True)
class Line:
    """A figure as the page's table shows it."""

    what: str
    place: str
    group: str
    now: str
    usual: str
    interval: str
    status: str
    alarm: bool


def render(folder: Path, facts: Any, store: Workspace) -> str:
    """The page for the published drift.parquet in ``folder``. Same input, same bytes."""
    import pyarrow.parquet as pq

    words = language(store.settings.language)
    month = Month.parse(facts["month"])
    rows: list[dict[str, Any]] = pq.read_table(folder / "drift.parquet").to_pylist()
    stats = (store.manifest("drift", month) or Manifest("", "", "")).stats
    shown = {area: [_line(row, words) for row in _shown(area, rows)] for area in AREAS}
    return (
        environment(words)
        .get_template("drift.html.j2")
        .render(
            w=words, facts=facts, month=month_name(month, words), stats=stats, needed=ENOUGH, shown=shown,
            alarms=[row[f"text_{words.code}"] for row in rows if row["text_sv"]],
        )
    )  # fmt: skip


def _shown(area: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a reader needs: counts by table and source, the features that changed most, and whatever alarmed."""
    mine = [row for row in rows if row["area"] == area]
    if area == "delivery":
        return [row for row in mine if row["what"] == "rows" or row["status"] == "alarm"]
    if area == "feature":
        shapes = [row for row in mine if row["what"] == "shape" and row["value"] is not None]
        most = sorted(shapes, key=lambda row: (-row["value"], row["column"]))[:_MOST_FEATURES]
        return [*most, *(row for row in mine if row["status"] == "alarm" and row not in most)]
    return mine


def _line(row: dict[str, Any], words: Language) -> Line:
    interval = ""
    if row["low"] is not None:
        interval = f"{_figure(row, row['low'], words)}–{_figure(row, row['high'], words)}"
    return Line(
        words.texts["drift"]["what"][row["what"]],
        _place(row, words), _group(row, words), _figure(row, row["value"], words), _figure(row, row["usual"], words),
        interval, words.texts["drift"]["status"][row["status"]], row["status"] == "alarm",
    )  # fmt: skip


def _place(row: dict[str, Any], words: Language) -> str:
    if row["area"] == "feature":
        feature = next(each for each in feature_columns() if each.name == row["column"])
        return feature.label["sv" if words.code == "sv" else "en"]
    if row["area"] != "delivery":
        return str(words.texts["drift"]["area"][row["area"]])
    label = tables()[row["table"]].label[words.code]
    return f"{label}, {row['column']}" if row["column"] else label


def _group(row: dict[str, Any], words: Language) -> str:
    if not row["group"]:
        return ""
    kinds = {"service_code": "service", "size_class": "size_class"}
    name = words.word(kinds[row["dimension"]], row["group"]) if row["dimension"] in kinds else row["group"]
    return f"{words.texts['drift']['of'][row['dimension']]} {name}"


def _figure(row: dict[str, Any], value: float | None, words: Language) -> str:
    if value is None:
        return words.text("not_available")
    if row["measure"] == "share":
        return words.value(value, "share")
    if row["measure"] == "size" and str(row["column"]).endswith("_ore"):
        return words.money(value / 100)
    return words.number(value, 0 if row["measure"] in {"volume", "days"} else 2)
