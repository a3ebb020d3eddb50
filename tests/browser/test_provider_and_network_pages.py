"""Provider and network pages in a real browser: accessible, narrow, without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NETWORK, GRANSBO = "n-2026-10-00000001", "0029000015"
PAGES = [f"/providers/{GRANSBO}", f"/networks/{NETWORK}", f"/networks/{NETWORK}/links/{NETWORK}-1"]


@pytest.fixture
def page(browser: Browser, large: str) -> Iterator[Page]:
    """Signed in; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=large)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.goto("/inbox")
    yield page
    context.close()
    assert complaints == []


def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    page: Page, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
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


def test_without_script_there_is_a_picture_and_the_table(browser: Browser, large: str) -> None:
    context = browser.new_context(base_url=large, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/networks/{NETWORK}")
    assert page.locator("img.picture").evaluate("image => image.naturalWidth") > 0
    assert page.locator("#ties + form + .scroll tbody tr").count() == 100
    assert not page.locator("#drawing").is_visible()
    context.close()
