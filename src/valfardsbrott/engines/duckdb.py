"""Computes views with DuckDB: one connection a month, Parquet in and out, the same bytes with any number of threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.engines.calendar import days
from valfardsbrott.engines.macros import MACROS
from valfardsbrott.engines.seam import Relation, Source, Step, literal, parquet, quoted, replacing


class DuckDB:
    """One month's connection. ``spill`` is the folder for what does not fit in memory."""

    def __init__(self, month: Month, *, memory_limit: str, threads: int, spill: Path) -> None:
        self._db = duckdb.connect(
            config={"memory_limit": memory_limit, "threads": threads, "temp_directory": str(spill)}
        )
        self._db.execute("set enable_progress_bar = false; set preserve_insertion_order = true; set timezone = 'UTC'")
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

    def compute(self, steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
        for step in steps:
            for name, source in step.sources.items():
                self.bind(name, source)
            with named(step.view.path), replacing(step.out) as path:
                rows = self.write(step.view.sql, step.view.grain, path)
            yield step, rows

    def bind(self, name: str, source: Source, relation: Relation = parquet) -> None:
        """Let queries read ``source`` under ``name``, in place of what it meant before."""
        self._db.execute(f"create or replace temp view {quoted(name)} as {source.over(relation)}")

    def write(self, query: str, order: Iterable[str], out: Path) -> int:
        """Write the query's rows, sorted by ``order``, as one Parquet file; the number of rows."""
        keys = ", ".join(f"{quoted(name)} nulls first" for name in order)
        self._run(
            f"copy (select * from ({query}) order by {keys}) to {literal(out)} "
            "(format parquet, compression zstd, row_group_size 122880)"
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
