"""The lead's page in a real browser: accessible, and nothing cut off in a narrow window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """The lead's page, by the lead, without script."""
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_role("button", name="Lena").click()
    page.goto("/lead")
    yield page
    context.close()


def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    page: Page, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
    context = page.context.browser.new_context(storage_state=page.context.storage_state())  # type: ignore[union-attr]
    scripted = context.new_page()
    for language in ("sv", "en"):
        scripted.goto(page.url)
        if language == "en":
            scripted.get_by_role("button", name="English").click()
        assert scripted.locator("html").get_attribute("lang") == language
        assert serious(scripted) == []
    scripted.set_viewport_size({"width": 320, "height": 800})
    assert scripted.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_it_is_narrowed_to_a_board_without_script(page: Page) -> None:
    board = page.locator("#board option").nth(1).get_attribute("value")
    page.locator("#board").select_option(board)
    page.get_by_role("button", name="Visa").click()
    assert f"board={board}" in page.url
    assert page.locator("#boards ~ .scroll tbody tr").count() == 1
