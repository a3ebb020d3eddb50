"""Which views and features have cases beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from valfardsbrott.features import LOADER, View, load_views, upstream


def problems(view: View) -> Iterator[tuple[str, str]]:
    """Where and what, for each feature whose value no case expects."""
    if not view.features or _is_installed(view):
        return
    path = _path(view)
    if not path.exists():
        yield "cases", f"missing: write {path.name}"
        return
    expected = {name for case in _read(path) for row in _expected(view, case) for name in row}
    for feature in view.features:
        if feature.name not in expected:
            yield "cases", f"no case expects a value of {feature.name}"


def _expected(view: View, case: dict[str, Any]) -> list[dict[str, Any]]:
    entry: Any = case.get("expect", [])
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
