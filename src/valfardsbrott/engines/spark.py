"""Computes views on Apache Spark: it stores, shuffles and schedules, and every task runs the same DuckDB SQL."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pyarrow.parquet as pq

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.engines import spark_plan as plan
from valfardsbrott.engines import spark_task as task
from valfardsbrott.engines.duckdb import DuckDB
from valfardsbrott.engines.seam import Source, Step
from valfardsbrott.engines.spark_session import context

#: Rows of this many bytes, as they lie in files, make one part (some ten times as much in memory).
PART_BYTES = 32 << 20
_THROWN = re.compile(r"[\w.]+(?:Error|Exception|Failure): ")


class Spark:
    """One month's computing on the cluster at ``master``, in ``parts`` parts (0: as many as the rows need).

    ``memory_limit`` holds for each task; ``threads`` and ``scratch``, a folder, are for questions, which this machine
    answers. Files are read and written by all machines under the same paths.
    """

    def __init__(
        self, month: Month, *, master: str, memory_limit: str, threads: int, scratch: Path, parts: int = 0
    ) -> None:
        self._month, self._master, self._parts = month, master, parts
        self._memory, self._threads, self._scratch = memory_limit, threads, scratch
        self._questions: DuckDB | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._questions is not None:
            self._questions.__exit__()

    def compute(self, steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
        steps = list(steps)
        by_out = {step.out: step for step in steps}
        for wave in plan.waves(plan.proven(steps)):
            pieces = [task.pieces_of(part.step.out) for group in wave for part in group.parts]
            try:
                for out, rows in self._wave(wave):
                    yield by_out[out], rows
            finally:
                for each in pieces:
                    shutil.rmtree(each, ignore_errors=True)

    def _wave(self, wave: Sequence[plan.Group]) -> Iterator[tuple[Path, int]]:
        """Every file of the wave, with its rows: one job that splits and computes, one that puts parts together."""
        layout = Layout.of(wave, self._context.defaultParallelism, exact=self._parts)
        memory, jobs = self._memory, layout.jobs
        chunks = self._spread(layout.pieces, task.split)
        written = chunks.partitionBy(len(jobs), int).mapPartitionsWithIndex(
            lambda number, found: task.told(task.compute(jobs[number], found, memory))
        )
        pieces: dict[Path, list[Path]] = {}
        counts: dict[Path, int] = {}
        for out, piece, rows in self._collected(written):
            pieces.setdefault(out, []).append(piece)
            counts[out] = counts.get(out, 0) + rows
        queries = {query.out: query for job in jobs for query in job.queries}
        split = [(queries[out], sorted(each)) for out, each in pieces.items() if each != [out]]
        split.sort(key=lambda each: -counts[each[0].out])
        self._collected(self._spread(split, lambda each: task.told(task.merge(each, memory))))
        yield from counts.items()

    def _spread(self, work: Sequence[Any], run: Callable[[Iterable[Any]], Iterator[Any]]) -> Any:
        """The work over as many tasks as are worth their start, the largest (which come first) apart."""
        tasks = max(1, min(len(work), 4 * self._context.defaultParallelism))
        bins = [list(work[number::tasks]) for number in range(tasks)]
        return self._context.parallelize(bins, tasks).flatMap(run)

    def _collected(self, rows: Any) -> list[Any]:
        from py4j.protocol import Py4JError

        try:
            found: list[Any] = rows.collect()
        except Py4JError as error:
            log = self._scratch / "spark.log"
            hint = f"See that the master at {self._master} and its workers are up; Spark's own words are in {log}"
            raise Failure(f"Spark gave the work up: {reason(error)}", hint, EXIT_SYSTEM) from error
        for each in found:
            if isinstance(each, Failure):
                raise each
        return found

    @property
    def _context(self) -> Any:
        return context(self._master, self._scratch)

    @cached_property
    def _duckdb(self) -> DuckDB:
        self._questions = DuckDB(self._month, memory_limit=self._memory, threads=self._threads, spill=self._scratch)
        return self._questions

    def bind(self, name: str, source: Source) -> None:
        self._duckdb.bind(name, source)

    def keep(self, name: str, where: str) -> None:
        self._duckdb.keep(name, where)

    def arrow(self, query: str) -> Any:
        return self._duckdb.arrow(query)

    def types(self, path: Path) -> dict[str, str]:
        return self._duckdb.types(path)


@dataclass(frozen=True)
class Layout:
    """A wave's groups laid out over parts: the ``jobs`` in the order of their parts, and what is split for them."""

    jobs: tuple[task.Job, ...]
    pieces: tuple[task.Piece, ...]

    @classmethod
    def of(cls, wave: Sequence[plan.Group], parallel: int, *, exact: int = 0) -> Self:
        """Parts of about `PART_BYTES`, at least one for each of the ``parallel`` slots; ``exact`` ones, if given."""
        jobs: list[task.Job] = []
        targets: dict[Path, list[task.Target]] = {}
        for group in wave:
            columns = group.columns
            size = sum(path.stat().st_size for path in columns)
            count = 1 if group.key is None else exact or max(parallel, -(-size // PART_BYTES))
            for path, wanted in columns.items():
                targets.setdefault(path, []).append(task.Target(group.key or "", len(jobs), count, wanted))
            queries = tuple(_query(part) for part in group.parts)
            jobs += [task.Job(number, count, queries, columns, task.release()) for number in range(count)]
        pieces = [piece for path, wanted in targets.items() for piece in _pieces(path, tuple(wanted))]
        return cls(tuple(jobs), tuple(pieces))


def _query(part: plan.Part) -> task.Query:
    step, view = part.step, part.step.view
    split = frozenset(part.split)
    return task.Query(step.month, view.path, view.sql, view.grain, step.sources, split, step.out)


def _pieces(path: Path, targets: tuple[task.Target, ...]) -> Iterator[task.Piece]:
    """A file by its row groups."""
    for group in range(pq.read_metadata(path).num_row_groups):
        yield task.Piece(path, group, targets, task.release())


def reason(error: Exception) -> str:
    """The last exception of Spark's long account that is a task's or its own, without where it was thrown."""
    lines = [line.strip(" :") for line in str(error).splitlines()]
    said = [line for line in lines if _THROWN.match(line)]
    return (said or [line for line in lines if line] or [type(error).__name__])[-1]
