"""Computes views with DuckDB: one connection a month, Parquet in and out, the same bytes with any number of threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

import duckdb

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.engines.calendar import days
from valfardsbrott.engines.macros import MACROS
from valfardsbrott.engines.schedule import at_once
from valfardsbrott.engines.seam import Relation, Source, Step, literal, parquet, quoted, replacing

#: Steps that are computed at once, at most: each wants memory of its own.
_AT_ONCE = 2


class Session:
    """Questions to an open database, with names of its own: what one session binds, no other sees."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._bound: dict[str, str] = {}
        with suppress(duckdb.InvalidInputException):  # in a notebook without ipywidgets there is no bar to turn off
            self._db.execute("set enable_progress_bar = false")
        self._db.execute("set timezone = 'UTC'")

    def computed(self, step: Step) -> int:
        """Write the step's file; its rows."""
        for name, source in step.sources.items():
            self.bind(name, source)
        with named(step.view.path), replacing(step.out) as path:
            return self.write(step.view.sql, step.view.grain, path, in_order=step.view.in_order)

    def interrupt(self) -> None:
        """Break off the question that is being answered, if any."""
        self._db.interrupt()

    def bind(self, name: str, source: Source, relation: Relation = parquet) -> None:
        """Let queries read ``source`` under ``name``, in place of what it meant before."""
        rows = source.over(relation)
        if self._bound.get(name) != rows:  # to bind is to open every file
            self._db.execute(f"create or replace temp view {quoted(name)} as {rows}")
            self._bound[name] = rows

    def keep(self, name: str, where: str) -> None:
        """Keep in memory the rows of ``name`` that fulfil the condition: from now on these are all it has."""
        held = quoted(f"{name} held")
        self._run(f"create or replace temp table {held} as from {quoted(name)} where {where}")
        self._run(f"create or replace temp view {quoted(name)} as from {held}")
        self._bound.pop(name, None)

    def write(self, query: str, order: Sequence[str], out: Path, *, in_order: bool = False) -> int:
        """Write the query's rows, sorted by ``order``, as one Parquet file; the number of rows.

        ``in_order``: they come that way by themselves, so they are looked at, and sorted only where they do not.
        """
        keys = ", ".join(f"{quoted(name)} nulls first" for name in order)
        if in_order:
            rows = self._copy(query, out)
            if rising(out, order):
                return rows
        return self._copy(f"select * from ({query}) order by {keys}", out)

    def _copy(self, query: str, out: Path) -> int:
        self._run(
            f"copy ({query}) to {literal(out)} "
            # Level 1: as small as level 3, and a tenth less work. Left to itself, the order of rows that were joined is
            # lost between blocks of a file that threads write.
            "(format parquet, compression zstd, compression_level 1, row_group_size 122880, preserve_order true)"
        )
        row = self._db.fetchone()
        return int(row[0]) if row else 0

    def arrow(self, query: str) -> Any:
        """The query's rows as a pyarrow Table."""
        with _told():
            return self._db.sql(query).to_arrow_table()

    def types(self, path: Path) -> dict[str, str]:
        """Column name to DuckDB type of a Parquet file."""
        self._run(f"describe from read_parquet({literal(path)})")
        return {row[0]: row[1] for row in self._db.fetchall()}

    def _run(self, query: str) -> None:
        with _told():
            self._db.execute(query)


def rising(path: Path, order: Sequence[str]) -> bool:
    """Whether the rows of a file are in the order of the one column ``order``, none of them null."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    (name,) = order
    values = pq.read_table(path, columns=[name])[name].combine_chunks()
    falls = pc.any(pc.greater(values[:-1], values[1:])).as_py()  # null where there is nothing to compare
    return values.null_count == 0 and not falls


class DuckDB(Session):
    """One month's database. ``spill`` is the folder for what does not fit in memory."""

    def __init__(self, month: Month, *, memory_limit: str, threads: int, spill: Path) -> None:
        limits: dict[str, str | int | float | list[str]] = {"memory_limit": memory_limit, "threads": threads}
        super().__init__(duckdb.connect(config=limits | {"temp_directory": str(spill)}))
        self._db.execute("set preserve_insertion_order = true")
        self._threads = threads
        for macro in MACROS:
            self._db.execute(macro)
        self._db.register("_calendar", days())
        self._db.execute("create table calendar as from _calendar")
        self._turn_to(month)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _turn_to(self, month: Month) -> None:
        self._db.execute(
            "create or replace table run_month as"
            " select $1::date as first, $2::date as last, $1 as month, $3::date as next_month",
            [month.first, month.last, month.plus(1).first],
        )
        # A constant, by which files of other months are left out before they are opened.
        self._db.execute(f"create or replace macro this_month() as date '{month.first}'")

    def compute(self, steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
        """As the seam says, with as many steps at once as there are threads: most are too small to fill them all."""
        workers = min(self._threads, _AT_ONCE)
        every = [Session(self._db.cursor()) for _ in range(workers)]
        free: SimpleQueue[Session] = SimpleQueue()
        for session in every:
            free.put(session)

        def run(step: Step) -> int:
            session = free.get()
            try:
                return session.computed(step)
            finally:
                free.put(session)

        def stop() -> None:
            for session in every:
                session.interrupt()

        yield from at_once(steps, run, workers, stop)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """A failure says which view's file it is about."""
    try:
        yield
    except Failure as failure:
        raise Failure(f"{path}: {failure.message}", failure.hint, failure.exit_code) from failure


@contextmanager
def _told() -> Iterator[None]:
    """Lack of memory or disk is something a user can act on, and so is a query that does not fit its sources."""
    try:
        yield
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException) as error:
        raise Failure(f"the query is wrong: {error}", "Run 'valfardsbrott features check'", EXIT_SYSTEM) from error
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise Failure(
            f"the engine could not finish: {str(error).splitlines()[0]}",
            "See that the disk has room, or raise VALFARDSBROTT_MEMORY_LIMIT",
            EXIT_SYSTEM,
        ) from error
