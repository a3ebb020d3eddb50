"""What a document is made of: headings, texts, lists, tables and pictures as plain data, whatever it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from valfardsbrott.wording import Language

Block = dict[str, Any]
#: As statistics offices write it: held back, or not there.
HIDDEN, ABSENT = "..", "–"
#: Amounts are told in thousands of kronor: öre -> the thousand in kronor.
_THOUSAND = 100_000


def heading(level: int, text: str) -> Block:
    return {"is": "heading", "level": level, "text": text}


def text(told: str) -> Block:
    return {"is": "text", "text": told}


def items(told: Sequence[str]) -> Block:
    return {"is": "list", "items": list(told)}


def picture(key: str, svg: str, told: str) -> Block:
    """``told`` says in words what the picture shows; the table beside it has all of it."""
    return {"is": "picture", "key": key, "svg": svg, "alt": told}


def table(
    key: str, caption: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], words: Language
) -> Block:
    """``columns``: name and unit (text, count, ore, share, sek, days); ``rows``: raw values, None is held back.

    ``rows`` of the block are for machines (amounts in kronor, to the thousand), ``cells`` for people.
    """
    units = [unit for _, unit in columns]
    raw = [[_raw(value, unit) for value, unit in zip(row, units, strict=True)] for row in rows]
    return {
        "is": "table",
        "key": key,
        "caption": caption,
        "columns": [name for name, _ in columns],
        "units": units,
        "rows": raw,
        "cells": [[shown(value, unit, words) for value, unit in zip(row, units, strict=True)] for row in raw],
    }


def shown(value: Any, unit: str, words: Language) -> str:
    """A raw value as people write it."""
    if isinstance(value, str):
        return value
    if unit == "share":
        return words.value(value, "share")
    if unit in {"ore", "sek"}:
        return words.number(value)
    return words.number(value, 0 if value == int(value) else 1)


def _raw(value: Any, unit: str) -> Any:
    if value is None:
        return HIDDEN
    if unit == "ore" and not isinstance(value, str):
        return round(value / _THOUSAND) * 1000
    return round(value, 4) if isinstance(value, float) else value
