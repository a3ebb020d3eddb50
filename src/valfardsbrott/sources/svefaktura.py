"""Svefaktura 1.0 (SFTI Basic Invoice) as rows of `invoice` and `claim_line`; historical, no longer recommended.

A document stands alone, or in an SBDH or ObjectEnvelope. Contacts, notes, descriptions and the requisitionist are
never read: they hold names. A credit note is type 381 and gives its amounts with or without a sign; both are read.
"""

from __future__ import annotations

from pathlib import Path

from valfardsbrott.identifiers import Kind, normalise
from valfardsbrott.sources import peppol_rules
from valfardsbrott.sources.bill import Bill, Line, Totals, day, number
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.ubl import Form, adjustments, read_bills, vat, vat_group
from valfardsbrott.sources.xml import MAX_INVOICE_BYTES, Element, find, find_all, text

_TAGS = frozenset({"{urn:sfti:documents:BasicInvoice:1:0}Invoice"})
_GIROS: dict[str, Kind] = {"BGABSESS": "bankgiro", "PGSISESS": "plusgiro"}


def read(path: Path, name: str, limit: int = MAX_INVOICE_BYTES) -> tuple[list[RawRows], list[Finding]]:
    """The rows of one file and what was found wrong; like `peppol.read` it never raises for what a file holds."""
    return read_bills(path, name, limit, Form("a Svefaktura 1.0", _TAGS, bill_of, _rules))


def _rules(_: Element, bill: Bill, file: str) -> list[Finding]:
    return peppol_rules.arithmetic(bill, file)


def bill_of(root: Element) -> Bill:
    """What a Svefaktura's Invoice element says, in the words of `bill`."""
    totals = _totals(root)
    party, means = find(root, "SellerParty/Party"), find(root, "PaymentMeans")
    delivered = day(text(root, "Delivery/ActualDeliveryDateTime"))
    total = number(totals.payable)
    return Bill(
        at=root.sourceline or 1,
        source="svefaktura",
        number=text(root, "ID"),
        issued=day(text(root, "IssueDate")),
        due=day(text(means, "DuePaymentDate")),
        start=day(text(root, "InvoicingPeriod/StartDateTime")) or delivered,
        end=day(text(root, "InvoicingPeriod/EndDateTime")) or delivered,
        currency=text(root, "InvoiceCurrencyCode"),
        credit=text(root, "InvoiceTypeCode") == "381" and total is not None and total > 0,
        org_number=_seller_number(party),
        account=_account(root),
        contract=_reference(root, "CT"),
        credit_of=text(root, "InitialInvoiceDocumentReference/ID"),
        totals=totals,
        lines=tuple(_line(line) for line in find_all(root, "InvoiceLine")),
        adjustments=adjustments(root),
        vat_groups=tuple(vat_group(group) for group in find_all(root, "TaxTotal/TaxSubTotal")),
    )


def _seller_number(party: Element | None) -> str | None:
    """The number registered for Swedish tax (SWT), else the one in the VAT number, else the party's own (a GLN)."""
    if party is None:
        return None
    schemes = {text(each, "TaxScheme/ID"): text(each, "CompanyID") for each in find_all(party, "PartyTaxScheme")}
    return schemes.get("SWT") or schemes.get("VAT") or text(party, "PartyIdentification/ID")


def _account(root: Element) -> str | None:
    for account in find_all(root, "PaymentMeans/PayeeFinancialAccount"):
        value = text(account, "ID")
        if value is not None:
            kind = _GIROS.get(text(account, "FinancialInstitutionBranch/FinancialInstitution/ID") or "")
            return normalise(value, kind).canonical if kind else value
    return None


def _reference(root: Element, scheme: str) -> str | None:
    """A reference to another document by its kind: CT is the contract."""
    for element in find_all(root, "AdditionalDocumentReference/ID"):
        if element.get("identificationSchemeID") == scheme:
            return text(element)
    return None


def _totals(root: Element) -> Totals:
    total = find(root, "LegalTotal")
    inclusive, rounding = text(total, "TaxInclusiveTotalAmount"), text(total, "RoundOffAmount")
    return Totals(
        lines=text(total, "LineExtensionTotalAmount"),
        exclusive=text(total, "TaxExclusiveTotalAmount"),
        payable=inclusive,  # after rounding: there is no amount due of its own
        rounding=rounding,
        inclusive=_less(inclusive, rounding),
        vat=text(root, "TaxTotal/TotalTaxAmount"),
    )


def _less(amount: str | None, rounding: str | None) -> str | None:
    value, less = number(amount), number(rounding)
    return amount if value is None or less is None else f"{value - less:f}"


def _line(line: Element) -> Line:
    quantity, item = find(line, "InvoicedQuantity"), find(line, "Item")
    price = find(item, "BasePrice") if item is not None else None
    delivered = day(text(line, "Delivery/ActualDeliveryDateTime"))
    return Line(
        at=line.sourceline or 0,
        quantity=text(quantity),
        unit=(quantity.get("quantityUnitCode") or "EA").upper() if quantity is not None else None,
        price=text(price, "PriceAmount"),
        per=text(price, "BaseQuantity"),
        amount=text(line, "LineExtensionAmount"),
        start=delivered,
        end=delivered,
        service_code=text(item, "BuyersItemIdentification/ID"),
        adjustments=adjustments(line),
        vat=vat(find(item, "TaxCategory") if item is not None else None),
    )
