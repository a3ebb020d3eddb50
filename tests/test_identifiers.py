"""Identifiers: the published test numbers, the rules one by one, and what must hold for any text."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from valfardsbrott.identifiers import Kind, is_person_like, luhn_check_digit, mask, normalise

SharedData = Callable[[str], Path]
KINDS = list(get_args(Kind))
MAY_2026 = dt.date(2026, 5, 31)


def _read(shared_data: SharedData, name: str) -> Any:
    return json.loads((shared_data("personnummer") / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "form"), [("allPins.json", "personal"), ("allCoords.json", "coordination")])
def test_every_published_test_number_is_valid_as_it_stands(shared_data: SharedData, name: str, form: str) -> None:
    for number in _read(shared_data, name):
        read = normalise(number, "person")
        assert (read.canonical, read.valid, read.warnings, read.form) == (number, True, (), form)


def test_published_valid_and_invalid_forms(shared_data: SharedData) -> None:
    for group in _read(shared_data, "structured.json").values():
        for forms in group.values():
            for verdict, numbers in forms.items():
                for number in numbers:
                    assert normalise(str(number), "person").valid == (verdict == "valid"), number


def test_published_interim_numbers_are_one_number_in_every_form(shared_data: SharedData) -> None:
    for case in _read(shared_data, "interim.json"):
        for form in ("long_format", "short_format", "separated_format", "separated_long"):
            read = normalise(case[form], "person")
            assert (read.canonical, read.valid, read.form) == (case["long_format"], case["valid"], "reserve")


def test_published_organisation_numbers_are_no_persons(shared_data: SharedData) -> None:
    for case in _read(shared_data, "orgnumber.json"):
        assert normalise(case["separated_format"], "org").valid
        assert not normalise(case["separated_format"], "person").valid


@pytest.mark.parametrize(
    ("text", "kind", "canonical"),
    [
        ("212000-0142", "org", "2120000142"),
        ("16212000-0142", "org", "2120000142"),
        ("SE212000014201", "org", "2120000142"),
        ("2120000142.0", "org", "2120000142"),
        ("SE212000-0142 01", "vat", "SE212000014201"),
        ("212000014201", "vat", "SE212000014201"),
        ("DE136695976", "vat", "DE136695976"),
        ("54029681", "bankgiro", "5402-9681"),
        ("5050-1055", "bankgiro", "5050-1055"),
        ("991-2346", "bankgiro", "991-2346"),
        ("991-2346", "account", "991-2346"),
        ("125", "plusgiro", "12-5"),
        ("12-5", "account", "12-5"),
        ("SE35 5000 0000 0549 1000 0003", "iban", "SE3550000000054910000003"),
        ("se35 5000 0000 0549 1000 0003", "account", "SE3550000000054910000003"),
        ("6789, 123 456 789", "bank_account", "6789123456789"),
        ("6789 123 456 789", "account", "6789123456789"),
        ("2026 1000 424", "ocr", "20261000424"),
        ("se2120000142-a1b", "hsa_id", "SE2120000142-A1B"),
        ("SE-123 45", "postal_code", "12345"),
        ("302123-4567", "person", "3021234567"),
        ("992003123456", "person", "992003123456"),
        ("19800160-9984", "person", "198001609984"),
        ("800060-9985", "person", "198000609985"),
    ],
)
def test_forms_that_are_the_same_number(text: str, kind: Kind, canonical: str) -> None:
    read = normalise(text, kind)
    assert (read.canonical, read.valid) == (canonical, True), read


@pytest.mark.parametrize(
    ("text", "kind", "rules"),
    [
        ("551000-0002", "org", ("third_digit",)),
        ("212000-0143", "org", ("luhn",)),
        ("55600", "org", ("length",)),
        ("NO 987 654", "org", ("format",)),
        ("SE212000014202", "vat", ("suffix",)),
        ("SE212000014301", "vat", ("luhn",)),
        ("XX123", "vat", ("format",)),
        ("5402-9682", "bankgiro", ("luhn",)),
        ("123", "bankgiro", ("length",)),
        ("bg 12", "bankgiro", ("format",)),
        ("SE3550000000054910000004", "iban", ("check_digits",)),
        ("123", "bank_account", ("length",)),
        ("0123456789", "bank_account", ("clearing",)),
        ("konto", "bank_account", ("format",)),
        ("konto", "account", ("format",)),
        ("20261000427", "ocr", ("luhn",)),
        ("1" * 26, "ocr", ("length",)),
        ("faktura 7", "ocr", ("format",)),
        ("SE2120000142", "hsa_id", ("format",)),
        ("1234", "postal_code", ("format",)),
        ("01234", "postal_code", ("range",)),
        ("19800230-9980", "person", ("date",)),
        ("19800101 9986", "person", ("separator",)),
        ("20270101-9982", "person", ("future",)),
        ("17800101-9986", "person", ("century",)),
        ("199013619989", "person", ("date", "luhn")),
        ("1234567", "person", ("length",)),
        ("BENE11001", "person", ("format",)),
    ],
)
def test_an_invalid_number_is_kept_and_names_the_rule(text: str, kind: Kind, rules: tuple[str, ...]) -> None:
    read = normalise(text, kind)
    assert (read.valid, read.warnings) == (False, rules)
    assert read.canonical


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["0", "000000-0000", "9999999999", "XXXXXX-XXXX", "-", "Saknas", "n/a", "NULL", "0.0"])
def test_sentinels_never_join(kind: Kind, text: str) -> None:
    read = normalise(text, kind)
    assert (read.canonical, read.valid, read.warnings) == (None, False, ("sentinel",))


@pytest.mark.parametrize("text", [None, "", "   ", "\u00a0"])
def test_missing_is_no_finding(text: str | None) -> None:
    assert normalise(text, "org") == normalise(None, "org")
    assert normalise(text, "org").warnings == ()


def test_birth_date_with_zeros_is_a_placeholder_that_many_share() -> None:
    assert normalise("19800101-0000", "person").warnings == ("placeholder",)
    assert normalise("19800101-0000", "person").canonical is None


@pytest.mark.parametrize(
    ("text", "on", "year"),
    [
        ("260101-9983", MAY_2026, "2026"),  # born this year
        ("260601-9988", MAY_2026, "1926"),  # this year's June has not been: a hundred years ago
        ("270101-9982", MAY_2026, "1927"),
        ("260101+9983", MAY_2026, "1926"),  # the plus comes in the year one turns 100
        ("270101+9982", MAY_2026, "1827"),
        ("270101-9982", dt.date(2027, 1, 1), "2027"),
        ("260661-9984", MAY_2026, "1926"),  # the same for coordination numbers
    ],
)
def test_century_of_ten_digits_follows_the_reference_date(text: str, on: dt.date, year: str) -> None:
    assert (normalise(text, "person", on).canonical or "")[:4] == year


@pytest.mark.parametrize("text", ["800101-9986", "19800101-9986", "198001019986", "16800101-9986", "SE800101998601"])
def test_a_sole_traders_organisation_number_is_a_person(text: str) -> None:
    read = normalise(text, "org")
    assert (read.kind, read.canonical, read.valid) == ("person", "198001019986", True)
    assert "sole_trader" in read.warnings


def test_a_mistyped_sole_trader_is_still_a_person() -> None:
    read = normalise("800101-9980", "org")
    assert (read.kind, read.valid, read.warnings) == ("person", False, ("sole_trader", "luhn"))


def test_zeros_that_a_spreadsheet_dropped_come_back() -> None:
    assert normalise("20000006", "org").canonical == "0020000006"
    assert normalise("101019982", "person").canonical == "200101019982"
    assert normalise("101019982", "person").warnings == ("leading_zero",)


@pytest.mark.parametrize(
    "text", ["19800101-9986", "800101+9986", "8001619989", "SE800101998601", "lön 198001019986 ok"]
)
def test_person_numbers_are_masked(text: str) -> None:
    assert is_person_like(text)
    assert not any(digit in mask(text).replace("ok", "") for digit in "189")


@pytest.mark.parametrize("text", ["212000-0142", "5402-9681", "2026-10-01", "SE3550000000054910000003", "hemtjänst"])
def test_other_values_are_shown(text: str) -> None:
    assert not is_person_like(text)
    assert mask(text) == text


def test_long_values_are_cut() -> None:
    assert mask("a" * 100, limit=10) == "a" * 9 + "…"


@given(st.text(max_size=30), st.sampled_from(KINDS))
def test_normalising_twice_is_normalising_once(text: str, kind: Kind) -> None:
    once = normalise(text, kind)
    again = normalise(once.canonical, once.kind)
    assert again.canonical == once.canonical


BIRTH_DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2025, 12, 31))


@st.composite
def person_numbers(draw: st.DrawFn) -> str:
    """Twelve valid digits, personal or coordination, with a birth number of the test series."""
    day = draw(BIRTH_DAYS)
    coordination = draw(st.sampled_from([0, 60]))
    nine = f"{day:%y%m}{day.day + coordination:02d}{draw(st.integers(980, 999))}"
    return f"{day.year // 100}{nine}{luhn_check_digit(nine)}"


@st.composite
def org_numbers(draw: st.DrawFn) -> str:
    nine = f"00{draw(st.integers(2, 9))}{draw(st.integers(0, 999_999)):06d}"
    return nine + luhn_check_digit(nine)


@given(person_numbers())
def test_formatting_of_person_numbers_does_not_matter(number: str) -> None:
    for text in (number, f"{number[:8]}-{number[8:]}", number[2:], f"{number[2:8]}-{number[8:]}", f" {number}\u00a0"):
        assert normalise(text, "person") == normalise(number, "person")
    assert normalise(number, "person").valid


@given(org_numbers())
def test_formatting_of_organisation_numbers_does_not_matter(number: str) -> None:
    for text in (f"{number[:6]}-{number[6:]}", f"16{number}", f"16{number[:6]}-{number[6:]}", f"SE{number}01"):
        assert normalise(text, "org") == normalise(number, "org")
    assert normalise(number, "org").valid


@given(person_numbers(), st.integers(2, 11), st.integers(1, 9))
def test_one_digit_changed_in_a_person_number_is_invalid(number: str, place: int, step: int) -> None:
    changed = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert not normalise(changed, "person").valid


@given(org_numbers(), st.integers(0, 9), st.integers(1, 9))
def test_one_digit_changed_in_an_organisation_number_is_invalid(number: str, place: int, step: int) -> None:
    changed = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assume(not changed.startswith("302"))  # GD numbers have no known check digit
    assert not normalise(changed, "org").valid


@given(person_numbers(), st.text(alphabet="abc åäö:;", max_size=8), st.text(alphabet="abc åäö:;", max_size=8))
def test_a_person_number_never_shows_in_a_masked_text(number: str, before: str, after: str) -> None:
    for written in (number, f"{number[:8]}-{number[8:]}", number[2:], f"{number[2:8]}+{number[8:]}"):
        assert not any(character.isdigit() for character in mask(before + written + after))
