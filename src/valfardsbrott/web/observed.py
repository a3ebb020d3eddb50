"""What operations see of the requests: one log line for each page and Prometheus' counts, by route and status alone."""

from __future__ import annotations

import os
import time

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger()
#: Set where several processes answer; the counts are then kept in files that each can read (prometheus_client).
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """The counts of one application. Labels are names of routes, never paths: those hold organisation numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "valfardsbrott_requests", "Answered requests.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "valfardsbrott_request_seconds", "Time to the whole answer.", ("route",), registry=self.registry,
            buckets=_SECONDS,
        )  # fmt: skip
        self.running = Gauge(
            "valfardsbrott_requests_running", "Requests that are being answered.", registry=self.registry,
            multiprocess_mode="livesum",
        )  # fmt: skip

    def text(self, moment: CollectorRegistry) -> bytes:
        """All counts, of all processes, and what ``moment`` holds, as Prometheus reads it."""
        registry = self.registry
        if SHARED in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(moment)


class Observed:
    """Counts and times every request, and writes a line for each page: route, method, status, milliseconds."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.metrics.running.inc()
        try:
            await self.app(scope, receive, sending)
        finally:
            self.metrics.running.dec()
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        named = getattr(scope.get("route"), "name", None)
        route = str(named or ("static" if scope["path"].startswith("/static/") else "none"))
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD"} else "other"
        self.metrics.requests.labels(route, method, str(status)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if route not in {"static", "health", "ready", "metrics"}:
            _log.info("request", route=route, method=method, status=status, ms=round(1000 * seconds, 1))
