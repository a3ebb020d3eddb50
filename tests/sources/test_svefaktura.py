"""Svefaktura 1.0: the real file agrees with itself, and the fields have their fallbacks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.svefaktura import read

SharedData = Callable[[str], Path]
Row = dict[str, str | None]
Read = Callable[..., tuple[Row, list[Row], list[Finding]]]

INVOICE = """<Invoice xmlns="urn:sfti:documents:BasicInvoice:1:0" xmlns:cac="urn:sfti:CommonAggregateComponents:1:0"
 xmlns:cbc="urn:oasis:names:tc:ubl:CommonBasicComponents:1:0">
<ID>F-7</ID><cbc:IssueDate>2016-11-06</cbc:IssueDate><InvoiceTypeCode>380</InvoiceTypeCode>
<InvoiceCurrencyCode>SEK</InvoiceCurrencyCode>
<cac:SellerParty><cac:Party>
<cac:PartyIdentification><cac:ID>7300010000001</cac:ID></cac:PartyIdentification>
<cac:PartyTaxScheme><cac:CompanyID>0020000006</cac:CompanyID>
<cac:TaxScheme><cac:ID>SWT</cac:ID></cac:TaxScheme></cac:PartyTaxScheme>
</cac:Party></cac:SellerParty>
<cac:PaymentMeans><cbc:DuePaymentDate>2016-12-06</cbc:DuePaymentDate><cac:PayeeFinancialAccount>
<cac:ID>50501055</cac:ID><cac:FinancialInstitutionBranch><cac:FinancialInstitution><cac:ID>BGABSESS</cac:ID>
</cac:FinancialInstitution></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:Amount>10.00</cbc:Amount></cac:AllowanceCharge>
<cac:LegalTotal><cbc:LineExtensionTotalAmount>100.40</cbc:LineExtensionTotalAmount>
<cbc:TaxExclusiveTotalAmount>110.40</cbc:TaxExclusiveTotalAmount>
<cbc:TaxInclusiveTotalAmount>110.00</cbc:TaxInclusiveTotalAmount><cac:RoundOffAmount>-0.40</cac:RoundOffAmount>
</cac:LegalTotal>
<cac:InvoiceLine><cac:ID>1</cac:ID><cbc:InvoicedQuantity quantityUnitCode="HUR">2</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount>100.40</cbc:LineExtensionAmount><cac:Item>
<cac:BasePrice><cbc:PriceAmount>50.20</cbc:PriceAmount></cac:BasePrice></cac:Item></cac:InvoiceLine>
</Invoice>"""


def rows(made: list[RawRows], table: str) -> list[Row]:
    found = [raw for raw in made if raw.table == table]
    lists = [(raw, [column.to_pylist() for column in raw.columns.values()]) for raw in found]
    return [dict(zip(raw.columns, row, strict=True)) for raw, columns in lists for row in zip(*columns, strict=True)]


@pytest.fixture
def read_xml(tmp_path: Path) -> Read:
    def given(*replaced: tuple[str, str]) -> tuple[Row, list[Row], list[Finding]]:
        xml = INVOICE
        for old, new in replaced:
            assert old in xml
            xml = xml.replace(old, new)
        path = tmp_path / "f.xml"
        path.write_text(xml, encoding="utf-8")
        made, findings = read(path, "svefaktura/f.xml")
        return rows(made, "invoice")[0], rows(made, "claim_line"), findings

    return given


def test_the_real_file_agrees_with_itself(shared_data: SharedData) -> None:
    made, findings = read(shared_data("svefaktura") / "basic-invoice.xml", "svefaktura/b.xml")
    (invoice,), lines = rows(made, "invoice"), rows(made, "claim_line")
    assert not findings
    assert (invoice["invoice_number"], invoice["org_number"]) == ("61016660", "5562332451")
    assert (invoice["total_sek"], invoice["account_number"]) == ("2119.96", "5826-4631")
    assert (invoice["issue_date"], invoice["due_date"], invoice["source"]) == ("2016-08-24", "2016-09-28", "svefaktura")
    assert len(lines) == 8
    assert sum(Decimal(line["amount_sek"] or "") for line in lines) == Decimal("1892.82")
    assert {line["period"] for line in lines} == {"2016-08"}


def test_nobodys_name_is_read(shared_data: SharedData) -> None:
    made, _ = read(shared_data("svefaktura") / "basic-invoice.xml", "svefaktura/b.xml")
    held = " ".join(str(row) for table in ("invoice", "claim_line") for row in rows(made, table))
    assert "EVA" not in held


def test_lines_and_charges_add_up_before_rounding(read_xml: Read) -> None:
    invoice, lines, findings = read_xml()
    assert {finding.rule for finding in findings} == {"period_assumed"}
    assert invoice["total_sek"] == "110.00"
    assert [line["amount_sek"] for line in lines] == ["100.40", "10.00"]
    assert (invoice["period_from"], lines[0]["period"]) == ("2016-10-01", "2016-10")


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_is_negative_whether_or_not_it_says_so(read_xml: Read, sign: str) -> None:
    signed = (
        [(f">{amount}<", f">{sign}{amount}<") for amount in ("100.40", "110.40", "110.00", "10.00")] if sign else []
    )
    reference = "<InitialInvoiceDocumentReference><cac:ID>F-6</cac:ID></InitialInvoiceDocumentReference>"
    invoice, lines, _ = read_xml(
        ("<InvoiceTypeCode>380</InvoiceTypeCode>", f"<InvoiceTypeCode>381</InvoiceTypeCode>{reference}"), *signed
    )
    assert (invoice["total_sek"], invoice["credit_of"]) == ("-110.00", "F-6")
    assert lines[0]["amount_sek"] == "-100.40"


def test_where_a_field_may_stand(read_xml: Read) -> None:
    period = "<InvoicingPeriod><cbc:StartDateTime>2016-09-01T00:00:00</cbc:StartDateTime>"
    period += "<cbc:EndDateTime>2016-09-30T00:00:00</cbc:EndDateTime></InvoicingPeriod>"
    contract = (
        '<AdditionalDocumentReference><cac:ID identificationSchemeID="CT">A-1</cac:ID></AdditionalDocumentReference>'
    )
    invoice, lines, _ = read_xml(("<ID>F-7</ID>", f"<ID>F-7</ID>{period}{contract}"))
    assert (invoice["period_to"], invoice["contract_id"], lines[0]["period"]) == ("2016-09-30", "A-1", "2016-09")
    assert read_xml((">SWT<", ">VAT<"), ("0020000006", "SE002000000601"))[0]["org_number"] == "SE002000000601"
    assert read_xml((">SWT<", ">XXX<"))[0]["org_number"] == "7300010000001"
    assert read_xml(("BGABSESS", "PGSISESS"), ("50501055", "125"))[0]["account_number"] == "12-5"
    assert read_xml(("BGABSESS", "NDEASESS"))[0]["account_number"] == "50501055"


def test_a_line_that_does_not_add_up_is_a_finding(read_xml: Read) -> None:
    _, lines, findings = read_xml(("50.20", "60.20"))
    assert "PEPPOL-EN16931-R120" in {finding.rule for finding in findings}
    assert lines[0]["amount_sek"] == "100.40"


def test_a_peppol_invoice_in_its_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    path.write_text('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', encoding="utf-8")
    made, (finding,) = read(path, "svefaktura/f.xml")
    assert not made
    assert finding.rule == "xml_wrong_root"
    assert "wanted: a Svefaktura 1.0" in finding.value
