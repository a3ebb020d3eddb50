"""Judgements: who is joined, who is left apart, and why; and the records that are judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.engines.linkage import linking
from valfardsbrott.entities.addresses import Address, parse
from valfardsbrott.entities.explanation import texts
from valfardsbrott.entities.linkage import Judgement, judge
from valfardsbrott.entities.model import models
from valfardsbrott.entities.persons import corrections
from valfardsbrott.entities.records import (
    Organisation,
    Person,
    candidates,
    deletions,
    moved_to,
    organisation_records,
    person_records,
    street_records,
)
from valfardsbrott.identifiers import luhn_check_digit, normalise
from valfardsbrott.settings import Settings

ALMA, BEDA, CARL = "0029000015", "0029000023", "0029000031"
ALMA_MISTYPED, NOBODY = "0029000115", "0073112341"


@pytest.fixture
def database() -> Iterator[Any]:
    with linking(Settings(threads=1)) as found:
        yield found


def company(number: str, name: str, at: int, **changed: str | None) -> Organisation:
    one = Organisation(number, name)
    own = {"address": f"ekvägen {at}|11122", "phone": f"08-12 34 {at}", "email": f"a{at}@ek.se", "account": f"1-{at}"}
    one.tell(**own | changed)
    return one


def register(*others: Organisation) -> dict[str, Organisation]:
    """Thirty companies, ALMA, BEDA and CARL among them, and the others."""
    known = [company(ALMA, "Alma Omsorg AB", 50), company(BEDA, "Beda Vård AB", 51), company(CARL, "Carl Stöd AB", 52)]
    for at in range(60, 87):
        ten = f"00290001{at - 60:02d}"[:9]
        known.append(company(ten + luhn_check_digit(ten), f"Bolag{at} Hemtjänst AB", at))
    return {each.number or str(each.name): each for each in (*known, *others)}


def judgements(found: Mapping[str, Organisation], api: Any) -> dict[str, Judgement]:
    known, doubtful = organisation_records(found, models()["organisation"].hub)
    return {one.record: one for one in judge(models()["organisation"], known, doubtful, api)}


def test_a_provider_under_a_mistyped_number_is_found_by_name_and_address(database: Any) -> None:
    alias = company(ALMA_MISTYPED, "ALMA OMSORG AKTIEBOLAG", 50, phone=None, email=None, account=None)
    found = judgements(register(alias), database)[ALMA_MISTYPED]
    assert (found.entity, found.verdict) == (ALMA, "joined")
    assert {(each.column, each.level) for each in found.findings} > {("number", "keystroke"), ("name", "same")}
    assert sum(each.bits for each in found.findings) == pytest.approx(found.weight, abs=0.05)


@pytest.mark.parametrize(
    ("stranger", "why"),
    [
        (company(NOBODY, "Alma Omsorg Väst AB", 50), "a sister company in the same house, with the same telephone"),
        (company(ALMA_MISTYPED, "Ekorren Bygg AB", 99), "another company whose wrong number lies near"),
        (company(NOBODY, "Alma Omsorg AB", 99), "the same name, in another town and under quite another number"),
        (company(NOBODY, "Zebra Plåt AB", 99), "nobody that the register knows"),
    ],
)
def test_who_only_looks_like_somebody_stays_apart(stranger: Organisation, why: str, database: Any) -> None:
    found = judgements(register(stranger), database)[stranger.number]
    assert (found.entity, found.verdict != "joined") == (None, True), why


def test_two_companies_with_right_numbers_are_never_one(database: Any) -> None:
    twin = company("0029000049", "Alma Omsorg AB", 50)
    assert twin.is_valid
    assert judgements(register(twin), database) == {}


def test_between_two_candidates_nobody_is_chosen(database: Any) -> None:
    same = {"address": "ekvägen 50|11122", "phone": "08-12 34 50", "email": "a50@ek.se", "account": "1-50"}
    twin = company("0029000049", "Alma Omsorg AB", 50)
    alias = Organisation(NOBODY, "Alma Omsorg AB")
    alias.tell(**same)
    found = judgements(register(twin, alias), database)[NOBODY]
    assert (found.verdict, found.entity) == ("rival", None)


def test_a_sole_trader_is_neither_known_nor_doubtful() -> None:
    trader = Organisation("8001019986", "Eva Ek")
    hidden = Organisation("p" + "a1" * 16, "Eva Ek")
    known, doubtful = organisation_records({"a": trader, "b": hidden}, 5)
    assert len(known) == len(doubtful) == 0


def test_a_switchboard_says_nothing() -> None:
    crowd = [company(one.number, str(one.name), 1, phone="08-99 99 98") for one in list(register().values())[:8]]
    known, _ = organisation_records({one.number: one for one in crowd}, hub=5)
    assert all("phones:0899 99 98" not in row for row in known["contacts"].to_pylist())
    assert not any(known["phones"].to_pylist())


def test_nothing_is_run_without_known_or_doubtful_records() -> None:
    empty = pa.table({"unique_id": pa.array([], pa.string())})
    assert judge(models()["organisation"], empty, empty, api=None) == []
    one = pa.table({"unique_id": ["x"]})
    assert [each.verdict for each in judge(models()["organisation"], empty, one, api=None)] == ["nobody"]


# --- streets ---------------------------------------------------------------------------------------------------------

HOMES = [
    parse(f"{street} {number}", area)
    for street in ("Storgatan", "Ekvägen", "Ängsgatan")
    for area in ("11122", "11133")
    for number in range(1, 8)
]


def streets(*written: tuple[str, str], api: Any, homes: list[Address] = HOMES) -> dict[str, str | None]:
    companies = [parse(*one) for one in written]
    known, doubtful = street_records(homes, companies, attested_numbers=3)
    found = {one.record: one.entity for one in judge(models()["address"], known, doubtful, api)}
    return {
        street: moved_to(one, entity).key if (entity := found.get(str(one.key))) else one.key
        for (street, _), one in zip(written, companies, strict=True)
    }


def test_a_slip_in_a_street_that_the_register_knows_is_mended(database: Any) -> None:
    found = streets(("Storgtan 5", "11122"), ("Angsgatan 3", "11122"), ("Ekvägne 2", "11133"), api=database)
    assert found == {
        "Storgtan 5": "storgatan 5|11122", "Angsgatan 3": "ängsgatan 3|11122", "Ekvägne 2": "ekvägen 2|11133",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("street", "area"),
    [
        ("Storgatan 2", "11133"), ("Nygatan 5", "11122"), ("Storgtan 99", "99999"), ("Ekgatan 5", "11122"),
        ("Storgränd 5", "11122"),
    ],
)  # fmt: skip
def test_another_street_stays_another(street: str, area: str, database: Any) -> None:
    assert streets((street, area), api=database)[street] == parse(street, area).key


def test_house_numbers_are_never_joined(database: Any) -> None:
    assert streets(("Storgtan 2", "11122"), ("Storgatan 12", "11122"), api=database) == {
        "Storgtan 2": "storgatan 2|11122", "Storgatan 12": "storgatan 12|11122",
    }  # fmt: skip


def test_without_a_register_three_companies_attest_a_street(database: Any) -> None:
    written = [("Nygatan 1", "11122"), ("Nygatan 2", "11122"), ("Nygatan 3", "11122"), ("Nygattan 3", "11122")]
    assert streets(*written, api=database, homes=[])["Nygattan 3"] == "nygatan 3|11122"
    assert streets(*written[1:], api=database, homes=[])["Nygattan 3"] == "nygattan 3|11122"


# --- persons ---------------------------------------------------------------------------------------------------------


def test_a_person_needs_more_than_a_number_nearby(database: Any) -> None:
    def person(near: tuple[str, ...] = (), at: str = "acme", seen: str = "rut") -> Person:
        return Person(near, {at}, set(), {seen})

    found = {
        "anna": person(),
        "eva": person(seen="olle"),
        "anma": person(("anna",)),
        "evva": person(("eva",), at="bolt"),
    }
    known, doubtful = person_records(found)
    made = {one.record: one.entity for one in judge(models()["person"], known, doubtful, database, candidates(found))}
    assert made == {"anma": "anna", "evva": None}


def test_a_wrong_number_between_two_workers_of_one_home_is_nobodys(database: Any) -> None:
    found = {who: Person((), {"acme"}, {"08123456"}, {"rut"}) for who in ("father", "son")}
    found["wrong"] = Person(("father", "son"), {"acme"}, {"08123456"}, {"rut"})
    known, doubtful = person_records(found)
    (one,) = judge(models()["person"], known, doubtful, database, candidates(found))
    assert (one.verdict, one.entity) == ("rival", None)


LAST = dt.date(2026, 12, 31)


def test_corrections_are_right_numbers_a_keystroke_away() -> None:
    right = "198001019986"
    for wrong in ("198001019987", "198001109986", "198011019986"):
        assert right in corrections(wrong, LAST)
    assert corrections(right, LAST) == ()
    assert corrections("", LAST) == corrections("19800101998T", LAST) == ()


@given(st.text("0123456789", min_size=12, max_size=12))
def test_corrections_are_valid_and_near(number: str) -> None:
    for each in corrections(number, LAST):
        assert normalise(each, "person", LAST).valid
        assert set(deletions(each)) & set(deletions(number))


@given(st.text("0123456789", min_size=2, max_size=10), st.data())
def test_numbers_a_keystroke_apart_have_a_deletion_in_common(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    changed = number[:at] + data.draw(st.sampled_from("0123456789")) + number[at + 1 :]
    for other in (swapped, changed):
        assert set(deletions(number)) & set(deletions(other))


# --- model and words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["address", "organisation", "person"])
def test_parameters_are_chances_and_every_finding_has_its_words(kind: Any) -> None:
    model = models()[kind]
    for column, levels in model.comparisons.items():
        scored = [level for level in levels if level.m is not None]
        assert levels[0].m is None, "a missing value weighs nothing"
        assert sum(level.m or 0 for level in scored) == pytest.approx(1), column
        assert sum(level.u or 0 for level in scored) == pytest.approx(1), column
        assert scored[-1].when == "ELSE"
        assert all(level.text["sv"] and level.text["en"] for level in levels)
    known = {(column, level.name) for column, levels in model.comparisons.items() for level in levels}
    assert set(model.needs) <= known


def test_a_judgement_is_said_with_its_evidence(database: Any) -> None:
    alias = company(ALMA_MISTYPED, "ALMA OMSORG AKTIEBOLAG", 50)
    one = judgements(register(alias), database)[ALMA_MISTYPED]
    said = texts(
        "organisation",
        one.record,
        str(one.entity),
        one.findings,
        weight=one.weight or 0,
        probability=one.probability or 0,
    )
    assert said["en"].startswith(f"{ALMA_MISTYPED} is judged to be {ALMA} under a mistyped number")
    assert f"match weight {one.weight:.1f} bits" in said["en"]
    assert "numbers that differ by one digit or two swapped ones +" in said["en"]
    assert "bitar" in said["sv"]
    assert "prior −" in said["en"]
    assert "probability 0.9999" in said["en"], "never shown as certain"


def test_the_same_judgements_with_any_number_of_threads_and_order() -> None:
    alias = company(ALMA_MISTYPED, "Alma Omsorg", 50)
    stranger = company(NOBODY, "Alma Omsorg Väst AB", 50)
    made = []
    for threads, found in ((1, register(alias, stranger)), (4, register(stranger, alias))):
        with linking(Settings(threads=threads)) as database:
            made.append(judgements(found, database))
    assert made[0] == made[1]
