"""Words and figures in Swedish and English: texts are data, units are written as people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_NARROW = "\u202f"  # between groups of three digits, and between a number and its sign
_MINUS = "\u2212"


@dataclass(frozen=True)
class Language:
    """One language: ``text(key)`` for words, ``value`` for a feature's number with its unit."""

    code: str
    texts: dict[str, Any]

    def text(self, key: str, **parts: object) -> str:
        """The text at a dotted key ("list.title"), with ``{name}`` filled in. KeyError for a text that is not there."""
        found: Any = self.texts
        for step in key.split("."):
            found = found[step]
        return str(found).format(**parts) if parts else str(found)

    def word(self, group: str, name: object) -> str:
        """The word for a code ("service", "home_care"); the code itself where no word is known."""
        return str(self.texts[group].get(str(name), name))

    def value(self, value: float | None, unit: str) -> str:
        """A feature's value as people write it; the words for "not available" where it is None.

        >>> Language("en", common("en")).value(0.4312, "share")
        '43 %'
        """
        if value is None or value != value:  # noqa: PLR0124 - NaN is the one value that differs from itself
            return self.text("not_available")
        if unit == "share":
            return f"{self.number(100 * value, _decimals_of_percent(100 * abs(value)))}{_NARROW}%"
        if unit == "sek":
            return self.money(value)
        if unit == "p_value":
            return self.chance(value)
        number = self.number(value, _decimals(value))
        return f"{number}{_NARROW}{self.texts['units'][unit]}" if self.texts["units"].get(unit) else number

    def number(self, value: float, decimals: int = 0) -> str:
        """Digits in groups of three, the language's own decimal sign, a true minus."""
        text = f"{abs(value):,.{decimals}f}".replace(",", _NARROW).replace(".", self.texts["decimal_sign"])
        return f"{_MINUS}{text}" if value < 0 and text.strip("0.,") else text

    def money(self, sek: float | None) -> str:
        return self.text("not_available") if sek is None else f"{self.number(sek)}{_NARROW}{self.texts['currency']}"

    def chance(self, p: float | None) -> str:
        """A p-value in figures, never rounded to zero."""
        if p is None or p != p:  # noqa: PLR0124
            return self.text("not_available")
        return f"<{_NARROW}{self.number(0.0001, 4)}" if p < 0.0001 else self.number(p, 4 if p < 0.01 else 2)


def _decimals(value: float) -> int:
    """Three figures, two below 1 however small (one where the second is 0); none for whole numbers."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return 0
    if size >= 0.1:
        return 1 if size >= 10 else 2
    second = min(6, 1 - math.floor(math.log10(size)))
    return second - 1 if round(size, second - 1) == round(size, second) else second


def _decimals_of_percent(size: float) -> int:
    return 0 if size >= 10 or size == 0 else 1 if size >= 0.1 else 2


@cache
def common(code: str) -> dict[str, Any]:
    """The words that every part of the program shares, of ``sv`` or ``en``: units, months, services, kinds of links."""
    return read(Path(__file__).parent / "locales" / f"{code}.yaml")


def read(path: Path) -> dict[str, Any]:
    """The texts of one file, nested by their dotted keys."""
    texts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts
