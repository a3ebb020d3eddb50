"""What Peppol and Svefaktura share: both descend from UBL, with their own namespaces and a few other names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from valfardsbrott.sources.bill import Adjustment, Bill, VatGroup, number, rows
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.xml import Element, Refused, find, find_all, local, parse, read_bytes, text


@dataclass(frozen=True)
class Form:
    """One kind of invoice file: the elements that are its documents, how one is read, and the rules it must keep."""

    wanted: str
    tags: frozenset[str]
    bill_of: Callable[[Element], Bill]
    rules: Callable[[Element, Bill, str], list[Finding]]


def read_bills(path: Path, name: str, limit: int, form: Form) -> tuple[list[RawRows], list[Finding]]:
    """The rows of every document in a file, which may be wrapped in an envelope (SBDH, ObjectEnvelope).

    A file that cannot be read safely gives no rows and one finding of level error that says what to do.
    """
    try:
        data = read_bytes(path, name, limit)
        root = parse(data, name)
        documents = [root] if root.tag in form.tags else list(root.iter(*form.tags))
        if not documents:
            raise Refused(name, "xml_wrong_root", root.sourceline or 1, f" ({local(root)}; wanted: {form.wanted})")
    except Refused as refusal:
        return [], [Finding("invoice", name, refusal.line, "", refusal.rule, refusal.said, "error")]
    digest = hashlib.sha256(data).hexdigest()[:12]
    tables: list[RawRows] = []
    findings: list[Finding] = []
    for ordinal, document in enumerate(documents):
        bill = form.bill_of(document)
        made, doubts = rows(bill, name, f"{digest}.{ordinal}" if ordinal else digest)
        tables += made
        findings += [*doubts, *form.rules(document, bill, name)]
    return tables, findings


def adjustments(parent: Element) -> tuple[Adjustment, ...]:
    """The allowances and charges of a line or a document."""
    return tuple(
        Adjustment(
            at=element.sourceline or 0,
            charge=text(element, "ChargeIndicator") in ("true", "1"),
            amount=text(element, "Amount"),
            vat=vat(find(element, "TaxCategory")),
        )
        for element in find_all(parent, "AllowanceCharge")
    )


def vat_group(group: Element) -> VatGroup:
    """One subtotal of VAT."""
    return VatGroup(
        at=group.sourceline or 0,
        vat=vat(find(group, "TaxCategory")),
        percent=text(group, "TaxCategory/Percent"),
        taxable=text(group, "TaxableAmount"),
        tax=text(group, "TaxAmount"),
    )


def vat(category: Element | None) -> str:
    """Category and rate as one word, "S 25": 25, 25.0 and 25.00 are the same rate."""
    if category is None:
        return ""
    percent = text(category, "Percent") or "0"
    rate = number(percent)
    return f"{text(category, 'ID') or ''} {percent if rate is None else f'{rate.normalize():f}'}"
