"""A real browser: Debian's Chromium by its own path, nothing is downloaded."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from valfardsbrott.review.settings import ReviewSettings

_ABSENT = "Chromium is not installed: apt-get install -y chromium fonts-dejavu-core"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip(_ABSENT)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serious() -> Callable[[Page], list[tuple[str, str]]]:
    """What axe-core calls serious or critical on the page that is shown: rule and markup."""
    from axe_playwright_python.sync_playwright import Axe

    def found(page: Page) -> list[tuple[str, str]]:
        violations = Axe().run(page).response["violations"]
        return [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in {"serious", "critical"}]

    return found


@pytest.fixture(scope="session")
def served_apart(city_settings: Callable[[], ReviewSettings]) -> Callable[[], AbstractContextManager[str]]:
    """``with served_apart() as address``: as `served`, for fixtures that live longer than a test."""
    return lambda: serving(city_settings())


@contextmanager
def serving(settings: ReviewSettings) -> Iterator[str]:
    """The address of the review application in the demo, with every published month's cases, until the block ends."""
    import uvicorn

    from valfardsbrott.review import database
    from valfardsbrott.web.app import create
    from valfardsbrott.web.server import prepare_demo

    engine = database.connect(settings.database)
    prepare_demo(engine, settings)
    server = uvicorn.Server(uvicorn.Config(create(settings, engine), host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    engine.dispose()


@pytest.fixture
def served(city_settings: Callable[[], ReviewSettings]) -> Iterator[str]:
    """The application on the generated city: a visitor is signed in as demo:anna."""
    with serving(city_settings()) as address:
        yield address


@pytest.fixture(scope="session")
def city_settings(published_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], ReviewSettings]:
    """Settings on the generated city; the case database, files and key are each call's own."""
    from valfardsbrott.review.settings import ReviewSettings

    def settings() -> ReviewSettings:
        out = tmp_path_factory.mktemp("review")
        for each in published_city.parent.iterdir():
            (out / each.name).symlink_to(each)
        return ReviewSettings(out=out)

    return settings


@pytest.fixture
def large(publish: Callable[..., Path], tmp_path: Path) -> Iterator[str]:
    """The application on a small month whose one network, n-2026-10-00000001, has 300 nodes and 2 000 ties."""
    from valfardsbrott.review.settings import ReviewSettings

    settings = ReviewSettings(out=tmp_path / "runs", database_url=SecretStr(f"sqlite:///{tmp_path}/cases.db"))
    folder = publish(settings.out)
    for name, rows in _large_network().items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    visits = [{"visit_id": f"B{at}", "org_number": "0029000015", "source_row": at} for at in range(9)]
    store = settings.store_folder / "tables" / "visit"
    store.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(visits), store / "2026-10.parquet")
    with serving(settings) as address:
        yield address


def _large_network() -> dict[str, list[dict[str, Any]]]:
    """Two providers of the small month, 58 more and 240 telephones, with 2 000 ties: tables by name."""
    network_id, orgs = (
        "n-2026-10-00000001",
        ["0029000015", "0029000031", *(f"00290{at}" for at in range(10_000, 10_058))],
    )
    phones = [f"08{at:08d}" for at in range(300 - len(orgs))]
    rows = [("provider", org, "member") for org in orgs] + [("phone", value, "shared_phone") for value in phones]
    members = [
        {"network_id": network_id, "node_type": kind, "node_id": node, "role": role} for kind, node, role in rows
    ]
    links = [
        {
            "network_id": network_id, "source_id": orgs[at % len(orgs)], "node_type": "phone", "link_type": "phone",
            "target_id": phones[(at * 7 + at // len(orgs)) % len(phones)], "weight": 1.0, "p_value": 0.1,
            "first_seen": dt.date(2026, 1 + at % 9, 1), "last_seen": dt.date(2026, 10, 31), "source_table": "visit",
            "n_rows": 1, "used_by": 2, "source_rows": [f"visit.csv:{at % 9}"], "discounted": None,
        }
        for at in range(2000)
    ]  # fmt: skip
    said = json.dumps([{"text_sv": "Samma telefon.", "text_en": "One phone."}])
    card = {"reasons": said, "discounts": "[]", "checks": "[]", "changes": "[]"}
    networks = [{"network_id": network_id, "n_providers": len(orgs), **card}]
    return {"networks": networks, "network_members": members, "network_links": links}


class Mouse:
    """Clicks; letters still come from a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self.page.keyboard.type(text)

    def tick(self, box: Locator) -> None:
        box.click()

    def choose(self, field: Locator, value: str) -> None:
        field.select_option(value)


class Keyboard:
    """Tab until there, then Enter, Space, arrows and letters. Fails where Tab never gets there."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        self._reach(what)
        if what.evaluate("each => each.matches('summary, a[download]')"):
            self.page.keyboard.press("Enter")
            return
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.type(text)

    def tick(self, box: Locator) -> None:
        """A check box is reached by Tab; among radio buttons Tab reaches one, and arrows go on."""
        if box.get_attribute("type") == "checkbox":
            self._reach(box)
            self.page.keyboard.press("Space")
            return
        group = f'document.activeElement.name === "{box.get_attribute("name")}"'
        for _ in range(_MOST):
            if self.page.evaluate(group):
                break
            self.page.keyboard.press("Tab")
        for _ in range(20):
            if box.evaluate("each => each === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        assert box.is_checked()

    def choose(self, field: Locator, value: str) -> None:
        self._reach(field)
        for _ in range(field.locator("option").count()):
            if field.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == value

    def _reach(self, what: Locator) -> None:
        """Tab as often as there are places between here and there; a page that orders them otherwise takes more."""
        what.wait_for(state="visible")
        for _ in range(what.evaluate(_PLACES_BETWEEN)):
            self.page.keyboard.press("Tab")
        for _ in range(_MOST):
            if what.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {what}")


_PLACES_BETWEEN = """target => {
  const stops = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")];
  const here = document.activeElement;
  const between = stops.filter((each) => each.checkVisibility()
    && (here === document.body || here.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING)
    && each.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING);
  return Math.max(0, between.filter((each) => each.type !== "radio").length - 4);
}"""


#: Presses of Tab after which a page is held not to let the keyboard there.
_MOST = 400


@pytest.fixture(scope="session")
def hand() -> Callable[[str, Page], Mouse | Keyboard]:
    """``hand("keyboard", page)``: a way to work a page."""
    kinds: dict[str, type[Mouse | Keyboard]] = {"mouse": Mouse, "keyboard": Keyboard}
    return lambda name, page: kinds[name](page)
