"""Persons leave their numbers here: the same pseudonym for the same person in every column, by the city's key."""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from valfardsbrott.entities import names
from valfardsbrott.entities.persons import corrections
from valfardsbrott.entities.phones import numbers
from valfardsbrott.identifiers import Identifier, Kind, account_key, normalise

#: Numbers inside other text. ``_UNMISTAKABLE`` is for technical ids, where ten or twelve digits are mostly a serial.
_ANYWHERE = re.compile(r"(?<![0-9])(?:18|19|20)?[0-9]{6}[-+ ]?[0-9]{4}(?![0-9])")
_UNMISTAKABLE = re.compile(r"(?<![0-9])(?:(?:18|19|20)?[0-9]{6}[-+][0-9]{4}|19[0-9]{10})(?![0-9])")
#: Nordea's personal accounts: the clearing number, then the holder's person number.
_PERSONAL_ACCOUNT = re.compile(r"(3300|3782)([0-9]{10})")


@dataclass(frozen=True)
class Known:
    """What a text became: the value to store (None: nothing that may join) and the rules it broke."""

    value: str | None
    warnings: tuple[str, ...] = ()
    is_person: bool = False


class Pseudonymiser:
    """Turns identifiers into what the store may hold; each distinct text is looked at once in a run.

    ``on``: the delivery's last day, settles the century of ten digits. ``companies``: organisation numbers that look
    like a person's but that the provider register lists as a company's (ten digits). ``aliases``: pseudonyms of
    replaced numbers to those that hold now.
    """

    def __init__(
        self, key: bytes, on: dt.date, companies: frozenset[str] = frozenset(), aliases: Mapping[str, str] | None = None
    ) -> None:
        self._mac = hmac.new(key, digestmod="sha256")
        self._on, self._companies, self._aliases = on, companies, aliases or {}
        self._known: dict[tuple[str, str], Known] = {}

    def pseudonym(self, canonical: str) -> str:
        """``p`` and 32 hexadecimal digits of HMAC-SHA256 of the canonical number."""
        mac = self._mac.copy()
        mac.update(canonical.encode())
        made = "p" + mac.hexdigest()[:32]
        return self._aliases.get(made, made)

    def fingerprint(self) -> str:
        """Tells keys apart without telling the key."""
        return self.pseudonym("fingerprint of the key")

    def person(self, text: str) -> Known:
        """A person's pseudonym; what is no Swedish number is a person's all the same, with the rule it broke."""
        return self._once("person", text, self._as_person)

    def organisation(self, text: str) -> Known:
        """Ten digits in clear, or the owner's pseudonym where the number is a natural person's (sole trader)."""
        return self._once("org", text, self._as_organisation)

    def account(self, text: str, kind: Kind = "account") -> Known:
        """An account in its one written form; the holder's pseudonym where the account is a person number."""
        return self._once(kind, text, partial(self._as_account, kind=kind))

    def postal_code(self, text: str) -> Known:
        return self._once("postal_code", text, self._as_postal_code)

    def phone(self, text: str) -> Known:
        """Digits with a leading 0 in Sweden, with + abroad, commas between several; a person number's pseudonym."""
        return self._once("phone", text, self._as_phone)

    def company(self, text: str) -> Known:
        """A company's name, told by its legal form; what may be a person's becomes None."""
        return Known(self.hide(text)) if names.parse(text).form not in ("", "E") else Known(None, ("no_company",))

    def linking(self, text: str) -> Known:
        """Text that joins rows (a device, a certificate): sentinels become None, person numbers pseudonyms."""
        return self._once("linking", text, self._as_linking)

    def near_misses(self, right: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Wrong person numbers read so far, and those of the ``right`` pseudonyms that are one keystroke from each."""
        found = {}
        for (kind, text), known in self._known.items():
            if kind == "person" and known.value and known.warnings:
                number = normalise(text, "person", self._on).canonical or ""
                near = {self.pseudonym(each) for each in corrections(number, self._on)} & right
                if near:
                    found[known.value] = tuple(sorted(near))
        return found

    def persons(self) -> frozenset[str]:
        """Pseudonyms of the person numbers read so far that break no rule."""
        known = (each for (kind, _), each in self._known.items() if kind == "person")
        return frozenset(each.value for each in known if each.value and not each.warnings)

    def hide(self, text: str, technical: bool = False) -> str:
        """The text with pseudonyms in the place of person numbers.

        Hidden are numbers with a possible birth date and a right check digit, and with century or hyphen also those
        with a wrong one. ``technical`` ids: only with hyphen, or twelve digits that begin with 19.
        """
        pattern = _UNMISTAKABLE if technical else _ANYWHERE
        return pattern.sub(self._hidden, text)

    def _hidden(self, match: re.Match[str]) -> str:
        found = normalise(match[0], "person", self._on)
        plain = len(match[0]) == 10
        broken = set(found.warnings) - {"separator"} - (set() if plain else {"luhn"})
        swedish = found.form in ("personal", "coordination") and not broken
        return self.pseudonym(found.canonical) if swedish and found.canonical else match[0]

    def _once(self, kind: str, text: str, look: Callable[[str], Known]) -> Known:
        known = self._known.get((kind, text))
        if known is None:
            known = self._known[kind, text] = look(text)
        return known

    def _as_person(self, text: str) -> Known:
        found = normalise(text, "person", self._on)
        value = self.pseudonym(found.canonical) if found.canonical else None
        return Known(value, found.warnings, is_person=True)

    def _as_organisation(self, text: str) -> Known:
        found = normalise(text, "org", self._on)
        if found.kind == "person" and not self._is_company(text):
            value = self.pseudonym(found.canonical) if found.canonical else None
            return Known(value, _without_trader(found), is_person=True)
        if found.kind == "person":
            return Known(_ten(text))
        if found.warnings == ("sentinel",) and re.fullmatch(r"9{1,5}", text.strip()):
            return Known(text.strip(), ("length",))  # a ledger's own number; the sentinel is ten nines
        return Known(found.canonical, found.warnings)

    def _is_company(self, text: str) -> bool:
        return bool(self._companies) and _ten(text) in self._companies

    def _as_account(self, text: str, kind: Kind) -> Known:
        found = normalise(text, kind, self._on)
        digits = re.sub(r"[^0-9]", "", account_key(found.canonical) if found.canonical else text)
        owner = _PERSONAL_ACCOUNT.fullmatch(digits)
        hidden = self.hide(owner[2] if owner else text.strip())
        if hidden.startswith("p") and len(hidden) == 33:
            return Known(hidden, (), is_person=True)
        return Known(found.canonical and self.hide(found.canonical), found.warnings)

    def _as_postal_code(self, text: str) -> Known:
        found = normalise(text, "postal_code", self._on)
        return Known(found.canonical, found.warnings)

    def _as_phone(self, text: str) -> Known:
        digits = re.sub(r"[^0-9]", "", text)
        if len(set(digits)) < 2:
            return Known(None, ("sentinel",))
        hidden = self.hide(digits)
        found = [self.hide(phone.canonical) for phone in numbers(text)] if hidden == digits else []
        return Known(", ".join(found) or hidden)

    def _as_linking(self, text: str) -> Known:
        found = normalise(text, "ocr", self._on)
        return Known(None, ("sentinel",)) if "sentinel" in found.warnings else Known(self.hide(text))


def companies(org_numbers: Iterable[str | None], legal_forms: Iterable[str | None]) -> frozenset[str]:
    """Numbers of the provider register that begin with 00 and that it lists with another form than sole trader."""
    return frozenset(
        ten
        for org_number, form in zip(org_numbers, legal_forms, strict=True)
        if org_number and form and form.strip().casefold() not in ("e", "enskild firma")
        if (ten := _ten(org_number)).startswith("00")
    )


def _ten(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    return digits[2:] if len(digits) == 12 else digits


def _without_trader(found: Identifier) -> tuple[str, ...]:
    return tuple(rule for rule in found.warnings if rule != "sole_trader")
