"""What an engine is asked: compute views, bind tables to names, answer questions. DuckDB and Spark both meet it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from valfardsbrott.domain import Month
from valfardsbrott.features import View

#: A file as a query reads it: ``read_parquet('...')``, or the name of a table that holds a part of its rows.
Relation = Callable[[Path], str]


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A text in SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def parquet(path: Path) -> str:
    """The whole of a file."""
    return f"read_parquet({literal(path)}, hive_partitioning = false)"


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

    def over(self, relation: Relation) -> str:
        """A query of the source's rows, where ``relation`` says what to read for a file."""
        if self.windowed and self.files and self.superseded:
            gone = " union all ".join(f"from {parquet(path)}" for path in self.superseded)
            keys = "delivery_month, source_file, source_row"
            return f"select * from ({self._rows(relation)}) anti join ({gone}) using ({keys})"
        return self._rows(relation)

    def _rows(self, relation: Relation) -> str:
        if not self.files:
            columns = dict(self.types) | ({"delivery_month": "DATE"} if self.windowed else {})
            listed = ", ".join(f"null::{kind} as {quoted(name)}" for name, kind in columns.items())
            return f"select {listed} where false"
        return " union all by name ".join(self._one(month, relation(path)) for month, path in self.files)

    def _one(self, month: Month, rows: str) -> str:
        label = f", date '{month.first}' as delivery_month" if self.windowed else ""
        return f"select *{label} from {rows}"


@dataclass(frozen=True)
class Step:
    """One view of one month: its query over what its names read, sorted by its grain into the file ``out``."""

    month: Month
    view: View
    sources: Mapping[str, Source]
    out: Path


class Engine(Protocol):
    """One month's computing. To be closed after use (a context manager)."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def compute(self, steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
        """Write every step's file; each step, with its number of rows, as soon as its file is in place.

        A step may read the files of steps before it. Raises Failure, naming the view's file, for a query that is wrong
        and for want of memory or disk.
        """
        ...

    def bind(self, name: str, source: Source) -> None:
        """Let questions read ``source`` under ``name``, in place of what it meant before."""
        ...

    def keep(self, name: str, where: str) -> None:
        """Keep in memory the rows of a bound name that fulfil the condition; questions see only these from now on."""
        ...

    def arrow(self, query: str) -> Any:
        """The rows of a question, a pyarrow Table."""
        ...

    def types(self, path: Path) -> dict[str, str]:
        """Column name to DuckDB type of a Parquet file."""
        ...


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well and is removed otherwise.

    No two machines that write to the same storage choose the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
