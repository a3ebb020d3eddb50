"""A real browser: Debian's Chromium by its own path, nothing is downloaded."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture
def served(published_city: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the review application on the generated city, in the demo: a visitor is signed in as demo:anna.

    Its case database is this test's own, with the month's hits as cases.
    """
    import uvicorn
    from pydantic import SecretStr

    from valfardsbrott.review import database
    from valfardsbrott.review.settings import ReviewSettings
    from valfardsbrott.web.app import create
    from valfardsbrott.web.server import prepare_demo

    settings = ReviewSettings(
        out=published_city.parent, database_url=SecretStr(f"sqlite:///{tmp_path}/cases.db"), files=tmp_path / "files"
    )
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
