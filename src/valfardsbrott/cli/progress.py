"""Progress on stderr: bars where somebody looks at a terminal, a line for each new step elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from valfardsbrott.domain import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Tell of long work while the block runs; nothing goes to stdout, which belongs to the result."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield _bars(bars)


def _lines() -> Progress:
    told: set[str] = set()

    def tell(what: str, done: int, total: int) -> None:  # noqa: ARG001 - a line says only what is done
        if what not in told:
            told.add(what)
            sys.stderr.write(f"{what}\n")
            sys.stderr.flush()

    return tell


def _bars(bars: Bars) -> Progress:
    tasks: dict[str, TaskID] = {}

    def tell(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total or None)
        bars.update(tasks[what], completed=done, total=total or None)

    return tell
