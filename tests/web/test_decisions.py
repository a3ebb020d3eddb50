"""From a hit to a decision in the browser: explanations first, two people, nothing undone in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)

Visitor = Any
GRANSBO = 2


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, "the page has a form with the case's version"
    return found[1]


def in_depth(anna: Visitor) -> str:
    """Gransbo taken into depth with its explanation tried; the page."""
    page = anna.open(GRANSBO).text
    for to in ("initial_review", "in_depth_review"):
        page = anna.post(f"/cases/{GRANSBO}/move", version=version(page), to=to, text="Underlaget räcker inte.").text
    page = anna.post(
        f"/cases/{GRANSBO}/innocence", feature="duplicate_claims", finding="does_not_explain", text="Två fakturor."
    ).text
    assert "förklarar inte" in page
    return str(page)


def confirm(anna: Visitor, page: str, **more: str) -> Any:
    fields = {"kind": "confirm", "reasons": "Samma besök två gånger.", "amount": "12 500,50", "schemes": "S17",
              "factors": "weak_invoice_control", "hearing_waived": "Bolaget är upplöst."}  # fmt: skip
    return anna.post(f"/cases/{GRANSBO}/decide", version=version(page), **fields | more)


def test_two_people_confirm(anna: Visitor, visitor: Callable[[str], Visitor]) -> None:
    page = confirm(anna, in_depth(anna)).text
    assert "väntar på en andra person" in page
    bo = visitor("demo:bo")
    seen = bo.open(GRANSBO).text
    decision = re.search(r'name="decision" value="(\d+)"', seen)
    assert decision
    page = bo.post(f"/cases/{GRANSBO}/approve", decision=decision[1], reasons="Läst.", say="approve").text
    assert "avslutat" in page
    assert "bekräftat" in page


def test_who_proposes_does_not_approve(anna: Visitor) -> None:
    page = confirm(anna, in_depth(anna)).text
    decision = re.search(r'name="decision" value="(\d+)"', page)
    assert decision
    refused = anna.post(f"/cases/{GRANSBO}/approve", decision=decision[1], reasons="Ja.", say="approve")
    assert refused.status_code == 409
    assert "kan inte också godkänna" in refused.text


def test_explanations_come_before_the_form(anna: Visitor) -> None:
    page = anna.open(GRANSBO).text
    anna.post(f"/cases/{GRANSBO}/move", version=version(page), to="initial_review", text="Börjar.")
    form = anna.get(f"/cases/{GRANSBO}/decide").text
    assert "Pröva först" in form
    assert 'name="reasons"' not in form


@pytest.mark.parametrize("amount", ["tolv", "1,005", "1e99", "NaN"])
def test_an_amount_that_is_none_is_an_error_page(anna: Visitor, amount: str) -> None:
    assert confirm(anna, in_depth(anna), amount=amount).status_code == 422


def test_a_decision_of_another_case_is_not_found(anna: Visitor, visitor: Callable[[str], Visitor]) -> None:
    page = confirm(anna, in_depth(anna)).text
    decision = re.search(r'name="decision" value="(\d+)"', page)
    assert decision
    bo = visitor("demo:bo")
    bo.open(3)
    assert bo.post("/cases/3/approve", decision=decision[1], reasons="Ja.", say="approve").status_code == 404


def test_reversed_with_reasons_and_open_again(anna: Visitor) -> None:
    page = in_depth(anna)
    page = confirm(anna, page, kind="clear", lasting_reason="Omfakturering.", hearing_waived="").text
    assert "avfört" in page
    page = anna.post(f"/cases/{GRANSBO}/reverse", version=version(page), reasons="Nytt underlag.").text
    assert "fördjupad granskning" in page
