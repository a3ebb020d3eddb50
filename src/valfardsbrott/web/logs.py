"""Log lines: one JSON object each (or plain text), on standard error, without anything about a person.

A line names routes, statuses and types of errors; never an address's path or query, a user, or what an exception says,
which may quote a row. Of an exception it tells the type and where it was raised.
"""

from __future__ import annotations

import logging
import sys
from traceback import extract_tb
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, WrappedLogger

#: Libraries whose whole messages are kept: they speak of the server and of migrations. Of others only the template.
_TRUSTED = ("uvicorn", "alembic", "valfardsbrott")
#: How many of the innermost frames are named.
_FRAMES = 8


def configure(form: Literal["json", "text"]) -> None:
    """Send all log lines of the process, also those of libraries, to standard error in one form. May be repeated."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    last = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_template_only, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.INFO
    for noisy in ("alembic.runtime.plugins", "httpx", "httpcore"):  # each plugin, every address that they ask
        logging.getLogger(noisy).setLevel(logging.WARNING)


def without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception as its type and the places it passed; not its message, and no local variables."""
    given = event.pop("exc_info", None)
    error = sys.exc_info() if given is True else given
    if isinstance(error, BaseException):
        error = (type(error), error, error.__traceback__)
    if isinstance(error, tuple) and error[0] is not None:
        event["error"], event["at"] = error[0].__name__, _places(error[2])
    return event


def _places(traceback: TracebackType | None) -> list[str]:
    """
    >>> _places(None)
    []
    """
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)[-_FRAMES:]]


def _template_only(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Of libraries that may speak of rows and addresses, what they always say, without what they fill in."""
    record: logging.LogRecord = event["_record"]
    event["logger"] = record.name
    if not record.name.startswith(_TRUSTED):
        event["event"] = str(record.msg)
    return event
