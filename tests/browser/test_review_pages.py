"""The review application in a real browser: accessible, by keyboard alone, without script, narrow and enlarged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

#: Pages that need no case to be open; one of your own belongs here.
PAGES = ["/inbox", "/changes", "/about", "/sign-in", "/cases/1/open", "/cases/1", "/nowhere"]


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A signed-in page with the case 1 open; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=served)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if "Content Security Policy" in told.text else None)
    page.goto("/cases/1")
    page.get_by_role("button", name="Öppna ärendet").click()
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_axe_finds_nothing_serious(page: Page, serious: Callable[[Page], list[tuple[str, str]]], language: str) -> None:
    if language == "en":
        page.get_by_role("button", name="English").click()
    for path in PAGES:
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert serious(page) == [], path


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_cut_off_in_a_narrow_window_or_at_400_percent(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_next_case_is_taken_by_keyboard_alone(page: Page) -> None:
    page.goto("/inbox")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("table.cases tbody tr").first.locator("input[type=checkbox]").is_checked()
    page.keyboard.press("n")
    page.wait_for_url("**/open")
    page.locator("input[name=purpose]").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    assert "inledande granskning" in page.locator("dl.facts").inner_text()


def test_shortcuts_can_be_turned_off(page: Page) -> None:
    page.goto("/inbox")
    page.locator("details.keys summary").click()
    page.get_by_label("Använd kortkommandon").uncheck()
    page.reload()
    page.keyboard.press("n")
    page.wait_for_timeout(200)
    assert page.url.endswith("/inbox")


def test_a_case_is_taken_filtered_and_given_without_script(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    page.goto("/inbox")
    page.get_by_role("button", name="Ta nästa").click()
    page.get_by_role("button", name="Öppna ärendet").click()
    page.goto("/inbox")
    page.get_by_label("Handläggare").first.select_option("me")
    page.get_by_role("button", name="Filtrera").click()
    assert page.locator("table.cases tbody tr").count() == 1
    context.close()


def test_a_filter_is_kept_used_and_deleted(page: Page) -> None:
    page.goto("/inbox")
    page.get_by_label("Ordning", exact=True).select_option("amount")
    page.get_by_role("button", name="Filtrera").click()
    page.locator("summary", has_text="Sparade filter").click()
    page.get_by_label("Spara filtret som").fill("Störst först")
    page.get_by_role("button", name="Spara", exact=True).click()
    page.goto("/inbox")
    page.locator("summary", has_text="Sparade filter").click()
    page.get_by_role("link", name="Störst först").click()
    assert page.get_by_label("Ordning", exact=True).input_value() == "amount"
    amounts = [re.sub(r"\D", "", text) for text in page.locator("table.cases td:nth-child(8)").all_inner_texts()]
    assert amounts == sorted(amounts, key=int, reverse=True)
    page.locator("summary", has_text="Sparade filter").click()
    page.get_by_role("button", name="Ta bort filtret Störst först").click()
    page.locator("summary", has_text="Sparade filter").click()
    assert page.get_by_role("link", name="Störst först").count() == 0


def test_ticked_cases_are_given_away_and_put_off(page: Page) -> None:
    page.goto("/inbox")
    total = page.locator("table.cases tbody tr").count()
    for row in (1, 2):
        page.locator("table.cases tbody tr").nth(row).locator("input").check()
    page.locator("#bulk-assignee").select_option(label="Bo (demo)")
    page.get_by_role("button", name="Tilldela").click()
    assert page.get_by_role("cell", name="Bo (demo)").count() == 2
    page.locator("table.cases tbody tr").nth(3).locator("input").check()
    page.locator("#bulk-until").fill("2999-12-31")
    page.get_by_role("button", name="Skjut upp").click()
    page.get_by_label("Läge").select_option("snoozed")
    page.get_by_role("button", name="Filtrera").click()
    assert page.locator("table.cases tbody tr").count() == 1
    page.goto("/changes")
    assert page.locator("main li").count() == total, "the first month: every case is new"


def test_source_rows_are_sorted_searched_and_taken_home(page: Page) -> None:
    page.goto("/providers/0069305597")  # a hit of the generated city
    page.locator('a[href*="/rows/"]').first.click()
    title, total = page.url, page.locator("tbody tr").count()
    page.locator("thead a").first.click()
    assert page.locator("th[aria-sort=ascending]").count() == 1
    first = page.locator("tbody td").first.inner_text()
    page.get_by_label("Rader med texten").fill("finns inte")
    page.get_by_role("button", name="Sök").click()
    assert page.locator("tbody tr").count() == 0
    page.goto(title)
    with page.expect_download() as download:
        page.get_by_text("Hämta som CSV").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) > min(total, 50)
    assert any(first in line for line in lines)
