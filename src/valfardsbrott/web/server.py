"""What the commands do: migrate, import, and serve until told to stop."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.review import database, demo
from valfardsbrott.review.importing import import_month, import_new
from valfardsbrott.review.settings import ReviewSettings

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(settings: ReviewSettings, tell: Callable[[str], object]) -> None:
    """Listen until told to stop (SIGTERM, Ctrl-C); requests that have begun are finished, for at most 20 seconds.

    In the demo everything is made ready first. Settings are handed to the workers by the environment.
    """
    import uvicorn

    from valfardsbrott.web import logs
    from valfardsbrott.web.app import create

    settings.check()
    logs.configure(settings.log_format)
    engine = database.connect(settings.database)
    if settings.demo:
        prepare_demo(engine, settings)
    app = create(settings, engine)
    with _told_to_workers(settings) as several:
        config = uvicorn.Config(
            f"{__name__}:application" if several else app, factory=several, workers=settings.workers,
            host=settings.host, port=settings.port, log_config=None, server_header=False, access_log=False,
            timeout_graceful_shutdown=20,
            timeout_keep_alive=75,  # longer than a proxy keeps an idle connection, so that none is shut in its face
        )  # fmt: skip
        tell(settings.url)
        if several:
            from uvicorn.supervisors import Multiprocess

            engine.dispose()
            Multiprocess(config, sockets=[config.bind_socket()]).run()
            return
        server = uvicorn.Server(config)
        server.run()
    if not server.started:
        raise Failure(
            f"nothing can listen on {settings.host}:{settings.port}",
            "Is it taken? Choose another by --port",
            EXIT_SYSTEM,
        )


def application() -> FastAPI:
    """The application in a worker of its own, by the environment."""
    from valfardsbrott.web import logs
    from valfardsbrott.web.app import create

    settings = ReviewSettings()
    logs.configure(settings.log_format)
    return create(settings)


@contextmanager
def _told_to_workers(settings: ReviewSettings) -> Iterator[bool]:
    """Whether there are several; they are told what the command line said, and where to keep counts together."""
    if settings.workers == 1:
        yield False
        return
    given = {"out": settings.out, "host": settings.host, "port": settings.port, "language": settings.language}
    with tempfile.TemporaryDirectory(prefix="valfardsbrott-metrics-") as shared:
        os.environ |= {f"VALFARDSBROTT_{name.upper()}": str(value) for name, value in given.items()}
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        yield True


def prepare_demo(engine: Engine, settings: ReviewSettings) -> None:
    """Tables, users and the cases of every published month, where they are not there."""
    database.upgrade(engine)
    make = database.sessions(engine)
    with database.work(make) as db:
        demo.prepare(db)
    import_new(make, settings)


def import_months(settings: ReviewSettings, month: str | None) -> list[dict[str, Any]]:
    """Import one month, or all that are new. SQLite's tables are made where there are none."""
    with _engine(settings) as engine:
        if engine.dialect.name == "sqlite" or settings.demo:
            database.upgrade(engine)
        make = database.sessions(engine)
        if settings.demo:
            with database.work(make) as db:
                demo.prepare(db)
        return [import_month(make, month, settings)] if month else import_new(make, settings)


def migrate(settings: ReviewSettings, to: str) -> str:
    """Migrate, and say what the database is at now."""
    with _engine(settings) as engine:
        known = database.revisions()
        if to not in {"head", "base", *known}:
            raise Failure(f"there is no revision {to}", f"There are: {', '.join(known)}", EXIT_SYSTEM)
        before = database.current(engine)
        back = to == "base" or (before is not None and to in known and known.index(to) < known.index(before))
        database.downgrade(engine, to) if back else database.upgrade(engine, to)
        return f"{before or 'base'} -> {database.current(engine) or 'base'}"


@contextmanager
def _engine(settings: ReviewSettings) -> Iterator[Engine]:
    engine = database.connect(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()
