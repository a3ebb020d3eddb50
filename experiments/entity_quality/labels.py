"""Which pairs of a known and a doubtful record are one and the same, by the generator's truth."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cities import KEY, Truth

from valfardsbrott.entities.addresses import parse
from valfardsbrott.sources.pseudonyms import Pseudonymiser


def labels(kind: str, truth: Truth, known: Any, doubtful: Any) -> set[tuple[str, str]]:
    """(known, doubtful) ids."""
    there, asked = set(known["unique_id"].to_pylist()), doubtful["unique_id"].to_pylist()
    meant = {"address": _streets, "organisation": _numbers, "person": _persons}[kind](truth, asked)
    return {(meant[record], record) for record in asked if meant.get(record) in there}


def _streets(truth: Truth, _: list[str]) -> dict[str, str]:
    """Key of the address as written to the street that it lies on."""
    found = {}
    for row in truth.of("address"):
        street, code = row["entity"].rsplit("|", 1)
        right = parse(street, code)
        found[parse(*row["record"].split("|")).key or ""] = f"{right.street}|{right.postal_code}"
    return found


def _numbers(truth: Truth, _: list[str]) -> dict[str, str]:
    return {row["record"]: row["entity"] for row in truth.of("organisation")}


def _persons(truth: Truth, asked: list[str]) -> dict[str, str]:
    """A mistyped person number has its last digit one too high; relatives' wrong numbers are nobody's."""
    names = Pseudonymiser(bytes.fromhex(KEY), dt.date(2026, 10, 31))
    nobody = {names.pseudonym(row["record"]) for row in truth.of("person")}
    return {wrong: right for wrong, right in mistyped(truth).items() if wrong in asked and wrong not in nobody}


def mistyped(truth: Truth) -> dict[str, str]:
    """Pseudonym of the mistyped number to that of the right one, for every person that may have been mistyped."""
    names = Pseudonymiser(bytes.fromhex(KEY), dt.date(2026, 10, 31))
    return {
        names.pseudonym(right[:-1] + str((int(right[-1]) + 1) % 10)): names.pseudonym(right) for right in truth.persons
    }
