"""Put a finished folder in the place of another in one step, so that a reader sees the old one or the new one."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2

#: What a file system or kernel answers that cannot exchange two names.
_UNABLE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside ``target`` that takes its place when the block ends well and is removed otherwise.

    Everything in it is on the disk (fsync) before the exchange. What a killed run left behind is cleaned first.
    The caller holds the lock of the folder: two at once would clean each other's work.
    """
    recover(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        _sync(temporary)
        _take_place(temporary, target)
        _sync_folder(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def recover(target: Path) -> None:
    """Undo what a killed run left: bring the old folder back if it was set aside, remove half-written ones."""
    aside = _aside(target)
    if aside.exists() and not target.exists():
        aside.rename(target)
    leftovers = target.parent.glob(f".{target.name}.*.tmp") if target.parent.is_dir() else ()
    for leftover in (*leftovers, aside):
        shutil.rmtree(leftover, ignore_errors=True)


def _take_place(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
    elif not _exchange(temporary, target):
        # Without an atomic exchange there is a moment with no result; `recover` brings the old one back after a crash.
        target.rename(_aside(target))
        temporary.rename(target)
        shutil.rmtree(_aside(target))


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step (Linux: renameat2); False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNABLE:
        return False
    raise OSError(code, os.strerror(code), str(second))


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
