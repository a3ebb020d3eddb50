"""Navet: no real file exists outside the register, so these are small ones after Navetavisering.xsd.

Person numbers have birth numbers 980-999 of the test series. BO is registered in a flat, KIM is BO's child.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.catalogue import tables
from valfardsbrott.identifiers import luhn_check_digit
from valfardsbrott.sources.navet import Aliases, _newest, read, read_with_aliases
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.xml import Refused


def _person(nine: str) -> str:
    return f"19{nine}{luhn_check_digit(nine)}"


BO, BO_BEFORE, KIM, ALEX = (_person(nine) for nine in ("600101980", "600161981", "900202982", "850303983"))
HOME = """<Folkbokforing><Folkbokforingsdatum>20200131</Folkbokforingsdatum><LanKod>01</LanKod><KommunKod>80</KommunKod>
<Fastighetsbeteckning>KVARNEN 1</Fastighetsbeteckning><Trappuppgang>A</Trappuppgang><Lagenhet>1203</Lagenhet>
</Folkbokforing>"""
ADDRESS = """<Adresser><Folkbokforingsadress><CareOf>Någon Annan</CareOf>
<Utdelningsadress1>Gårdshuset</Utdelningsadress1>
<Utdelningsadress2>Kvarngatan 3</Utdelningsadress2><PostNr>11147</PostNr><Postort>Stockholm</Postort>
</Folkbokforingsadress>%s</Adresser>"""
KEY = "<Riksnycklar><LagenhetsId>5e0c-0001</LagenhetsId></Riksnycklar>"
NAME = "<Namn><Fornamn>Förnamnet</Fornamn><Efternamn>Efternamnet</Efternamn></Namn>"
CITIZEN = "<Medborgarskap><MedborgarskapslandKod>SE</MedborgarskapslandKod></Medborgarskap>"

Row = dict[str, Any]
Given = Callable[..., tuple[list[Row], list[Row], list[Finding], Aliases]]


def post(number: str, inside: str = "", marks: str = "", changed: str = "20261005120000") -> str:
    return (
        f"<Folkbokforingspost>{marks}<Arendeuppgift andringstidpunkt='{changed}'/>"
        f"<Personpost><PersonId><PersonNr>{number}</PersonNr></PersonId>{inside}</Personpost></Folkbokforingspost>\n"
    )


def relation(number: str, kind: str, ended: str = "") -> str:
    until = f"<Tomdatum>{ended}</Tomdatum>" if ended else ""
    identity = f"<RelationId><PersonNr>{number}</PersonNr></RelationId>" if number else "<RelationId/>"
    return f"<Relation>{identity}<Relationstyp>{kind}</Relationstyp>{until}</Relation>"


def relations(*each: str) -> str:
    return f"<Relationer>{''.join(each)}</Relationer>"


def left(code: str, on: str) -> str:
    return (
        f"<Avregistrering><AvregistreringsorsakKod>{code}</AvregistreringsorsakKod>"
        f"<Avregistreringsdatum>{on}</Avregistreringsdatum></Avregistrering>"
    )


def refers(number: str) -> str:
    return f"<HanvisningsPersonNr>{number}</HanvisningsPersonNr>"


def _rows(made: list[RawRows], table: str) -> list[Row]:
    found = [raw for raw in made if raw.table == table]
    for raw in found:
        assert set(raw.columns) <= {column.name for column in tables()[table].columns}
        assert all(len(column) == len(raw) for column in raw.columns.values())
    lists = [(raw, [column.to_pylist() for column in raw.columns.values()]) for raw in found]
    return [dict(zip(raw.columns, row, strict=True)) for raw, columns in lists for row in zip(*columns, strict=True)]


@pytest.fixture
def given_posts(tmp_path: Path) -> Given:
    """Persons, relations, findings and aliases of a file of posts."""

    def write(*posts: str) -> tuple[list[Row], list[Row], list[Finding], Aliases]:
        path = tmp_path / "n.xml"
        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<Navetavisering xmlns="http://xmls.example/navet">\n'
            "<Aviseringsinformation/><Folkbokforingsposter>\n"
            + "".join(posts)
            + "</Folkbokforingsposter></Navetavisering>",
            encoding="utf-8",
        )
        made, findings, aliases = read_with_aliases(path, "navet/n.xml")
        return _rows(made, "person"), _rows(made, "person_relation"), findings, aliases

    return write


def test_a_person_with_home_and_child(given_posts: Given) -> None:
    persons, related, findings, aliases = given_posts(
        post(BO, HOME + ADDRESS % KEY + NAME + CITIZEN + relations(relation(KIM, "B"), relation(KIM, "VF")))
    )
    assert persons == [
        {
            "person_id": BO, "dwelling_id": "5e0c-0001", "street": "Kvarngatan 3", "postal_code": "11147",
            "city": "Stockholm", "registered_from": "2020-01-31", "deregistration_reason": None,
            "deregistered_on": None, "secrecy_marked": "false", "protected_registration": "false",
        }
    ]  # fmt: skip
    assert [(row["related_person_id"], row["relation"]) for row in related] == [(KIM, "B"), (KIM, "VF")]
    assert not findings
    assert not aliases


def test_names_citizenship_and_care_of_are_never_read(given_posts: Given) -> None:
    held = str(given_posts(post(BO, HOME + ADDRESS % KEY + NAME + CITIZEN)))
    assert not any(word in held for word in ("Förnamnet", "Efternamnet", "Någon", "'SE'"))


@pytest.mark.parametrize(
    ("inside", "dwelling"),
    [
        (HOME + ADDRESS % "", "0180/KVARNEN 1/A/1203"),
        (HOME.replace("<Trappuppgang>A</Trappuppgang>", "") + ADDRESS % "", "0180/KVARNEN 1/Kvarngatan 3/1203"),
        (HOME.replace("<Lagenhet>1203</Lagenhet>", "") + ADDRESS % "", None),
        ("", None),
    ],
    ids=["stairwell", "street", "no flat", "no home"],
)
def test_the_dwelling_without_a_national_key(given_posts: Given, inside: str, dwelling: str | None) -> None:
    assert given_posts(post(BO, inside))[0][0]["dwelling_id"] == dwelling


@pytest.mark.parametrize(
    ("mark", "column"), [("Sekretessmarkering", "secrecy_marked"), ("SkyddadFolkbokforing", "protected_registration")]
)
def test_of_a_protected_person_only_number_and_marks_are_kept(given_posts: Given, mark: str, column: str) -> None:
    persons, related, _, _ = given_posts(
        post(BO, HOME + ADDRESS % KEY + relations(relation(KIM, "B")), marks=f"<{mark}>J</{mark}>"),
        post(KIM, HOME + ADDRESS % KEY + relations(relation(BO, "FA"), relation(ALEX, "MO"))),
    )
    held = {name: value for name, value in persons[0].items() if value not in (None, "false")}
    assert set(held) == {"person_id", column}
    assert [(row["person_id"], row["related_person_id"]) for row in related] == [(KIM, ALEX)]


def test_a_mark_on_an_old_number_protects_the_person(given_posts: Given) -> None:
    persons, *_ = given_posts(
        post(BO_BEFORE, left("GN", "20250101") + refers(BO), marks="<Sekretessmarkering>J</Sekretessmarkering>"),
        post(BO, HOME + ADDRESS % KEY),
    )
    assert [(row["person_id"], row["street"], row["secrecy_marked"]) for row in persons] == [(BO, None, "true")]


def test_deregistration(given_posts: Given) -> None:
    person = given_posts(post(BO, left("AV", "20260914")))[0][0]
    assert (person["deregistration_reason"], person["deregistered_on"]) == ("AV", "2026-09-14")
    assert given_posts(post(BO, left("XX", "20260914")))[0][0]["deregistration_reason"] == "XX"


@pytest.mark.parametrize(
    ("digits", "registered_from", "deregistered_on"),
    [
        ("19800000", "1980-01-01", "1980-12-31"),
        ("19800200", "1980-02-01", "1980-02-29"),
        ("00000000", None, None),
        ("19801300", "19801300", "19801300"),
        ("20261332", "2026-13-32", "2026-13-32"),
        ("igår", "igår", "igår"),
    ],
)
def test_incomplete_dates_never_make_anybody_gone_too_early(
    given_posts: Given, digits: str, registered_from: str | None, deregistered_on: str | None
) -> None:
    person = given_posts(post(BO, HOME.replace("20200131", digits) + left("UV", digits)))[0][0]
    assert (person["registered_from"], person["deregistered_on"]) == (registered_from, deregistered_on)


def test_an_incomplete_date_is_a_finding_at_its_line(given_posts: Given) -> None:
    *_, findings, _ = given_posts(post(KIM), post(BO, left("AV", "20260900")))
    assert [(each.rule, each.column, each.line, each.value) for each in findings] == [
        ("incomplete_date", "deregistered_on", 5, "20260900")
    ]


@pytest.mark.parametrize(
    "posts",
    [
        [post(BO_BEFORE, left("GN", "20250101") + refers(BO)), post(BO, HOME + ADDRESS % KEY)],
        [post(BO, HOME + ADDRESS % KEY), post(BO_BEFORE, left("GN", "20250101") + refers(BO))],
        [post(BO, HOME + ADDRESS % KEY + refers(BO_BEFORE))],
        [post(BO, HOME + ADDRESS % KEY + refers(BO_BEFORE)), post(BO_BEFORE, left("GN", "20250101") + refers(BO))],
    ],
    ids=["old first", "new first", "only new", "both refer"],
)
def test_old_and_new_number_are_one_person(given_posts: Given, posts: list[str]) -> None:
    child = post(KIM, relations(relation(BO_BEFORE, "FA"), relation(BO, "FA")))
    persons, related, _, aliases = given_posts(*posts, child)
    assert aliases == {BO_BEFORE: BO}
    assert [(row["person_id"], row["street"]) for row in persons] == [(BO, "Kvarngatan 3"), (KIM, None)]
    assert [(row["person_id"], row["related_person_id"]) for row in related] == [(KIM, BO)]


def test_an_old_number_alone_stands_under_the_new_one_and_is_not_gone(given_posts: Given) -> None:
    persons, *_ = given_posts(post(BO_BEFORE, left("GN", "20250101") + refers(BO)))
    assert [(row["person_id"], row["deregistration_reason"]) for row in persons] == [(BO, None)]


def test_of_a_person_who_comes_twice_the_last_changed_counts(given_posts: Given) -> None:
    persons, *_ = given_posts(
        post(BO, left("AV", "20261002"), changed="20261005120000"), post(BO, HOME, changed="20261001120000"), post(KIM)
    )
    assert [(row["person_id"], row["deregistration_reason"]) for row in persons] == [(BO, "AV"), (KIM, None)]


def test_relations_that_ended_or_name_nobody_are_left_out(given_posts: Given) -> None:
    _, related, findings, _ = given_posts(
        post(BO, relations(relation(ALEX, "M", "20260101"), relation(KIM, "VF", "20300101"), relation("", "FA")))
    )
    assert [(row["related_person_id"], row["relation"]) for row in related] == [(KIM, "VF")]
    assert [finding.rule for finding in findings] == ["relation_without_number"]


def test_persons_without_a_number_stay_for_validation(given_posts: Given) -> None:
    persons, *_ = given_posts(post(""), post(""), post(BO), post(BO))
    assert [row["person_id"] for row in persons] == [None, None, BO]


def test_coordination_numbers_have_their_own_element(given_posts: Given) -> None:
    tag = "TilldelatPersonNrSamordningsNr"
    assert given_posts(post(BO_BEFORE).replace("PersonNr>", f"{tag}>"))[0][0]["person_id"] == BO_BEFORE


def test_half_a_register_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.xml"
    path.write_text("<Navetavisering><Folkbokforingsposter>" + post(BO), encoding="utf-8")
    with pytest.raises(Refused, match=r"navet/n.xml, line 2 ends in the middle.*fetch the file again"):
        read(path, "navet/n.xml")


def test_a_file_without_persons_gives_no_rows(given_posts: Given) -> None:
    assert given_posts() == ([], [], [], {})


WHOLE = f"<Navetavisering><X>{post(BO, HOME + ADDRESS % KEY + relations(relation(KIM, 'B')))}</X></Navetavisering>"


@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=4))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: bytes
) -> None:
    data = WHOLE.encode()
    path = tmp_path_factory.getbasetemp() / "damaged.xml"
    path.write_bytes(data[:at] + put + data[at + cut :])
    with contextlib.suppress(Refused):
        for raw in read(path, "navet/d.xml")[0]:
            assert len(raw) == 1


NUMBERS = st.sampled_from("ABCDEF")


@given(st.lists(st.tuples(NUMBERS, NUMBERS).filter(lambda link: link[0] != link[1]), max_size=8))
def test_aliases_end_at_a_number_that_is_nobodys_old_one(links: list[tuple[str, str]]) -> None:
    aliases = _newest(links)
    assert not set(aliases.values()) & set(aliases)
    one_each = dict(links)  # a number has one that follows it
    assert all(aliases.get(old, old) == aliases.get(new, new) for old, new in one_each.items())
