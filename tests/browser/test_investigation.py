"""An investigator's whole path in a real browser, from the inbox to a signed evidence pack: by mouse, by keyboard alone
and without JavaScript; then every page there is, as axe and a narrow window see it. `make screenshots` takes pictures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from fastapi.routing import APIRoute
from typer.testing import CliRunner

from valfardsbrott.cli.commands import app
from valfardsbrott.review.models import Role
from valfardsbrott.web.policy import POLICY
from valfardsbrott.web.routers import ROUTERS
from valfardsbrott.web.words import words

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

#: A hit of the generated city that is also in a network; what the investigator finds it by.
PROVIDER, NETWORK = "0069305597", "n-2026-09-d178d378"


class Hand(Protocol):
    """What an investigator does with links and buttons, fields, radio buttons and check boxes, lists."""

    def press(self, what: Locator) -> None: ...
    def write(self, field: Locator, text: str) -> None: ...
    def tick(self, box: Locator) -> None: ...
    def choose(self, field: Locator, value: str) -> None: ...


Hands = Callable[[str, "Page"], Hand]


class Investigation:
    """One case from the inbox to the pack, as the pages lead there: no address is typed but the first."""

    def __init__(self, page: Page, hand: Hand, language: str, shot: Callable[[Page, str], object]) -> None:
        self.page, self.hand, self.t, self.shot = page, hand, words(language), shot

    def button(self, key: str, **parts: object) -> Locator:
        return self.page.locator("main").get_by_role("button", name=self.t(key, **parts), exact=True)

    def link(self, key: str, **parts: object) -> Locator:
        return self.page.locator("main").get_by_role("link", name=self.t(key, **parts))

    def whole(self, folder: Path) -> Path:
        """Where the pack was saved."""
        self.take()
        self.look()
        self.try_explanations()
        self.go_in_depth_and_hear()
        self.decide()
        self.as_another("demo:bo")
        self.approve_decision()
        self.as_another("demo:anna")
        self.disclose()
        self.as_another("demo:bo")
        self.approve_disclosure()
        return self.pack(folder)

    def take(self) -> None:
        self.shot(self.page, "inbox")
        self.hand.write(self.page.locator("#search"), PROVIDER)
        self.hand.press(self.button("inbox.filter"))
        self.hand.press(self.button("inbox.take"))
        self.shot(self.page, "purpose")
        self.hand.press(self.button("case_open.open"))
        self.case = self.page.url
        assert self.t.word("state", "initial_review") in self.page.locator("dl.facts").inner_text()

    def look(self) -> None:
        """The provider, source rows behind a reason, its network, the rows behind a tie; and back."""
        self.hand.press(self.link("provider.in_case"))
        self.shot(self.page, "provider")
        self.hand.press(self.page.locator('a[href*="/rows/"]').first)
        assert self.page.locator("tbody tr").count() > 0
        self.shot(self.page, "rows")
        self.hand.press(self.page.locator("main a").first)
        self.hand.press(self.page.locator('a[href^="/networks/"]').first)
        self.shot(self.page, "network")
        self.hand.press(self.page.locator('table a[href*="/links/"]').first)
        assert self.page.locator("tbody tr").count() > 0
        self.hand.press(self.page.locator("main a").first)
        self.hand.press(self.page.locator(f'main a[href="/providers/{PROVIDER}"]').first)
        self.hand.press(self.page.locator('main a[href^="/cases/"]').first)
        assert self.page.url == self.case

    def try_explanations(self) -> None:
        self.shot(self.page, "case")
        left = self.page.locator("article.reason details[open]")
        while left.count():
            form, before = left.first, left.count()
            self.hand.tick(form.locator("input[value=does_not_explain]"))
            self.hand.write(form.locator("textarea"), "Prövat mot avtal och fakturor.")
            self.hand.press(form.locator("button"))
            self.page.wait_for_function(
                "before => document.querySelectorAll('article.reason details[open]').length < before", arg=before
            )

    def go_in_depth_and_hear(self) -> None:
        self.hand.press(self.page.locator("summary", has_text=self.t("decide.move")))
        self.hand.write(self.page.locator("#move-text"), "Förklaringarna räcker inte.")
        self.hand.press(self.page.locator("button[value=in_depth_review]"))
        self.hand.press(self.link("work.link"))
        self.hand.press(self.page.locator("summary", has_text=self.t("work.add_hearing")))
        self.hand.write(self.page.locator("#hearing-text"), "Skrivelse med underlaget.")
        self.hand.press(self.button("work.add_hearing"))
        self.shot(self.page, "work")
        self.hand.press(self.link("work.back"))

    def decide(self) -> None:
        self.hand.press(self.link("decide.open_form"))
        self.hand.tick(self.page.locator("#kind-confirm"))
        self.hand.write(self.page.locator("#reasons"), "Besök utan underlag; förklaringarna prövade.")
        self.hand.write(self.page.locator("#amount"), "12 500,50")
        self.hand.tick(self.page.locator("input[name=schemes]").first)
        self.shot(self.page, "decide")
        self.hand.press(self.button("decide.save"))
        assert self.page.locator(".flash").is_visible()

    def as_another(self, subject: str) -> None:
        """Another person at the same desk: change user, open the case with a purpose."""
        self.hand.press(self.page.get_by_role("link", name=self.t("page.change_user")))
        self.hand.press(self.page.locator(f'button[value="{subject}"]'))
        self.hand.choose(self.page.locator("#state"), "all")
        self.hand.write(self.page.locator("#search"), PROVIDER)
        self.hand.press(self.button("inbox.filter"))
        self.hand.press(self.page.locator("table.cases a.open").first)
        self.hand.press(self.button("case_open.open"))
        assert self.page.url == self.case

    def approve_decision(self) -> None:
        self.hand.write(self.page.locator("#approval-reasons"), "Läst underlaget; delar bedömningen.")
        self.shot(self.page, "approve")
        self.hand.press(self.button("decide.approve"))
        assert self.t.word("outcome", "confirmed") in self.page.locator("dl.facts").inner_text()

    def disclose(self) -> None:
        self.hand.press(self.link("disclosure.link"))
        self.hand.choose(self.page.locator("#to"), "fk")
        self.hand.press(self.button("disclosure.choose"))
        self.hand.tick(self.page.locator("#ground-osl-10-15a"))
        self.hand.press(self.button("disclosure.choose"))
        self.shot(self.page, "disclosure")
        self.hand.write(self.page.locator("#condition-need"), "Ersättning söks åter.")
        self.hand.write(self.page.locator("#condition-case"), "Detta ärende.")
        self.hand.write(self.page.locator("#balancing"), "Behovet väger tyngre än bolagets intresse.")
        for category in ("company", "money"):
            self.hand.tick(self.page.locator(f"#category-{category}"))
        self.hand.press(self.button("disclosure.propose"))
        assert self.page.locator(".flash").is_visible()

    def approve_disclosure(self) -> None:
        self.hand.press(self.link("disclosure.link"))
        self.hand.write(self.page.locator("article textarea").first, "Rätt grund.")
        self.hand.press(self.button("disclosure.approve"))

    def pack(self, folder: Path) -> Path:
        self.hand.press(self.button("disclosure.make"))
        self.shot(self.page, "pack")
        with self.page.expect_download() as download:
            self.hand.press(self.page.locator('a[href$=".zip"]'))
        saved = folder / download.value.suggested_filename
        download.value.save_as(saved)
        return saved


#: Where `make screenshots` wants the pictures of the documentation; no other run changes them.
PICTURES = os.environ.get("VALFARDSBROTT_SCREENSHOTS", "")


def picture(page: Page, name: str) -> None:
    """What the window shows, and of the case a telephone too; none where the documentation uses none."""
    if name in {"inbox", "provider", "network", "case", "disclosure"}:
        page.wait_for_load_state("networkidle")
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=Path(PICTURES) / f"review-{name}.png")
    if name == "case":
        page.set_viewport_size({"width": 390, "height": 850})
        page.screenshot(path=Path(PICTURES) / f"review-{name}-phone.png")
        page.set_viewport_size({"width": 1200, "height": 850})


def no_picture(page: Page, name: str) -> None:
    """Most runs take none."""


def begin(browser: Browser, address: str, language: str = "sv", **options: object) -> Page:
    """The inbox in a language, in a browser of its own; a fault in a script of the page fails the test."""
    page = browser.new_context(base_url=address, locale="sv-SE", **options).new_page()  # type: ignore[arg-type]
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto("/inbox")
    if language == "en":
        page.get_by_role("button", name="English").click()
    return page


def verified(pack: Path) -> str:
    """What the command says of a pack."""
    done = CliRunner().invoke(app, ["pack", "verify", str(pack)])
    assert done.exit_code == 0, done.output
    return done.output


@dataclass(frozen=True)
class Done:
    """The application's address after a whole path, the path's case and pack."""

    address: str
    case_id: str
    pack: Path


@pytest.fixture(scope="module")
def done(
    browser: Browser,
    served_apart: Callable[[], AbstractContextManager[str]],
    hand: Hands,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Done]:
    """The path walked without JavaScript, and the application as that left it."""
    with served_apart() as address:
        page = begin(browser, address, java_script_enabled=False)
        walked = Investigation(page, hand("mouse", page), "sv", no_picture)
        pack = walked.whole(tmp_path_factory.mktemp("pack"))
        page.context.close()
        yield Done(address, walked.case.rsplit("/", 1)[1], pack)


def test_by_mouse_in_english(browser: Browser, served: str, hand: Hands, tmp_path: Path) -> None:
    page = begin(browser, served, "en", viewport={"width": 1200, "height": 850})
    pack = Investigation(page, hand("mouse", page), "en", picture if PICTURES else no_picture).whole(tmp_path)
    assert pack.name in verified(pack)
    page.context.close()


def test_by_keyboard_alone(browser: Browser, served: str, hand: Hands, tmp_path: Path) -> None:
    page = begin(browser, served)
    pack = Investigation(page, hand("keyboard", page), "sv", no_picture).whole(tmp_path)
    assert pack.name in verified(pack)
    page.context.close()


def test_without_script(done: Done) -> None:
    assert done.pack.name in verified(done.pack)


def test_no_page_has_a_serious_fault_or_is_cut_off(
    browser: Browser, done: Done, serious: Callable[[Page], list[tuple[str, str]]]
) -> None:
    """Each page of the route table that somebody can read, as axe sees it; both languages at 200 % and 400 % zoom."""
    pages = {"sv": begin(browser, done.address), "en": begin(browser, done.address, "en")}
    faults: list[object] = []
    seen = set()
    for subject, paths in sorted(readable(done).items()):
        for page in pages.values():
            signed_in(page, subject, done.case_id)
        for path in filter(lambda path: is_page(pages["sv"], path), paths):
            seen.add(path)
            for language, page in pages.items():
                page.goto(path)
                faults += [(path, language, f"wider than {width}") for width in (640, 320) if is_wider(page, width)]
            faults += [(path, *fault) for fault in serious(pages["sv"])]
    assert faults == []
    assert {f"/cases/{done.case_id}{part}" for part in ("", "/work", "/decide", "/disclosures")} <= seen
    for page in pages.values():
        page.context.close()


def is_page(page: Page, path: str) -> bool:
    """Not a file, a picture or an answer for a machine, and not for others than this reader."""
    answer = page.request.get(path)
    return answer.ok and "text/html" in answer.headers["content-type"]


def is_wider(page: Page, width: int) -> bool:
    """Whether one must scroll sideways to read the page in a window so wide."""
    page.set_viewport_size({"width": width, "height": 800})
    return bool(page.evaluate("document.documentElement.scrollWidth") > width)


#: Who reads a page, by the roles that may: the demo's users.
READERS = {Role.LEAD: "demo:lena", Role.AUDITOR: "demo:rut", Role.ADMIN: "demo:alva", Role.SCIENTIST: "demo:dag"}


def readable(done: Done) -> dict[str, list[str]]:
    """Paths of every route that is read, by who reads it; ids are those of the walked path, else 1."""
    ids = {"case_id": done.case_id, "org_number": PROVIDER, "network_id": NETWORK, "link_id": f"{NETWORK}-1",
           "feature": "mass_dwelling", "month": "2026-10"}  # fmt: skip
    found: dict[str, list[str]] = {}
    for route in (route for router in ROUTERS for route in router.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and route.name not in APART:
            roles = POLICY[route.name].roles or {Role.LEAD}
            subject = next(who for role, who in READERS.items() if role in roles)
            path = re.sub(r"{(\w+)(:\w+)?}", lambda part: ids.get(part[1], "1"), route.path)
            found.setdefault(subject, []).append(path)
    return found


#: Pages that sign in or out by being read, or lead elsewhere at once.
APART = {"start", "sign_in_begin", "sign_in_back"}


def signed_in(page: Page, subject: str, case_id: str) -> None:
    """As somebody, with the case open where that somebody reads cases."""
    page.goto("/sign-in")
    page.locator(f'button[value="{subject}"]').click()
    if subject == READERS[Role.LEAD]:
        page.goto(f"/cases/{case_id}/open")
        page.locator("main form button").click()
