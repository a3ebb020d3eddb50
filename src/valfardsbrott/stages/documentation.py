"""Documentation made from the headers: a page for each feature, a data dictionary, a register of personal data.

Nothing of it is written by hand, so it cannot fall behind: what is missing in a header is missing on the page, and the
header's own check fails first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from valfardsbrott.catalogue import Table, tables
from valfardsbrott.features import Family, Feature, View, base, load_views, upstream
from valfardsbrott.features_lint.indicators import indicators
from valfardsbrott.rules import load_rules
from valfardsbrott.stages.language import language
from valfardsbrott.stages.workspace import replacing

LANGUAGES = ("sv", "en")
_TEMPLATES = Path(__file__).parent / "templates" / "docs"
PERSONAL = ("personal", "sensitive")


def write(out: Path) -> list[Path]:
    """Write every page in both languages below ``out`` (``sv/``, ``en/``) and return the paths, sorted.

    A page keeps its name from one time to the next; pages of features that are gone are removed.
    """
    written = [path for code in LANGUAGES for path in _pages(out / code, code)]
    for stale in {path for code in LANGUAGES for path in (out / code).rglob("*.md")} - set(written):
        stale.unlink()
    return sorted(written)


def _pages(out: Path, code: str) -> Iterator[Path]:
    views = load_views()
    features = [(view, feature) for view in views for feature in view.features]
    shared: dict[str, Any] = {"code": code, "lang": language(code), "tables": tables(), "readers": _readers(views)}
    for view, feature in features:
        shown = [case for case in cases(view) if _is_about(case, feature)]
        page = {"view": view, "feature": feature, "cases": shown, "read": _read_tables(view)}
        yield _write(out / "features" / f"{feature.name}.md", "feature.md.j2", shared | page)
    yield _write(out / "README.md", "features.md.j2", shared | {"families": _families(features)})
    catalogue = {family: [each for each in indicators() if each.family == family] for family in get_args(Family)}
    measured = {feature.name for each in indicators() for feature in each.measured_by}
    others = [feature for _, feature in features if feature.name not in measured]
    yield _write(out / "catalogue.md", "catalogue.md.j2", shared | {"catalogue": catalogue, "others": others})
    yield _write(out / "data-dictionary.md", "dictionary.md.j2", shared)
    yield _write(out / "published-files.md", "published.md.j2", {"code": code, "features": features, **published()})
    for rule in load_rules():
        yield _write(out / "rules" / f"{rule.path.stem}.md", "rule.md.j2", {"code": code, "rule": rule})
    yield _write(out / "personal-data.md", "personal.md.j2", shared | {"register": _register(features)})


def _write(path: Path, template: str, values: dict[str, Any]) -> Path:
    with replacing(path) as temporary:
        temporary.write_text(_templates().get_template(template).render(values), encoding="utf-8")
    return path


@cache
def published() -> dict[str, Any]:
    """What the columns of the published files say: ``everywhere``, and by file ``row`` and the file's own columns."""
    said: dict[str, Any] = yaml.safe_load((_TEMPLATES / "published.yaml").read_text(encoding="utf-8"))
    return said


@cache
def _templates() -> Environment:
    where = FileSystemLoader(_TEMPLATES)
    made = Environment(loader=where, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - Markdown, from our own headers
    made.filters["table"] = _markdown_table
    return made


def cases(view: View) -> list[dict[str, Any]]:
    """The view's cases, or none where they are not there (a wheel carries no cases)."""
    path = view.path.with_suffix("").with_suffix(".cases.yaml")
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []


def _is_about(case: dict[str, Any], feature: Feature) -> bool:
    """Whether the case says what the feature is, or only that the provider has no row."""
    entry = case.get("expect") or []
    rows = entry.get(feature.view, []) if isinstance(entry, dict) else entry
    return any(feature.name in row for row in rows) or not entry


def _read_tables(view: View) -> list[Table]:
    """The input tables behind a view, also those that it reads through other views, in reading order."""
    names = {base(source)[0] for each in upstream([view.name]) for source in each.sources}
    return [table for name, table in tables().items() if name in names]


def _readers(views: tuple[View, ...]) -> dict[str, list[str]]:
    """Input table -> names of the features that read it, at first or second hand."""
    readers: dict[str, list[str]] = {name: [] for name in tables()}
    for view in views:
        for table in _read_tables(view) if view.features else ():
            readers[table.name] += [feature.name for feature in view.features]
    return {name: sorted(names) for name, names in readers.items()}


def _families(features: list[tuple[View, Feature]]) -> dict[str, list[Feature]]:
    grouped: dict[str, list[Feature]] = {}
    for _, feature in features:
        grouped.setdefault(feature.family, []).append(feature)
    return grouped


def _register(features: list[tuple[View, Feature]]) -> list[tuple[Table, list[str], list[Feature]]]:
    """Tables that hold personal data: their personal columns, and the features for which they are processed."""
    register = []
    for table in tables().values():
        columns = [column.name for column in table.columns if column.personal_class in PERSONAL]
        users = [feature for view, feature in features if table in _read_tables(view)]
        if columns:
            register.append((table, columns, users))
    return register


def _markdown_table(rows: list[dict[str, Any]]) -> str:
    """Rows of a case as a Markdown table; columns in order of appearance, what a row does not say is empty.

    Whose a row is stands first: who is not named is `acme`, as in the cases. How often a row is repeated stands last.
    """
    named = any("org_number" in row for row in rows)
    rows = [({"org_number": "acme"} if named else {}) | _numbered(row) for row in rows]
    names = list(dict.fromkeys(name for row in rows for name in row))
    names.sort(key=lambda name: name == "times")
    lines = [names, ["---"] * len(names), *([_cell(row.get(name, "")) for name in names] for row in rows)]
    lines[0] = ["×" if name == "times" else name for name in names]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _numbered(row: dict[str, Any]) -> dict[str, Any]:
    """A row that is repeated with numbers (``r{n}``) names the first and the last of them."""
    first_to_last = re.compile(r"\{n[^}]*\}"), f"1…{row.get('times', 1)}"
    return {
        key: first_to_last[0].sub(first_to_last[1], value) if isinstance(value, str) else value
        for key, value in row.items()
    }


def _cell(value: object) -> str:
    return "null" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
