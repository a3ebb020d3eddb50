"""Lays down the two files of a new view, its query under a header and its cases, from templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from valfardsbrott.definitions import folder
from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.features import Entity, load_views

_TEMPLATES = Path(__file__).parent / "templates" / "feature"
_NAME = re.compile(r"(?P<entity>[a-z_]+)/(?P<name>[a-z][a-z0-9_]*)")
_ENTITIES: tuple[str, ...] = get_args(Entity)


def lay_down(path: str, root: Path | None = None) -> list[Path]:
    """Write ``<root>/<entity>/<name>.sql`` and its cases; both work as they are, once the words are filled in.

    Below ``provider`` it is a feature, elsewhere a view of lines. Raises Failure for a name that is taken or no name.
    """
    match = _NAME.fullmatch(path)
    if match is None or match["entity"] not in _ENTITIES:
        hint = f"Write it as entity/name, for example provider/late_registration; entities: {', '.join(_ENTITIES)}"
        raise Failure(f"'{path}' is not the place of a view", hint, EXIT_USAGE)
    entity, name = match["entity"], match["name"]
    root = root or folder("features")
    for view in load_views(root):
        if name == view.name or name in {feature.name for feature in view.features}:
            raise Failure(f"there is a view or feature {name} already ({view.path})", "Choose another name", EXIT_USAGE)
    written = [_write(root / entity / f"{name}{suffix}", suffix, entity, name) for suffix in (".sql", ".cases.yaml")]
    load_views.cache_clear()
    return written


def _write(path: Path, suffix: str, entity: str, name: str) -> Path:
    template = _TEMPLATES / f"{'provider' if entity == 'provider' else 'other'}{suffix}.j2"
    text = template.read_text(encoding="utf-8").replace("<name>", name).replace("<entity>", entity)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
