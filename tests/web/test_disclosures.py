"""From a reviewed case to a signed evidence pack: the ground's questions, a second person, and what stays behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from valfardsbrott.review.models import Case, State
from valfardsbrott.review.pack import archive

Visitor = Any
GRANSBO = 2
PATH = f"/cases/{GRANSBO}/disclosures"
WHOLE = {
    "to": "fk", "ground": "osl-10-15a", "purpose": "wrong_payment", "condition": ["Ersättning söks åter.", "Ärendet."],
    "balancing": "Behovet väger över.", "categories": ["company", "money"],
}  # fmt: skip


@pytest.fixture
def in_depth(app: FastAPI) -> None:
    """Gransbo is under review in depth."""
    with app.state.make() as db:
        db.execute(update(Case).where(Case.id == GRANSBO).values(state=State.IN_DEPTH))
        db.commit()


@pytest.fixture
def approved(in_depth: None, anna: Visitor, visitor: Callable[[str], Visitor]) -> str:
    """A disclosure that Anna proposed and Bo approved: its number."""
    anna.open(GRANSBO)
    page = anna.post(PATH, **WHOLE).text
    assert "väntar på en andra person" in page
    bo = visitor("demo:bo")
    bo.open(GRANSBO)
    seen = bo.get(PATH).text
    number = re.search(rf"{PATH}/(\d+)/approve", seen)
    assert number, "who did not propose is asked"
    assert "godkänt" in bo.post(f"{PATH}/{number[1]}/approve", say="approve", reasons="Rätt grund.").text
    return number[1]


def test_the_pack_is_signed_and_verifies(anna: Visitor, approved: str) -> None:
    page = anna.post(f"{PATH}/{approved}/pack").text
    link = re.search(rf'href="({PATH}/{approved}/packs/\d+\.zip)"', page)
    assert link
    answer = anna.get(link[1])
    assert answer.headers["content-disposition"].startswith("attachment")
    verdict = archive.verify(answer.content)
    assert verdict.intact
    assert verdict.manifest["demo_key"]


def test_no_pack_before_a_second_person(in_depth: None, anna: Visitor) -> None:
    anna.open(GRANSBO)
    anna.post(PATH, **WHOLE)
    assert anna.post(f"{PATH}/1/pack").status_code == 409


def test_who_proposes_does_not_approve(in_depth: None, anna: Visitor) -> None:
    anna.open(GRANSBO)
    assert f"{PATH}/1/approve" not in anna.post(PATH, **WHOLE).text
    assert anna.post(f"{PATH}/1/approve", say="approve", reasons="Ja.").status_code == 409


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"balancing": " "}, "Skriv intresseavvägningen"),
        ({"condition": ["", ""]}, "Svara på alla"),
        ({"categories": []}, "Välj vilka uppgifter"),
        ({"ground": "us-2024-307", "condition": ["Ja."], "categories": ["social_services"]}, "öppnar inte"),
        ({"to": "ivo", "ground": "us-2024-307", "condition": ["Ja."]}, "inte den mottagaren"),
    ],
)
def test_what_the_ground_asks_for(in_depth: None, anna: Visitor, change: dict[str, Any], says: str) -> None:
    anna.open(GRANSBO)
    refused = anna.post(PATH, **WHOLE | change)
    assert refused.status_code == 409
    assert says in refused.text


def test_nothing_is_handed_over_before_a_review_in_depth(anna: Visitor) -> None:
    anna.open(GRANSBO)
    assert "först efter fördjupad granskning" in anna.get(PATH).text
    assert anna.post(PATH, **WHOLE).status_code == 409


def test_sent_and_answered_are_on_record(anna: Visitor, approved: str, app: FastAPI) -> None:
    from valfardsbrott.review.models import Disclosure, utc_now

    assert "skickat" in anna.post(f"{PATH}/{approved}/sent", how="Rekommenderat brev").text
    today = utc_now().date().isoformat()
    page = anna.post(f"{PATH}/{approved}/answer", on=today, text="Utreds.", outcome="opened").text
    assert "utredning inledd" in page
    early = anna.post(f"{PATH}/{approved}/answer", on="2020-01-01", text="Utreds.", outcome="opened")
    assert early.status_code == 409
    with app.state.make() as db:
        one = db.scalars(select(Disclosure)).one()
        assert (one.sent_how, one.answer, one.answer_outcome) == ("Rekommenderat brev", "Utreds.", "opened")


def test_the_form_asks_what_the_chosen_ground_asks(in_depth: None, anna: Visitor) -> None:
    anna.open(GRANSBO)
    form = anna.get(PATH, to="police", ground="us-2025-170").text
    assert 'id="category-social_services" value="social_services" disabled' in form
    assert 'id="condition-need"' in form
