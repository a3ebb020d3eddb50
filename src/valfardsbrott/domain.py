"""Words that every layer shares: months, failures a user sees, and what a stage leaves behind."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Self

EXIT_OK = 0
EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_LIMIT = 4
EXIT_SYSTEM = 5

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: The same inside a text, where a spreadsheet that parts cells by semicolon or tab, as a Swedish one does, begins one.
_INNER_FORMULA = re.compile(r'(?<=[;\t\r\n])(["\s]*)(?=[=+@-])')
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

#: Upper bounds of performed hours a month (the mean of the months that a run looks at), smallest first.
SIZE_CLASSES: tuple[tuple[str, float], ...] = (
    ("xs", 100),
    ("s", 500),
    ("m", 2_000),
    ("l", 8_000),
    ("xl", float("inf")),
)


class Failure(Exception):
    """An error that the user can act on: shown as one line, never as a traceback.

    ``hint`` says what to do next; ``exit_code`` is one of the EXIT_ constants (docs/reference.md lists them).
    The message never holds a row's contents: file, line and column say where to look.
    """

    def __init__(self, message: str, hint: str = "", exit_code: int = EXIT_INPUT) -> None:
        super().__init__(message)
        self.message, self.hint, self.exit_code = message, hint, exit_code

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, ordered, written ``YYYY-MM``.

    >>> Month.parse("2026-01").plus(-1)
    Month('2025-12')
    """

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``YYYY-MM``; anything else is a Failure that shows the form."""
        match = _MONTH.fullmatch(text.strip())
        if match is None:
            raise Failure(f"'{text}' is not a month", "Write it as YYYY-MM, for example 2026-10", EXIT_USAGE)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return dt.date(self.year, self.number, self.days)

    @property
    def days(self) -> int:
        return calendar.monthrange(self.year, self.number)[1]

    def plus(self, months: int) -> Month:
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    def back(self, count: int) -> Iterator[Month]:
        """This month and the ones before it, ``count`` in all, newest first."""
        return (self.plus(-step) for step in range(count))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def __repr__(self) -> str:
        return f"Month('{self}')"


@dataclass
class Manifest:
    """What a stage did for a month: the fingerprint of what it read, what it wrote, counts and seconds.

    A stage whose manifest on disk has the same fingerprint is not run again (resume, and a month costs that month).
    ``outputs`` are paths relative to the store.
    """

    stage: str
    month: str
    fingerprint: str
    outputs: list[str] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cached: bool = False

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "cached"}


def size_class(hours_a_month: float) -> str:
    """The class of a provider's monthly hours; bounds belong to the class below (100 h is xs, 100.1 h is s)."""
    return next(name for name, upper in SIZE_CLASSES if hours_a_month <= upper)


class Progress(Protocol):
    """Told how far long work has come: ``done`` of ``total`` steps of ``what`` (total 0: not known)."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


def silent(what: str, done: int, total: int) -> None:
    """Progress for those who do not look."""


def cell(value: Any) -> Any:
    """What a CSV cell holds: text that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> cell("=HYPERLINK(1)"), cell("12; =1+1"), cell(-3.5), cell(None)
    ("'=HYPERLINK(1)", "12; '=1+1", -3.5, '')
    """
    if not isinstance(value, str):
        return "" if value is None else value
    inner = _INNER_FORMULA.sub(r"\1'", value)
    return f"'{inner}" if inner.startswith(_FORMULA) else inner
