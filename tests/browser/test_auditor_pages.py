"""The auditor's pages and the page about a pseudonym in a real browser: accessible in both languages, and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    context = browser.new_context(base_url=served)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    page: Page, language: str, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
    page.goto("/cases/1")
    page.get_by_role("button", name="Öppna ärendet").click()
    if language == "en":
        page.get_by_role("button", name="English").click()
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/cases/1/persons")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.goto("/sign-in")
    page.get_by_role("button", name="Rut (demo)").click()
    for path in ("/log", "/log?action=read", "/log/verify", "/log/reviews"):
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
