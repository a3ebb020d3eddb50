"""One run at a time in a folder: a lock that the system lets go of when its process dies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, Failure

_NAME = ".lock"


@contextmanager
def only_run(folders: tuple[Path, ...], doing: str) -> Iterator[None]:
    """Hold every folder's lock for the block, or raise a Failure that names the process that holds one.

    A killed process leaves the file behind but not the lock, so nothing has to be cleaned by hand.
    """
    from filelock import FileLock, Timeout

    with ExitStack() as held:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / _NAME)
            try:
                held.enter_context(lock.acquire(timeout=0))
            except Timeout:
                raise _taken(folder) from None
            _holder(folder).write_text(json.dumps({"process": os.getpid(), "doing": doing}), encoding="utf-8")
        yield


def _taken(folder: Path) -> Failure:
    try:
        holder = json.loads(_holder(folder).read_text(encoding="utf-8"))
        who = f"process {holder['process']}, {holder['doing']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return Failure(
        f"{folder} is in use by another run ({who}); its lock is {folder / _NAME}",
        "Wait until that run has ended, or give --out and --store of your own",
        EXIT_SYSTEM,
    )


def _holder(folder: Path) -> Path:
    return folder / f"{_NAME}.holder.json"
