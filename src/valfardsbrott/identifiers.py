"""Swedish identifiers in one form: what is the same number compares equal, what is wrong is kept and named.

Forms and rules: Skatteverket (personal and coordination numbers, law 2022:1697), Bolagsverket (organisation numbers),
Bankgirot (bankgiro, OCR), Inera (HSA-id). Check digits, IBAN and foreign VAT numbers come from python-stdnum; its gaps
(coordination numbers, future dates, birth number 000, the third digit of organisation numbers) are filled here.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from stdnum import iban as _iban
from stdnum import luhn as _luhn
from stdnum.eu import vat as _eu_vat

Kind = Literal[
    "person", "org", "vat", "bankgiro", "plusgiro", "iban", "bank_account", "account", "ocr", "hsa_id", "postal_code"
]

#: Where no date is given, ten digits are read as of this day. A constant, never today: a run gives the same result
#: whenever it is made. Callers that know their month pass its last day.
CENTURY_AT = dt.date(2026, 12, 31)

_WORDS = frozenset(
    {"null", "none", "nan", "na", "n/a", "saknas", "okänd", "okänt", "unknown", "ingen", "uppgift saknas"}
)
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_AS_FLOAT = re.compile(r"([0-9]+)\.0+")
_PERSON = re.compile(r"([0-9]{2})?([0-9]{6})([-+ ]?)([0-9A-Z][0-9]{3})")
_GD = re.compile(r"302[0-9]{7,8}")
_HSA = re.compile(r"SE([0-9]{10})-([0-9A-Z]{1,18})")
_SWEDISH_IBAN = re.compile(r"SE[0-9]{2}([0-9]{3})([0-9]{17})")
_RESERVE_LETTERS = frozenset("TRSUWXJKLMN")


@dataclass(frozen=True)
class Identifier:
    """A number in its one written form.

    ``kind`` is the kind asked for, except that an organisation number that is a natural person's comes back as
    ``person`` (a sole trader) and an ``account`` as the kind it was recognised as. ``canonical`` is None for missing
    values and sentinels, which must never join; an invalid number keeps its text, for it is a signal.
    ``warnings`` name the rules that failed or that the reader should know of; ``form`` is the kind within the kind
    (``personal``, ``coordination``, ``gd``, ``reserve``, ``company``) or empty.
    """

    kind: Kind
    canonical: str | None
    valid: bool
    warnings: tuple[str, ...] = ()
    form: str = ""


def luhn_check_digit(digits: str) -> str:
    """The digit that makes ``digits`` + it pass the Luhn (mod 10) check.

    >>> luhn_check_digit("212000014")
    '2'
    """
    return str(_luhn.calc_check_digit(digits))


def normalise(value: str | None, kind: Kind, on: dt.date = CENTURY_AT) -> Identifier:
    """One written form of an identifier; never raises, never drops what is wrong.

    ``on`` settles the century of ten-digit person numbers: the youngest person born by that day, or with ``+`` the
    youngest who turns 100 that year or before. Missing gives no warning; a sentinel (zeros, nines, ``saknas``) gives
    ``sentinel``; birth date + ``0000`` gives ``placeholder``. Applying it to its own result changes nothing.

    >>> normalise("212000-0142", "org").canonical
    '2120000142'
    >>> normalise("19800101-9998", "person").warnings
    ('luhn',)
    """
    text = _clean(value)
    if not text:
        return Identifier(kind, None, False)
    if _is_sentinel(text):
        return Identifier(kind, None, False, ("sentinel",))
    if kind == "person":
        return _person(text, on)
    if kind == "org":
        return _org(text, on)
    return _READERS[kind](text)


def is_missing(value: str | None) -> bool:
    """Whether the text stands for nothing: empty, zeros, nines, ``saknas``. What is missing never joins."""
    text = _clean(value)
    return not text or _is_sentinel(text)


def account_key(canonical: str) -> str:
    """One name for an account that may be written in two forms; other text comes back as it is.

    A Swedish IBAN holds a bank's number and the account, filled with zeros: a plusgiro (banks 950, 960), a personal
    account (Nordea 300, clearing number 3300), or a bank account with its clearing number where that is part of it
    (eleven digits). A bankgiro is an address of some account: only the Bankgirot knows of which.

    >>> account_key("SE1795000000000000123414"), account_key("5402-9681")
    ('12341-4', '5402-9681')
    """
    match = _SWEDISH_IBAN.fullmatch(canonical)
    if match is None:
        return canonical
    bank, number = match[1], match[2]
    short = number.lstrip("0")
    if bank in ("950", "960") and 2 <= len(short) <= 8:
        return f"{short[:-1]}-{short[-1]}"
    if bank == "300" and number.startswith("0000000"):
        return "3300" + number[7:]
    return short if len(short) == 11 else canonical


def _clean(value: str | None) -> str:
    if value is None:
        return ""
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", value)))
    text = " ".join(text.split())
    whole = _AS_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def _is_sentinel(text: str) -> bool:
    marks = {mark for mark in text.lower() if mark.isalnum()}
    return not marks or marks in ({"0"}, {"9"}, {"x"}) or text.lower() in _WORDS


def _digits(text: str) -> str:
    """The text without the separators that people write in numbers."""
    return re.sub(r"[-. /]", "", text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _judged(kind: Kind, canonical: str, *failed: str, form: str = "") -> Identifier:
    return Identifier(kind, canonical, not failed, failed, form)


# --- natural persons -------------------------------------------------------------------------------------------------


def _person(text: str, on: dt.date) -> Identifier:
    compact = _digits(text)
    if _GD.fullmatch(compact):
        return Identifier("person", compact, True, ("unchecked",), "gd")
    if len(compact) == 12 and _is_number(compact) and compact.startswith("99"):
        return Identifier("person", compact, True, ("unchecked",), "reserve")
    match = _PERSON.fullmatch(text.upper())
    if match is None:
        return _odd_person(text, compact, on)
    century, six, separator, tail = match[1], match[2], match[3], match[4]
    if tail == "0000":
        return Identifier("person", None, False, ("placeholder",))
    year = int((century or "00") + six[:2]) if century else _year(six, separator, on)
    canonical = f"{year:04d}{six[2:]}{tail}"
    form = _form(six, tail)
    failed = [*_date_faults(year, six, on), *_number_faults(six, tail)]
    if separator == " ":
        failed.append("separator")
    return _judged("person", canonical, *failed, form=form)


def _odd_person(text: str, compact: str, on: dt.date) -> Identifier:
    """Not written as a person number: leading zeros lost in a spreadsheet, or a number of some other system."""
    if _is_number(text) and len(text) in (8, 9) and _luhn.is_valid(text):
        padded = _person(text.zfill(10), on)
        if padded.valid:
            return Identifier("person", padded.canonical, True, ("leading_zero",), padded.form)
    if _is_number(compact):
        return _judged("person", compact, "length")
    return _judged("person", text, "format")


def _form(six: str, tail: str) -> str:
    if not tail.isdigit():
        return "reserve"
    return "coordination" if int(six[4:]) >= 60 else "personal"


def _year(six: str, separator: str, on: dt.date) -> int:
    """The youngest possible year of birth: by the day ``on``; with ``+`` a hundred years or more before its year."""
    limit = on.year - 100 if separator == "+" else on.year
    year = limit - (limit - int(six[:2])) % 100
    born = (year, int(six[2:4]), int(six[4:]) % 60)
    return year - 100 if separator != "+" and born > (on.year, on.month, on.day) else year


def _date_faults(year: int, six: str, on: dt.date) -> list[str]:
    month, day = int(six[2:4]), int(six[4:])
    if not 1800 <= year < 2100:
        return ["century"]
    if day >= 60:  # a coordination number: an unknown day is 60, an unknown month 00, and 31 may be in any month
        return _coordination_faults((year, month, day - 60), on)
    try:
        born = dt.date(year, month, day)
    except ValueError:
        return ["date"]
    return ["future"] if born > on else []


def _coordination_faults(born: tuple[int, int, int], on: dt.date) -> list[str]:
    if born[1] > 12 or born[2] > 31:
        return ["date"]
    return ["future"] if born > (on.year, on.month, on.day) else []


def _number_faults(six: str, tail: str) -> list[str]:
    faults = []
    if tail[0].isalpha() and tail[0] not in _RESERVE_LETTERS:
        faults.append("reserve_letter")
    number = tail if tail.isdigit() else "1" + tail[1:]
    if number.startswith("000"):
        faults.append("birth_number")
    if not _luhn.is_valid(six + number):
        faults.append("luhn")
    return faults


# --- organisations ---------------------------------------------------------------------------------------------------


def _org(text: str, on: dt.date) -> Identifier:
    compact = _digits(text).upper()
    inner = re.fullmatch(r"SE([0-9]{10})[0-9]{2}|16([0-9]{10})", compact)
    if inner:  # a VAT number, or the twelve-digit form of legal persons
        text = compact = inner[1] or inner[2]
    if len(compact) in (8, 9) and _is_number(compact) and _luhn.is_valid(compact):
        padded = _org(compact.zfill(10), on)
        return Identifier(padded.kind, padded.canonical, padded.valid, (*padded.warnings, "leading_zero"), padded.form)
    if _GD.fullmatch(compact) or _is_birth_date(compact):
        owner = _person(text if _PERSON.fullmatch(text) else compact, on)
        return Identifier("person", owner.canonical, owner.valid, ("sole_trader", *owner.warnings), owner.form)
    if not _is_number(compact):
        return _judged("org", text, "format")
    if len(compact) != 10:
        return _judged("org", compact, "length")
    return _judged("org", compact, *_org_faults(compact), form="company")


def _org_faults(ten: str) -> list[str]:
    faults = [] if ten[2] >= "2" else ["third_digit"]
    return faults if _luhn.is_valid(ten) else [*faults, "luhn"]


def _is_birth_date(compact: str) -> bool:
    """Ten digits, or twelve with a century, that begin with a possible birth date: a natural person's number.

    The check digit is not asked: a mistyped person number is still a person's.
    """
    match = re.fullmatch(r"(18|19|20)?([0-9]{6})\+?[0-9]{4}", compact)
    if match is None:
        return False
    return not {"date", "century"} & set(_date_faults(int((match[1] or "20") + match[2][:2]), match[2], dt.date.max))


# --- accounts, references and the rest -------------------------------------------------------------------------------


def _vat(text: str) -> Identifier:
    compact = _digits(text).upper()
    match = re.fullmatch(r"(?:SE)?([0-9]{10})(?:16)?([0-9]{2})", compact)
    if match is None:
        known = compact[:2].isalpha() and not compact.startswith("SE") and _eu_vat.is_valid(compact)
        return _judged("vat", compact) if known else _judged("vat", text, "format")
    canonical = f"SE{match[1]}{match[2]}"
    failed = [] if match[2] == "01" else ["suffix"]
    if not _luhn.is_valid(match[1]):
        failed.append("luhn")
    trader = ("sole_trader",) if _is_birth_date(match[1]) else ()
    return Identifier("vat", canonical, not failed, (*trader, *failed))


def _giro(text: str, kind: Kind, shortest: int, last: int) -> Identifier:
    """Canonical with its hyphen, which tells a bankgiro (NNNN-NNNN) from a plusgiro (NNNNNNN-N) of equal digits."""
    compact = _digits(text)
    if not _is_number(compact):
        return _judged(kind, text, "format")
    if not shortest <= len(compact) <= 8:
        return _judged(kind, compact, "length")
    return _judged(kind, f"{compact[:-last]}-{compact[-last:]}", *([] if _luhn.is_valid(compact) else ["luhn"]))


def _iban_number(text: str) -> Identifier:
    compact = _digits(text).upper()
    if not compact.isascii() or not compact.isalnum():
        return _judged("iban", text, "format")
    return _judged("iban", compact, *([] if _iban.is_valid(compact, check_country=False) else ["check_digits"]))


def _bank_account(text: str) -> Identifier:
    """Clearing number (four digits, five in savings banks) and account, digits only.

    Only length and clearing range are checked: the check digit rule differs by bank and the tables change.
    """
    compact = re.sub(r"[,]", "", _digits(text))
    if not _is_number(compact):
        return _judged("bank_account", text, "format")
    failed = [] if 10 <= len(compact) <= 15 else ["length"]
    return _judged("bank_account", compact, *failed, *([] if compact >= "1" else ["clearing"]))


def _account(text: str) -> Identifier:
    """An account whose type no column tells: by its hyphen, then by its length."""
    compact = _digits(text).upper()
    if re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{10,30}", compact):
        return _iban_number(text)
    if not _is_number(compact):
        return _judged("account", text, "format")
    if re.fullmatch(r"[0-9]{1,7}-[0-9]", text) or len(compact) < 7:
        return _giro(text, "plusgiro", 2, 1)
    return _giro(text, "bankgiro", 7, 4) if len(compact) <= 8 else _bank_account(text)


def _ocr(text: str) -> Identifier:
    """A payment reference: Luhn at its end. A reference in words is kept as it is, and warned of."""
    compact = _digits(text)
    if not _is_number(compact):
        return _judged("ocr", text, "format")
    if not 2 <= len(compact) <= 25:
        return _judged("ocr", compact, "length")
    return _judged("ocr", compact, *([] if _luhn.is_valid(compact) else ["luhn"]))


def _hsa_id(text: str) -> Identifier:
    compact = text.replace(" ", "").upper()
    match = _HSA.fullmatch(compact)
    if match is None:
        return _judged("hsa_id", text, "format")
    return _judged("hsa_id", compact, *_org_faults(match[1]))


def _postal_code(text: str) -> Identifier:
    compact = re.sub(r"^(SE|S)-?", "", text.upper().replace(" ", ""))
    if re.fullmatch(r"[0-9]{3}-?[0-9]{2}", compact) is None:
        return _judged("postal_code", text, "format")
    compact = compact.replace("-", "")
    return _judged("postal_code", compact, *(["range"] if compact.startswith("0") else []))


_READERS: dict[Kind, Callable[[str], Identifier]] = {
    "vat": _vat,
    "bankgiro": partial(_giro, kind="bankgiro", shortest=7, last=4),
    "plusgiro": partial(_giro, kind="plusgiro", shortest=2, last=1),
    "iban": _iban_number,
    "bank_account": _bank_account,
    "account": _account,
    "ocr": _ocr,
    "hsa_id": _hsa_id,
    "postal_code": _postal_code,
}


# --- what must not be shown ------------------------------------------------------------------------------------------

_PERSON_LIKE = re.compile(
    r"(?<![0-9])(?:SE ?)?(?:1[6-9]|20)?[0-9]{2}(?:0[0-9]|1[0-2])(?:[0-2][0-9]|3[01]|[6-8][0-9]|9[01])[-+ ]?"
    r"(?:[0-9A-Z][0-9]{3})(?:01)?(?![0-9])",
    re.IGNORECASE,
)


def is_person_like(text: str) -> bool:
    """Whether the text holds what may be a person number, right or mistyped (the check digit is not asked)."""
    return _PERSON_LIKE.search(_clean(text)) is not None


def mask(text: str, limit: int = 60) -> str:
    """The text for messages and quarantine: every digit of what may be a person number starred, cut after ``limit``.

    >>> mask("lön 19800101-9998 oktober")
    'lön ********-**** oktober'
    """
    shown = _PERSON_LIKE.sub(lambda match: re.sub("[0-9A-Za-z]", "*", match[0]), _clean(text))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def without_persons(name: str) -> str:
    """A file's name or path for stores and messages: digits of a valid person number starred, all else as it is.

    Only valid ones, other than in `mask`: a name often holds a day and a clock time, and who looks for the file must
    know it again.

    >>> without_persons("navet/19800101_9994.xml"), without_persons("visit-20261015-1200.csv")
    ('navet/********_****.xml', 'visit-20261015-1200.csv')
    """
    shown = list(name)
    for match in _PERSON_LIKE.finditer(name.replace("_", "-")):
        if normalise(match[0], "person").valid:
            shown[slice(*match.span())] = re.sub("[0-9A-Za-z]", "*", name[slice(*match.span())])
    return "".join(shown)
