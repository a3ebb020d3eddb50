"""What the report and the commands say of learning: estimates of the control sample, the gate, who is held back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.language import Language
from valfardsbrott.stages.workspace import Workspace

#: Estimates in the order of the table.
SHARES = ("precision", "missed", "prevalence", "recall")


@dataclass(frozen=True)
class Learned:
    """Sentences, the table's rows (label, value, low, high as texts), and who is held back (org_number, text)."""

    lines: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    held: tuple[Mapping[str, str], ...]


def learned(folder: Path, words: Language) -> Learned | None:
    """From the published learning.json and held_back.parquet; None where nothing has ever been decided."""
    import pyarrow.parquet as pq

    stats: dict[str, Any] = json.loads((folder / "learning.json").read_text(encoding="utf-8"))
    if not any(stats["decisions"].values()):
        return None
    held = pq.read_table(folder / "held_back.parquet", columns=["org_number", f"text_{words.code}"]).to_pylist()
    rows = shares(stats, words)
    any_decided = any(
        arm["confirmed"] + arm["cleared"] for arm in (stats["estimates"][a] for a in ("listed", "control"))
    )
    told = tuple({"org_number": row["org_number"], "text": row[f"text_{words.code}"]} for row in held)
    return Learned(tuple(lines(stats, words)), rows if any_decided else (), told)


def of_store(month: Month, settings: Settings) -> dict[str, Any]:
    """The month's learning.json, with ``order``: the first of the learnt order, beside the champion's, and for which
    features; and ``held`` and ``back`` in words. Raises Failure where the month has not come as far.
    """
    import pyarrow.parquet as pq

    store = Workspace(settings)
    if not store.stage("learning", month, "learning.json").exists():
        raise Failure(f"nothing has been learnt for {month}", f"Run the month: valfardsbrott run --month {month}")
    stats: dict[str, Any] = json.loads(store.stage("learning", month, "learning.json").read_text(encoding="utf-8"))
    tables = {
        name: pq.read_table(store.stage("learning", month, f"{name}.parquet")).to_pylist()
        for name in ("ranking", "held", "back")
    }
    order = sorted(tables.pop("ranking"), key=lambda row: int(row["learned_rank"]))
    return stats | {"order": order[: settings.capacity]} | tables


def lines(stats: Mapping[str, Any], words: Language) -> list[str]:
    """What there is to say in words: decisions and draws, who is held back and who is back, the gate, alarms.

    None where nothing has been decided.
    """
    if not stats or not any(stats["decisions"].values()):
        return []
    control = stats["estimates"]["control"]
    said = [words.text("learning.decided", **stats["decisions"], drawn=control["chosen"], open=control["open"])]
    if stats["held_back"]["all"] or stats["held_back"]["back"]:
        said.append(words.text("learning.held", **stats["held_back"]))
    said.append(words.text("learning.leads") if stats["gate"]["leads"] else words.text("learning.stays"))
    said.append(stats["gate"][f"why_{words.code}"])
    return said + [words.text(f"learning.alarm.{name}") for name in stats["list"]["alarms"]]


def shares(stats: Mapping[str, Any], words: Language) -> tuple[Mapping[str, str], ...]:
    """The estimates as texts: label, value, low, high."""
    found = stats["estimates"]
    rows = {name: _row(name, found[name], words) for name in SHARES}
    if found["missed"]["value"] == 0:  # none among a few draws does not say that the list held everybody
        rows["recall"] |= {"value": words.text("not_available")}
    return tuple(rows.values())


def _row(name: str, share: Mapping[str, float | None], words: Language) -> dict[str, str]:
    told = {key: words.value(share[key], "share") for key in ("value", "low", "high")}
    return {"label": words.text(f"learning.{name}"), **told}
