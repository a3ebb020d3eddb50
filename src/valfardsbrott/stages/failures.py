"""Turn any error into one line that a user can act on; what a developer needs goes to a log without data."""

from __future__ import annotations

import datetime as dt
import errno
import os
import platform
import traceback
from collections.abc import Iterator
from pathlib import Path

from valfardsbrott import __version__
from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.identifiers import without_persons

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_FOLDER = (errno.ENOTDIR, errno.EEXIST)


def as_failure(error: Exception, log_folder: Path, during: str) -> Failure:
    """The Failure that tells ``error``: itself if it is one, the disk's trouble by name, else where the log is.

    ``during`` says what was being done ("the stage features"). Never shows the error's own text, which may quote a row.
    """
    if isinstance(error, Failure):
        return error
    for cause in _chain(error):
        if _is(cause, _FULL):
            return Failure(
                f"no room left on the disk {_at(cause)}during {during}",
                "Free some space (or choose another --out and --store) and run again: finished stages are kept",
                EXIT_SYSTEM,
            )
        if _is(cause, _REFUSED):
            return Failure(
                f"no permission {_at(cause)}during {during}",
                "Change the rights of it, or give --out and --store folders that you may write in",
                EXIT_SYSTEM,
            )
        if isinstance(cause, OSError) and cause.errno in _NO_FOLDER:
            return Failure(
                f"a file lies where a folder is needed {_at(cause)}during {during}",
                "Move it away, or give another --out and --store",
                EXIT_SYSTEM,
            )
    return _unexpected(error, log_folder, during)


def _unexpected(error: Exception, log_folder: Path, during: str) -> Failure:
    message = f"unexpected {type(error).__name__} during {during}"
    try:
        log = write_log(error, log_folder, during)
    except OSError:
        return Failure(message, "No log could be written; run again with another --out", EXIT_SYSTEM)
    return Failure(message, f"The stack, without any data, is in {log}; send it with your report", EXIT_SYSTEM)


def write_log(error: Exception, folder: Path, during: str) -> Path:
    """Write types and stack frames of the error and its causes: no messages and no variables, since they hold rows."""
    folder.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    path = folder / f"{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    lines = [f"valfardsbrott {__version__}, Python {platform.python_version()}, {now:%Y-%m-%dT%H:%M:%SZ}, {during}\n"]
    for cause in _chain(error):
        lines += [f"\n{type(cause).__module__}.{type(cause).__qualname__}\n"]
        lines += traceback.format_tb(cause.__traceback__)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, outermost first."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        current = current.__cause__ or current.__context__


def _is(error: BaseException, codes: tuple[int, ...]) -> bool:
    """Engines wrap the system's answer in classes of their own, so its words are looked for as well."""
    if isinstance(error, OSError) and error.errno in codes:
        return True
    return any(os.strerror(code) in str(error) for code in codes if code != errno.EPERM)


def _at(error: BaseException) -> str:
    """Where it was: the only part of an error's own text that is shown, without person numbers in a file's name."""
    return f"for {without_persons(str(error.filename))} " if isinstance(error, OSError) and error.filename else ""
