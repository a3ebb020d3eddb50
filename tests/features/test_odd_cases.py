"""The cases hold the odd things that real deliveries hold: each is looked for in the rows that they give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import yaml

from valfardsbrott.definitions import folder

Row = dict[str, Any]
Given = dict[str, list[Row]]
AUTUMN, SPRING = dt.date(2026, 10, 25), dt.date(2026, 3, 29)


def _given() -> Iterator[Given]:
    """The rows of each case and month of the features and line views."""
    for path in sorted(folder("features").rglob("*.cases.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield from case.get("earlier", {}).values()
            yield case["given"]


def _visits(given: Given) -> list[Row]:
    return [row for row in given.get("visit", []) if "started_at" in row]


def _times(row: Row) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.fromisoformat(str(row["started_at"]))
    return start, dt.datetime.fromisoformat(str(row["ended_at"])) if "ended_at" in row else start


def _over_midnight(given: Given) -> bool:
    return any(start.date() < end.date() for start, end in map(_times, _visits(given)))


def _across_two_months(given: Given) -> bool:
    return any(start.month != end.month for start, end in map(_times, _visits(given)))


def _clock_changes(given: Given) -> bool:
    return any(start.date() in {AUTUMN, SPRING} and start.hour <= 3 for start, _ in map(_times, _visits(given)))


def _two_at_once(given: Given) -> bool:
    seen = [(row.get("recipient_id"), str(row["started_at"]), row.get("staff_id")) for row in _visits(given)]
    return any(a[:2] == b[:2] and a[2] != b[2] for a, b in pairwise(sorted(seen, key=str)))


def _equal_timestamps(given: Given) -> bool:
    seen = [(row.get("staff_id"), str(row["started_at"])) for row in _visits(given)]
    return len(seen) > len(set(seen))


def _credit(given: Given) -> bool:
    rows = [*given.get("claim_line", []), *given.get("invoice", [])]
    return any(row.get("amount_ore", 0) < 0 or row.get("total_ore", 0) < 0 or row.get("credit_of") for row in rows)


def _recipient_who_is_staff(given: Given) -> bool:
    rows = given.get("visit", [])
    return bool({row.get("recipient_id") for row in rows} & {row.get("staff_id") for row in rows} - {None})


@pytest.mark.parametrize(
    "odd",
    [
        _over_midnight, _across_two_months, _clock_changes, _two_at_once, _equal_timestamps, _credit,
        _recipient_who_is_staff,
    ],
    ids=lambda odd: odd.__name__.removeprefix("_"),
)  # fmt: skip
def test_some_case_holds(odd: Callable[[Given], bool]) -> None:
    assert any(odd(given) for given in _given())


def test_what_is_looked_for_is_not_found_in_an_ordinary_case() -> None:
    ordinary = {"visit": [{"staff_id": "anna", "recipient_id": "berit", "started_at": "2026-10-01 10:00"}]}
    for odd in (_over_midnight, _across_two_months, _clock_changes, _two_at_once, _equal_timestamps, _credit):
        assert not odd(ordinary)
    assert not _recipient_who_is_staff(ordinary)
