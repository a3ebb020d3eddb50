"""Names, telephones, e-mail addresses and accounts: spellings of one thing are one, things alike stay apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.entities import emails, names, phones
from valfardsbrott.entities.text import folded, plain
from valfardsbrott.identifiers import account_key, is_missing, normalise


@pytest.mark.parametrize(
    ("written", "core", "form", "state"),
    [
        ("Ekfyr Omsorg AB", "ekfyr omsorg", "AB", ""),
        ("AB Ekfyr Omsorg", "ekfyr omsorg", "AB", ""),
        ("EKFYR OMSORG AKTIEBOLAG (publ)", "ekfyr omsorg", "AB", ""),
        ("Aktiebolaget Ekfyr Omsorg", "ekfyr omsorg", "AB", ""),
        ("Ekfyr Omsorg AB i likvidation", "ekfyr omsorg", "AB", "likvidation"),
        ("Ekfyr Omsorg AB (i konkurs)", "ekfyr omsorg", "AB", "bankruptcy"),
        ("Ekfyr Omsorg AB, under företagsrekonstruktion", "ekfyr omsorg", "AB", "reconstruction"),
        ("Ekfyr Omsorg AB u.b.", "ekfyr omsorg", "AB", "forming"),
        ("Ekfyr & Gran HB", "ekfyr och gran", "HB", ""),
        ("Ekfyr och Gran handelsbolag", "ekfyr och gran", "HB", ""),
        ("Vård i Samverkan ek. för.", "vård i samverkan", "EK", ""),
        ("Va\u030ard i Samverkan ekonomisk förening", "vård i samverkan", "EK", ""),
        ("Ekfyr KB", "ekfyr", "KB", ""),
        ("AB", "ab", "", ""),
        ("Abborre Omsorg", "abborre omsorg", "", ""),
        (None, "", "", ""),
    ],
)
def test_names_in_parts(written: str | None, core: str, form: str, state: str) -> None:
    assert names.parse(written) == names.CompanyName(core, form, state)


def test_two_companies_with_names_alike_stay_two() -> None:
    assert names.parse("Ekfyr Omsorg Väst AB").core != names.parse("Ekfyr Omsorg AB").core
    assert names.parse("Ekfyr AB").form != names.parse("Ekfyr HB").form


@given(st.text(max_size=40))
def test_the_core_of_a_name_is_its_own(text: str) -> None:
    core = names.parse(text).core
    assert names.parse(core).core == core


ONE_SUBSCRIBER = ["08-123 456 78", "08-12345678", "+46812345678", "+46 (0)8-123 456 78", "0046 8 123 456 78",
                  "46812345678", "08/12345678", "Tel: 08-123 456 78 ankn. 12", "08\u2013123 456 78"]  # fmt: skip


@pytest.mark.parametrize("written", ONE_SUBSCRIBER)
def test_one_subscriber_has_one_number(written: str) -> None:
    assert [phone.canonical for phone in phones.numbers(written)] == ["0812345678"]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("08-12 34 56, 070-123 45 67", ["08123456", "0701234567"]),
        ("08-12 34 56 / 070-123 45 67", ["08123456", "0701234567"]),
        ("08-12 34 56/070-123 45 67", ["08123456", "0701234567"]),
        ("08-12 34 56 och 070-123 45 67", ["08123456", "0701234567"]),
        ("08-12 34 56/57", ["08123456", "08123457"]),
        ("08-12 34 56; 08123456", ["08123456"]),
        ("+47 22 12 34 56", ["+4722123456"]),
        ("0999-1234567", ["09991234567"]),
        ("00000000", []),
        ("12345", []),
        ("saknas", []),
        (None, []),
    ],
)
def test_numbers_in_a_text(written: str | None, canonical: list[str]) -> None:
    assert [phone.canonical for phone in phones.numbers(written)] == canonical


@given(st.text(alphabet="0123456789 +-/(),;och", max_size=30))
def test_a_number_is_its_own(text: str) -> None:
    for phone in phones.numbers(text):
        assert phones.numbers(phone.canonical) == (phone,)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Info@Bolaget.SE", ("info@bolaget.se",)),
        (" mailto:info@bolaget.se.", ("info@bolaget.se",)),
        ("Anna Ek <anna.ek@bolaget.se>", ("anna.ek@bolaget.se",)),
        ("anna+faktura@bolaget.se", ("anna@bolaget.se",)),
        ("a@bolaget.se; b@bolaget.se", ("a@bolaget.se", "b@bolaget.se")),
        ("info@vård.se", ("info@xn--vrd-ula.se",)),
        ("none", ()),
        ("info@bolaget", ()),
        ("@bolaget.se", ()),
        (None, ()),
    ],
)
def test_mailboxes(written: str | None, found: tuple[str, ...]) -> None:
    assert emails.mailboxes(written) == found


def test_dots_tell_mailboxes_apart() -> None:
    assert emails.mailboxes("anna.ek@bolaget.se") != emails.mailboxes("annaek@bolaget.se")


@given(st.text(alphabet="ab.+@ <>;å-", max_size=30))
def test_a_mailbox_is_its_own(text: str) -> None:
    for mailbox in emails.mailboxes(text):
        assert emails.mailboxes(mailbox) == (mailbox,)


@pytest.mark.parametrize(
    ("one", "kind", "other"),
    [
        ("SE17 9500 0000 0000 0012 3414", "iban", "12341-4"),
        ("SE45 5000 0000 0583 9825 7466", "iban", "58398257466"),
        ("5402-9681", "bankgiro", "5402-9681"),
    ],
)
def test_one_account_in_two_forms(one: str, kind: str, other: str) -> None:
    assert account_key(normalise(one, "iban" if kind == "iban" else "bankgiro").canonical or "") == other


def test_a_bankgiro_and_a_plusgiro_of_equal_digits_are_two_accounts() -> None:
    assert account_key("123-4566") != account_key("123456-6")


@given(st.text(alphabet="SE0123456789-", max_size=24))
def test_an_account_key_is_its_own(text: str) -> None:
    assert account_key(account_key(text)) == account_key(text)


@given(st.text(max_size=60))
def test_plain_text_is_its_own(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert folded(folded(once)) == folded(once)
    assert unicodedata.is_normalized("NFC", once)


def test_what_stands_for_nothing() -> None:
    assert all(map(is_missing, (None, "", " ", "0", "000000-0000", "9999999999", "saknas")))
    assert not is_missing("0021000146")
