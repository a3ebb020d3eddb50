"""What the commands do: migrate, import, and serve until told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.review import database, demo
from valfardsbrott.review.importing import import_month, import_new
from valfardsbrott.review.settings import ReviewSettings


def serve(settings: ReviewSettings, tell: Callable[[str], object]) -> None:
    """Listen until interrupted; requests that have begun are finished. In the demo everything is made ready first."""
    import uvicorn

    from valfardsbrott.web.app import create

    settings.check()
    engine = database.connect(settings.database)
    if settings.demo:
        prepare_demo(engine, settings)
    app = create(settings, engine)
    tell(settings.url)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, server_header=False, access_log=False,
        timeout_graceful_shutdown=20,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise Failure(
            f"nothing can listen on {settings.host}:{settings.port}",
            "Is it taken? Choose another by --port",
            EXIT_SYSTEM,
        )


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
