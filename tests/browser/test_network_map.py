"""The network's map in a real browser, with 300 nodes and 2 000 ties: quick, and each tool does what it says."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PATH = "/networks/n-2026-10-00000001"
GRANSBO, EKDAL, PHONE = "provider:0029000015", "provider:0029000031", "phone:0800000000"
NODES, TIES = 300, 2000


@pytest.fixture
def page(browser: Browser, large: str) -> Iterator[Page]:
    """The drawn map; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=large, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.goto(PATH)
    drawn(page)
    yield page
    context.close()
    assert complaints == []


def drawn(page: Page) -> None:
    page.locator("#drawing[data-ready]").wait_for(timeout=20_000)


def shown(page: Page, what: str) -> int:
    return int(page.evaluate(f"document.getElementById('graph').cy.{what}(':visible').length"))


def act(page: Page, key: str, what: str) -> None:
    """Do something with a node or tie as a pointer would; what comes back, the whole graph, stays in the browser."""
    page.evaluate(f"void document.getElementById('graph').cy.getElementById('{key}').{what}")


def of_node(page: Page, key: str, what: str) -> object:
    return page.evaluate(f"document.getElementById('graph').cy.getElementById('{key}').{what}")


def test_opens_within_a_second_of_computing(browser: Browser, page: Page, tmp_path: Path) -> None:
    """Browser's main thread and server together, in processor time: what the clock says depends on who else works."""
    browser.start_tracing(page=page, path=tmp_path / "trace.json", categories=["devtools.timeline", "toplevel"])
    server = time.process_time()
    page.goto(PATH)
    drawn(page)
    server = time.process_time() - server
    browser.stop_tracing()
    events = json.loads((tmp_path / "trace.json").read_text("utf-8"))["traceEvents"]
    main = {(one["pid"], one["tid"]) for one in events if one.get("args", {}).get("name") == "CrRendererMain"}
    tasks = [one for one in events if one["name"].endswith("RunTask") and (one["pid"], one["tid"]) in main]
    drawing = sum(one.get("tdur", 0) for one in tasks) / 1e6
    assert drawing > 0.05, "the trace has the drawing in it"
    assert server + drawing < 1.0
    assert (shown(page, "nodes"), shown(page, "edges")) == (NODES, TIES)


def test_goes_back_in_time_hides_kinds_and_folds_hubs(page: Page) -> None:
    until = page.locator("#until")
    until.fill(until.get_attribute("min") or "")
    assert page.locator("#month").inner_text() == "2026-01"
    assert shown(page, "edges") == sum(at % 9 == 0 for at in range(TIES)), "those first seen in January"
    until.fill(until.get_attribute("max") or "")
    page.get_by_label("telefon").first.uncheck()
    assert (shown(page, "nodes"), shown(page, "edges")) == (60, 0)
    page.get_by_label("telefon").first.check()
    page.locator("#collapse").click()
    assert shown(page, "nodes") == 60, "every provider is a hub: nothing but they are left"
    page.get_by_label("Vald nod").select_option(GRANSBO)
    page.get_by_role("button", name="Fäll ut eller ihop").click()
    assert shown(page, "nodes") == 60 + int(str(of_node(page, GRANSBO, "neighborhood('node').length")))
    page.get_by_role("button", name="Fäll ut allt").click()
    assert shown(page, "nodes") == NODES


def test_finds_the_shortest_way(page: Page) -> None:
    page.get_by_label("Från").select_option(GRANSBO)
    page.get_by_label("Till", exact=True).select_option(EKDAL)
    page.get_by_role("button", name="Kortaste vägen").click()
    told = page.locator("#chosen").inner_text()
    assert told.startswith("Väg med 4 samband: Gransbo Hemtjänst (telefon) ")
    assert told.endswith("Ekdal Stöd")


def test_a_layout_is_pinned_kept_and_arranged_anew(page: Page) -> None:
    common = of_node(page, PHONE, "position()")
    act(page, PHONE, "position({x: 7, y: -11})")
    page.get_by_label("Vald nod").select_option(PHONE)
    page.get_by_role("button", name="Fäst eller lossa").click()
    page.get_by_role("button", name="Spara placeringen").click()
    drawn(page)
    assert of_node(page, PHONE, "position()") == {"x": 7, "y": -11}
    assert of_node(page, PHONE, "locked()") is True
    page.get_by_role("button", name="Ordna om").click()
    drawn(page)
    assert of_node(page, PHONE, "position()") == common


def test_a_tie_is_noted_on_and_opens_its_evidence(page: Page) -> None:
    tie = "n-2026-10-00000001-1999"  # beyond the table's first page
    act(page, tie, "select()")
    page.get_by_role("textbox", name="Anteckning").fill("Växeln är hyresvärdens.")
    page.get_by_role("button", name="Anteckna", exact=True).click()
    drawn(page)
    assert page.get_by_text("Växeln är hyresvärdens.").is_visible()
    assert of_node(page, tie, "data('noted')") == 1
    act(page, tie, "select()")
    page.get_by_role("link", name="Öppna källraderna").click()
    assert page.locator("table tbody tr").count() == 1
    assert page.get_by_role("cell", name=re.compile(r"^B\d$")).is_visible()


def _png(data: bytes) -> int:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(data[16:20], "big") // 1000


def _xml(tag: str) -> Callable[[bytes], int]:
    return lambda data: sum(one.tag.endswith(tag) for one in ElementTree.fromstring(data).iter())


def _followthemoney(data: bytes) -> int:
    entities = [json.loads(line) for line in data.splitlines()]
    return sum(one["schema"] == "Company" for one in entities)


def _csv(data: bytes) -> int:
    return len(list(csv.reader(data.decode("utf-8-sig").splitlines()))) - 1


TAKEN_HOME: dict[str, tuple[Callable[[bytes], int], int]] = {
    "Hämta bild (PNG)": (_png, 6),
    "Hämta bild (SVG)": (_xml("rect"), 61),
    "GraphML": (_xml("}edge"), TIES),
    "FollowTheMoney": (_followthemoney, 60),
    "Samband (CSV": (_csv, TIES),
    "Noder (CSV": (_csv, NODES),
}


def test_what_is_taken_home_holds_the_network(page: Page) -> None:
    """Thousands of pixels of the pictures, ties or nodes of the files."""
    found = {}
    for name, (counted, _) in TAKEN_HOME.items():
        with page.expect_download() as download:
            page.get_by_text(name).click()
        found[name] = counted(Path(download.value.path()).read_bytes())
    assert found == {name: count for name, (_, count) in TAKEN_HOME.items()}
