"""An invoice as any of the XML formats gives it, and its rows in `invoice` and `claim_line`.

What the rows hold, for every format:

- ``total_sek`` is the amount due for payment: with VAT, after rounding and prepayment. Each claim line is the net
  amount of its document line, and each allowance or charge on the whole document is a claim line of its own, so that
  the lines add up to the document's amount without VAT. total = lines + VAT + rounding - prepaid; welfare is mostly
  exempt from VAT, and then total = lines. That it holds is checked, and what does not is a finding (`peppol_rules`).
- A credit note has negative amounts and quantities, its prices stay positive.
- An amount in another currency is kept as it stands, with the finding ``currency_not_sek``: no rate is invented.
- ``invoice_id`` is number, date and a digest of the document: two documents that carry the same number are both kept
  (a repeated number is a signal), one document delivered twice is not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

import pyarrow as pa

from valfardsbrott.domain import Month
from valfardsbrott.identifiers import mask
from valfardsbrott.sources.raw import Finding, RawRows

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
#: Room for what the largest numbers that are read give when divided: an absurd price is shown, it stops nothing.
_ORE = Context(prec=60, rounding=ROUND_HALF_UP)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

#: Units (UN/ECE Recommendation 20) as the data model has them; E48 is a service unit, E51 a job.
UNITS = {
    "HUR": "HUR", "MIN": "MIN", "VIS": "VIS", "E48": "VIS", "E51": "VIS",
    "EA": "EA", "C62": "EA", "H87": "EA", "NAR": "EA", "PCE": "EA", "XPP": "EA", "1I": "EA", "LS": "EA",
}  # fmt: skip


@dataclass(frozen=True)
class Adjustment:
    """An allowance (``charge`` false) or a charge, on a line or on the whole document."""

    at: int
    charge: bool
    amount: str | None
    vat: str = ""


@dataclass(frozen=True)
class VatGroup:
    """One VAT category and rate (``vat``: "S 25") with what is taxed and the tax."""

    at: int
    vat: str
    percent: str | None
    taxable: str | None
    tax: str | None


@dataclass(frozen=True)
class Line:
    """One line as the document has it. ``price`` is for ``per`` units; dates and numbers are still text."""

    at: int
    quantity: str | None
    unit: str | None
    price: str | None
    per: str | None
    amount: str | None
    start: str | None = None
    end: str | None = None
    service_code: str | None = None
    recipient_id: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    vat: str = ""


@dataclass(frozen=True)
class Totals:
    """The document's own sums; None where it does not give one."""

    lines: str | None = None
    exclusive: str | None = None
    inclusive: str | None = None
    payable: str | None = None
    prepaid: str | None = None
    rounding: str | None = None
    allowances: str | None = None
    charges: str | None = None
    vat: str | None = None


@dataclass(frozen=True)
class Bill:
    """One invoice or credit note, read and not yet judged."""

    at: int
    source: str
    number: str | None
    issued: str | None
    currency: str | None
    credit: bool
    org_number: str | None
    totals: Totals
    lines: tuple[Line, ...]
    due: str | None = None
    start: str | None = None
    end: str | None = None
    account: str | None = None
    payee: str | None = None
    payee_name: str | None = None
    contract: str | None = None
    board: str | None = None
    credit_of: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    vat_groups: tuple[VatGroup, ...] = field(default_factory=tuple)


def number(text: str | None) -> Decimal | None:
    """A plain decimal number; None where it is missing or is none (the text goes on to validation as it stands)."""
    return Decimal(text) if text is not None and _NUMBER.fullmatch(text) else None


def day(text: str | None) -> str | None:
    """The date of an XML date or date and time, which may carry an offset; other text as it stands."""
    found = _DAY.match(text) if text else None
    return found[0] if found else text


def rows(bill: Bill, file: str, digest: str) -> tuple[list[RawRows], list[Finding]]:
    """The bill as one row of `invoice` and its rows of `claim_line`, with what was doubted. Nothing is dropped."""
    invoice_id = "/".join((bill.number or "?", bill.issued or "?", digest))
    start, end, assumed = _period(bill)
    header = {
        "invoice_id": invoice_id, "org_number": bill.org_number, "invoice_number": bill.number,
        "issue_date": bill.issued, "due_date": bill.due, "period_from": start, "period_to": end,
        "board_id": bill.board, "contract_id": bill.contract, "total_sek": _signed(_total(bill), bill.credit),
        "account_number": bill.account, "payee_org_number": bill.payee, "payee_name": bill.payee_name,
        "credit_of": bill.credit_of, "source": bill.source,
    }  # fmt: skip
    lines = [*_lines(bill, start), *_adjustments(bill, start)]
    for ordinal, row in enumerate(lines, 1):
        row |= {"line_id": f"{invoice_id}/{ordinal}", "invoice_id": invoice_id, "org_number": bill.org_number}
    places = [line.at for line in bill.lines] + [adjustment.at for adjustment in bill.adjustments]
    made = [_raw("invoice", file, [header], [bill.at]), _raw("claim_line", file, lines, places)]
    return [table for table in made if len(table)], list(_doubts(bill, file, assumed))


def _raw(table: str, file: str, made: list[dict[str, str | None]], places: list[int]) -> RawRows:
    names = made[0] if made else ()
    columns = {name: pa.array([row[name] for row in made], pa.string()) for name in names}
    return RawRows(table, file, columns, pa.array(places, pa.int64()))


def _total(bill: Bill) -> str | None:
    return bill.totals.payable or bill.totals.inclusive or bill.totals.exclusive


def _signed(text: str | None, credit: bool) -> str | None:
    value = number(text)
    return text if value is None or not credit else f"{-value:f}" if value else "0"


def _period(bill: Bill) -> tuple[str | None, str | None, bool]:
    """From, to, and whether it was assumed: the header's, else the lines', else the month before the issue date."""
    starts = [text for text in (bill.start, *(line.start or line.end for line in bill.lines)) if text]
    if bill.start or bill.end:
        return bill.start or bill.end, bill.end or bill.start, False
    if starts:
        return min(starts), max(line.end or line.start or "" for line in bill.lines), False
    try:
        before = Month.of(dt.date.fromisoformat(bill.issued or "")).plus(-1)
    except ValueError:
        return None, None, False
    return before.first.isoformat(), before.last.isoformat(), True


def _lines(bill: Bill, start: str | None) -> Iterator[dict[str, str | None]]:
    for line in bill.lines:
        yield {
            "recipient_id": line.recipient_id,
            "service_code": line.service_code,
            "period": _month(line.start or line.end or start),
            "quantity": _signed(line.quantity, bill.credit),
            "unit_code": UNITS.get(line.unit or "", "EA"),
            "unit_price_sek": _unit_price(line),
            "amount_sek": _signed(line.amount, bill.credit),
        }


def _adjustments(bill: Bill, start: str | None) -> Iterator[dict[str, str | None]]:
    for adjustment in bill.adjustments:
        amount = _signed(adjustment.amount, not adjustment.charge)
        yield {
            "recipient_id": None,
            "service_code": None,
            "period": _month(start),
            "quantity": "-1" if bill.credit else "1",
            "unit_code": "EA",
            "unit_price_sek": amount,
            "amount_sek": _signed(amount, bill.credit),
        }


def _month(date: str | None) -> str | None:
    return date[:7] if date else None


def _unit_price(line: Line) -> str | None:
    """The price of one unit in whole ore; from the amount where the line gives no price."""
    price, per = number(line.price), number(line.per)
    if line.price and price is None:
        return line.price
    if price is None:
        amount, quantity = number(line.amount), number(line.quantity)
        price, per = (amount, quantity) if amount is not None else (None, None)
    if price is None:
        return None
    one = price / per if per else price
    return f"{one.quantize(Decimal('0.01'), context=_ORE):f}"


def _doubts(bill: Bill, file: str, assumed: bool) -> Iterator[Finding]:
    def doubt(table: str, at: int, column: str, rule: str, value: str | None) -> Finding:
        return Finding(table, file, at, column, rule, mask(value or ""), "warning")

    if bill.currency != "SEK":
        yield doubt("invoice", bill.at, "total_sek", "currency_not_sek", bill.currency)
    if assumed:
        yield doubt("invoice", bill.at, "period_from", "period_assumed", bill.issued)
    for line in bill.lines:
        if line.unit not in UNITS:
            yield doubt("claim_line", line.at, "unit_code", "unit_read_as_pieces", line.unit)
        if line.start and line.end and line.start[:7] != line.end[:7]:
            yield doubt("claim_line", line.at, "period", "period_spans_months", f"{line.start}/{line.end}")
