"""Real server processes on a real PostgreSQL: two at once, a stop in the middle of a decision, the database gone.

A request is held where it matters by a lock that the test takes in the database: the application is the real one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select, text

from valfardsbrott.review import audit, database, demo
from valfardsbrott.review.cases import enter
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.models import AuditEntry, Case, CaseEvent, Decision, InnocenceCheck, State, User, utc_now
from valfardsbrott.review.settings import ReviewSettings

GRANSBO = 2
pytestmark = pytest.mark.slow


@pytest.fixture
def cases(new_database: Callable[[str], Engine], tmp_path: Path, publish: Callable[..., Path]) -> Engine:
    """A database on PostgreSQL in which Gransbo's case is in depth and its explanation tried."""
    engine = new_database("postgresql")
    publish(tmp_path / "runs")
    make = database.sessions(engine)
    with database.work(make) as db:
        demo.prepare(db)
    import_month(make, "2026-10", ReviewSettings(out=tmp_path / "runs"))
    with database.work(make) as db:
        case, anna = db.get_one(Case, GRANSBO), db.get_one(User, 1)
        enter(db, case, anna, State.IN_DEPTH, kind="moved", text="Granskas.")
        db.add(
            InnocenceCheck(
                case_id=case.id, feature="duplicate_claims", finding="does_not_explain", note="Två fakturor.",
                user_id=1, at=utc_now(),
            )
        )  # fmt: skip
    return engine


class Served:
    """`valfardsbrott serve` in a process of its own, and browsers that are signed in with Gransbo's case open."""

    def __init__(self, engine: Engine, out: Path, workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = os.environ | {
            "VALFARDSBROTT_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "VALFARDSBROTT_WORKERS": str(workers),
        }
        self.url, self.log = f"http://127.0.0.1:{port}", out / f"serve-{port}.log"
        self.clients: list[httpx.Client] = []
        words = ["serve", "--out", str(out), "--port", str(port)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "valfardsbrott", *words], env=own, stdout=log, stderr=log
            )
        _until(self._ready, self.log)

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        try:
            return httpx.get(f"{self.url}/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def browser(self, subject: str) -> tuple[httpx.Client, dict[str, str]]:
        """A browser with the case open, and what its form for a decision sends."""
        client = httpx.Client(base_url=self.url, follow_redirects=True, timeout=60)
        self.clients.append(client)
        token = _field(client.get("/sign-in").text, "csrf")
        token = _field(client.post("/sign-in/demo", data={"csrf": token, "subject": subject}).text, "csrf")
        page = client.post(f"/cases/{GRANSBO}/open", data={"csrf": token, "purpose": "review"}).text
        reasons = {"kind": "clear", "reasons": "Dubbelbemanning enligt beslut."}
        return client, {"csrf": token, "version": _field(page, "version"), **reasons}

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(40)


@pytest.fixture
def serve(cases: Engine, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(workers: int = 1) -> Served:
        started.append(Served(cases, tmp_path / "runs", workers))
        return started[-1]

    yield start
    for each in started:
        for client in each.clients:
            client.close()
        if each.process.poll() is None:
            each.stop(signal.SIGKILL)


@contextmanager
def held(engine: Engine) -> Iterator[Connection]:
    """Nobody can end a transaction that is logged: requests wait right before their commit."""
    with engine.connect() as connection:
        connection.execute(select(func.pg_advisory_lock(audit._LOCK)))
        connection.commit()
        yield connection
        connection.execute(select(func.pg_advisory_unlock_all()))


def waiting(engine: Engine, count: int) -> None:
    """Until so many requests wait for that lock, or for a row that such a request has."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )

    def there() -> bool:
        with engine.connect() as connection:
            return bool(connection.scalar(query) == count)

    _until(there)


def _until(holds: Callable[[], bool], log: Path | None = None) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8") if log else "it never came to that")


def _field(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


def counts(engine: Engine) -> dict[str, Any]:
    """What is in the database about Gransbo's case."""
    with database.sessions(engine)() as db:
        case = db.get_one(Case, GRANSBO)
        decided = select(func.count()).select_from(Decision).where(Decision.case_id == GRANSBO)
        told = select(func.count()).select_from(CaseEvent).where(CaseEvent.case_id == GRANSBO)
        logged = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "decide")
        return {
            "state": case.state.value, "version": case.version, "decisions": db.scalar(decided),
            "events": db.scalar(told), "logged": db.scalar(logged), "broken": list(audit.broken(db)),
        }  # fmt: skip


def decide(client: httpx.Client, form: dict[str, str]) -> httpx.Response:
    return client.post(f"/cases/{GRANSBO}/decide", data=form)


def test_two_who_decide_at_once_make_one_decision(cases: Engine, serve: Callable[..., Served]) -> None:
    server = serve(workers=2)
    browsers = [server.browser(subject) for subject in ("demo:anna", "demo:bo")]
    with ThreadPoolExecutor(2) as pool:
        with held(cases):
            answers: list[Future[httpx.Response]] = [pool.submit(decide, *each) for each in browsers]
            waiting(cases, 2)
        statuses = sorted(each.result().status_code for each in answers)
        refused = next(each.result() for each in answers if each.result().status_code != 200)
    assert statuses == [200, 409]
    assert "Läs ärendet igen och gör det som fortfarande behövs" in refused.text
    found = counts(cases)
    assert (found["state"], found["decisions"], found["broken"]) == ("closed", 1, [])
    assert found["logged"] == 2  # the refused attempt too
    counted = httpx.get(f"{server.url}/metrics").text  # of both workers, whichever answers
    for status in (303, 409):
        assert f'requests_total{{method="POST",route="case_decide",status="{status}"}} 1.0' in counted
    assert server.stop() in {0, -signal.SIGTERM}


def test_killed_in_the_middle_of_a_decision_nothing_is_half_done(cases: Engine, serve: Callable[..., Served]) -> None:
    server = serve()
    client, form = server.browser("demo:anna")
    before = counts(cases)
    with ThreadPoolExecutor(1) as pool, held(cases):
        answer = pool.submit(decide, client, form)
        waiting(cases, 1)
        server.stop(signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            answer.result()
    waiting(cases, 0)
    assert counts(cases) == before
    again = serve()
    client, form = again.browser("demo:anna")
    assert decide(client, form).status_code == 200
    found = counts(cases)
    assert (found["state"], found["decisions"], found["logged"], found["broken"]) == ("closed", 1, 1, [])


def test_told_to_stop_it_finishes_what_has_begun(cases: Engine, serve: Callable[..., Served]) -> None:
    server = serve()
    client, form = server.browser("demo:anna")
    with ThreadPoolExecutor(1) as pool:
        with held(cases):
            answer = pool.submit(client.post, f"/cases/{GRANSBO}/decide", data=form, follow_redirects=False)
            waiting(cases, 1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            with pytest.raises(httpx.TransportError):  # nobody new is let in
                httpx.get(f"{server.url}/health", timeout=5)
        assert answer.result().status_code == 303
    assert server.process.wait(30) in {0, -signal.SIGTERM}
    assert counts(cases)["decisions"] == 1


def test_the_database_gone_and_back(cases: Engine, serve: Callable[..., Served]) -> None:
    server = serve()
    client, form = server.browser("demo:anna")
    before = counts(cases)
    with _without_database(cases):
        page = decide(client, form)
        assert page.status_code == 503
        assert "databasen" in page.text.lower()
        assert "psycopg" not in page.text
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
    assert counts(cases) == before
    assert client.get("/ready").status_code == 200
    assert decide(client, form).status_code == 200  # the page that was open still works
    assert counts(cases)["decisions"] == 1


@contextmanager
def _without_database(engine: Engine) -> Iterator[None]:
    """The database lets nobody in, and ends every connection there is."""
    name = engine.url.database
    admin = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(ended, {"name": name})
        yield
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    admin.dispose()
