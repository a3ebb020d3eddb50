"""The application on a small published month, and browsers without a screen: one for each user."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from valfardsbrott.review import database, demo
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.models import Role, User, UserBoard, UserRole
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web.app import create

ADDRESS = "http://127.0.0.1:8080"
Publish = Callable[..., Path]
Settings = Callable[..., ReviewSettings]


class Visitor:
    """A browser: keeps its cookie, follows redirects, sends the CSRF token of the page it saw last."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.client = TestClient(app, base_url=ADDRESS, client=("127.0.0.1", 50000), raise_server_exceptions=False)
        self.csrf = ""

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self._seen(self.client.get(path, params=query or None))

    def post(self, path: str, **fields: Any) -> httpx.Response:
        return self._seen(self.client.post(path, data={"csrf": self.csrf, **fields}))

    def sign_in(self, subject: str) -> Visitor:
        self.get("/sign-in")
        assert self.post("/sign-in/demo", subject=subject).status_code == 200
        return self

    def open(self, case_id: int, purpose: str = "review") -> httpx.Response:
        """State a purpose and read the case."""
        self.get(f"/cases/{case_id}/open")
        return self.post(f"/cases/{case_id}/open", purpose=purpose)

    def _seen(self, response: httpx.Response) -> httpx.Response:
        token = re.search(r'name="csrf" value="([^"]+)"', response.text)
        self.csrf = token[1] if token else self.csrf
        return response


@pytest.fixture
def engine(request: pytest.FixtureRequest, new_database: Callable[[str], Engine]) -> Engine:
    """SQLite, but where a test says otherwise: ``@pytest.mark.parametrize("engine", BOTH, indirect=True)``."""
    return new_database(getattr(request, "param", "sqlite"))


@pytest.fixture
def settings(tmp_path: Path) -> ReviewSettings:
    return ReviewSettings(out=tmp_path / "runs")


@pytest.fixture
def app(engine: Engine, settings: ReviewSettings, publish: Publish) -> FastAPI:
    """The application in the demo, with 2026-10 imported.

    Beside the demo's users there are ``demo:norr`` and ``demo:soder``, investigators of the boards N01 and N02 alone.
    Cases 1-4 in the order of `publish`: the network (N01 and N02), Gransbo (N01), Ekdal (N02), Tallvik (N01, control).
    """
    publish(settings.out)
    make = database.sessions(engine)
    with database.work(make) as db:
        demo.prepare(db)
        db.add_all(_investigator(*each) for each in (("demo:norr", "N01"), ("demo:soder", "N02")))
    import_month(make, "2026-10", settings)
    return create(settings, engine)


@pytest.fixture
def visitor(app: FastAPI) -> Callable[[str], Visitor]:
    """``visitor("demo:anna")`` is a browser in which that user is signed in."""
    return lambda subject: Visitor(app).sign_in(subject)


@pytest.fixture
def anna(visitor: Callable[[str], Visitor]) -> Visitor:
    """An investigator who sees every board."""
    return visitor("demo:anna")


@pytest.fixture
def user_id(app: FastAPI) -> Callable[[str], int]:
    """The id of a user, by subject."""

    def of(subject: str) -> int:
        with app.state.make() as db:
            return int(db.scalar(select(User.id).where(User.subject == subject)))

    return of


def _investigator(subject: str, board: str) -> User:
    roles, boards = [UserRole(role=Role.INVESTIGATOR)], [UserBoard(board_id=board)]
    return User(subject=subject, name=subject, demo=True, role_rows=roles, board_rows=boards)
