"""Tell a CSV file's delimiter and header from its first bytes."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from valfardsbrott.domain import Failure

DELIMITERS = (",", ";", "\t")
_SAMPLE = 256 * 1024
_MOST_COLUMNS = 2_000


@dataclass(frozen=True)
class Dialect:
    """What a mapping may say about a CSV file; None is told apart by content. ``nulls``: texts that mean empty."""

    delimiter: str | None = None
    encoding: str | None = None
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Header:
    """The delimiter and the names of the first record, as written and as compared (``plain``)."""

    delimiter: str
    names: tuple[str, ...]

    @property
    def plain(self) -> tuple[str, ...]:
        return tuple(plain(name) for name in self.names)


def plain(name: str) -> str:
    """A header's name as it is compared: case, outer blanks and the choice of blank, ``-`` or ``_`` do not count.

    >>> plain(" Org-Number ")
    'org_number'
    """
    return re.sub(r"[\s\-_]+", "_", name.strip().casefold())


def header(stream: BinaryIO, name: str, wanted: Collection[str], given: Dialect) -> Header:
    """The delimiter under which the first record names most of ``wanted`` (plain names); then the most columns.

    Raises Failure for an empty file, a header that names none of the wanted, or one that names a column twice.
    """
    sample = stream.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Failure(f"{name} is UTF-16", "Save it as CSV in UTF-8")
    sample = sample.removeprefix(codecs.BOM_UTF8)
    text = _decoded(sample, given.encoding)
    if not text.strip():
        raise Failure(f"{name} is empty: it has not even a header", "Deliver the file again, or leave it out")
    choices = [given.delimiter] if given.delimiter else DELIMITERS
    found = max((Header(mark, _first_record(text, mark)) for mark in choices), key=lambda h: _score(h, wanted))
    if not _score(found, wanted)[0]:
        expected = ", ".join(sorted(wanted)[:6])
        raise Failure(
            f"{name}, line 1: none of the columns is known", f"The first line must name columns: {expected} ..."
        )
    _refuse_twice(found, name, wanted)
    return found


def _decoded(sample: bytes, encoding: str | None) -> str:
    try:
        return sample.decode(encoding or "utf-8", errors="strict" if encoding is None else "replace")
    except UnicodeDecodeError as error:
        if error.start > len(sample) - 4:  # the sample ends inside a letter
            return sample[: error.start].decode("utf-8")
        return sample.decode("cp1252", errors="replace")


def _first_record(text: str, delimiter: str) -> tuple[str, ...]:
    rows: Iterable[list[str]] = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return tuple(next((row for row in rows if row), [])[:_MOST_COLUMNS])
    except csv.Error:
        return ()


def _score(found: Header, wanted: Collection[str]) -> tuple[int, int]:
    return len(set(found.plain) & set(wanted)), len(found.names)


def _refuse_twice(found: Header, name: str, wanted: Collection[str]) -> None:
    names = found.plain
    twice = next((column for column in names if column in wanted and names.count(column) > 1), None)
    if twice:
        raise Failure(f"{name}, line 1: the column {twice} is there twice", "Take one of them away")
