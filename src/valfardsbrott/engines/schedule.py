"""Several steps at once: one begins as soon as those before it that it reads are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from valfardsbrott.engines.seam import Step

#: Writes a step's file and gives its number of rows.
Run = Callable[[Step], int]


def at_once(steps: Iterable[Step], run: Run, workers: int, stop: Callable[[], None]) -> Iterator[tuple[Step, int]]:
    """Each step with its rows as it is done, at most ``workers`` at a time; the order may differ from run to run.

    Of the steps that could begin, the one that most others wait for does: what is left at the end is short. When a step
    fails, or nobody asks for more, ``stop`` is called to cut short what runs, and is waited for.
    """
    waiting, running = list(steps), dict[Future[int], Step]()
    urgency = _waited_for(waiting)
    with ThreadPoolExecutor(workers) as pool:
        try:
            while waiting or running:
                for step in _ready(waiting, running.values(), urgency)[: workers - len(running)]:
                    waiting.remove(step)
                    running[pool.submit(run, step)] = step
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    rows = future.result()
                    yield running.pop(future), rows
        finally:
            if running:
                stop()


def _reads(step: Step) -> set[Path]:
    return {path for source in step.sources.values() for _, path in source.files}


def _ready(waiting: Sequence[Step], running: Iterable[Step], urgency: dict[Path, int]) -> list[Step]:
    to_come = {step.out for step in (*waiting, *running)}
    ready = [step for step in waiting if not (_reads(step) - {step.out}) & to_come]
    return sorted(ready, key=lambda step: -urgency[step.out])


def _waited_for(steps: Sequence[Step]) -> dict[Path, int]:
    """How many steps need a step's file, or need one that needs it."""
    needed_by: dict[Path, set[Path]] = {step.out: set() for step in steps}
    for step in reversed(steps):
        for path in _reads(step) & needed_by.keys() - {step.out}:
            needed_by[path] |= {step.out} | needed_by[step.out]
    return {path: len(others) for path, others in needed_by.items()}
