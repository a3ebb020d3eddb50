"""Documentation made from the headers: a page for each feature, a data dictionary, a register of personal data.

Nothing of it is written by hand, so it cannot fall behind: what is missing in a header is missing on the page, and the
header's own check fails first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from valfardsbrott.catalogue import ENTITY, NETWORK_NODE, NETWORK_TIE, Table, tables
from valfardsbrott.features import Family, Feature, View, base, load_views, upstream
from valfardsbrott.features_lint.indicators import indicators
from valfardsbrott.rules import Rule, load_rules
from valfardsbrott.stages import entities_read, networks
from valfardsbrott.stages.language import language
from valfardsbrott.stages.workspace import replacing

LANGUAGES = ("sv", "en")
_TEMPLATES = Path(__file__).parent / "templates" / "docs"
PERSONAL = ("personal", "sensitive")
#: What is made by a stage, and what that stage reads.
_MADE_FROM = {ENTITY: entities_read.SOURCES, NETWORK_NODE: networks.READS, NETWORK_TIE: networks.READS}


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
        below = [
            f"`{each.path.parent.name}/{each.path.name}`" for each in upstream([view.name]) if each.name != view.name
        ]
        page = {"view": view, "feature": feature, "cases": shown, "read": input_tables(view.sources), "below": below}
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
    register = {"register": _register(features), "bases": _legal_bases([feature for _, feature in features])}
    yield _write(out / "personal-data.md", "personal.md.j2", shared | register)


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


def input_tables(sources: Iterable[str]) -> list[Table]:
    """The input tables behind ``sources``, also those read through views and stages, in reading order."""
    views = {view.name: view for view in load_views()}
    found, open_ = set[str](), {base(source)[0] for source in sources}
    while open_:
        name = open_.pop()
        found.add(name)
        below = _MADE_FROM.get(name, views[name].sources if name in views else ())
        open_ |= {base(source)[0] for source in below} - found
    return [table for name, table in tables().items() if name in found]


def _readers(views: tuple[View, ...]) -> dict[str, list[str]]:
    """Input table -> names of the features that read it, at first or second hand."""
    readers: dict[str, list[str]] = {name: [] for name in tables()}
    for view in views:
        for table in input_tables(view.sources) if view.features else ():
            readers[table.name] += [feature.name for feature in view.features]
    return {name: sorted(names) for name, names in readers.items()}


def _families(features: list[tuple[View, Feature]]) -> dict[str, list[Feature]]:
    grouped: dict[str, list[Feature]] = {}
    for _, feature in features:
        grouped.setdefault(feature.family, []).append(feature)
    return grouped


@dataclass(frozen=True)
class Processed:
    """A table that holds personal data: which, and the purposes that they are read for."""

    table: Table
    columns: tuple[str, ...]
    features: tuple[str, ...]
    rules: tuple[str, ...]
    networks: bool
    entities: bool


def _register(features: list[tuple[View, Feature]]) -> list[Processed]:
    """The register of processing: each table with personal data, and every indicator, rule and stage that reads it."""
    of_features = [(feature.name, input_tables(view.sources)) for view, feature in features]
    of_rules = [(rule.name, input_tables(rule.sources)) for rule in load_rules()]
    stages = {name: input_tables(_MADE_FROM[name]) for name in (NETWORK_NODE, ENTITY)}
    register = []
    for table in tables().values():
        columns = tuple(column.name for column in table.columns if column.personal_class in PERSONAL)
        users, rules = (
            tuple(dict.fromkeys(name for name, read in of if table in read)) for of in (of_features, of_rules)
        )
        if columns:
            register.append(
                Processed(table, columns, users, rules, table in stages[NETWORK_NODE], table in stages[ENTITY])
            )
    return register


def _legal_bases(features: list[Feature]) -> dict[str, tuple[list[str], list[Feature], list[Rule]]]:
    """Each legal basis as the headers write it, sorted, with the tables, indicators and rules that rest on it."""
    rules = {rule.name: rule for rule in load_rules()}.values()
    of_rules = [(part, rule) for rule in rules for part in _parts(rule.law)]
    of_features = [(part, feature) for feature in features for part in _parts(feature.legal_basis)]
    of_tables = [(part, table.name) for table in tables().values() for part in _parts(table.legal_basis)]
    return {
        basis: (
            [name for part, name in of_tables if part == basis],
            [feature for part, feature in of_features if part == basis],
            [rule for part, rule in of_rules if part == basis],
        )
        for basis in sorted({part for part, _ in (*of_rules, *of_features, *of_tables)})
    }


def _parts(bases: str) -> list[str]:
    """The bases that a header lists, each as the others write it.

    >>> _parts("SoL (2025:400) 26:1; LSS 23 §; bokföringslagen (1999:1078) 5:7")
    ['SoL 26:1', 'LSS 23', 'Bokföringslagen (1999:1078) 5:7']
    """
    parts = (part.strip().replace("SoL (2025:400)", "SoL") for part in bases.split(";"))
    return [(part[0].upper() + part[1:]).removesuffix(" §").removesuffix(" kap") for part in parts if part]


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
