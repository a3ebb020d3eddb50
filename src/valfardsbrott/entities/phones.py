"""Telephone numbers: what is the same subscriber compares equal, whatever its spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SEPARATORS = re.compile(r"[;,|\n]|\s(?:och|eller|alt\.?|samt)\s|\s/\s")
_RUN = re.compile(r"\+?[0-9][0-9 ()./\-\u2010-\u2015\u00a0]*")
_END = re.compile(r"(.*[0-9])\s*/\s*([0-9]{1,3})")


@dataclass(frozen=True)
class Phone:
    """``canonical``: digits with a leading 0 in Sweden, with + and the country abroad. ``possible``: by its length."""

    canonical: str
    possible: bool


def numbers(text: str | None) -> tuple[Phone, ...]:
    """Every number in the text, in its order, each once; none for what is nobody's (one digit repeated, under six).

    An extension (``ankn. 12``) is left out: the subscriber is the same. ``08-12 34 56/57`` are two numbers.

    >>> [phone.canonical for phone in numbers("+46 (0)8-12 34 56, 070-123 45 67")]
    ['08123456', '0701234567']
    """
    found: dict[str, Phone] = {}
    for part in _SEPARATORS.split(text or ""):
        for written in _written(part):
            phone = _phone(written)
            if phone is not None:
                found.setdefault(phone.canonical, phone)
    return tuple(found.values())


def _written(part: str) -> list[str]:
    run = _RUN.search(part.strip())
    if run is None:
        return []
    whole = run[0].strip()
    ends = _END.fullmatch(whole)
    if ends and len(re.sub(r"[^0-9]", "", ends[1])) >= 6:
        first = re.sub(r"[^0-9+]", "", ends[1])
        return [first, first[: -len(ends[2])] + ends[2]]
    halves = whole.split("/")
    if len(halves) == 2 and all(len(re.sub(r"[^0-9]", "", half)) >= 6 for half in halves):
        return halves
    return [whole]


def _phone(written: str) -> Phone | None:
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", written)
    if len(set(digits)) < 2 or len(digits) < 6:
        return None
    for attempt in _attempts(written, digits):
        try:
            number = phonenumbers.parse(attempt, "SE")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            national = phonenumbers.national_significant_number(number)
            return _swedish(national) if number.country_code == 46 else Phone(f"+{number.country_code}{national}", True)
    return Phone(digits, False) if written == digits else _phone(digits)


def _swedish(national: str) -> Phone | None:
    """A number in Sweden, zeros before it left out (``+46 00812...``), so that it is its own normal form."""
    import phonenumbers

    canonical = f"0{national.lstrip('0')}"
    if len(canonical) < 6 or len(set(canonical)) < 2:
        return None
    return Phone(canonical, phonenumbers.is_possible_number(phonenumbers.parse(canonical, "SE")))


def _attempts(written: str, digits: str) -> list[str]:
    """As written; where neither + nor 0 begins it, first as a Swedish number that has lost its +."""
    plain = "+" + digits if written.lstrip().startswith("+") else digits
    return [f"+{digits}", plain] if re.fullmatch(r"46[1-9][0-9]{6,9}", plain) else [plain]
