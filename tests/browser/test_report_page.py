"""The report in a real browser: accessible, complete without script, at home on a phone and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_serious(
    browser: Browser, published_city: Path, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
    page = browser.new_page()
    page.goto((published_city / "report.html").as_uri())
    assert serious(page) == []


def test_it_reads_the_same_without_script_and_asks_for_nothing(browser: Browser, published_city: Path) -> None:
    asked: list[str] = []
    page = browser.new_context(java_script_enabled=False).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((published_city / "report.html").as_uri())
    assert page.locator("article.flag").count() > 0
    assert asked == [(published_city / "report.html").as_uri()]


def test_nothing_is_cut_off_on_a_phone(browser: Browser, published_city: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto((published_city / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_prints_on_paper(browser: Browser, published_city: Path) -> None:
    page = browser.new_page()
    page.goto((published_city / "report.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")
