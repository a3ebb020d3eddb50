"""Nothing of the picture names a person, a pseudonym, a provider or a network: what is written is checked for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import EXIT_LIMIT, Failure
from valfardsbrott.review.models import Provider

#: A person's or organisation's number in any form, a pseudonym, a network's id.
_NUMBERS = re.compile(r"(?<![\d-])(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)|\bp[0-9a-f]{32}\b|\bn-\d{4}-\d{2}-[0-9a-f]{8}\b")
_FORM = re.compile(r"\s+(?:AB|HB|KB|Ek\.? ?för\.?|Aktiebolag)\b.*$", re.IGNORECASE)
#: A shorter name of one word may be an ordinary word: it is looked for as it is written.
_TELLING = 8


def numbers_in(text: str) -> bool:
    """Whether a text holds something that may be a number of somebody.

    >>> numbers_in("äger 001234-5678"), numbers_in("2026-0001 och 12 000 000 kr")
    (True, False)
    """
    return _NUMBERS.search(text) is not None


def provider_in(db: Session, texts: Iterable[str]) -> bool:
    """Whether a provider of the register is named, with or without its form of company."""
    joined = " ".join(" ".join(texts).split())
    folded = joined.casefold()
    for name in db.scalars(select(Provider.name)):
        plain = _FORM.sub("", " ".join(name.split()))
        loose = " " in plain or len(plain) >= _TELLING
        where, what = (folded, plain.casefold()) if loose else (joined, plain)
        if len(what) > 3 and what in where and re.search(rf"(?<!\w){re.escape(what)}(?!\w)", where):
            return True
    return False


def check(db: Session, document: Any) -> None:
    """Failure where something in a finished document names somebody; it is then not made."""
    texts = list(_texts(document))
    if any(numbers_in(text) for text in texts) or provider_in(db, texts):
        raise Failure(
            "the document would name a person, a provider or a network",
            "Look through the approved texts of the plan, and the city's own in the configuration",
            EXIT_LIMIT,
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
