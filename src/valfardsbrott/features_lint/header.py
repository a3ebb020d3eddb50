"""What a header must say: both languages, known schemes and columns, evidence that can be found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from valfardsbrott.catalogue import readable, tables
from valfardsbrott.features import Evidence, Feature, View, base

_SCHEME = re.compile(r"S(0[1-9]|1\d|2[01])")
#: What makes a number per minute, or per hour, one per 1 000 hours.
_PER_1000_H = frozenset({60_000, 1_000})
_LANGUAGES: tuple[Literal["sv", "en"], ...] = ("sv", "en")


def problems(view: View, views: dict[str, View]) -> Iterator[tuple[str, str]]:
    """Where and what, for each thing that the header leaves out or gets wrong."""
    for feature in view.features:
        at = f"columns.{feature.name}"
        for key in ("label", "why", "innocent", "check", "missing"):
            text = getattr(feature, key)
            for language in _LANGUAGES:
                if not text.get(language, "").strip():
                    yield f"{at}.{key}", f"no text in {language}"
        if not feature.legal_basis.strip():
            yield f"{at}.legal_basis", "empty"
        for scheme in feature.schemes:
            if not _SCHEME.fullmatch(scheme):
                yield f"{at}.schemes", f"there is no scheme {scheme} (S01-S21)"
        yield from _unit(feature, at)
        yield from _needs(feature, at)
        yield from _evidence(feature.evidence, f"{at}.evidence", views)


def _unit(feature: Feature, at: str) -> Iterator[tuple[str, str]]:
    """Where what the evidence computes cannot be in the unit that the header names."""
    behind = feature.evidence
    if (behind.scale in _PER_1000_H) != feature.unit.endswith("_per_1000_h"):
        yield f"{at}.unit", f"{feature.unit}, but the evidence's scale is {behind.scale:g} (per 1 000 hours: 60000)"
    counted = behind.measure.startswith("count(") and behind.per.startswith("count(")
    if counted and behind.scale == 1 and feature.unit not in {"share", "ratio"}:
        yield f"{at}.unit", f"{feature.unit}, but one count divided by another is a share or a ratio"


def _needs(feature: Feature, at: str) -> Iterator[tuple[str, str]]:
    for need in feature.needs:
        table, _, column = need.partition(".")
        known = (
            {name for c in tables()[table].columns for name in (c.name, c.stored_name)} if table in tables() else None
        )
        if known is None or (column and column not in known):
            yield f"{at}.needs", f"there is no {need}"


def _evidence(evidence: Evidence, at: str, views: dict[str, View]) -> Iterator[tuple[str, str]]:
    columns = _columns(evidence.view, views)
    if columns is None:
        yield f"{at}.view", f"there is no view or table {evidence.view}"
        return
    if "org_number" not in columns:
        yield f"{at}.view", f"{evidence.view} has no org_number"
    if evidence.source and _columns(evidence.source, views) is None:
        yield f"{at}.source", f"there is no view or table {evidence.source}"
    if not evidence.source and "source_row_id" not in columns:
        yield f"{at}.source", f"missing: {evidence.view} does not say in which file and row its rows stand"
    if not evidence.measure:
        yield f"{at}.measure", "missing: say how the number is computed again from the rows"
    others = {"per": evidence.of, "source_where": evidence.source}
    for key in ("where", "measure", "per", "source_where"):
        text, view = getattr(evidence, key), others.get(key) or evidence.view
        known = _columns(view, views)
        if known is None:
            yield f"{at}.{key}", f"there is no view or table {view}"
            continue
        try:
            used = {c.name for c in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Column)} if text else set()
        except SqlglotError:
            yield f"{at}.{key}", "is not SQL"
            continue
        for name in sorted(used - known):
            yield f"{at}.{key}", f"{view} has no column {name}"


def _columns(source: str, views: dict[str, View]) -> set[str] | None:
    name, window = base(source)
    extra = {"delivery_month"} if window != 1 else set()
    if name in readable():
        return {*readable()[name].stored, "source_table", "source_row_id"} | extra
    return {*views[name].grain, *views[name].columns} | extra if name in views else None
