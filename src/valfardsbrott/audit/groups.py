"""The city's own file of groups: read for one audit, kept in memory, written nowhere.

    person_id;sex;age
    19800101-9998;woman;65-79

One row a person, one column or more of groups. Person numbers become pseudonyms by the city's key as they are read.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.identifiers import normalise

PERSON = "person_id"
#: More groups than this in a column is a register and no grouping.
MOST_GROUPS = 30
#: The group of persons whom the file does not have, or has no group for.
UNKNOWN = ""


@dataclass(frozen=True, repr=False)
class Groups:
    """Groups by column and pseudonym. It has no representation, so that no log or error can hold a row of it."""

    columns: tuple[str, ...]
    of: dict[str, tuple[str, ...]]


def read(path: Path, pseudonym: Callable[[str], str]) -> Groups:
    """Read the file. Raises Failure with file, line and column, never with what stands there."""
    rows = _rows(path)
    line, header = next(rows, (1, []))
    names = tuple(cell.strip() for cell in header)
    _check_header(path, line, names)
    found: dict[str, tuple[str, ...]] = {}
    for at, row in rows:
        person, groups = _row(path, at, row, names)
        key = pseudonym(person)
        if key in found:
            raise _wrong(path, at, PERSON, "the person is in the file already", "Give each person one row")
        found[key] = groups
    if not found:
        raise Failure(f"{path} holds no person", "Give it a row for each person under the header")
    columns = tuple(name for name in names if name != PERSON)
    for at, name in enumerate(columns):
        if len({groups[at] for groups in found.values()}) > MOST_GROUPS:
            raise _wrong(path, 1, name, f"it has more than {MOST_GROUPS} groups", "Join them to fewer, larger ones")
    return Groups(columns, found)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, each with its number."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Failure(f"{path} cannot be read", "Name a CSV file with --groups", EXIT_SYSTEM) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise Failure(f"{path}, line {reader.line_num}: it is no CSV", "Write it as CSV, UTF-8") from error


def _check_header(path: Path, line: int, names: tuple[str, ...]) -> None:
    if PERSON not in names:
        raise _wrong(path, line, PERSON, "there is no such column", f"Name the first column {PERSON}")
    if len(names) < 2:
        raise _wrong(path, line, PERSON, "there is no column of groups beside it", "Give one column or more of groups")
    twice = next((name for at, name in enumerate(names) if not name or name in names[:at]), None)
    if twice is not None:
        raise _wrong(
            path, line, twice or "(no name)", "a column's name is empty or there twice", "Name each column once"
        )


def _row(path: Path, line: int, row: list[str], names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    if len(row) != len(names):
        told = f"the line has {len(row)} cells and the header {len(names)}"
        raise Failure(f"{path}, line {line}: {told}", "Give every line as many cells as the header")
    cells = dict(zip(names, row, strict=True))
    read = normalise(cells.pop(PERSON), "person")
    if read.canonical is None or not read.valid:
        raise _wrong(path, line, PERSON, "it is no person number", "Write twelve digits, as 19800101-9998")
    return read.canonical, tuple(cell.strip() for cell in cells.values())


def _wrong(path: Path, line: int, column: str, what: str, hint: str) -> Failure:
    return Failure(f"{path}, line {line}, column {column}: {what}", hint)
