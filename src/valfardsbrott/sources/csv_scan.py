"""One look over the bytes of a CSV file before it is parsed: encoding, quoting, and on which line each record begins.

The parser that follows is fast but silent: it takes a quote that never ends for one long value and does not count
lines. What it would hide is found here, on the bytes, 8 MB at a time.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from valfardsbrott.domain import Failure

CHUNK = 8 * 2**20
Lines = npt.NDArray[np.int64]

_QUOTE, _LF, _CR = 34, 10, 13
_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
#: Swedish letters in UTF-8. In a file that is not UTF-8 as a whole they show that two encodings were pasted together.
_SWEDISH_UTF8 = re.compile(rb"\xc3[\x84\x85\x96\xa4\xa5\xa9\xb6]")


class LineIndex:
    """On which line (from 1) each record begins, blank lines left out. Regular stretches are kept as two numbers."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, int, Lines | None]] = []  # first record, first line, lines unless consecutive
        self.records = 0

    def add(self, lines: Lines) -> None:
        if not len(lines):
            return
        regular = int(lines[-1]) - int(lines[0]) == len(lines) - 1
        self._parts.append((self.records, int(lines[0]), None if regular else lines))
        self.records += len(lines)

    def lines(self, records: Lines) -> Lines:
        """The line of each record; ``records`` count from 0 (the header) and ascend."""
        firsts = np.array([part[0] for part in self._parts], dtype=np.int64)
        found = np.empty(len(records), dtype=np.int64)
        of_part = np.searchsorted(firsts, records, side="right") - 1
        for at in np.unique(of_part):
            first, line, lines = self._parts[int(at)]
            chosen = of_part == at
            offset = records[chosen] - first
            found[chosen] = line + offset if lines is None else lines[offset]
        return found


@dataclass
class Scan:
    """What a look over the bytes told. ``tidy``: every quote opens or closes a value as RFC 4180 has it."""

    encoding: str
    index: LineIndex
    tidy: bool
    multiline: bool


def scan(stream: BinaryIO, name: str, delimiter: str, encoding: str | None = None) -> Scan:
    """Look over the whole stream.

    Raises Failure that names file and line for NUL bytes, bytes that are neither UTF-8 nor cp1252, and the two
    mixed. An empty stream gives no records. ``encoding`` (from a mapping) is taken at its word when given.
    """
    text, shape = _Encoding(name, encoding), _Shape(ord(delimiter))
    while piece := stream.read(CHUNK):
        text.feed(piece, shape.next_line)
        shape.feed(piece)
    shape.close()
    return Scan(text.result(), shape.index, shape.tidy, shape.multiline)


@dataclass
class _Encoding:
    """Tells UTF-8 from cp1252 as pieces go by; pieces of ASCII, the most, cost nothing."""

    name: str
    given: str | None
    _decoder: codecs.IncrementalDecoder | None = field(default_factory=codecs.getincrementaldecoder("utf-8"))
    _bad_line: int = 0
    _swedish: bool = False
    _undefined_line: int = 0

    def feed(self, piece: bytes, line: int) -> None:
        if (at := piece.find(0)) >= 0:
            raise Failure(f"{self.name}, line {_line(piece, at, line)}: NUL byte", "The file is damaged or not text")
        try:
            if self._decoder is not None:
                self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            self._decoder, self._bad_line = None, _line(piece, error.start, line)
        if not piece.isascii():
            self._swedish = self._swedish or _SWEDISH_UTF8.search(piece) is not None
            undefined = None if self._undefined_line else _NOT_CP1252.search(piece)
            self._undefined_line = _line(piece, undefined.start(), line) if undefined else self._undefined_line

    def result(self) -> str:
        if self.given and self.given != "utf-8":
            return self.given
        if self._decoder is not None and not self._decoder.getstate()[0]:
            return "utf-8"
        if self._undefined_line or self._swedish or self.given:
            what = "mixes UTF-8 and cp1252" if self._swedish else "is neither UTF-8 nor cp1252"
            what = "is not UTF-8 as the mapping says" if self.given else what
            place = f", line {self._bad_line}" if self._bad_line else " ends in the middle of a letter"
            raise Failure(f"{self.name}{place}: the text {what}", "Save it as CSV in UTF-8")
        return "cp1252"


def _line(piece: bytes, at: int, line: int) -> int:
    before = piece[:at]
    return line + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


class _Shape:
    """Finds record ends and odd quotes; holds one byte back, so that each byte is seen with its neighbours."""

    def __init__(self, delimiter: int) -> None:
        self.index, self.tidy, self.multiline, self.line = LineIndex(), True, False, 1
        self._neighbours = np.zeros(256, dtype=bool)
        self._neighbours[[delimiter, _QUOTE, _LF, _CR]] = True
        self._previous, self._held, self._open = _LF, b"", False
        self._record_line: int | None = None  # where the record that is open at the end of a piece began

    @property
    def next_line(self) -> int:
        return self.line + (self._held == b"\n")

    def feed(self, piece: bytes) -> None:
        if not self._held and self.line == 1 and self.index.records == 0:
            piece = piece.removeprefix(codecs.BOM_UTF8)
        data = self._held + piece
        if data:
            self._look(np.frombuffer(data, dtype=np.uint8))
            self._held = data[-1:]

    def close(self) -> None:
        """Look at the last byte as if a line end followed; a quote still open means that quoting is broken."""
        if self._held:
            self._look(np.frombuffer(self._held + b"\n", dtype=np.uint8))
            if self._record_line is not None:
                self.index.add(np.array([self._record_line], dtype=np.int64))
        self.tidy = self.tidy and not self._open

    def _look(self, data: npt.NDArray[np.uint8]) -> None:
        now, following = data[:-1], data[1:]
        quotes = np.flatnonzero(now == _QUOTE)
        ends = np.flatnonzero((now == _LF) | ((now == _CR) & (following != _LF)))
        if len(quotes):
            self._check(quotes, now, following)
        inside = np.searchsorted(quotes, ends) + self._open
        self.multiline = self.multiline or bool((inside % 2).any())
        self._records(now, ends, inside % 2 == 0)
        self._open = bool((len(quotes) + self._open) % 2)
        self._previous = int(now[-1]) if len(now) else self._previous

    def _check(self, quotes: Lines, now: npt.NDArray[np.uint8], following: npt.NDArray[np.uint8]) -> None:
        before = np.where(quotes > 0, now[quotes - 1], self._previous)
        opening = (np.arange(len(quotes)) + self._open) % 2 == 0
        outer = np.where(opening, before, following[quotes])
        self.tidy = self.tidy and bool(self._neighbours[outer].all())

    def _records(self, now: npt.NDArray[np.uint8], ends: Lines, closing: npt.NDArray[np.bool_]) -> None:
        """Add the records that end in this piece. A record is blank if nothing but its line end is in it."""
        line_of_end = self.line + np.arange(len(ends))
        ends, own = ends[closing], line_of_end[closing]
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        begins = np.concatenate(([self.line], own[:-1] + 1)) if len(ends) else own
        length = ends - starts
        lone = (length == 1) & (now[np.minimum(starts, max(len(now) - 1, 0))] == _CR) if len(now) else length == 1
        filled = (length > 0) & ~lone
        if len(ends) and self._record_line is not None:
            begins[0], filled[0] = self._record_line, True
            self._record_line = None
        self.index.add(begins[filled].astype(np.int64))
        self.line += len(line_of_end)
        tail = now[ends[-1] + 1 :] if len(ends) else now
        if self._record_line is None and len(tail) and not (len(tail) == 1 and tail[0] == _CR):
            self._record_line = int(own[-1]) + 1 if len(ends) else self.line - len(line_of_end)
