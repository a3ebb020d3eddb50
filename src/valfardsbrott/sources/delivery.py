"""Deliveries in their folder: one folder for each month, and in it files that are known by name, form or mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.identifiers import without_persons
from valfardsbrott.sources.mapping import FILE, FileRule, MappingFile, load

Form = Literal["parquet", "csv", "mapped", "peppol", "svefaktura", "navet"]

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
#: What the review application decided, beside the city's own known_case: written by `valfardsbrott review decisions`.
REVIEWED = "review/known_case.csv"
_CSV = (".csv", ".csv.gz", ".csv.zip")
_LAYOUT = "Put each month's files in a folder of its own: DELIVERIES/2026-10/visit.csv"
_XML: dict[str, tuple[Form, tuple[str, ...]]] = {
    "peppol": ("peppol", ("invoice", "claim_line")),
    "svefaktura": ("svefaktura", ("invoice", "claim_line")),
    "navet": ("navet", ("person", "person_relation")),
}


@dataclass(frozen=True)
class Source:
    """One file of a delivery. ``tables``: what its rows may become.

    ``name``: its path inside the delivery, as stores and messages have it. A person number in it is starred, and where
    several are then alike they are numbered in the order of their paths (``navet/********-****.xml~2``).
    """

    path: Path
    name: str
    form: Form
    tables: tuple[str, ...]
    rule: FileRule | None = None


@dataclass(frozen=True)
class Delivery:
    """A month's folder. ``unknown``: files that nothing reads. ``mapping``: the mapping file that was used, if any."""

    month: Month
    folder: Path
    sources: tuple[Source, ...]
    unknown: tuple[str, ...]
    mapping: Path | None


def months(root: Path) -> tuple[dict[Month, Path], tuple[str, ...]]:
    """The delivered months in order, and the names of other folders, which are left alone.

    Raises Failure where there is no such folder, it may not be read, or tables lie directly in it.
    """
    if not root.is_dir():
        raise Failure(f"there is no folder of deliveries at {root}", _LAYOUT)
    try:
        entries = sorted(entry for entry in root.iterdir() if not entry.name.startswith("."))
    except PermissionError:
        raise Failure(f"no permission to read {root}", "Change its rights", EXIT_SYSTEM) from None
    loose = next((entry.name for entry in entries if entry.is_file() and _table_of(entry.name)), None)
    if loose:
        raise Failure(f"{root} holds the table {loose} itself, and not folders of months", _LAYOUT)
    folders = [entry for entry in entries if entry.is_dir()]
    found = {Month.parse(entry.name): entry for entry in folders if _MONTH.fullmatch(entry.name)}
    return found, tuple(entry.name for entry in folders if not _MONTH.fullmatch(entry.name))


def folder_of(root: Path, month: Month) -> Path:
    """The folder of the month's delivery; a Failure names the deliveries that there are."""
    found, _ = months(root)
    if month not in found:
        there = ", ".join(str(each) for each in sorted(found)) or "none"
        raise Failure(f"there is no delivery for {month} in {root} (deliveries: {there})", _LAYOUT)
    return found[month]


def delivery(root: Path, month: Month) -> Delivery:
    """Sort the files of a month. A mapping in the delivery comes before one beside the deliveries.

    Raises Failure for a folder that holds no table, and for a mapping in error.
    """
    folder = folder_of(root, month)
    place = next((path for path in (folder / FILE, root / FILE) if path.is_file()), None)
    mapping = load(place) if place else None
    sources: list[Source] = []
    unknown: list[str] = []
    alike: Counter[str] = Counter()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        source, shown = _source(path, name, mapping), without_persons(name)
        alike[shown] += 1
        if shown != name and alike[shown] > 1:
            shown = f"{shown}~{alike[shown]}"
        if source:
            sources.append(replace(source, name=shown))
        elif name != FILE:
            unknown.append(shown)
    if not sources:
        raise Failure(f"the delivery {folder} holds no table", _hint(unknown))
    return Delivery(month, folder, tuple(sources), tuple(unknown), place)


def _hint(unknown: list[str]) -> str:
    if not unknown:
        return "Put the month's files there, or leave the folder out"
    return f"Name tables as the data model does (visit.csv), or map {unknown[0]} with a {FILE}"


def _files(folder: Path) -> Iterator[Path]:
    try:
        _refuse_what_is_no_file(folder)
        found = sorted(path for path in folder.rglob("*") if path.is_file())
    except PermissionError:
        raise Failure(f"no permission to read {folder}", "Change its rights", EXIT_SYSTEM) from None
    return (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _refuse_what_is_no_file(folder: Path) -> None:
    """A folder named visit.parquet, or a link that leads nowhere, is a table that somebody thinks was delivered."""
    odd = next((path for path in sorted(folder.iterdir()) if _table_of(path.name) and not path.is_file()), None)
    if odd is not None:
        what = "a folder" if odd.is_dir() else "a link that leads nowhere"
        raise Failure(f"{odd} is {what}, not a file", "Deliver the table as one file, or leave it out")


def _source(path: Path, name: str, mapping: MappingFile | None) -> Source | None:
    rule = mapping.rule_for(name) if mapping else None
    if rule:
        return Source(path, name, "mapped", tuple(dict.fromkeys(entry.table.name for entry in rule.tables)), rule)
    table = _table_of(name)
    if table:
        return Source(path, name, "parquet" if name.casefold().endswith(".parquet") else "csv", (table,))
    if name == REVIEWED:
        return Source(path, name, "csv", ("known_case",))
    folder, _, file = name.rpartition("/")
    if folder in _XML and file.casefold().endswith(".xml"):
        form, made = _XML[folder]
        return Source(path, name, form, made)
    return None


def _table_of(name: str) -> str | None:
    """The table that a file in the delivery's own folder is named after."""
    stem = name.casefold()
    for suffix in (".parquet", *_CSV):
        if stem.endswith(suffix) and stem.removesuffix(suffix) in tables():
            return stem.removesuffix(suffix)
    return None
