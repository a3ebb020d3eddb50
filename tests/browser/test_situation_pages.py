"""The situational picture in a real browser: entered by an officer, approved by the lead, and then in the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = [
    "/situation", "/situation/editions/1", "/situation/work", "/situation/plan", "/situation/plan/entries/1",
    "/situation/plan/new?kind=measure&template=unannounced_follow_up", "/situation/plan/new?kind=outcome",
]  # fmt: skip


@pytest.fixture
def page(browser: Browser, large: str) -> Iterator[Page]:
    """Signed in as the investigator; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=large)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.goto("/situation")
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name=name).click()


def enter(page: Page, kind: str, **fields: str) -> None:
    page.goto(f"/situation/plan/new?kind={kind}")
    for label, told in fields.items():
        control = page.get_by_label(label.replace("_", " "), exact=True)
        if control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(label=told)
        else:
            control.fill(told)
    if kind == "measure":
        page.get_by_label("Utebliven avtalsuppföljning").check()
    page.get_by_role("button", name="Föreslå").click()
    assert page.get_by_text("Förslaget väntar på en andra person.").is_visible()


def approve_all(page: Page) -> None:
    sign_in(page, "Lena (demo)")
    page.goto("/situation/plan")
    waiting = page.locator("tr", has_text="väntar på godkännande").locator("a")
    for path in [waiting.nth(at).get_attribute("href") or "" for at in range(waiting.count())]:
        page.goto(path)
        page.get_by_label("Dina skäl").fill("Stämmer med beslutet.")
        page.get_by_role("button", name="Godkänn").click()


def make(page: Page) -> str:
    """The newest edition's text, after the button."""
    page.goto("/situation")
    page.get_by_role("button", name="Ta fram dokumentet").click()
    page.get_by_role("link", name="Läs upplaga").first.click()
    return page.locator("main").inner_text()


def test_an_officer_enters_a_measure_and_an_outcome_the_lead_approves_and_the_document_changes(page: Page) -> None:
    sign_in(page, "Lena (demo)")
    before = make(page)
    assert "Inga åtgärder är godkända ännu." in before
    sign_in(page, "Anna (demo)")
    enter(page, "measure", Rubrik="Oanmälda besök", Mål="Alla följs upp.", Medel="En plan.", Klar_senast="2027-06-30",
          Indikator="Andel oanmälda")  # fmt: skip
    enter(page, "indicator", Rubrik="Utbildade", Definition="Andel som gått utbildningen.")
    approve_all(page)
    sign_in(page, "Anna (demo)")
    enter(page, "target", År="2026", Årsmål="0,8")
    enter(page, "outcome", Ansvarig_nämnd="N01", År="2026", Utfall="0,9", Källa="Lönesystemet")
    approve_all(page)
    after = make(page)
    assert "1. Oanmälda besök" in after
    answered = page.locator("tr", has_text="Lönesystemet").inner_text()
    assert answered.split("\t")[1:4] == ["80\u202f%", "90\u202f%", "helt"]
    assert not [name for name in ("Gransbo", "Tallvik", "Ekdal", "Alhaga", "0029") if name in after]


def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    page: Page, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
    enter(page, "measure", Rubrik="Besök", Mål="Alla.", Medel="Plan.", Klar_senast="2027-06-30", Indikator="Andel")
    sign_in(page, "Lena (demo)")
    make(page)
    for language in ("sv", "en"):
        if language == "en":
            page.get_by_role("button", name="English").click()
        for path in PAGES:
            page.set_viewport_size({"width": 1100, "height": 800})
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language
            assert serious(page) == [], path
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
