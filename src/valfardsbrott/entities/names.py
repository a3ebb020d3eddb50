"""Names of companies: the words that tell it from others, its legal form, and its state. Never names of persons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from valfardsbrott.entities.text import plain, words

_STATES = (
    ("likvidation", r"i likvidation|under likvidation"),
    ("bankruptcy", r"i konkurs|under konkurs"),
    ("reconstruction", r"under (?:företags)?rekonstruktion|i (?:företags)?rekonstruktion"),
    ("forming", r"under bildande|u\.? ?b\.?(?=$|\s)"),
)
_FORMS = (
    ("AB", "aktiebolaget"), ("AB", "aktiebolag"), ("AB", "ab"), ("HB", "handelsbolaget"),
    ("HB", "handelsbolag"), ("HB", "hb"), ("KB", "kommanditbolaget"), ("KB", "kommanditbolag"), ("KB", "kb"),
    ("EK", "ekonomisk förening"), ("EK", "ek för"), ("EK", "ekonomiska förening"), ("I", "ideell förening"),
    ("E", "enskild firma"), ("E", "enskild näringsverksamhet"), ("S", "stiftelsen"), ("S", "stiftelse"),
    ("F", "filial"),
)  # fmt: skip


@dataclass(frozen=True)
class CompanyName:
    """``core``: the words without legal form and state, small letters; ``form``: AB, HB, KB, EK, I, E, S, F or none."""

    core: str = ""
    form: str = ""
    state: str = ""


def parse(name: str | None) -> CompanyName:
    """A company's name in parts. A name that is a legal form and nothing else keeps it as its core.

    >>> parse("Aktiebolaget Ek & Gran Omsorg (publ) i likvidation")
    CompanyName(core='ek och gran omsorg', form='AB', state='likvidation')
    """
    text, state = plain(name).replace("&", " och ").replace("+", " och "), ""
    for known, pattern in _STATES:
        shorter = re.sub(rf"(?:^|(?<=[\s,(]))(?:{pattern})(?=$|[\s,)])", " ", text)
        if shorter != text:
            text, state = shorter, state or known
    core = " ".join(words(text.replace("(publ)", " ")))
    form = ""
    while found := _form(core):
        form, core = form or found[0], found[1]
    return CompanyName(core, form, state)


def _form(core: str) -> tuple[str, str] | None:
    """A legal form at either end of the name, and the name without it."""
    for form, written in _FORMS:
        if core.endswith(f" {written}"):
            return form, core.removesuffix(f" {written}")
        if core.startswith(f"{written} "):
            return form, core.removeprefix(f"{written} ")
    return None
