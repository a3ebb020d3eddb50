"""One person, one pseudonym, wherever and however the number is written; nothing else tells who it was."""

from __future__ import annotations

import datetime as dt
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.identifiers import luhn_check_digit
from valfardsbrott.sources.convert_text import strings
from valfardsbrott.sources.pseudonyms import Pseudonymiser, companies

LAST = dt.date(2026, 10, 31)
ALMA, BEDA = "198001019986", "197506159818"
COMPANY = "0021000146"
PSEUDONYM = re.compile(r"p[0-9a-f]{32}")


@pytest.fixture
def names() -> Pseudonymiser:
    return Pseudonymiser(b"k" * 32, LAST)


@pytest.mark.parametrize("written", ["198001019986", "19800101-9986", "800101-9986", "8001019986", " 800101-9986 "])
def test_one_person_has_one_pseudonym_in_every_writing(names: Pseudonymiser, written: str) -> None:
    assert names.person(written).value == names.person(ALMA).value
    assert names.organisation(written).value == names.person(ALMA).value


def test_it_is_the_key_that_makes_it(names: Pseudonymiser) -> None:
    other = Pseudonymiser(b"o" * 32, LAST)
    assert PSEUDONYM.fullmatch(names.person(ALMA).value or "")
    assert names.person(ALMA).value != other.person(ALMA).value
    assert names.fingerprint() != other.fingerprint()
    assert names.person(ALMA).value != names.person(BEDA).value


def test_the_century_of_ten_digits_is_the_youngest_that_the_delivery_knows(names: Pseudonymiser) -> None:
    assert names.person("1403039801").value == names.person("201403039801").value
    earlier = Pseudonymiser(b"k" * 32, dt.date(2013, 1, 31))
    assert earlier.person("1403039801").value == names.person("191403039801").value


def test_companies_stay_in_clear_and_sole_traders_do_not(names: Pseudonymiser) -> None:
    assert names.organisation("00-2100 0146").value == COMPANY
    assert names.organisation("16" + COMPANY).value == COMPANY
    assert names.organisation(ALMA[2:]).value == names.person(ALMA).value


def test_a_number_that_the_register_lists_as_a_company_is_one() -> None:
    listed = companies(["0001019981", "8001019986", None], ["AB", "E", "AB"])
    assert listed == {"0001019981"}
    names = Pseudonymiser(b"k" * 32, LAST, listed)
    assert names.organisation("000101-9981").value == "0001019981"
    assert names.organisation("8001019986").value == names.person(ALMA).value


@pytest.mark.parametrize("written", ["0", "000000-0000", "9999999999", "000000000000", "saknas", "-"])
def test_sentinels_become_nobody(names: Pseudonymiser, written: str) -> None:
    for known in (names.person(written), names.organisation(written), names.linking(written)):
        assert known.value is None
        assert known.warnings == ("sentinel",)


def test_an_invalid_number_is_kept_as_a_person_of_its_own(names: Pseudonymiser) -> None:
    mistyped = names.person("198001019987")
    assert PSEUDONYM.fullmatch(mistyped.value or "")
    assert mistyped.warnings == ("luhn",)
    assert names.person("BENE11001").warnings == ("format",)


def test_a_renumbered_person_keeps_one_pseudonym() -> None:
    plain = Pseudonymiser(b"k" * 32, LAST)
    old, new = plain.person("198001619983").value or "", plain.person(ALMA).value or ""
    assert old != new
    renumbered = Pseudonymiser(b"k" * 32, LAST, aliases={old: new})
    assert renumbered.person("800161-9983").value == new


@pytest.mark.parametrize(
    ("written", "kept"),
    [("070-123 45 67", "0701234567"), ("+46 70 123 45 67", "0701234567"), ("+46 (0)70-1234567", "0701234567"),
     ("0046701234567", "0701234567"), ("08-123 45 67", "081234567"), ("+47 22 12 34 56", "+4722123456"),
     ("08-123 45 67, 070-1234567", "081234567, 0701234567"), ("123", "123")],
)  # fmt: skip
def test_phones_are_digits(names: Pseudonymiser, written: str, kept: str) -> None:
    assert names.phone(written).value == kept


@pytest.mark.parametrize("written", ["00000", "999", "okänd", "--"])
def test_phones_that_nobody_has(names: Pseudonymiser, written: str) -> None:
    assert names.phone(written).value is None


def test_a_payees_name_is_kept_of_companies_only(names: Pseudonymiser) -> None:
    assert names.company("Ekfyr Factoring AB").value == "Ekfyr Factoring AB"
    for person in ("Gunborg Ek", "Gunborg Eks enskilda firma", "Gunborg Ek enskild firma"):
        assert (names.company(person).value, names.company(person).warnings) == (None, ("no_company",))


@pytest.mark.parametrize(
    "written", ["800101-9986", "198001019986", "3300-8001019986", "33008001019986", "SE17 3000 0000 0080 0101 9986"]
)
def test_accounts_that_are_person_numbers_are_the_person(names: Pseudonymiser, written: str) -> None:
    assert names.account(written).value == names.person(ALMA).value


def test_other_accounts_have_one_form(names: Pseudonymiser) -> None:
    assert names.account("5050109", "bankgiro").value == names.account("505-0109").value == "505-0109"
    assert names.account("505-0108", "bankgiro").warnings == ("luhn",)


@pytest.mark.parametrize(
    "written", ["Lön 19800101-9986 okt", "8001019986", "anna.800101-9986@vard.example", "800101 9986", "19800101-9987"]
)
def test_person_numbers_in_text_are_hidden(names: Pseudonymiser, written: str) -> None:
    hidden = names.hide(written)
    assert PSEUDONYM.search(hidden)
    assert not re.search(r"[0-9]{4}[-+ ]?998[67]", hidden.replace("p", " p"))


@pytest.mark.parametrize("written", ["0021000146", "20261001001234", "0701234567", "8001019987", "12345678"])
def test_what_is_no_person_number_stays(names: Pseudonymiser, written: str) -> None:
    assert names.hide(written) == written


def test_technical_ids_are_hidden_only_where_they_are_unmistakable(names: Pseudonymiser) -> None:
    assert names.hide("8001019986", technical=True) == "8001019986"
    assert names.hide("202610011234", technical=True) == "202610011234"
    assert PSEUDONYM.search(names.hide("800101-9986:2", technical=True))
    assert PSEUDONYM.search(names.hide("B198001019986", technical=True))


@given(born=st.dates(dt.date(1930, 1, 1), dt.date(2020, 12, 31)), birth_number=st.integers(980, 999))
def test_stable_for_every_person(born: dt.date, birth_number: int) -> None:
    nine = f"{born:%y%m%d}{birth_number}"
    ten = nine + luhn_check_digit(nine)
    twelve = f"{born:%Y}"[:2] + ten
    names = Pseudonymiser(b"k" * 32, LAST)
    sign = "+" if LAST.year - born.year >= 100 else "-"
    made = {names.person(form).value for form in (twelve, f"{twelve[:8]}-{twelve[8:]}", f"{ten[:6]}{sign}{ten[6:]}")}
    assert len(made) == 1
    assert ten not in str(made)
    assert made == {Pseudonymiser(b"k" * 32, LAST).person(twelve).value}


@pytest.mark.parametrize("column", ["tag_id", "device_id", "document_hash"])
def test_a_person_number_as_a_chips_number_is_hidden_and_serials_stay(names: Pseudonymiser, column: str) -> None:
    values = pa.array(["19800101-9986", "198001019986", "8001019986", "04A2B9C8", "0"])
    found, _ = strings(values, column, names)
    one = names.pseudonym("198001019986")
    assert found.to_pylist() == [one, one, "8001019986", "04A2B9C8", None]
