"""Addresses as people write them: one key for one entrance, another for the house next door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.entities.addresses import Address, parse

ONE_ENTRANCE = [
    "Storgatan 12 B",
    "STORGATAN 12B",
    "Storg. 12 b",
    "storg.12B",
    "Storgat. 12 B",
    "Storgatan 12 B lgh 1102",
    "Storgatan 12 B, lgh 1102",
    "Storgatan 12 B, 3 tr",
    "Storgatan 12 B  vån 2",
    "Storgatan 12 uppg. B",
    "Storgatan 12 B nb",
    "c/o Ek, Storgatan 12 B",
    "C/O Anna Ek Storgatan 12 B",
    "Storgatan 12 B, c/o Ek",
    "Omsorgens hus\u00a0c/o Ek, Storgatan 12\u00a0B".replace("Omsorgens hus\u00a0", ""),
    "Att: Anna Ek, Storgatan 12 B",
]


@pytest.mark.parametrize("street", ONE_ENTRANCE)
def test_one_entrance_has_one_key(street: str) -> None:
    assert parse(street, "111 22", "Lövhamn").key == "storgatan 12 b|11122"


@pytest.mark.parametrize(
    ("street", "line"),
    [
        ("S:t Eriksg. 7", "sankt eriksgatan 7"),
        ("Sankt Eriks gatan 7", "sankt eriksgatan 7"),
        ("N. Ekv. 3", "norra ekvägen 3"),
        ("Norra Ekvägen 03", "norra ekvägen 3"),
        ("Drottning Kristinas väg 4", "drottning kristinas väg 4"),
        ("Ekvägen 2 14", "ekvägen 2 14"),
        ("Ekvägen 12 - 14", "ekvägen 12-14"),
        ("Ekvägen 12-14 A", "ekvägen 12-14 a"),
        ("A\u030angstro\u0308msva\u0308gen 1", "ångströmsvägen 1"),
        ("Ringvägen\u00a01", "ringvägen 1"),
        ("Box 12", "box 12"),
        ("BOX 1 234", "box 1234"),
        ("Storgatan 1, Box 12", "box 12"),
        ("Ekbacken", "ekbacken"),
        ("17:e gatan 3", "17 e gatan 3"),
    ],
)
def test_lines(street: str, line: str) -> None:
    assert parse(street).line == line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Storgatan 12", "11122"), ("Storgatan 12 B", "11122")),
        (("Storgatan 12 A", "11122"), ("Storgatan 12 B", "11122")),
        (("Storgatan 12", "11122"), ("Storgatan 21", "11122")),
        (("Storgatan 12", "11122"), ("Storgatan 12", "11123")),
        (("Norra Storgatan 12", "11122"), ("Södra Storgatan 12", "11122")),
        (("Ekgatan 12", "11122"), ("Ekvägen 12", "11122")),
        (("Box 12", "11122"), ("Ekvägen 12", "11122")),
        (("Ålgatan 1", "11122"), ("Algatan 1", "11122")),
    ],
)
def test_different_entrances_have_different_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert parse(*one).key != parse(*other).key


def test_parts() -> None:
    assert parse("c/o Ek, Storgatan 12 B lgh 1102", "111 22", "LÖVHAMN") == Address(
        "storgatan", "12", "b", "1102", "", "11122", "lövhamn", care_of=True
    )
    assert parse("Storgatan 12 lgh 902").dwelling == "0902"


def test_a_name_in_care_of_is_never_kept() -> None:
    for street in ("c/o Gunborg Ek", "c/o Gunborg Ek Storgatan 12", "Storgatan 12 c/o Gunborg Ek"):
        found = parse(street, "11122", "Lövhamn")
        assert found.care_of
        assert "gunborg" not in repr(found)


@pytest.mark.parametrize("street", [None, "", "-", "0", "saknas", "12", "c/o Ek"])
def test_what_is_no_address_has_no_key(street: str | None) -> None:
    assert parse(street, "11122", "Lövhamn").key is None


def test_without_a_postal_code_the_city_tells_where() -> None:
    assert parse("Ekvägen 1", "00000", "Lövhamn").key == "ekvägen 1|lövhamn"
    assert parse("Ekvägen 1").key is None


_LINE = st.text(alphabet="abgåäöÅÄÖ EGSTV.:,-/0123456789 lghbox\u030a\u0308", max_size=40)


@given(st.one_of(_LINE, st.text(max_size=40)), st.sampled_from(["11122", "111 22", "", "x"]), st.text(max_size=12))
def test_a_normal_form_is_its_own(street: str, postal_code: str, city: str) -> None:
    once = parse(street, postal_code, city)
    again = parse(once.line, once.postal_code, once.city)
    assert (again.line, again.area) == (once.line, once.area)
