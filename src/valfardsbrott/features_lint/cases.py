"""Which views and features have cases beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml

from valfardsbrott.features import LOADER, Feature, View, load_views, upstream


def problems(view: View) -> Iterator[tuple[str, str]]:
    """Where and what, for each feature that the cases do not show: ordinary, striking, and not there."""
    if not view.features or _is_installed(view):
        return
    path = _path(view)
    if not path.exists():
        yield "cases", f"missing: write {path.name}"
        return
    cases = _read(path)
    rows = [row for case in cases for row in _rows(view, case, "expect")]
    absent = any(_rows(view, case, "absent") for case in cases)
    for feature in view.features:
        values = [row[feature.name] for row in rows if feature.name in row]
        yield from _units(feature, values)
        if not values:
            yield "cases", f"no case expects a value of {feature.name}"
            continue
        if None not in values and not absent:
            yield "cases", f"no case shows when there is no {feature.name} (null, or no row)"
        if len({value for value in values if value is not None}) < 2:
            yield "cases", f"no case shows {feature.name} both ordinary and striking (two values)"


def _units(feature: Feature, values: list[Any]) -> Iterator[tuple[str, str]]:
    """Expected values that the unit cannot have: shares and p-values lie within 1, counts are whole."""
    for value in filter(None, values):
        beyond = feature.unit in {"share", "p_value"} and abs(value) > 1
        if beyond or (feature.unit == "count" and value != int(value)):
            yield f"columns.{feature.name}.unit", f"{feature.unit}, but a case expects {value:g}"


def _rows(view: View, case: dict[str, Any], key: Literal["expect", "absent"]) -> list[dict[str, Any]]:
    entry: Any = case.get(key, [])
    return list(entry.get(view.name, []) if isinstance(entry, dict) else entry)


def _read(path: Path) -> list[dict[str, Any]]:
    cases: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    return list(cases) if isinstance(cases, list) else []


def _is_installed(view: View) -> bool:
    """An installed wheel carries the views without their cases."""
    return "_definitions" in view.path.parts


def _path(view: View) -> Path:
    return view.path.with_suffix(".cases.yaml")


def never_run(root: Path | None = None) -> list[View]:
    """Views that no case runs; one without features needs none of its own where the case of a reader runs it."""
    views = load_views(root)
    with_cases = {view.name for view in views if _path(view).exists()}
    covered = {view.name for view in upstream(with_cases, root)}
    return [view for view in views if view.name not in covered and not _is_installed(view)]
