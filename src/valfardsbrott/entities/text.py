"""Text as it is compared: one spelling of characters, blanks and case."""

from __future__ import annotations

import re
import unicodedata

_DASHES = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_NOT_A_WORD = re.compile(r"[^\w]+|_+")


def plain(text: str | None) -> str:
    """Small letters, composed characters (a + ring is å), plain hyphens, single blanks; empty for None.

    A control character, as of an old system's export, is a blank.

    >>> plain("  STORGATAN\u00a012\u2013B ")
    'storgatan 12-b'
    """
    if text is None:
        return ""
    composed = unicodedata.normalize("NFKC", _DASHES.sub("-", text)).lower()
    kinds = ((mark, unicodedata.category(mark)) for mark in composed)
    seen = "".join(" " if kind == "Cc" else mark for mark, kind in kinds if kind != "Cf")
    return " ".join(unicodedata.normalize("NFKC", _DASHES.sub("-", seen)).split())


def folded(text: str) -> str:
    """The text without rings, dots and accents, as systems without å, ä and ö write it. To compare by, never to keep.

    >>> folded("örebro vård")
    'orebro vard'
    """
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(mark for mark in apart if not unicodedata.combining(mark)))


def words(text: str) -> list[str]:
    """Runs of letters and digits."""
    return [word for word in _NOT_A_WORD.split(text) if word]
