"""Computes views with DuckDB: one connection a month, Parquet in and out, the same bytes with any number of threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import duckdb

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.engines.calendar import days


@dataclass(frozen=True)
class Source:
    """What a name in a query reads: the files of its deliveries, or nothing but its columns' types.

    ``windowed`` adds the column ``delivery_month``. Without files the table is empty and has the columns of ``types``.
    ``superseded`` are files of rows (``delivery_month, source_file, source_row``) that a later delivery has corrected.
    """

    files: tuple[tuple[Month, Path], ...]
    types: Mapping[str, str]
    windowed: bool = False
    superseded: tuple[Path, ...] = ()

    @property
    def sql(self) -> str:
        if self.windowed and self.files and self.superseded:
            gone = ", ".join(literal(path) for path in self.superseded)
            keys = "delivery_month, source_file, source_row"
            return f"select * from ({self._rows}) anti join (from read_parquet([{gone}])) using ({keys})"
        return self._rows

    @property
    def _rows(self) -> str:
        if not self.files:
            columns = dict(self.types) | ({"delivery_month": "DATE"} if self.windowed else {})
            listed = ", ".join(f"null::{kind} as {quoted(name)}" for name, kind in columns.items())
            return f"select {listed} where false"
        return " union all by name ".join(self._one(month, path) for month, path in self.files)

    def _one(self, month: Month, path: Path) -> str:
        label = f", date '{month.first}' as delivery_month" if self.windowed else ""
        return f"select *{label} from read_parquet({literal(path)}, hive_partitioning = false)"


class Engine:
    """One month's connection. ``spill`` is the folder for what does not fit in memory."""

    def __init__(self, month: Month, *, memory_limit: str, threads: int, spill: Path) -> None:
        self._db = duckdb.connect(
            config={"memory_limit": memory_limit, "threads": threads, "temp_directory": str(spill)}
        )
        self._db.execute("set enable_progress_bar = false; set preserve_insertion_order = true; set timezone = 'UTC'")
        self._db.register("_calendar", days())
        self._db.execute("create table calendar as from _calendar")
        self._db.execute(
            "create table run_month as select $1::date as first, $2::date as last, $1 as month, $3::date as next_month",
            [month.first, month.last, month.plus(1).first],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def bind(self, name: str, source: Source) -> None:
        """Let queries read ``source`` under ``name``, in place of what it meant before."""
        self._db.execute(f"create or replace temp view {quoted(name)} as {source.sql}")

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


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"
