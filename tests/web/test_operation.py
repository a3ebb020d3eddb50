"""What operations see: alive, ready, counts that are not for everybody, log lines without anything about a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine, func, select, text

from valfardsbrott.review import database
from valfardsbrott.review.models import WebSession
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import logs
from valfardsbrott.web.app import create

Visitor = Any
PROBES = {"/health", "/ready", "/metrics"}


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """From another machine, by a name that is not this machine's."""
    return TestClient(app, base_url="http://granskning.example", client=("192.0.2.7", 50000))


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged, as JSON; logging is as before afterwards."""
    root, before = logging.getLogger(), (logging.getLogger().handlers, logging.getLogger().level)
    logs.configure("json")
    written = io.StringIO()
    root.handlers[0].setStream(written)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.reset_defaults()


def test_only_the_probes_are_outside_the_policy(app: FastAPI) -> None:
    outside = {
        str(getattr(route, "path", ""))
        for route in app.routes
        if not isinstance(route, APIRoute) and hasattr(route, "path")
    }
    assert outside == PROBES | {"/static"}


def test_probes_answer_anybody_and_make_no_session(app: FastAPI, stranger: TestClient) -> None:
    assert stranger.get("/health").json() == {"alive": True}
    assert stranger.get("/ready").json() == {"ready": True, "missing": None}
    assert "set-cookie" not in stranger.get("/ready").headers
    with app.state.make() as db:
        assert db.scalar(select(func.count()).select_from(WebSession)) == 0


def test_not_ready_before_the_migration_but_alive(app: FastAPI, engine: Engine, stranger: TestClient) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = stranger.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "missing": "migration"})
    assert stranger.get("/health").status_code == 200


def test_not_ready_without_the_database_and_metrics_say_so(app: FastAPI) -> None:
    app.state.engine = database.connect("postgresql://reviewer:hemligt@127.0.0.1:1/cases")
    here = TestClient(app, base_url="http://127.0.0.1:8080", client=("127.0.0.1", 50000))
    assert here.get("/ready").json() == {"ready": False, "missing": "database"}
    assert "valfardsbrott_database_up 0.0" in here.get("/metrics").text


def test_metrics_count_routes_and_name_no_path(app: FastAPI, anna: Visitor, stranger: TestClient) -> None:
    anna.get("/providers/0029000015")
    shown = anna.get("/metrics").text
    assert 'valfardsbrott_requests_total{method="GET",route="provider",status="200"} 1.0' in shown
    assert 'valfardsbrott_request_seconds_count{route="provider"} 1.0' in shown
    assert "valfardsbrott_database_up 1.0" in shown
    assert "0029000015" not in shown
    assert stranger.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer s3cret", 200), ("Bearer s3creT", 404), ("s3cret", 404), ("", 404), ("Bearer å", 404)]
)
def test_metrics_by_token(engine: Engine, settings: ReviewSettings, given: str, status: int) -> None:
    kept = create(settings.model_copy(update={"metrics_token": SecretStr("s3cret")}), engine)
    near = TestClient(kept, base_url="http://127.0.0.1:8080", client=("127.0.0.1", 50000))
    assert near.get("/metrics", headers={"authorization": given.encode()}).status_code == status


def test_production_shows_no_metrics_without_a_token(engine: Engine, settings: ReviewSettings) -> None:
    strict = {"profile": "production", "oidc_issuer": "https://id.example", "public_url": "https://granskning.example"}
    near = TestClient(create(settings.model_copy(update=strict), engine), client=("127.0.0.1", 50000))
    assert near.get("http://127.0.0.1/metrics").status_code == 404


def test_a_page_is_one_line_without_person_provider_or_case(anna: Visitor, lines: Callable[..., Any]) -> None:
    anna.open(2)
    anna.get("/providers/0029000015", find="0029000015")
    told = [line for line in lines() if line["event"] == "request"]
    assert [(line["route"], line["method"], line["status"]) for line in told][-2:] == [
        ("case", "GET", 200),
        ("provider", "GET", 200),
    ]
    assert all(set(line) == {"event", "level", "timestamp", "route", "method", "status", "ms"} for line in told)
    text_ = json.dumps(lines())
    assert not any(word in text_ for word in ("0029000015", "Gransbo", "anna", "127.0.0.1"))


def test_an_error_is_told_by_type_and_place_never_by_what_it_says(lines: Callable[..., Any]) -> None:
    try:
        raise ValueError("Anna Andersson 19800101-1234")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
        structlog.get_logger().exception("failed")
        logging.getLogger("sqlalchemy.pool").error("lost %s", "Anna Andersson")
    both = lines()
    assert [line["error"] for line in both[:2]] == ["ValueError", "ValueError"]
    assert "test_operation.py" in both[0]["at"][0]
    assert both[2]["event"] == "lost %s"
    assert "Andersson" not in json.dumps(both)


def test_text_for_a_terminal(lines: Callable[..., Any]) -> None:
    logs.configure("text")
    written = io.StringIO()
    logging.getLogger().handlers[0].setStream(written)  # type: ignore[attr-defined]
    structlog.get_logger().info("request", route="inbox")
    assert "route=inbox" in written.getvalue()
