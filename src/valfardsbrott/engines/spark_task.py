"""What a task of Spark does: split files by a key, compute a part with DuckDB, put parts together. Spark moves bytes.

Rows travel as Arrow's own stream format, which Spark does not look into: no type of Spark's, no time zone and no
rounding touches them, and all computing is DuckDB's.
"""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.domain import EXIT_SYSTEM, Failure, Month
from valfardsbrott.engines.duckdb import DuckDB, named
from valfardsbrott.engines.seam import Source, literal, parquet, quoted, replacing

#: Columns to read of a file (None: all), in lower case.
Columns = frozenset[str] | None


@dataclass(frozen=True)
class Target:
    """Where the rows of a file go: to parts ``first`` and on, ``count`` in all, by the hash of ``key``."""

    key: str
    first: int
    count: int
    columns: Columns


@dataclass(frozen=True)
class Piece:
    """A row group of a file, and all who want it."""

    path: Path
    group: int
    targets: tuple[Target, ...]
    release: str


@dataclass(frozen=True)
class Query:
    """A step without its header's words: ``label`` is its file; ``split``: the files that it reads a part of."""

    month: Month
    label: Path
    sql: str
    order: tuple[str, ...]
    sources: Mapping[str, Source]
    split: frozenset[Path]
    out: Path


@dataclass(frozen=True)
class Job:
    """One part's work: the queries in order, and the files to be held of it, with their columns.

    ``number`` of ``count`` parts; a group of one part writes its queries' files at once, others pieces beside them.
    """

    number: int
    count: int
    queries: tuple[Query, ...]
    held: Mapping[Path, Columns]
    release: str


#: Putting pieces together is the same in every month.
_ANY = Month(2000, 1)
#: What a task says: the file that its query was to give, where these rows lie, how many they are.
Written = tuple[Path, Path, int]
#: The key of a part, the file and its rows as an Arrow stream.
Chunk = tuple[int, tuple[str, bytes]]


def split(pieces: Iterable[Piece]) -> Iterator[Chunk]:
    """The rows of the pieces, each to the part that its key belongs to; no key is a key of its own."""
    with duckdb.connect(config={"threads": 1}) as db:
        for piece in pieces:
            _check(piece.release)
            yield from _sent(db, piece)


def _sent(db: duckdb.DuckDBPyConnection, piece: Piece) -> Iterator[Chunk]:
    wanted = _union(target.columns for target in piece.targets)
    with pq.ParquetFile(piece.path) as file:
        rows = file.read_row_group(piece.group, columns=_there(file.schema_arrow.names, wanted))
    db.register("rows", rows)
    for target in piece.targets:
        sql = f"select (hash({quoted(target.key)}::varchar) % {target.count})::int as part from rows"
        part = db.sql(sql).fetchnumpy()["part"]
        order = part.argsort(kind="stable")
        sorted_rows = rows.select(_there(rows.column_names, target.columns)).take(pa.array(order))
        edges = [int(edge) for edge in part[order].searchsorted(range(target.count + 1))]
        for number, (start, end) in enumerate(pairwise(edges)):
            if end > start:
                yield target.first + number, (str(piece.path), _packed(sorted_rows.slice(start, end - start)))


def _union(each: Iterable[Columns]) -> Columns:
    found: frozenset[str] = frozenset()
    for columns in each:
        if columns is None:
            return None
        found |= columns
    return found


def _there(names: Sequence[str], wanted: Columns) -> list[str]:
    return [name for name in names if wanted is None or name.lower() in wanted]


def _packed(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


def compute(job: Job, chunks: Iterable[Chunk], memory: str) -> Iterator[Written]:
    """Run the job's queries over its part of the rows, which the ``chunks`` bring; what it wrote."""
    _check(job.release)
    with PartDuckDB(job, memory) as db:
        for _, (path, rows) in chunks:
            db.add(Path(path), pa.ipc.open_stream(rows).read_all())
        for query in job.queries:
            yield db.written(query)


class PartDuckDB(DuckDB):
    """A connection that holds one part of the rows of some files."""

    def __init__(self, job: Job, memory: str) -> None:
        self._job = job
        super().__init__(job.queries[0].month, memory_limit=memory, threads=1, spill=spill())
        for path, name in self._held.items():
            listed = self._listed(path)
            self._run(f"create table {name} as select {listed} from {parquet(path)} limit 0")

    @cached_property
    def _held(self) -> dict[Path, str]:
        return {path: f"part_{number}" for number, path in enumerate(self._job.held)}

    def _listed(self, path: Path) -> str:
        return ", ".join(map(quoted, _there(pq.read_schema(path).names, self._job.held[path])))

    def add(self, path: Path, rows: pa.Table) -> None:
        """Hold more rows of the file."""
        self._db.register("_chunk", rows)
        self._run(f"insert into {self._held[path]} by name from _chunk")

    def written(self, query: Query) -> Written:
        """Compute the query over this part. Its own rows of what a query before it gave are read from its piece."""

        def relation(path: Path) -> str:
            if path not in query.split:
                return parquet(path)
            return self._held[path] if path in self._held else parquet(self._piece(path))

        self._turn_to(query.month)
        for name, source in query.sources.items():
            self.bind(name, source, relation)
        piece = self._piece(query.out)
        with named(query.label), replacing(piece) as path:
            rows = self.write(query.sql, query.order, path)
        return query.out, piece, rows

    def _piece(self, out: Path) -> Path:
        return out if self._job.count == 1 else pieces_of(out) / f"{self._job.number}.parquet"


def pieces_of(out: Path) -> Path:
    """Where the parts' rows of a file lie until all are there."""
    return out.with_name(f".{out.name}.pieces")


def merge(work: Iterable[tuple[Query, Sequence[Path]]], memory: str) -> Iterator[Written]:
    """Put queries' pieces together, sorted, by the writer that writes them where one engine does all."""
    with DuckDB(_ANY, memory_limit=memory, threads=1, spill=spill()) as db:
        for query, pieces in work:
            rows = f"from read_parquet([{', '.join(map(literal, pieces))}], hive_partitioning = false)"
            with named(query.label), replacing(query.out) as path:
                count = db.write(rows, query.order, path)
            yield query.out, query.out, count


def spill() -> Path:
    """Where a task may put what does not fit in memory: the folder that Spark gives it on its machine."""
    return Path(os.environ.get("SPARK_LOCAL_DIRS", tempfile.gettempdir()).split(",")[0]) / "duckdb"


@cache
def release() -> str:
    """What has to be the same on all machines: DuckDB, whose hashes split and whose SQL computes, and this code."""
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return f"{duckdb.__version__} {hashlib.sha256(code).hexdigest()}"


def _check(of_driver: str) -> None:
    if release() != of_driver:
        message = f"{socket.gethostname()} has another release of the program than the machine that started the run"
        raise Failure(message, "Install the same release, with the same lock file, on every machine", EXIT_SYSTEM)


def told(work: Iterator[Written]) -> Iterator[Written | Failure]:
    """What a user can act on is handed back as it is: another try, which Spark would make, cannot help."""
    try:
        yield from work
    except Failure as failure:
        yield failure
