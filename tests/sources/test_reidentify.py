"""Back from one pseudonym to its number: only by the key, from the files as they are, never for who is protected."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.sources.reidentify import Identity, find

KEY = bytes(32)
ASTA, BERIT, CYRIL, DORIS = "195003129805", "196104229810", "197205019826", "198006119838"
NAMES = Pseudonymiser(KEY, dt.date(2026, 10, 31))


def pseudonym(number: str) -> str:
    found = NAMES.person(number).value
    assert found
    return found


@pytest.fixture
def deliveries(tmp_path: Path) -> Path:
    """Asta is in both months, Berit was protected in September only, Cyril is now, Doris is only a relative."""
    files = {
        "2026-09/person.csv": f"person_id;secrecy_marked\n{ASTA};N\n{BERIT};J\n{CYRIL};N\n",
        "2026-10/person.csv": f"person_id;secrecy_marked\n{ASTA[:8]}-{ASTA[8:]};N\n{BERIT};N\n{CYRIL};J\n",
        "2026-09/person_relation.csv": f"person_id;related_person_id;relation\n{ASTA};{DORIS};B\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_newest_delivery_tells_the_number(deliveries: Path) -> None:
    assert find(deliveries, KEY, pseudonym(ASTA)) == Identity(ASTA, "2026-10")


def test_who_is_only_in_another_table_is_found(deliveries: Path) -> None:
    assert find(deliveries, KEY, pseudonym(DORIS)) == Identity(DORIS, "2026-09")


@pytest.mark.parametrize("number", [BERIT, CYRIL])
def test_who_is_or_was_protected_is_not_told(deliveries: Path, number: str) -> None:
    assert find(deliveries, KEY, pseudonym(number)) is None


def test_registers_that_the_store_knows_are_not_read_again_for_marks(deliveries: Path) -> None:
    """The caller has refused whom the store marks; the newest delivery may know more than the store."""
    known = frozenset({"2026-09", "2026-10"})
    assert find(deliveries, KEY, pseudonym(BERIT), known) == Identity(BERIT, "2026-10")
    assert find(deliveries, KEY, pseudonym(CYRIL), known) is None


def test_another_key_finds_nobody(deliveries: Path) -> None:
    assert find(deliveries, bytes([1]) * 32, pseudonym(ASTA)) is None
