"""The application: settings and a case database in, something that a server can run out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.review import database, statutes
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import errors, policy, probes
from valfardsbrott.web.middleware import BodyLimit, Headers
from valfardsbrott.web.observed import Metrics, Observed
from valfardsbrott.web.oidc import Provider
from valfardsbrott.web.routers import ROUTERS
from valfardsbrott.web.visit import enter

HERE = Path(__file__).parent


def create(settings: ReviewSettings, engine: Engine | None = None) -> FastAPI:
    """The application on a migrated database; Failure where settings or database do not allow it to start.

    Every route goes through `visit.enter`, and `policy.check` refuses a route without a row in the policy.
    """
    settings.check()
    statutes.use(settings.statutes_folder)
    engine = engine or database.connect(settings.database)
    if database.current(engine) != database.newest():
        raise Failure(
            "the case database has not the tables of this version", "Run valfardsbrott review migrate", EXIT_SYSTEM
        )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if app.state.provider:
            app.state.provider.close()
        engine.dispose()

    app = FastAPI(
        dependencies=[Depends(enter)], lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None,
        title="Välfärdsbrott", redirect_slashes=False,
    )  # fmt: skip
    app.state.settings, app.state.engine, app.state.make = settings, engine, database.sessions(engine)
    app.state.templates = templates()
    app.state.provider = Provider(settings) if settings.oidc_issuer else None
    for router in ROUTERS:
        app.include_router(router)
    policy.check(app)
    #: A route's path by its name, looked up once: pages have hundreds of links.
    app.state.paths = {route.name: (route.path_format, route.param_convertors) for route in policy.api_routes(app)}
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    errors.add_handlers(app)
    app.add_middleware(BodyLimit, most=(settings.upload_mb + 1) * 1024 * 1024)
    app.add_middleware(Headers, https=settings.https)
    metrics = Metrics()
    probes.add(app, metrics)
    app.add_middleware(Observed, metrics=metrics)
    return app


def templates() -> Environment:
    """All text is escaped; a name that is not there is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.globals["bundled"] = lambda name: (HERE / "static" / "vendor" / name).is_file()
    return made
