"""Peppol invoices: the authority's examples agree with themselves, and every field finds its fallback."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from valfardsbrott.catalogue import tables
from valfardsbrott.sources.peppol import read
from valfardsbrott.sources.raw import Finding, RawRows

SharedData = Callable[[str], Path]
NS = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
EXAMPLES = [
    "Allowance-example.xml", "Vat-category-S.xml", "base-creditnote-correction.xml", "base-example.xml",
    "base-negative-inv-correction.xml", "homecare-invoice.xml", "sales-order-example.xml", "vat-category-E.xml",
    "vat-category-O.xml", "vat-category-Z.xml",
]  # fmt: skip
FOREIGN = {"currency_not_sek", "period_assumed", "unit_read_as_pieces"}

#: The least that can be an invoice; tests put parts in place of the marks.
INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="{cac}" xmlns:cbc="{cbc}">
<cbc:ID>F-7</cbc:ID><cbc:IssueDate>2026-11-06</cbc:IssueDate>
<cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode><cbc:BuyerReference>REF-1</cbc:BuyerReference>
%HEADER%
<cac:AccountingSupplierParty><cac:Party>%SELLER%
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
%TAX%<cac:PartyLegalEntity><cbc:RegistrationName>X</cbc:RegistrationName>%COMPANY%</cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
</cac:Party></cac:AccountingCustomerParty>%PAYMENT%
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount>100</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount>100</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>100</cbc:TaxInclusiveAmount>
<cbc:PayableAmount>100</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="HUR">2</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount>100</cbc:LineExtensionAmount>%LINE%
<cac:Item><cbc:Name>Y</cbc:Name>%ITEM%</cac:Item><cac:Price><cbc:PriceAmount>50</cbc:PriceAmount></cac:Price>
</cac:InvoiceLine></Invoice>""".replace("{cac}", NS["cac"]).replace("{cbc}", NS["cbc"])
SELLER = '<cbc:EndpointID schemeID="0007">0020000006</cbc:EndpointID>'
COMPANY = '<cbc:CompanyID schemeID="0007">0020000006</cbc:CompanyID>'
VAT = (
    "<cac:PartyTaxScheme><cbc:CompanyID>%s</cbc:CompanyID>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
)
TAXED = "<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>%s</cbc:Percent></cac:ClassifiedTaxCategory>"
F_TAX = VAT.replace("<cbc:ID>VAT", "<cbc:ID>TAX")
PERIOD = "<cac:InvoicePeriod><cbc:StartDate>%s</cbc:StartDate><cbc:EndDate>%s</cbc:EndDate></cac:InvoicePeriod>"
PAYMENT = (
    "<cac:PaymentMeans><cbc:PaymentMeansCode>%s</cbc:PaymentMeansCode><cac:PayeeFinancialAccount><cbc:ID>%s</cbc:ID>"
    "<cac:FinancialInstitutionBranch><cbc:ID>%s</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount>"
    "</cac:PaymentMeans>"
)
Row = dict[str, str | None]


def rows(made: list[RawRows], table: str) -> list[Row]:
    found = [raw for raw in made if raw.table == table]
    return [dict(zip(raw.columns, row, strict=True)) for raw in found for row in zip(*_lists(raw), strict=True)]


def _lists(raw: RawRows) -> list[list[str | None]]:
    assert set(raw.columns) <= {column.name for column in tables()[raw.table].columns}
    assert all(len(column) == len(raw) for column in raw.columns.values())
    return [column.to_pylist() for column in raw.columns.values()]


@pytest.fixture
def read_xml(tmp_path: Path) -> Callable[..., tuple[Row, list[Row], list[Finding]]]:
    """Read an INVOICE whose %MARKS% are filled: ``read_xml(header="<cac:...>")``; replace=(old, new) changes it."""

    def given(replace: tuple[str, str] = ("", ""), **parts: str) -> tuple[Row, list[Row], list[Finding]]:
        given_parts = {"seller": SELLER, "company": COMPANY, "header": PERIOD % ("2026-10-01", "2026-10-31")} | parts
        xml = INVOICE
        for mark in ("HEADER", "SELLER", "TAX", "COMPANY", "PAYMENT", "LINE", "ITEM"):
            xml = xml.replace(f"%{mark}%", given_parts.get(mark.lower(), ""))
        path = tmp_path / "f.xml"
        path.write_text(xml.replace(*replace) if replace[0] else xml, encoding="utf-8")
        made, findings = read(path, "peppol/f.xml")
        return rows(made, "invoice")[0], rows(made, "claim_line"), findings

    return given


Read = Callable[..., tuple[Row, list[Row], list[Finding]]]


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


# --- the authority's files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_totals_and_lines_agree_with_the_document(shared_data: SharedData, name: str) -> None:
    path = shared_data("peppol") / name
    root = etree.parse(path).getroot()
    credit = -1 if etree.QName(root).localname == "CreditNote" else 1

    def stated(part: str) -> Decimal:
        return credit * Decimal(root.findtext(f"cac:LegalMonetaryTotal/cbc:{part}", "0", NS))

    made, _ = read(path, f"peppol/{name}")
    invoice, lines = rows(made, "invoice")[0], rows(made, "claim_line")
    elements = [*root.findall("cac:InvoiceLine", NS), *root.findall("cac:CreditNoteLine", NS)]
    assert Decimal(invoice["total_sek"] or "") == stated("PayableAmount")
    amounts = [Decimal(line["amount_sek"] or "") for line in lines]
    assert amounts[: len(elements)] == [
        credit * Decimal(element.findtext("cbc:LineExtensionAmount", "", NS)) for element in elements
    ]
    assert sum(amounts[: len(elements)]) == stated("LineExtensionAmount")
    assert sum(amounts) == stated("TaxExclusiveAmount")
    assert invoice["issue_date"] == root.findtext("cbc:IssueDate", None, NS)
    places = next(raw.lines.to_pylist() for raw in made if raw.table == "claim_line")
    assert places[: len(elements)] == [element.sourceline for element in elements]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_break_no_rule(shared_data: SharedData, name: str) -> None:
    _, findings = read(shared_data("peppol") / name, name)
    assert rules(findings) <= FOREIGN


def test_documents_that_repeat_a_number_are_all_kept(shared_data: SharedData) -> None:
    folder = shared_data("peppol")
    ids = [rows(read(folder / name, name)[0], "invoice")[0]["invoice_id"] for name in EXAMPLES]
    assert len(set(ids)) == len(EXAMPLES)


def test_the_home_care_invoice(shared_data: SharedData) -> None:
    made, findings = read(shared_data("peppol") / "homecare-invoice.xml", "peppol/h.xml")
    invoice, (line,) = rows(made, "invoice")[0], rows(made, "claim_line")
    assert not findings
    assert {name: invoice[name] for name in ("org_number", "contract_id", "account_number", "due_date")} == {
        "org_number": "5560000001", "contract_id": "LOV-HT-2025-017", "account_number": "5000-0009",
        "due_date": "2026-12-06",
    }  # fmt: skip
    assert (line["quantity"], line["unit_code"], line["unit_price_sek"]) == ("100", "HUR", "516.00")
    assert (line["period"], line["invoice_id"]) == ("2026-10", invoice["invoice_id"])


def test_a_credit_note_is_negative_with_positive_prices(shared_data: SharedData) -> None:
    made, _ = read(shared_data("peppol") / "base-creditnote-correction.xml", "c.xml")
    assert rows(made, "invoice")[0]["credit_of"] == "Snippet1"
    shown = [(line["quantity"], line["unit_price_sek"], line["amount_sek"]) for line in rows(made, "claim_line")]
    assert shown == [("-7", "400.00", "-2800"), ("3", "500.00", "1500"), ("-1", "25", "-25")]


# --- fallbacks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "org_number"),
    [
        ({}, "0020000006"),
        ({"company": ""}, "0020000006"),
        ({"company": "<cbc:CompanyID>0020000014</cbc:CompanyID>"}, "0020000006"),
        ({"seller": "", "company": "<cbc:CompanyID>0020000014</cbc:CompanyID>"}, "0020000014"),
        ({"seller": "", "company": "", "tax": VAT % "SE002000000601"}, "SE002000000601"),
        ({"seller": "<cbc:EndpointID>7300010000001</cbc:EndpointID>", "company": ""}, "7300010000001"),
        ({"company": COMPANY.replace("0006", "0007")}, "0020000007"),  # wrong, and kept: it is a signal
        ({"seller": "", "company": "", "tax": F_TAX % "Godkänd för F-skatt"}, None),
    ],
    ids=["legal entity", "endpoint", "scheme first", "no scheme", "vat", "foreign", "invalid", "none"],
)
def test_the_sellers_number(read_xml: Read, parts: dict[str, str], org_number: str | None) -> None:
    invoice, lines, _ = read_xml(**parts)
    assert invoice["org_number"] == lines[0]["org_number"] == org_number


@pytest.mark.parametrize(
    ("code", "number", "branch", "account", "broken"),
    [
        ("30", "50501055", "SE:BANKGIRO", "5050-1055", set()),
        ("30", "125", "SE:PLUSGIRO", "12-5", set()),
        ("30", "SE3550000000054910000003", "NDEASESS", "SE3550000000054910000003", set()),
        ("56", "50501055", "", "5050-1055", {"SE-R-011"}),
        ("50", "125", "", "12-5", {"SE-R-011"}),
        ("31", "50501055", "SE:BANKGIRO", "5050-1055", {"SE-R-012"}),
        ("30", "5050-1055", "SE:BANKGIRO", "5050-1055", {"SE-R-008", "SE-R-009"}),
        ("30", "12-5", "SE:PLUSGIRO", "12-5", {"SE-R-007"}),
        ("30", "1", "SE:PLUSGIRO", "1", {"SE-R-010"}),
    ],
)
def test_the_account(read_xml: Read, code: str, number: str, branch: str, account: str, broken: set[str]) -> None:
    invoice, _, findings = read_xml(payment=PAYMENT % (code, number, branch))
    assert invoice["account_number"] == account
    assert rules(findings) == broken


def test_the_period_of_the_header_of_the_lines_or_the_month_before(read_xml: Read) -> None:
    line = PERIOD % ("2026-09-01", "2026-09-30")
    for parts, expected, broken in (
        ({"line": line}, ("2026-10-01", "2026-10-31", "2026-09"), set()),
        ({"header": "", "line": line}, ("2026-09-01", "2026-09-30", "2026-09"), set()),
        ({"header": ""}, ("2026-10-01", "2026-10-31", "2026-10"), {"period_assumed"}),
        (
            {"line": PERIOD % ("2026-09-20", "2026-10-10")},
            ("2026-10-01", "2026-10-31", "2026-09"),
            {"period_spans_months"},
        ),
    ):
        invoice, lines, findings = read_xml(**parts)
        assert (invoice["period_from"], invoice["period_to"], lines[0]["period"]) == expected
        assert rules(findings) == broken


def test_the_contract_else_the_buyers_reference(read_xml: Read) -> None:
    contract = "<cac:ContractDocumentReference><cbc:ID>A-1</cbc:ID></cac:ContractDocumentReference>"
    assert read_xml(header=contract)[0]["contract_id"] == "A-1"
    assert read_xml()[0]["contract_id"] == "REF-1"


def test_a_payee_other_than_the_seller(read_xml: Read) -> None:
    payee = "<cac:PayeeParty>%s</cac:PayeeParty>"
    legal = "<cac:PartyLegalEntity><cbc:CompanyID>0020000014</cbc:CompanyID></cac:PartyLegalEntity>"
    own = "<cac:PartyIdentification><cbc:ID>0020000014</cbc:ID></cac:PartyIdentification>"
    assert read_xml(payment=payee % legal)[0]["payee_org_number"] == "0020000014"
    assert read_xml(payment=payee % own)[0]["payee_org_number"] == "0020000014"
    assert read_xml()[0]["payee_org_number"] is None
    named = "<cac:PartyName><cbc:Name>Ekfyr Factoring AB</cbc:Name></cac:PartyName>"
    assert read_xml(payment=payee % named)[0]["payee_name"] == "Ekfyr Factoring AB"
    assert read_xml(payment=payee % (named + legal))[0]["payee_name"] is None


@pytest.mark.parametrize(
    ("code", "unit", "broken"),
    [("MIN", "MIN", set()), ("E48", "VIS", set()), ("C62", "EA", set()), ("DAY", "EA", {"unit_read_as_pieces"})],
)
def test_units(read_xml: Read, code: str, unit: str, broken: set[str]) -> None:
    _, lines, findings = read_xml(replace=("HUR", code))
    assert lines[0]["unit_code"] == unit
    assert rules(findings) == broken


def test_a_price_for_several_units_is_for_one(read_xml: Read) -> None:
    per = (
        "<cbc:PriceAmount>50</cbc:PriceAmount>",
        "<cbc:PriceAmount>300</cbc:PriceAmount><cbc:BaseQuantity>6</cbc:BaseQuantity>",
    )
    _, lines, findings = read_xml(replace=per)
    assert lines[0]["unit_price_sek"] == "50.00"
    assert not findings


def test_service_and_recipient_only_where_they_have_their_own_field(read_xml: Read) -> None:
    item = (
        "<cac:BuyersItemIdentification><cbc:ID>HEM</cbc:ID></cac:BuyersItemIdentification>"
        "<cac:AdditionalItemProperty><cbc:Name>recipient_id</cbc:Name><cbc:Value>198001019986</cbc:Value>"
        "</cac:AdditionalItemProperty>"
    )
    line = read_xml(item=item)[1][0]
    assert (line["service_code"], line["recipient_id"]) == ("HEM", "198001019986")
    line = read_xml(replace=("<cbc:Name>Y", "<cbc:Name>198001019986"))[1][0]
    assert (line["service_code"], line["recipient_id"]) == (None, None)
    assert "198001019986" not in line.values()


def test_what_is_unreadable_goes_on_to_validation_as_it_stands(read_xml: Read) -> None:
    _, lines, findings = read_xml(replace=('HUR">2', 'HUR">två'))
    assert lines[0]["quantity"] == "två"
    assert not findings
    _, lines, _ = read_xml(replace=("<cbc:PriceAmount>50</cbc:PriceAmount>", ""))
    assert lines[0]["unit_price_sek"] == "50.00"
    invoice, lines, _ = read_xml(replace=("2026-11-06", "6 nov"), header="")
    assert (invoice["issue_date"], invoice["period_from"], lines[0]["period"]) == ("6 nov", None, None)


def test_an_envelope_is_opened(tmp_path: Path, shared_data: SharedData) -> None:
    inner = (shared_data("peppol") / "homecare-invoice.xml").read_text(encoding="utf-8").split("?>")[1]
    path = tmp_path / "e.xml"
    path.write_text(f"<Envelope><Header/>{inner}{inner}</Envelope>", encoding="utf-8")
    made, _ = read(path, "peppol/e.xml")
    assert len({row["invoice_id"] for row in rows(made, "invoice")}) == 2


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"tax": VAT % "SE0020000006"}, "SE-R-001"),
        ({"tax": VAT % "SE00200000X601"}, "SE-R-002"),
        ({"company": COMPANY.replace("0020000006", "002000-0006")}, "SE-R-003"),
        ({"company": COMPANY.replace("0020000006", "002000006")}, "SE-R-004"),
        ({"tax": F_TAX % "F-skatt"}, "SE-R-005"),
        (
            {"item": TAXED % 20},
            "SE-R-006",
        ),
        ({"company": COMPANY.replace("0020000006", "0020000007")}, "SE-R-013"),
        ({"replace": ("<cbc:BuyerReference>REF-1</cbc:BuyerReference>", "")}, "PEPPOL-EN16931-R003"),
        ({"replace": ('HUR">2', 'HUR">3')}, "PEPPOL-EN16931-R120"),
        ({"replace": ("<cbc:PayableAmount>100", "<cbc:PayableAmount>101")}, "BR-CO-16"),
        ({"replace": ("<cbc:TaxExclusiveAmount>100", "<cbc:TaxExclusiveAmount>101")}, "BR-CO-13"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_a_finding_and_the_rows_stay(read_xml: Read, parts: dict[str, str], rule: str) -> None:
    invoice, lines, findings = read_xml(**parts)
    assert rule in rules(findings)
    assert {finding.level for finding in findings} == {"warning"}
    assert invoice["invoice_number"] == "F-7"
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("base-example.xml", "EUR\">1300</cbc:LineExt", "EUR\">1301</cbc:LineExt", "BR-CO-10"),
        ("Allowance-example.xml", "EUR\">200</cbc:AllowanceTotal", "EUR\">201</cbc:AllowanceTotal", "BR-CO-11"),
        ("Allowance-example.xml", "EUR\">200</cbc:ChargeTotal", "EUR\">201</cbc:ChargeTotal", "BR-CO-12"),
        ("base-example.xml", ">331.25</cbc:TaxAmount>\n        <", ">331.26</cbc:TaxAmount>\n        <", "BR-CO-14"),
        ("base-example.xml", ">1656.25</cbc:TaxInc", ">1656.26</cbc:TaxInc", "BR-CO-15"),
        ("Allowance-example.xml", ">1000</cbc:Prepaid", ">1001</cbc:Prepaid", "BR-CO-16"),
        ("Allowance-example.xml", ">1225</cbc:TaxAmount", ">1325</cbc:TaxAmount", "BR-CO-17"),
        ("Allowance-example.xml", ">1000.0</cbc:Taxable", ">1100.0</cbc:Taxable", "BR-E-08"),
        ("Allowance-example.xml", ">101</cbc:Amount", ">102</cbc:Amount", "PEPPOL-EN16931-R120"),
    ],
)  # fmt: skip
def test_one_wrong_sum_in_an_example_is_found(
    shared_data: SharedData, tmp_path: Path, name: str, old: str, new: str, rule: str
) -> None:
    xml = (shared_data("peppol") / name).read_text(encoding="utf-8")
    assert old in xml
    path = tmp_path / name
    path.write_text(xml.replace(old, new), encoding="utf-8")
    assert rule in rules(read(path, name)[1])


def test_a_person_number_in_a_finding_is_masked(read_xml: Read) -> None:
    _, _, findings = read_xml(company='<cbc:CompanyID schemeID="0007">198001019986</cbc:CompanyID>')
    assert {finding.value for finding in findings} == {"*" * 12}


# --- files that cannot be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "rule", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml_doctype", "DTD or entities: ask for a file without"),
        (b"<Order/>", "xml_wrong_root", "put in another folder (Order; wanted: a Peppol BIS Billing 3 invoice)"),
        (b"<Invoice>", "xml_truncated", "cut short: fetch the file again"),
        (b"", "xml_empty", "empty: fetch the file again"),
    ],
)
def test_a_file_that_is_refused_gives_one_error_that_says_what_to_do(
    tmp_path: Path, data: bytes, rule: str, said: str
) -> None:
    path = tmp_path / "f.xml"
    path.write_bytes(data)
    made, (finding,) = read(path, "peppol/f.xml")
    assert not made
    assert (finding.rule, finding.level, finding.file) == (rule, "error", "peppol/f.xml")
    assert finding.value == said


WHOLE = re.sub(r"%[A-Z]+%", "", INVOICE.replace("%COMPANY%", COMPANY).replace("%PAYMENT%", PAYMENT % (30, 125, "X")))
NUMBERS = re.compile(r">([0-9]+)<")
ODD = st.sampled_from(["0", "-0", "9" * 18, "." + "0" * 17 + "1", "1e9", "NaN", "Infinity", "٣", "1,5", "", " 7 "])


@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=4))
def test_no_damaged_file_stops_a_run(tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: bytes) -> None:
    data = WHOLE.encode()
    path = tmp_path_factory.getbasetemp() / "damaged.xml"
    path.write_bytes(data[:at] + put + data[at + cut :])
    made, findings = read(path, "peppol/d.xml")
    assert made or [finding.level for finding in findings] == ["error"]


@given(st.lists(ODD, min_size=20, max_size=20))
def test_no_odd_number_stops_a_run(tmp_path_factory: pytest.TempPathFactory, numbers: list[str]) -> None:
    left = iter(numbers)
    xml = NUMBERS.sub(lambda found: f">{next(left, found[1])}<", WHOLE)
    xml = xml.replace("</cbc:PriceAmount>", "</cbc:PriceAmount><cbc:BaseQuantity>." + "0" * 17 + "1</cbc:BaseQuantity>")
    path = tmp_path_factory.getbasetemp() / "odd.xml"
    path.write_text(xml, encoding="utf-8")
    made, _ = read(path, "peppol/o.xml")
    assert len(rows(made, "claim_line")) == 1


def test_the_size_limit_is_the_callers(tmp_path: Path) -> None:
    path = tmp_path / "f.xml"
    path.write_bytes(b"<Invoice/>" * 200)
    _, (finding,) = read(path, "peppol/f.xml", limit=1_000)
    assert finding.rule == "xml_too_large"
