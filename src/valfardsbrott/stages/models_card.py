"""models/<name>/CARD.md: what a model is for, how good it is, what it must not be used for; all figures measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from valfardsbrott.definitions import folder
from valfardsbrott.domain import SIZE_CLASSES, Failure
from valfardsbrott.measures import interval_of_mean
from valfardsbrott.stages.workspace import digest, replacing

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_AP, _WITHIN, _PRECISION = "average_precision", "average_precision_within_size", "precision_at_capacity"
_WORST = 5
_KINDS_SV = {"easy": "lätta städer", "medium": "medelsvåra städer", "hard": "svåra städer"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """A text in both languages."""

    sv: str = Field(min_length=3)
    en: str = Field(min_length=3)


class Card(_Strict):
    """What a person has to say of a model: models/<name>/card.yaml. ``changes``: by version of the model."""

    purpose: Words
    data: Words
    limits: tuple[Words, ...] = Field(min_length=1)
    not_for: Words
    changes: dict[int, Words]


def names() -> list[str]:
    """Every model that is defined."""
    return sorted(path.parent.name for path in folder("models").glob("*/model.yaml"))


def shown(name: str) -> str:
    """The card as it lies beside the model. Raises Failure where there is none."""
    path = folder("models") / name / "CARD.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"there is no card of '{name}'", f"There are: {', '.join(names())}") from error


def stale(name: str, experiments: Path) -> bool:
    """Whether the card says something else than the model, its words and its experiment do now."""
    path = folder("models") / name / "CARD.md"
    return not path.exists() or path.read_text(encoding="utf-8") != render(name, experiments)


def write(name: str, experiments: Path) -> Path:
    """Write the card anew."""
    path = folder("models") / name / "CARD.md"
    text = render(name, experiments)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def render(name: str, experiments: Path) -> str:
    """The card as Markdown. Raises Failure where there is no such model, or its card.yaml lacks something.

    Figures are those of the model's own experiment below ``experiments``; what was not measured says so.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from valfardsbrott.detectors.definition import LearnedDefinition, load

    definition = load(name)
    card = _card(name)
    if definition.version not in card.changes:
        raise Failure(f"models/{name}/card.yaml: changes: nothing of version {definition.version}", "Say what changed")
    own = digest(definition.model_dump_json())[:16]
    said = {
        "name": name, "card": card, "experiment": definition.experiment, "version": definition.version,
        "definition": own, "seed": definition.seed, "memory": definition.memory,
        "alert_budget": definition.alert_budget, "detectors": _detectors(definition.detectors),
        "learned": definition if isinstance(definition, LearnedDefinition) else None,
        "changes": [{"version": version, "en": words.en} for version, words in sorted(card.changes.items())],
    }  # fmt: skip
    measured = _measured(name, own, experiments / definition.experiment / "results.json")
    counted = "" if measured["features"] is None else f" ({measured['features']} in its experiment)"
    listed = "All that the month has" if definition.features == "all" else f"{len(definition.features)} named ones"
    loader = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701 - Markdown
    text = loader.get_template("card.md.j2").render(**said, **measured | {"features": f"{listed}{counted}."})
    return text.rstrip() + "\n"


def _card(name: str) -> Card:
    path = folder("models") / name / "card.yaml"
    try:
        return Card.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Failure(
            f"models/{name}/card.yaml is missing", "Lay it down beside model.yaml, as the others do"
        ) from error
    except (yaml.YAMLError, ValidationError) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "not YAML"
        raise Failure(f"models/{name}/card.yaml: {where}", "Compare with another model's") from error


def _detectors(parts: Mapping[Any, Any]) -> str:
    whole = sum(part.weight for part in parts.values())
    return ", ".join(f"{str(name).replace('_', ' ')} ({part.weight / whole:.0%})" for name, part in parts.items())


def _measured(name: str, definition: str, path: Path) -> dict[str, Any]:
    """What the experiment says of the model; empty tables where it says nothing."""
    document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    own = _own(document.get("variants", {}), name, definition)
    nothing: dict[str, Any] = {
        "kinds": [], "others": [], "sizes": [], "lookalikes": [], "schemes": "", "steady": "", "features": None,
        "capacity": 0, "commit": "", "measured": definition,
    }  # fmt: skip
    if own is None:
        return nothing
    title, found = own
    order = [size for size, _ in SIZE_CLASSES]
    worst = sorted((one["auc"], scheme) for scheme, one in found["schemes"].items() if one["auc"] is not None)
    return nothing | {
        "capacity": document["plan"].get("capacity", 20),
        "commit": document.get("commit", "") or "unknown",
        "measured": found.get("definition", definition),
        "features": max((each.get("features", 0) for each in document["data"]), default=0) or None,
        "kinds": _kinds(found["by_data"]),
        "others": _others(document["variants"], title),
        "sizes": _rows(
            found["sizes"], sorted(found["sizes"], key=lambda size: order.index(size) if size in order else 9)
        ),
        "lookalikes": _rows(found["lookalikes"], sorted(found["lookalikes"])),
        "schemes": ", ".join(f"{scheme} {auc:.2f}" for auc, scheme in worst[:_WORST]),
        "steady": _steady(found["summary"]),
    }


def _own(variants: Mapping[str, Any], name: str, definition: str) -> tuple[str, Mapping[str, Any]] | None:
    """The variant that is this model: of the same definition, else the unchanged one of its name."""
    unchanged = [(title, each) for title, each in variants.items() if each["parameters"] == {"base": name}]
    same = [(title, each) for title, each in unchanged if each.get("definition") == definition]
    return next(iter(same or unchanged), None)


def _kinds(by_data: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Figures by kind of city: data sets are called "<kind>, seed <n>"."""
    kinds = {kind: list(rows.values()) for kind, rows in _by_kind(by_data).items()}
    return [
        {
            "name": kind, "name_sv": _KINDS_SV.get(kind, kind), "data": len(rows),
            "ap": _interval(rows, _AP), "within": _interval(rows, _WITHIN),
            "precision": {"en": _interval(rows, _PRECISION), "sv": _interval(rows, _PRECISION, sv=True)},
        }
        for kind, rows in kinds.items()
    ]  # fmt: skip


def _by_kind(by_data: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Mapping[str, Any]]]:
    kinds: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, each in by_data.items():
        kinds.setdefault(name.partition(", seed")[0], {})[name] = each
    return kinds


def _others(variants: Mapping[str, Any], title: str) -> list[dict[str, str]]:
    """Rankings that are no model of ours, and by kind of city this one's lead over each, paired by data set."""
    from valfardsbrott.stages.experiment_results import paired

    found = []
    for name, each in variants.items():
        kinds = _by_kind(each["by_data"]) if "ranking" in each["parameters"] else {}
        for kind, by_data in kinds.items():
            less = paired(variants[title], {"by_data": by_data}, (_AP,)).get(_AP)
            own = [one[_AP] for one in by_data.values() if one.get(_AP) is not None]
            if less and own:
                found.append({"name": name, "kind": kind, "own": f"{np.mean(own):.2f}", "less": _less(less)})
    return found


def _less(one: Mapping[str, Any]) -> str:
    value = f"{one['difference']:+.2f}"
    return value if one["low"] is None else f"{value} ({one['low']:+.2f} to {one['high']:+.2f})"


def _interval(rows: Sequence[Mapping[str, Any]], measure: str, *, sv: bool = False) -> str:
    values = np.array([row[measure] for row in rows if row.get(measure) is not None])
    if not len(values):
        return "–" if sv else "not measured"
    low, high = interval_of_mean(values)
    mean = f"{values.mean():.2f}" if np.isnan(low) else f"{values.mean():.2f} ({low:.2f} to {high:.2f})"
    return mean.replace(".", ",").replace(" to ", "–") if sv else mean


def _rows(table: Mapping[str, Mapping[str, Any]], order: Sequence[str]) -> list[dict[str, str]]:
    shown = []
    for name in order:
        one = table[name]
        auc = one.get("auc")
        shown.append(
            {
                "name": name.replace("_", " "), "providers": f"{one['providers']:.0f}",
                "right": f"{one.get('right', 0):.1%}", "on_list": f"{one['share_on_list']:.1%}",
                "auc": "too few" if auc is None else f"{auc:.2f}",
            }
        )  # fmt: skip
    return shown


def _steady(summary: Mapping[str, Mapping[str, Any]]) -> str:
    words = {
        "list_kept_from_month_before": "{:.0%} of the list is that of the month before",
        "list_kept_under_other_seed": "{:.0%} stays under another seed of the model",
    }
    said = [
        text.format(summary[key]["mean"]) for key, text in words.items() if summary.get(key, {}).get("mean") is not None
    ]
    return f"Stability: {'; '.join(said)}." if said else ""
