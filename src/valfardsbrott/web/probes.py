"""For who operates the application: is it alive, can it be used, how is it doing. No session and no case data."""

from __future__ import annotations

import secrets

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from valfardsbrott.review import database
from valfardsbrott.review.models import ImportedRun
from valfardsbrott.review.settings import ReviewSettings, is_loopback
from valfardsbrott.web.observed import Metrics

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def add(app: FastAPI, metrics: Metrics) -> None:
    """`/health`, `/ready` and `/metrics`: the only addresses that no row of the policy guards."""

    async def health(_: Request) -> Response:
        """The process answers. It says nothing of the database: to start it anew would not bring that back."""
        return JSONResponse({"alive": True})

    def ready(request: Request) -> Response:
        missing = _missing(request.app.state.engine)
        return JSONResponse({"ready": missing is None, "missing": missing}, 200 if missing is None else 503)

    def measured(request: Request) -> Response:
        if not _may_measure(request, request.app.state.settings):
            return PlainTextResponse("", 404)
        return Response(metrics.text(_moment(request.app.state.engine)), media_type=_TEXT)

    app.add_route("/health", health, name="health")
    app.add_route("/ready", ready, name="ready")
    app.add_route("/metrics", measured, name="metrics")


def _missing(engine: Engine) -> str | None:
    """What keeps the application from being used: ``database`` (cannot be reached) or ``migration``; None: nothing."""
    try:
        return None if database.current(engine) == database.newest() else "migration"
    except SQLAlchemyError:
        return "database"


def _may_measure(request: Request, settings: ReviewSettings) -> bool:
    """By the token where one is set; else in the demo from this machine. Behind a proxy all come from this machine, so
    production has no metrics without a token."""
    if settings.metrics_token is not None:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(
            given.encode(), f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        )  # fmt: skip
    client = request.client.host if request.client else ""
    return settings.demo and is_loopback(client) and is_loopback(request.url.hostname or "")


def _moment(engine: Engine) -> CollectorRegistry:
    """What is so right now: whether the database answers, and when a month was last imported (0: never)."""
    registry = CollectorRegistry()
    up = Gauge("valfardsbrott_database_up", "1 where the case database answers.", registry=registry)
    imported = Gauge(
        "valfardsbrott_last_import_timestamp_seconds", "When a month was last imported.", registry=registry
    )
    try:
        with engine.connect() as connection:
            last = connection.scalar(select(func.max(ImportedRun.imported_at)))
    except SQLAlchemyError:
        return registry
    up.set(1)
    imported.set(last.timestamp() if last else 0)
    return registry
