"""Rules that a readable invoice may break, as findings: it is never refused for them, they say where to look.

Named as in the sources: BR-* of EN 16931 (ConnectingEurope/eInvoicing-EN16931 1.3.16), PEPPOL-EN16931-* and SE-R-* of
Peppol BIS Billing 3.0.19. Tolerances are the sources' own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from stdnum import luhn

from valfardsbrott.identifiers import mask
from valfardsbrott.sources.bill import Adjustment, Bill, Line, number
from valfardsbrott.sources.raw import Finding
from valfardsbrott.sources.xml import Element, find, find_all, text

ZERO = Decimal(0)
_EXACT = Decimal("0.005")
_LINE_SLACK = Decimal("0.02")
_VAT_SLACK = Decimal(1)
_VAT_RULES = {"K": "IC", "L": "AF", "M": "AG"}
_SWEDISH_RATES = {Decimal(6), Decimal(12), Decimal(25)}
_F_TAX = "GODKÄND FÖR F-SKATT"


def check(root: Element, bill: Bill, file: str) -> list[Finding]:
    """Every rule, for one Peppol document: sums, VAT and what a Swedish seller must state."""
    return [*arithmetic(bill, file), *swedish(root, file)]


# --- sums ------------------------------------------------------------------------------------------------------------


def arithmetic(bill: Bill, file: str) -> list[Finding]:
    """Lines, sums and VAT that do not add up. A number that is missing or unreadable is not judged here."""
    return [*_line_amounts(bill, file), *_sums(bill, file), *_vat(bill, file)]


def _line_amounts(bill: Bill, file: str) -> Iterator[Finding]:
    """quantity x price / base quantity + charges - allowances = the line's amount, within 0.02 (R120)."""
    for line in bill.lines:
        stated, computed = number(line.amount), _line_amount(line)
        if stated is not None and computed is not None and abs(stated - computed) > _LINE_SLACK:
            where = ("claim_line", file, line.at, "amount_sek")
            yield _differs(where, "PEPPOL-EN16931-R120", stated, computed)


def _line_amount(line: Line) -> Decimal | None:
    quantity, price, per = number(line.quantity), number(line.price), number(line.per or "1")
    if quantity is None or price is None or not per:
        return None
    return quantity * price / per + _net(line.adjustments)


def _net(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum(((number(each.amount) or ZERO) * (1 if each.charge else -1) for each in adjustments), ZERO)


def _sums(bill: Bill, file: str) -> Iterator[Finding]:
    totals = bill.totals
    lines = [number(line.amount) for line in bill.lines]
    charges = _net(each for each in bill.adjustments if each.charge)
    allowances = -_net(each for each in bill.adjustments if not each.charge)
    exclusive, inclusive = number(totals.exclusive), number(totals.inclusive)
    vat, line_total = number(totals.vat), number(totals.lines)
    expected = (
        ("BR-CO-10", totals.lines, sum((line for line in lines if line), ZERO) if None not in lines else None),
        ("BR-CO-11", totals.allowances, allowances),
        ("BR-CO-12", totals.charges, charges),
        ("BR-CO-13", totals.exclusive, None if line_total is None else line_total + charges - allowances),
        ("BR-CO-14", totals.vat, _vat_sum(bill)),
        ("BR-CO-15", totals.inclusive, None if exclusive is None or vat is None else exclusive + vat),
        ("BR-CO-16", totals.payable, None if inclusive is None else inclusive + _rounding_and_prepaid(bill)),
    )
    for rule, stated_text, computed in expected:
        stated = number(stated_text)
        if stated is not None and computed is not None and abs(stated - computed) > _EXACT:
            yield _differs(("invoice", file, bill.at, "total_sek"), rule, stated, computed)


def _rounding_and_prepaid(bill: Bill) -> Decimal:
    return (number(bill.totals.rounding) or ZERO) - (number(bill.totals.prepaid) or ZERO)


def _vat_sum(bill: Bill) -> Decimal | None:
    taxes = [number(group.tax) for group in bill.vat_groups]
    return sum((tax for tax in taxes if tax), ZERO) if taxes and None not in taxes else None


def _vat(bill: Bill, file: str) -> Iterator[Finding]:
    """What is taxed at each rate is what the lines say (BR-x-08), and the tax is the rate of it (BR-CO-17)."""
    lines: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in bill.lines:
        lines[line.vat] += number(line.amount) or ZERO
    for each in bill.adjustments:
        lines[each.vat] += _net([each])
    for group in bill.vat_groups:
        where = ("invoice", file, group.at, "total_sek")
        taxable, tax, percent = number(group.taxable), number(group.tax), number(group.percent or "0")
        category = group.vat.split(" ")[0]
        if taxable is not None and abs(taxable - lines[group.vat]) >= _VAT_SLACK:
            rule = f"BR-{_VAT_RULES.get(category, category)}-08"
            yield _differs(where, rule, taxable, lines[group.vat])
        if taxable is None or tax is None or percent is None:
            continue
        if abs(tax - taxable * percent / 100) >= _VAT_SLACK:
            yield _differs(where, "BR-CO-17", tax, taxable * percent / 100)


def _differs(where: tuple[str, str, int, str], rule: str, stated: Decimal, computed: Decimal) -> Finding:
    """``where``: table, file, line and column. The value says what is stated and what the document itself gives."""
    return Finding(*where, rule, f"{stated:f} <> {computed:.2f}", "warning")


# --- what a Swedish seller must state --------------------------------------------------------------------------------


def swedish(root: Element, file: str) -> list[Finding]:
    """SE-R-001 to SE-R-013, for sellers whose address is in Sweden, and R003 for all."""
    said = _Findings(file)
    if text(root, "BuyerReference") is None and text(root, "OrderReference/ID") is None:
        said.add(root, "contract_id", "PEPPOL-EN16931-R003", None)
    party = find(root, "AccountingSupplierParty/Party")
    if party is not None and text(party, "PostalAddress/Country/IdentificationCode") == "SE":
        _seller(party, said)
        _tax_rates(root, said)
        _payment(root, said)
    return said.made


class _Findings:
    def __init__(self, file: str) -> None:
        self.file, self.made = file, list[Finding]()

    def add(self, element: Element, column: str, rule: str, value: str | None) -> None:
        line = element.sourceline or 0
        self.made.append(Finding("invoice", self.file, line, column, rule, mask(value or ""), "warning"))


def _seller(party: Element, said: _Findings) -> None:
    for scheme in find_all(party, "PartyTaxScheme"):
        value = text(scheme, "CompanyID") or ""
        if text(scheme, "TaxScheme/ID") != "VAT":
            if value.upper() != _F_TAX:
                said.add(scheme, "org_number", "SE-R-005", value)
        elif value.startswith("SE"):
            if len(value) != 14:
                said.add(scheme, "org_number", "SE-R-001", value)
            if re.fullmatch("[0-9]{12}", value[-12:]) is None:
                said.add(scheme, "org_number", "SE-R-002", value)
    legal = find(party, "PartyLegalEntity/CompanyID")
    value = text(legal) or ""
    if legal is None or not value:
        return
    if not value.isdecimal():
        said.add(legal, "org_number", "SE-R-003", value)
    if len(value) != 10:
        said.add(legal, "org_number", "SE-R-004", value)
    elif value.isdecimal() and not luhn.is_valid(value):
        said.add(legal, "org_number", "SE-R-013", value)


def _tax_rates(root: Element, said: _Findings) -> None:
    """A standard rated (S) Swedish sale is at 6, 12 or 25 per cent."""
    places = ("TaxTotal/TaxSubtotal/TaxCategory", "AllowanceCharge/TaxCategory")
    lines = ("InvoiceLine/Item/ClassifiedTaxCategory", "CreditNoteLine/Item/ClassifiedTaxCategory")
    for category in (each for place in (*places, *lines) for each in find_all(root, place)):
        percent = text(category, "Percent")
        if text(category, "ID") == "S" and number(percent) not in _SWEDISH_RATES:
            said.add(category, "total_sek", "SE-R-006", percent)


def _payment(root: Element, said: _Findings) -> None:
    for means in find_all(root, "PaymentMeans"):
        code = text(means, "PaymentMeansCode")
        if code in ("50", "56"):
            said.add(means, "account_number", "SE-R-011", code)
        if code == "31" and _buyer_is_swedish(root):
            said.add(means, "account_number", "SE-R-012", code)
        branch = text(means, "PayeeFinancialAccount/FinancialInstitutionBranch/ID")
        account = text(means, "PayeeFinancialAccount/ID") or ""
        rules = {"SE:PLUSGIRO": ("SE-R-007", "SE-R-010", 2), "SE:BANKGIRO": ("SE-R-008", "SE-R-009", 7)}
        if branch in rules:
            numeric, length, shortest = rules[branch]
            if not account.isdecimal():
                said.add(means, "account_number", numeric, account)
            if not shortest <= len(account) <= 8:
                said.add(means, "account_number", length, account)


def _buyer_is_swedish(root: Element) -> bool:
    return text(root, "AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode") == "SE"
