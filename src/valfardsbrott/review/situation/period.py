"""The months that a picture is of: whole quarters of them, counted from the first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from valfardsbrott.domain import EXIT_USAGE, Failure, Month

#: Months in a part of the period: fewer would be too few hits to show a development by.
PART = 3


@dataclass(frozen=True)
class Period:
    """From ``first`` to ``last``, both included; a multiple of three months."""

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.count < PART or self.count % PART:
            raise Failure(
                f"{self} is {max(self.count, 0)} months", "A picture is of 3, 6, 9, 12 ... whole months", EXIT_USAGE
            )

    @classmethod
    def of(cls, first: str, last: str) -> Period:
        return cls(Month.parse(first), Month.parse(last))

    @classmethod
    def ending(cls, last: str, months: int = 12) -> Period:
        end = Month.parse(last)
        return cls(end.plus(1 - months), end)

    @property
    def count(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.number - self.first.number + 1

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(str(self.first.plus(at)) for at in range(self.count))

    def holds(self, day: dt.date) -> bool:
        return self.first.first <= day <= self.last.last

    def overlaps(self, other: Period) -> bool:
        return self.first <= other.last and other.first <= self.last

    def part(self, month: str) -> str:
        """The three months that a month belongs to, as "2025-11–2026-01"."""
        at = self.months.index(month) // PART * PART
        return f"{self.months[at]}–{self.months[at + PART - 1]}"

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.part(month) for month in self.months))

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"
