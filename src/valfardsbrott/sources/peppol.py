"""Peppol BIS Billing 3 invoices and credit notes (UBL 2.1) as rows of `invoice` and `claim_line`.

Source: OpenPEPPOL peppol-bis-invoice-3, release 3.0.19. Much that a control needs is optional there, so each field
has its fallbacks (the functions below say which). Attachments, notes, item names and contacts are never read: they may
hold data about clients. The unit's own convention: an item property named ``recipient_id`` names the recipient.
"""

from __future__ import annotations

from pathlib import Path

from valfardsbrott.identifiers import Kind, normalise
from valfardsbrott.sources import peppol_rules
from valfardsbrott.sources.bill import Bill, Line, Totals, day
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.ubl import Form, adjustments, read_bills, vat, vat_group
from valfardsbrott.sources.xml import MAX_INVOICE_BYTES, Element, find, find_all, local, text

RECIPIENT_PROPERTY = "recipient_id"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_TAGS = frozenset({f"{{{_UBL}Invoice-2}}Invoice", f"{{{_UBL}CreditNote-2}}CreditNote"})
_GIROS: dict[str, Kind] = {"SE:BANKGIRO": "bankgiro", "SE:PLUSGIRO": "plusgiro"}
_OLD_CODES: dict[str, Kind] = {"50": "plusgiro", "56": "bankgiro"}


def read(path: Path, name: str, limit: int = MAX_INVOICE_BYTES) -> tuple[list[RawRows], list[Finding]]:
    """The rows of one file and what was found wrong with it.

    ``name`` is its path inside the delivery. A readable document always gives rows, whatever rules it breaks (findings
    of level warning); a file that cannot be read safely gives no rows and one finding of level error that says what
    to do. Never raises for what a file holds.
    """
    return read_bills(path, name, limit, Form("a Peppol BIS Billing 3 invoice", _TAGS, bill_of, peppol_rules.check))


def bill_of(root: Element) -> Bill:
    """What an Invoice or CreditNote element says, in the words of `bill`."""
    credit = local(root) == "CreditNote"
    seller = find(root, "AccountingSupplierParty/Party")
    period = find(root, "InvoicePeriod")
    return Bill(
        at=root.sourceline or 1,
        source="peppol",
        number=text(root, "ID"),
        issued=day(text(root, "IssueDate")),
        due=day(text(root, "DueDate") or text(root, "PaymentMeans/PaymentDueDate")),
        start=day(text(period, "StartDate")),
        end=day(text(period, "EndDate")),
        currency=text(root, "DocumentCurrencyCode"),
        credit=credit,
        org_number=seller_number(seller),
        account=_account(root),
        payee=_payee(root),
        payee_name=None if _payee(root) else text(find(root, "PayeeParty"), "PartyName/Name"),
        contract=text(root, "ContractDocumentReference/ID") or text(root, "BuyerReference"),
        board=_board(root),
        credit_of=text(root, "BillingReference/InvoiceDocumentReference/ID"),
        totals=_totals(root),
        lines=tuple(_line(line, credit) for line in find_all(root, "CreditNoteLine" if credit else "InvoiceLine")),
        adjustments=adjustments(root),
        vat_groups=tuple(vat_group(group) for group in find_all(root, "TaxTotal/TaxSubtotal")),
    )


def seller_number(party: Element | None) -> str | None:
    """The seller's organisation number, from the best of the places where it may stand.

    The legal entity's or the endpoint's number where its scheme says Swedish (0007); else the first of legal
    entity, VAT number, endpoint and party identification that is a valid Swedish number; else the first of them.
    """
    if party is None:
        return None
    legal, endpoint = find(party, "PartyLegalEntity/CompanyID"), find(party, "EndpointID")
    for element in (legal, endpoint):
        if element is not None and element.get("schemeID") == "0007" and text(element):
            return text(element)
    places = [text(legal), vat_number(party), text(endpoint), text(party, "PartyIdentification/ID")]
    present = [place for place in places if place]
    return next((place for place in present if normalise(place, "org").valid), present[0] if present else None)


def vat_number(party: Element) -> str | None:
    """The party's VAT number: the tax registration whose scheme is VAT (another one holds the F-tax statement)."""
    schemes = find_all(party, "PartyTaxScheme")
    return next((text(scheme, "CompanyID") for scheme in schemes if text(scheme, "TaxScheme/ID") == "VAT"), None)


def _payee(root: Element) -> str | None:
    party = find(root, "PayeeParty")
    return text(party, "PartyLegalEntity/CompanyID") or text(party, "PartyIdentification/ID")


def _board(root: Element) -> str | None:
    """The buyer's own identification of itself (BT-46); one of a public scheme (GLN) names no board."""
    for element in find_all(root, "AccountingCustomerParty/Party/PartyIdentification/ID"):
        if element.get("schemeID") is None:
            return text(element)
    return None


def _account(root: Element) -> str | None:
    """The first account to pay to; giro numbers in their hyphenated form, which says what they are."""
    for means in find_all(root, "PaymentMeans"):
        account = text(means, "PayeeFinancialAccount/ID")
        if account is None:
            continue
        branch = text(means, "PayeeFinancialAccount/FinancialInstitutionBranch/ID") or ""
        kind = _GIROS.get(branch.upper()) or _OLD_CODES.get(text(means, "PaymentMeansCode") or "")
        return normalise(account, kind).canonical if kind else account
    return None


def _totals(root: Element) -> Totals:
    total = find(root, "LegalMonetaryTotal")
    vat = next((part for part in find_all(root, "TaxTotal") if find(part, "TaxSubtotal") is not None), None)
    return Totals(
        lines=text(total, "LineExtensionAmount"),
        exclusive=text(total, "TaxExclusiveAmount"),
        inclusive=text(total, "TaxInclusiveAmount"),
        payable=text(total, "PayableAmount"),
        prepaid=text(total, "PrepaidAmount"),
        rounding=text(total, "PayableRoundingAmount"),
        allowances=text(total, "AllowanceTotalAmount"),
        charges=text(total, "ChargeTotalAmount"),
        vat=text(vat if vat is not None else find(root, "TaxTotal"), "TaxAmount"),
    )


def _line(line: Element, credit: bool) -> Line:
    quantity = find(line, "CreditedQuantity" if credit else "InvoicedQuantity")
    period, item, price = find(line, "InvoicePeriod"), find(line, "Item"), find(line, "Price")
    category = find(item, "ClassifiedTaxCategory") if item is not None else None
    return Line(
        at=line.sourceline or 0,
        quantity=text(quantity),
        unit=quantity.get("unitCode") if quantity is not None else None,
        price=text(price, "PriceAmount"),
        per=text(price, "BaseQuantity"),
        amount=text(line, "LineExtensionAmount"),
        start=day(text(period, "StartDate")),
        end=day(text(period, "EndDate")),
        service_code=text(item, "BuyersItemIdentification/ID"),
        recipient_id=_recipient(item),
        adjustments=adjustments(line),
        vat=vat(category),
    )


def _recipient(item: Element | None) -> str | None:
    properties = find_all(item, "AdditionalItemProperty") if item is not None else []
    return next((text(each, "Value") for each in properties if text(each, "Name") == RECIPIENT_PROPERTY), None)
