"""Invented words: no company, street or system of this name is meant."""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic.arrays import Random, Texts

_FIRST = (
    "Alm", "Ask", "Barr", "Björn", "Bräken", "Duv", "Ek", "Fjäll", "Fors", "Gran", "Gull", "Hassel", "Hägg", "Is",
    "Järn", "Klint", "Kråk", "Lav", "Lind", "Ljung", "Lom", "Lärk", "Moln", "Mård", "Nors", "Näver", "Orr", "Pil",
    "Ripa", "Rönn", "Silver", "Skat", "Snö", "Svan", "Sälg", "Tall", "Tjäder", "Tuv", "Vide", "Örn",
)  # fmt: skip
_SECOND = (
    "fjäder", "kompass", "fyr", "kvarn", "mast", "nyckel", "sadel", "spira", "stråle", "tråd", "vagn", "våg", "årstid",
    "lykta", "bro", "vind", "kärna", "sträng", "tand", "horn", "märla", "skopa", "rot", "gren", "knopp",
)  # fmt: skip
_TRADE = ("Omsorg", "Hemtjänst", "Vård", "Assistans", "Stöd", "Omsorgsteam", "Hemservice", "Trygghet")
_STREET = ("gatan", "vägen", "stigen", "gränd", "backen", "tvären", "ringen", "slingan")

CITY = "Lövhamn"
BOARD_WORDS = (
    "Norr",
    "Söder",
    "Väster",
    "Öster",
    "Hamn",
    "Skog",
    "Sjö",
    "Berg",
    "Äng",
    "Kvarn",
    "Strand",
    "Hed",
    "Holm",
    "Dal",
)
#: Visit systems: none of them exists.
SYSTEMS = ("Stegvis", "Tidlöpa", "Omvåna", "Handblad", "Taktfast")


def company_names(count: int, rng: Random) -> Texts:
    """Different names of companies; the name says nothing of what the company is or does."""
    total = len(_FIRST) * len(_SECOND) * len(_TRADE)
    picked = rng.permutation(total)[:count]
    return np.array([_company(int(number)) for number in picked], dtype=object)


def _company(number: int) -> str:
    number, trade = divmod(number, len(_TRADE))
    first, second = divmod(number, len(_SECOND))
    return f"{_FIRST[first]}{_SECOND[second]} {_TRADE[trade]}"


def street_names(count: int, rng: Random) -> Texts:
    """Street names; more than there are words for get a number."""
    total = len(_FIRST) * len(_STREET)
    order = rng.permutation(total)
    names = [f"{_FIRST[place // len(_STREET)]}{_STREET[place % len(_STREET)]}" for place in order.tolist()]
    return np.array(
        [names[k % total] if k < total else f"{names[k % total]} {k // total + 1}" for k in range(count)], dtype=object
    )
