"""How records are judged: what features/entities.yaml says, as Splink wants it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml

from valfardsbrott.definitions import folder

EntityKind = Literal["address", "organisation", "person"]
_SHARED = re.compile(r"shared\((\w+)\)")


@dataclass(frozen=True)
class Level:
    """One finding of a comparison. ``m`` and ``u`` are None where there is nothing to compare: it weighs nothing."""

    name: str
    when: str
    m: float | None
    u: float | None
    text: Mapping[str, str]


@dataclass(frozen=True)
class Model:
    """The judgement of one kind of record (see the head of features/entities.yaml)."""

    kind: EntityKind
    threshold: float
    margin: float
    share: float
    needs: tuple[tuple[str, str], ...]
    blocking: tuple[str | Mapping[str, str], ...]
    comparisons: Mapping[str, tuple[Level, ...]]
    hub: int = 0
    attested_numbers: int = 0

    def level(self, column: str, gamma: int) -> Level:
        """The level behind Splink's number: -1 for missing, 0 for everything else, upwards to the first one tried."""
        levels = self.comparisons[column]
        scored = [level for level in levels if level.m is not None]
        missing = [level for level in levels if level.m is None]
        return missing[0] if gamma < 0 else scored[len(scored) - 1 - gamma]

    def prior(self, candidates: float) -> float:
        """The chance that a doubtful record is a given one of so many ``candidates``, before anything is compared."""
        return min(0.5, self.share / max(candidates, 1))

    def settings(self, candidates: float) -> dict[str, Any]:
        """Splink's settings, where each doubtful record has so many candidates."""
        return {
            "link_type": "link_only",
            "linker_uid": self.kind,
            "probability_two_random_records_match": self.prior(candidates),
            "retain_matching_columns": True,
            "retain_intermediate_calculation_columns": True,
            "blocking_rules_to_generate_predictions": [_rule(rule) for rule in self.blocking],
            "comparisons": [_comparison(name, levels) for name, levels in self.comparisons.items()],
        }


@cache
def models() -> dict[EntityKind, Model]:
    """Every kind with its model."""
    path = folder("features") / "entities.yaml"
    return {kind: _model(kind, entry) for kind, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def _model(kind: EntityKind, entry: Mapping[str, Any]) -> Model:
    return Model(
        kind, entry["threshold"], entry["margin"], entry["share"],
        tuple(sorted((str(column), str(level)) for column, level in entry["needs"])),
        tuple(entry["blocking"]),
        {name: tuple(map(_level, levels)) for name, levels in entry["comparisons"].items()},
        entry.get("hub", 0), entry.get("attested_numbers", 0),
    )  # fmt: skip


def _level(entry: Mapping[str, Any]) -> Level:
    text = {language: entry[language] for language in ("sv", "en")}
    return Level(entry["name"], entry.get("when", "ELSE"), entry.get("m"), entry.get("u"), text)


def _rule(rule: str | Mapping[str, str]) -> str | dict[str, Any]:
    """``{explode: column}`` blocks on any element that two lists have in common."""
    if isinstance(rule, str):
        return rule
    column = rule["explode"]
    return {"blocking_rule": f"l.{column} = r.{column}", "arrays_to_explode": [column]}


def _comparison(name: str, levels: tuple[Level, ...]) -> dict[str, Any]:
    return {"output_column_name": name, "comparison_levels": [_splink_level(level) for level in levels]}


def _splink_level(level: Level) -> dict[str, Any]:
    when = _SHARED.sub(r"cast(list_has_any(\1_l, \1_r) as integer)", level.when)
    found: dict[str, Any] = {"sql_condition": when, "label_for_charts": level.name}
    if level.m is None:
        return found | {"is_null_level": True}
    return found | {"m_probability": level.m, "u_probability": level.u}
