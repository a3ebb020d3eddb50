"""A few of a month's invoices as the Peppol BIS Billing 3 documents they came as, instead of rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pyarrow.compute as pc

from valfardsbrott.synthetic.arrays import stream
from valfardsbrott.synthetic.columns import Table, only
from valfardsbrott.synthetic.world import City

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_MOST = 4
_LARGEST = 60

_INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{ubl}Invoice-2" xmlns:cac="{ubl}CommonAggregateComponents-2" xmlns:cbc="{ubl}CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>{issued}</cbc:IssueDate>
  <cbc:DueDate>{due}</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>
  <cbc:BuyerReference>{board}</cbc:BuyerReference>
  <cac:InvoicePeriod><cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate></cac:InvoicePeriod>
  <cac:ContractDocumentReference><cbc:ID>{contract}</cbc:ID></cac:ContractDocumentReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0007">{org}</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>Godkänd för F-skatt</cbc:CompanyID><cac:TaxScheme><cbc:ID>TAX</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName><cbc:CompanyID schemeID="0007">{org}</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID="0007">{city}</cbc:EndpointID>
    <cac:PartyIdentification><cbc:ID>{board}</cbc:ID></cac:PartyIdentification>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Lövhamns kommun</cbc:RegistrationName></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
{payee}  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cac:PayeeFinancialAccount><cbc:ID>{account}</cbc:ID><cac:FinancialInstitutionBranch><cbc:ID>SE:BANKGIRO</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount></cac:PaymentMeans>
  <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">0.00</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="SEK">{total}</cbc:TaxableAmount><cbc:TaxAmount currencyID="SEK">0.00</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent><cbc:TaxExemptionReason>Social omsorg, undantagen mervärdesskatt</cbc:TaxExemptionReason><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="SEK">{total}</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="SEK">{total}</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="SEK">{total}</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="SEK">{total}</cbc:PayableAmount></cac:LegalMonetaryTotal>
{lines}</Invoice>
"""  # noqa: E501
_LINE = """  <cac:InvoiceLine><cbc:ID>{place}</cbc:ID><cbc:InvoicedQuantity unitCode="{unit}">{quantity}</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID="SEK">{amount}</cbc:LineExtensionAmount>
    <cac:InvoicePeriod><cbc:StartDate>{start}</cbc:StartDate><cbc:EndDate>{end}</cbc:EndDate></cac:InvoicePeriod>
    <cac:Item><cbc:Name>Omsorg</cbc:Name><cac:BuyersItemIdentification><cbc:ID>{service}</cbc:ID></cac:BuyersItemIdentification><cac:ClassifiedTaxCategory><cbc:ID>E</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory><cac:AdditionalItemProperty><cbc:Name>recipient_id</cbc:Name><cbc:Value>{recipient}</cbc:Value></cac:AdditionalItemProperty></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="SEK">{price}</cbc:PriceAmount></cac:Price></cac:InvoiceLine>
"""  # noqa: E501
_PAYEE = """  <cac:PayeeParty><cac:PartyName><cbc:Name>{payee}</cbc:Name></cac:PartyName><cac:PartyLegalEntity><cbc:CompanyID schemeID="0007">{payee}</cbc:CompanyID></cac:PartyLegalEntity></cac:PayeeParty>
"""  # noqa: E501


def take_documents(city: City, month: int, folder: Path, invoices: Table, lines: Table) -> tuple[Table, Table]:
    """Write a few small ordinary invoices into ``folder``/peppol and give the tables without them."""
    kind, credit = (np.array(invoices[name].to_pylist(), dtype=object) for name in ("source", "credit_of"))
    number, of = np.array(invoices["invoice_id"].to_pylist(), dtype=object), lines["invoice_id"]
    counts = {row["values"]: row["counts"] for row in pc.value_counts(of).to_pylist()}
    short = np.array([counts.get(name, 0) <= _LARGEST for name in number])
    able = np.flatnonzero((kind == "peppol") & (credit == None) & short & ~np.isin(number, credit[credit != None]))  # noqa: E711
    chosen = np.sort(stream(city.seed, "documents", month).permutation(able)[:_MOST])
    if not len(chosen):
        return invoices, lines
    target = folder / "peppol"
    target.mkdir(exist_ok=True)
    names = dict(zip(city.firms.org.tolist(), city.firms.name.tolist(), strict=True))
    for row in chosen.tolist():
        head = {name: column[row].as_py() for name, column in invoices.items()}
        rows = only(lines, pc.equal(of, head["invoice_id"]).to_numpy(zero_copy_only=False))
        cells = [
            dict(zip(rows, values, strict=True)) for values in zip(*(c.to_pylist() for c in rows.values()), strict=True)
        ]
        path = target / f"{head['org_number']}-{head['invoice_number']}.xml"
        path.write_text(_document(city, head, cells, names), encoding="utf-8")
    left = np.ones(len(number), dtype=bool)
    left[chosen] = False
    stay = ~np.isin(np.array(of.to_pylist(), dtype=object), number[chosen])
    return only(invoices, left), only(lines, stay)


def _document(city: City, head: dict[str, Any], cells: list[dict[str, Any]], names: dict[str, str]) -> str:
    body = "".join(_LINE.format(place=place, **_line(cell)) for place, cell in enumerate(cells, 1))
    payee = head["payee_org_number"]
    return _INVOICE.format(
        ubl=_UBL, number=head["invoice_number"], issued=head["issue_date"],
        due=head["due_date"], board=head["board_id"],
        start=head["period_from"], end=head["period_to"], contract=head["contract_id"], org=head["org_number"],
        name=escape(names[head["org_number"]]), city=city.buyer, total=head["total_sek"], lines=body,
        account=(head["account_number"] or "").replace("-", ""), payee=_PAYEE.format(payee=payee) if payee else "",
    )  # fmt: skip


def _line(cell: dict[str, Any]) -> dict[str, Any]:
    start: dt.date = cell["period"]
    end = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    quantity: Decimal = cell["quantity"]
    return {
        "unit": cell["unit_code"], "quantity": f"{quantity.normalize():f}", "amount": cell["amount_sek"],
        "start": start, "end": end, "service": cell["service_code"], "recipient": cell["recipient_id"],
        "price": cell["unit_price_sek"],
    }  # fmt: skip
