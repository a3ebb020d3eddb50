"""The catalogue of indicators (`features/indicators.yaml`), and which features measure each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from valfardsbrott.definitions import LOADER, folder
from valfardsbrott.features import Family, Feature, load_views

FILE = "indicators.yaml"


@dataclass(frozen=True)
class Indicator:
    """One line of the catalogue.

    ``measured_by``: the features of its name or that begin with it, then those that it names under ``also``.
    ``networks`` says what the networks stage makes of it where it is about several providers at once: a link type, or a
    column of its tables.
    """

    name: str
    family: Family
    schemes: tuple[str, ...]
    measured_by: tuple[Feature, ...]
    networks: str = ""


def indicators(root: Path | None = None) -> tuple[Indicator, ...]:
    """The catalogue in its order; an indicator that nothing measures has neither features nor networks."""
    root = root or folder("features")
    entries = list(_entries(root))
    names = [name for _, name, _ in entries]
    features = [feature for view in load_views(root) for feature in view.features]
    return tuple(_indicator(*entry, names, features) for entry in entries)


def problems(root: Path) -> Iterator[tuple[str, str]]:
    """Where and what: indicators that nothing measures, and names under ``also`` that are no feature's."""
    if not (root / FILE).exists():
        return
    known = {feature.name for view in load_views(root) for feature in view.features}
    for _, name, entry in _entries(root):
        for other in sorted(set(entry.get("also", [])) - known):
            yield f"{name}.also", f"there is no feature {other}"
    for each in indicators(root):
        if not (each.measured_by or each.networks):
            yield each.name, "no feature measures it"


def _entries(root: Path) -> Iterator[tuple[Family, str, dict[str, Any]]]:
    groups = yaml.load((root / FILE).read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    for family, entries in groups.items():
        for name, entry in entries.items():
            yield family, name, entry


def _indicator(
    family: Family, name: str, entry: dict[str, Any], names: list[str], features: list[Feature]
) -> Indicator:
    own = [feature for feature in features if _longest(feature.name, names) == name]
    also = [feature for feature in features if feature.name in entry.get("also", []) and feature not in own]
    return Indicator(name, family, tuple(entry.get("schemes", ())), (*own, *also), entry.get("networks", ""))


def _longest(feature: str, names: list[str]) -> str:
    """A feature belongs to the longest name of an indicator that it begins with."""
    return max((name for name in names if f"{feature}_".startswith(f"{name}_")), key=len, default="")
