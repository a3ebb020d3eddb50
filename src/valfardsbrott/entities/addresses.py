"""Swedish postal addresses: the parts of what people write, and one key for one entrance of one building.

Forms: Svensk standard SS 613401 (postal addresses) and Lantmäteriet's advice on address numbers and dwelling numbers
[lägenhetsnummer]. The key leaves out what says who rather than where: c/o, floor and dwelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from valfardsbrott.entities.text import plain, words
from valfardsbrott.identifiers import is_missing, normalise

_CARE_OF = re.compile(r"(?:^|(?<=[\s,;]))(?:c ?/ ?o|att:|att\.|co:)\s*")
_DWELLING = re.compile(r"\b(?:lgh|lägenhet|läg|lag)\b\.?\s*(?:nr\.?\s*)?([0-9]{1,4})\b")
_FLOOR = re.compile(
    r"\b(?:[0-9]{1,2}\s*(?:tr|trappor|vån)\b\.?|(?:vån|våning|plan)\b\.?\s*[0-9]{1,2}\b|(?:bv|nb|ög)\b)"
)
_ENTRANCE = re.compile(r"\b(?:uppg|uppgång|port|trapphus|ing|ingång)\b\.?\s*([a-zåäö])\b")
_BOX = re.compile(r"\b(?:box|postbox|p\.? ?o\.? ?box)\s*([0-9][0-9 ]*)$")
_NUMBERED = re.compile(r"(.*\S)\s+([0-9]+(?:-[0-9]+)?)(?:\s*([a-zåäö]))?$")
_SUFFIX = r"(?:gatan|vägen|gränd|stigen|backen|torget|platsen|allén|allé|ringen|tvären|slingan|gården|kajen|plan|väg)"
_STREET_AFTER_NAME = re.compile(
    r"((?:(?:norra|södra|östra|västra|övre|nedre|stora|lilla|gamla|sankt|sankta|n\.|s\.|v\.|ö\.|s:t|s:ta) )*"
    rf"\S*(?:{_SUFFIX}|g\.|v\.)\s+[0-9].*)$"
)

#: Whole words as they are short for others; those that end in a dot only with it.
_SHORT = {
    "s:t": "sankt", "s:ta": "sankta", "l:a": "lilla", "g:la": "gamla", "n:a": "norra", "s:a": "södra", "ö:a": "östra",
    "v:a": "västra", "n.": "norra", "s.": "södra", "ö.": "östra", "v.": "västra",
}  # fmt: skip
_ENDINGS = (("gat.", "gatan"), ("g.", "gatan"), ("väg.", "vägen"), ("vg.", "vägen"), ("v.", "vägen"), ("gr.", "gränd"))
_OWNED = ("gatan", "vägen")


@dataclass(frozen=True)
class Address:
    """The parts of an address in one written form; empty where it says nothing.

    ``street``: words of the street's name. ``number``: house number or span. ``entrance``: its letter. ``dwelling``:
    four digits. ``box``: a post-office box, which has no street. ``care_of``: it is in care of somebody, who is not
    kept. ``postal_code``: five digits, empty where it is none.
    """

    street: str = ""
    number: str = ""
    entrance: str = ""
    dwelling: str = ""
    box: str = ""
    postal_code: str = ""
    city: str = ""
    care_of: bool = False

    @property
    def line(self) -> str:
        """Street, number and entrance, or the box, as one text."""
        return f"box {self.box}" if self.box else " ".join(filter(None, (self.street, self.number, self.entrance)))

    @property
    def area(self) -> str:
        """The postal code; without one, the city."""
        return self.postal_code or self.city

    @property
    def key(self) -> str | None:
        """``line|area``, the same for every spelling of one entrance; None for what is no address."""
        named = any(mark.isalpha() for mark in self.line)
        return f"{self.line}|{self.area}" if named and self.area else None


def parse(street: str | None, postal_code: str | None = None, city: str | None = None) -> Address:
    """The parts of a street line with its postal code and city. Never raises; parsing its own ``line`` gives the same.

    >>> parse("c/o Ek, S:t Eriksg. 12B lgh 1102", "111 22", "STOCKHOLM").key
    'sankt eriksgatan 12 b|11122'
    """
    code = normalise(postal_code, "postal_code")
    text, care_of = _without_care_of(plain(street))
    town = " ".join(words(plain(city)))
    area = {"postal_code": code.canonical if code.valid and code.canonical else "", "city": town}
    if is_missing(text) or not any(mark.isalpha() for mark in text):
        return Address(care_of=care_of, **area)
    text, dwelling = _taken(_DWELLING, text)
    text, _ = _taken(_FLOOR, text)
    text, entrance = _taken(_ENTRANCE, text)
    text = _clean(text)
    if not any(mark.isalpha() for mark in text):
        return Address(care_of=care_of, **area)
    box = _BOX.search(text)
    if box:
        return Address(box=box[1].replace(" ", ""), care_of=care_of, **area)
    return _on_a_street(text, entrance, dwelling.zfill(4) if dwelling else "", care_of, area)


def _clean(text: str) -> str:
    """Words written out and joined by single blanks; a hyphen only in a span of house numbers."""
    text = re.sub(r"(?<=[^\W\d_]\.)(?=[0-9])", " ", text)  # storg.12
    text = " ".join(_SHORT.get(word) or _with_ending(word) for word in re.sub("[,;]", " ", text).split())
    text = re.sub(r"(?<=[0-9])\s*-\s*(?=[0-9])", "\0", text)
    return " ".join(words(text)) if "\0" not in text else "-".join(" ".join(words(part)) for part in text.split("\0"))


def _on_a_street(text: str, entrance: str, dwelling: str, care_of: bool, area: dict[str, str]) -> Address:
    found = _NUMBERED.fullmatch(text)
    if found is None:
        return Address(_street(text), "", "", dwelling, care_of=care_of, **area)
    name, number, letter = _street(found[1]), found[2].lstrip("0") or "0", found[3] or entrance
    return Address(name, number, letter, dwelling, care_of=care_of, **area)


def _without_care_of(text: str) -> tuple[str, bool]:
    """The text without "c/o somebody". Where no comma ends the name, the street is looked for by its ending."""
    found = _CARE_OF.search(text)
    if found is None:
        return text, False
    before, after = text[: found.start()].strip(" ,;"), text[found.end() :]
    name, comma, rest = after.partition(",")
    if not comma:
        street = _STREET_AFTER_NAME.search(name)
        rest = street[1] if street else ""
    kept = ", ".join(filter(None, (before, rest.strip())))
    return _without_care_of(kept)[0] if _CARE_OF.search(kept) else kept, True


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without what the pattern finds, and the first of what it caught."""
    found = pattern.search(text)
    if found is None:
        return text, ""
    caught = found[1] if pattern.groups else ""
    return " ".join(pattern.sub(" ", text).split()), caught


def _street(text: str) -> str:
    """The name with its ending joined to it: ``sankt eriks gatan`` is ``sankt eriksgatan``."""
    found = text.split()
    for at in range(len(found) - 1, 0, -1):
        if found[at] in _OWNED and found[at - 1].endswith("s") and len(found[at - 1]) > 2:
            found[at - 1 : at + 1] = [found[at - 1] + found[at]]
    return " ".join(found)


def _with_ending(word: str) -> str:
    for short, long in _ENDINGS:
        if word.endswith(short) and len(word) > len(short) + 1:
            return word.removesuffix(short) + long
    return word
