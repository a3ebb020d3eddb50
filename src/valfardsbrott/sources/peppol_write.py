"""Peppol BIS Billing 3 documents of care that is exempt from VAT: the same rows always give the same bytes."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from valfardsbrott.domain import Month
from valfardsbrott.identifiers import luhn_check_digit, normalise
from valfardsbrott.sources.peppol import RECIPIENT_PROPERTY

Value = str | int | float | Decimal | dt.date | None
Row = Mapping[str, Value]

#: A buyer that cannot be anybody: organisation numbers that begin with 00 are not assigned.
BUYER = "002120000" + luhn_check_digit("002120000")
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_UNITS = {"HUR": "HUR", "MIN": "MIN", "VIS": "E48", "EA": "EA"}
_SERVICE = "Omsorgstjänst"
_REFERENCE = "0000"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXEMPT = "<cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent>{}<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"


def write_invoice(path: Path, invoice: Row, lines: Sequence[Row]) -> None:
    """Write one invoice, or a credit note where ``credit_of`` is given or the total is negative.

    ``invoice`` and ``lines`` have the data model's columns (dates as dates or ISO text, amounts in SEK, a line's period
    as a month or a date); besides them ``invoice`` may have ``name``, the seller's. Required: org_number,
    invoice_number, issue_date, total_sek; quantity, unit_code, unit_price_sek, amount_sek. Reading the file gives the
    rows back, except that ``invoice_id`` and ``line_id`` are the reader's own. Rows that do not add up are written as
    they stand.
    """
    path.write_bytes(document(invoice, lines).encode())


def document(invoice: Row, lines: Sequence[Row]) -> str:
    """The XML text of `write_invoice`."""
    credit = bool(invoice.get("credit_of")) or _decimal(invoice["total_sek"]) < 0
    root = "CreditNote" if credit else "Invoice"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<{root} xmlns="{_UBL}{root}-2" xmlns:cac="{_UBL}CommonAggregateComponents-2"'
        f' xmlns:cbc="{_UBL}CommonBasicComponents-2">\n',
        *_header(invoice, credit),
        *_parties(invoice),
        _payment(invoice, credit),
        *_totals(invoice, lines, credit),
        *(_line(ordinal, line, credit) for ordinal, line in enumerate(lines, 1)),
        f"</{root}>\n",
    ]
    return "".join(parts)


def _tag(name: str, value: Value, attributes: str = "") -> str:
    """``<cbc:name>``; nothing where there is no value, for an empty element is no valid UBL."""
    shown = _NOT_XML.sub("", value.isoformat() if isinstance(value, dt.date) else str(value or "")).strip()
    return f"<cbc:{name}{attributes}>{html.escape(shown)}</cbc:{name}>" if shown else ""


def _group(name: str, *parts: str) -> str:
    inner = "".join(parts)
    return f"<cac:{name}>{inner}</cac:{name}>\n" if inner else ""


def _decimal(value: Value) -> Decimal:
    return Decimal(str(value))


def _amount(name: str, value: Decimal, credit: bool) -> str:
    signed = -value if credit and value else value
    return f'<cbc:{name} currencyID="SEK">{signed.quantize(Decimal("0.01")):f}</cbc:{name}>'


def _header(invoice: Row, credit: bool) -> list[str]:
    return [
        "<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
        "</cbc:CustomizationID><cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>\n",
        _tag("ID", invoice["invoice_number"]),
        _tag("IssueDate", invoice["issue_date"]),
        "" if credit else _tag("DueDate", invoice.get("due_date")),
        _tag("CreditNoteTypeCode", "381") if credit else _tag("InvoiceTypeCode", "380"),
        _tag("DocumentCurrencyCode", "SEK"),
        _tag("BuyerReference", invoice.get("board_id") or _REFERENCE) if invoice.get("contract_id") else "",
        "\n",
        _group(
            "InvoicePeriod",
            _tag("StartDate", invoice.get("period_from")),
            _tag("EndDate", invoice.get("period_to")),
        ),
        # One of the two references must be there; a reader takes a buyer's reference for the contract's where none is.
        "" if invoice.get("contract_id") else _group("OrderReference", _tag("ID", _REFERENCE)),
        _group("BillingReference", _group("InvoiceDocumentReference", _tag("ID", invoice.get("credit_of")))),
        _group("ContractDocumentReference", _tag("ID", invoice.get("contract_id"))),
    ]


def _parties(invoice: Row) -> list[str]:
    seller = _ten_digits(str(invoice["org_number"]))
    name = str(invoice.get("name") or f"Leverantör {seller}")
    f_tax = _group("PartyTaxScheme", _tag("CompanyID", "Godkänd för F-skatt"), _group("TaxScheme", _tag("ID", "TAX")))
    payee = invoice.get("payee_org_number")
    payee_number = _ten_digits(str(payee or ""))
    return [
        _group("AccountingSupplierParty", _party(seller, name, "", f_tax)),
        _group(
            "AccountingCustomerParty", _party(BUYER, "Exempelstads kommun", _tag("ID", invoice.get("board_id")), "")
        ),
        _group(
            "PayeeParty",
            _group("PartyName", _tag("Name", f"Betalningsmottagare {payee_number}")),
            _group("PartyLegalEntity", _tag("CompanyID", payee_number, ' schemeID="0007"')),
        )
        if payee
        else "",
    ]


def _party(number: str, name: str, identity: str, tax: str) -> str:
    scheme = ' schemeID="0007"'
    return _group(
        "Party",
        _tag("EndpointID", number, scheme),
        _group("PartyIdentification", identity),
        _group("PostalAddress", _group("Country", _tag("IdentificationCode", "SE"))),
        tax,
        _group("PartyLegalEntity", _tag("RegistrationName", name), _tag("CompanyID", number, scheme)),
    )


def _ten_digits(number: str) -> str:
    """Organisation numbers have ten digits in Peppol, a sole trader's personal number too."""
    return number[2:] if len(number) == 12 and number.isdecimal() else number


def _payment(invoice: Row, credit: bool) -> str:
    account = normalise(str(invoice.get("account_number") or ""), "account")
    branch = {"bankgiro": "SE:BANKGIRO", "plusgiro": "SE:PLUSGIRO"}.get(account.kind, "")
    number = (account.canonical or "").replace("-", "") if branch else account.canonical
    due = invoice.get("due_date")
    means = _group(
        "PaymentMeans",
        _tag("PaymentMeansCode", "30"),
        _tag("PaymentDueDate", due) if credit else "",
        _group("PayeeFinancialAccount", _tag("ID", number), _group("FinancialInstitutionBranch", _tag("ID", branch))),
    )
    return means if due else means + _group("PaymentTerms", _tag("Note", "30 dagar netto"))


def _totals(invoice: Row, lines: Sequence[Row], credit: bool) -> list[str]:
    net = sum((_decimal(line["amount_sek"]) for line in lines), Decimal(0))
    reason = _tag("TaxExemptionReason", "Social omsorg, undantagen mervärdesskatt")
    subtotal = _group(
        "TaxSubtotal",
        _amount("TaxableAmount", net, credit),
        _amount("TaxAmount", Decimal(0), credit),
        _group("TaxCategory", _EXEMPT.format(reason)),
    )
    names = ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount")
    return [
        _group("TaxTotal", _amount("TaxAmount", Decimal(0), credit), subtotal),
        _group(
            "LegalMonetaryTotal",
            *(_amount(name, net, credit) for name in names),
            _amount("PayableAmount", _decimal(invoice["total_sek"]), credit),
        ),
    ]


def _line(ordinal: int, line: Row, credit: bool) -> str:
    quantity = _decimal(line["quantity"])
    unit = f' unitCode="{_UNITS[str(line["unit_code"])]}"'
    recipient = _tag("Name", RECIPIENT_PROPERTY) + _tag("Value", line.get("recipient_id"))
    return _group(
        "CreditNoteLine" if credit else "InvoiceLine",
        _tag("ID", ordinal),
        _tag("CreditedQuantity" if credit else "InvoicedQuantity", f"{-quantity if credit else quantity:f}", unit),
        _amount("LineExtensionAmount", _decimal(line["amount_sek"]), credit),
        _period(line.get("period")),
        _group(
            "Item",
            _tag("Name", line.get("service_code") or _SERVICE),
            _group("BuyersItemIdentification", _tag("ID", line.get("service_code"))),
            _group("ClassifiedTaxCategory", _EXEMPT.format("")),
            _group("AdditionalItemProperty", recipient) if line.get("recipient_id") else "",
        ),
        _group("Price", _amount("PriceAmount", _decimal(line["unit_price_sek"]), credit=False)),
    )


def _period(period: Value) -> str:
    if period is None:
        return ""
    month = Month.of(period) if isinstance(period, dt.date) else Month.parse(str(period)[:7])
    return _group("InvoicePeriod", _tag("StartDate", month.first), _tag("EndDate", month.last))
