"""Who one pseudonym is: its number, found in the delivery files as they are now with the city's key, and kept nowhere.

Nothing of the working store or the case database holds a number in clear; this is the only way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.catalogue import Column, Table, tables
from valfardsbrott.domain import Month
from valfardsbrott.identifiers import normalise
from valfardsbrott.sources.delivery import delivery, months
from valfardsbrott.sources.pseudonyms import Known, Pseudonymiser
from valfardsbrott.sources.raw import RawRows
from valfardsbrott.sources.reading import read

_MARKS = ("secrecy_marked", "protected_registration")


@dataclass(frozen=True)
class Identity:
    """A number in clear (twelve digits, or as it was delivered where it is none), and the delivery that has it."""

    number: str
    month: str


def find(root: Path, key: bytes, pseudonym: str, known: frozenset[str] = frozenset()) -> Identity | None:
    """The number behind ``pseudonym``, from the newest delivery that has it in a column of persons or organisations.

    None where no delivery has it, and for whom a population register marks as protected: the two are told alike, so the
    answer does not say that somebody is protected. Registers of the deliveries in ``known`` (months) are not looked at
    for marks but for the newest, since the caller knows who they protect. A number that is only inside other text or
    an account is not found.
    """
    found, _ = months(root)
    newest = sorted(found, reverse=True)
    for at, month in enumerate(newest):
        if (at == 0 or str(month) not in known) and _protected(root, month, key, pseudonym):
            return None
    return next(filter(None, (_in(root, month, key, pseudonym) for month in newest)), None)


def _protected(root: Path, month: Month, key: bytes, pseudonym: str) -> bool:
    names = Pseudonymiser(key, month.last)
    for rows in _batches(root, month, {"person"}):
        persons = rows.columns.get("person_id")
        marks = [rows.columns[name] for name in _MARKS if name in rows.columns]
        if persons is None or not marks:
            continue
        texts = [str(each) for each in _matching(persons, names.person, pseudonym)]
        marked = pc.is_in(_text(persons), pa.array(texts, pa.string())).to_pylist()
        if any(hit and _is_true(mark[row].as_py()) for row, hit in enumerate(marked) for mark in marks):
            return True
    return False


def _in(root: Path, month: Month, key: bytes, pseudonym: str) -> Identity | None:
    names = Pseudonymiser(key, month.last)
    for rows in _batches(root, month, set(tables())):
        for column in _columns(tables()[rows.table]):
            source = rows.columns.get(column.name)
            look = names.person if column.type == "person" else names.organisation
            if source is not None and (texts := _matching(source, look, pseudonym)):
                return Identity(normalise(texts[0], "person", month.last).canonical or texts[0], str(month))
    return None


def _batches(root: Path, month: Month, only: set[str]) -> Iterator[RawRows]:
    """Registers first: that is where a person mostly is."""
    sources = delivery(root, month).sources
    for source in sorted(sources, key=lambda one: not {"person", "person_relation", "provider"} & set(one.tables)):
        for rows, _ in read(source, only, {}):
            yield rows


def _columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.type in ("person", "org")]


def _matching(source: pa.Array, look: Callable[[str], Known], pseudonym: str) -> list[str]:
    """Distinct texts of the column whose pseudonym it is."""
    distinct = pc.unique(_text(source)).to_pylist()
    return [text for text in distinct if text and look(text).value == pseudonym]


def _text(source: pa.Array) -> pa.Array:
    """As ingest reads it: numbers that a file holds as numbers have lost their leading zeros."""
    if pa.types.is_integer(source.type):
        return pc.utf8_lpad(source.cast(pa.string()), 10, "0")
    return pc.utf8_trim_whitespace(source.cast(pa.string()))


def _is_true(value: object) -> bool:
    return value is True or str(value).strip().casefold() in {"true", "1", "t", "j", "ja", "y", "yes", "sant"}
