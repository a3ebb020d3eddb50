"""What a machine is put to while a run goes on, under the names by which MLflow shows system metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MB = 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """One figure at a time: ``name`` begins with "system/", ``at`` is in milliseconds since 1970."""

    name: str
    value: float
    at: int


@contextmanager
def watch(seconds: float = 5.0) -> Iterator[list[Sample]]:
    """Samples of processor, memory and disk while the block runs, one at its start, one at its end, and between.

    The samples are filled in from a thread of their own; read them when the block has ended.
    """
    samples: list[Sample] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(seconds):
            samples.extend(_now())

    _now()  # the first processor figure says nothing: it is since the last call
    watcher = threading.Thread(target=sample, name="system metrics", daemon=True)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()
        samples.extend(_now())


def _now() -> list[Sample]:
    import psutil

    memory, own, disk = psutil.virtual_memory(), psutil.Process().memory_info(), psutil.disk_usage("/")
    figures = {
        "cpu_utilization_percentage": psutil.cpu_percent(),
        "system_memory_usage_megabytes": memory.used / _MB,
        "system_memory_usage_percentage": memory.percent,
        "process_memory_usage_megabytes": own.rss / _MB,
        "disk_usage_percentage": disk.percent,
    }
    at = int(time.time() * 1000)
    return [Sample(f"system/{name}", round(float(value), 2), at) for name, value in figures.items()]
