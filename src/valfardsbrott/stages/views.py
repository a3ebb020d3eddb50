"""Finds what a view reads in the store and computes it for a month, unless that is already done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from valfardsbrott.catalogue import MADE_BY, readable, tables
from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.engines import open_engine
from valfardsbrott.engines.seam import Engine, Source, Step
from valfardsbrott.features import ALWAYS_THERE, View, base
from valfardsbrott.stages.disposal import disposed
from valfardsbrott.stages.workspace import Workspace, code_digest, digest

_CODE = ("engines", "features.py", "stages/views.py")


@dataclass(frozen=True)
class Deliveries:
    """The tables of the store and their months."""

    workspace: Workspace

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Every month in which some table was delivered, oldest first, but for those that were disposed of."""
        return tuple(month for month in self.every if month not in self._disposed)

    @cached_property
    def every(self) -> tuple[Month, ...]:
        """The same with those that were disposed of, of which some tables may be left."""
        return tuple(sorted({*self._disposed, *(month for name in tables() for month in self._months[name])}))

    @cached_property
    def _disposed(self) -> dict[Month, frozenset[str]]:
        return disposed(self.workspace)

    @cached_property
    def _manifests(self) -> dict[Month, Manifest | None]:
        return {}

    def _ingested(self, month: Month) -> Manifest | None:
        if month not in self._manifests:
            self._manifests[month] = self.workspace.manifest("ingest", month)
        return self._manifests[month]

    @cached_property
    def _months(self) -> dict[str, tuple[Month, ...]]:
        root = self.workspace.root / "tables"
        found = {name: (file.stem for file in (root / name).glob("[!.]*.parquet")) for name in tables()}
        for name, (stage, file) in MADE_BY.items():
            found[name] = (path.parent.name for path in self.workspace.root.glob(f"{stage}/*/{file}"))
        return {name: tuple(sorted(map(Month.parse, months))) for name, months in found.items()}

    def of(self, table: str, month: Month, window: int | None, *, gone: bool = False) -> tuple[Month, ...]:
        """The deliveries that count: those in the window that ends with ``month``; of a register the newest.

        With ``gone`` also those that were disposed of: what was computed from them stays as it was.
        """
        there = {*self._months[table], *(each for each, names in self._disposed.items() if gone and table in names)}
        known = sorted(each for each in there if each <= month)
        if readable()[table].kind == "register":
            return tuple(known[-1:])
        return tuple(each for each in known if window is None or each > month.plus(-window))

    def stamp(self, table: str, month: Month) -> str:
        """Changes when the table of that delivery may have changed."""
        made = self.workspace.manifest(MADE_BY[table][0], month) if table in MADE_BY else None
        if made is not None:
            return str(made.stats.get("sha256", made.fingerprint))
        manifest = self._ingested(month)
        if manifest is not None:
            return manifest.fingerprint
        if table in self._disposed.get(month, ()):
            return "disposed"
        status = self.workspace.table(table, month).stat()
        return f"{status.st_size}-{status.st_mtime_ns}"

    def columns_present(self, table: str, month: Month) -> frozenset[str] | None:
        """Columns of the delivery's table that hold any value; None where ingest has not said."""
        manifest = self._ingested(month)
        entry = manifest.stats.get("tables", {}).get(table, {}) if manifest else {}
        return frozenset(entry["columns_present"]) if "columns_present" in entry else None


class MonthOfViews:
    """Computes one month's views, in the order of `load_views`; opens the engine at the first that is not done."""

    def __init__(self, month: Month, deliveries: Deliveries) -> None:
        self.month, self.deliveries, self.workspace = month, deliveries, deliveries.workspace
        self.done: dict[str, Manifest] = {}
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._engine is not None:
            self._engine.__exit__()

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = open_engine(self.month, self.workspace.settings)
        return self._engine

    def compute(self, *views: View, progress: Progress = silent) -> list[Manifest]:
        """The views' files for the month. ``stats``: its rows, and the tables it lacks (then it is not available).

        ``views`` come after those that they read. One that lacks a required source is computed all the same, from an
        empty one: its columns keep their types.
        """
        steps = [step for view in views if (step := self._step(view)) is not None]
        before, started = len(views) - len(steps), time.perf_counter()
        progress(str(self.month), before, len(views))
        for done, (step, rows) in enumerate(self.engine.compute(steps) if steps else (), before + 1):
            manifest, now = self.done[step.view.name], time.perf_counter()
            manifest.stats["rows"], manifest.seconds = rows, round(now - started, 3)
            self.workspace.record(manifest)
            progress(str(self.month), done, len(views))
            started = now
        return [self.done[view.name] for view in views]

    def _step(self, view: View) -> Step | None:
        """What is to be done for the view, whose manifest is then in ``done`` but not yet recorded; None if done."""
        sources = {name: self._months_of(name) for name in view.sources if name not in ALWAYS_THERE}
        stamps = [
            (name, str(each), self._stamp(name, each)) for name in sources for each in self._months_of(name, gone=True)
        ]
        fingerprint = digest(view.fingerprint, code_digest(*_CODE), *stamps)
        stage, out = f"views/{view.name}", self.workspace.view(view.name, self.month)
        finished = self.workspace.finished(stage, self.month, fingerprint)
        self.done[view.name] = finished or Manifest(
            stage, str(self.month), fingerprint, [str(out.relative_to(self.workspace.root))],
            {"rows": 0, "missing": self.missing(view)},
        )  # fmt: skip
        if finished:
            return None
        return Step(self.month, view, {name: self._source(name) for name in sources}, out)

    def missing(self, view: View) -> list[str]:
        """The tables that the view cannot do without and that no delivery in its window holds; sorted."""
        required = [name for name in view.sources if name not in view.optional and name not in ALWAYS_THERE]
        return sorted({table for name in required for table in self._missing(name)})

    def _missing(self, source: str) -> list[str]:
        name, _ = base(source)
        months = self._months_of(source)
        if name in readable():
            return [] if months else [name]
        lacks = [self._manifest(name, each).stats["missing"] for each in months]
        return [] if any(not lack for lack in lacks) else sorted({table for lack in lacks for table in lack})

    def bind(self, source: str) -> None:
        """Let the engine's queries read a table or view, with its suffix. Failure where the view is not computed."""
        read = self._source(source)
        if not read.types and not all(file.exists() for _, file in read.files):
            view = base(source)[0]
            raise Failure(f"the view {view} is not computed for {self.month}", "Run the stage 'features' first")
        self.engine.bind(source, read)

    def _source(self, source: str) -> Source:
        name, window = base(source)
        known = readable().get(name)
        path, types = (self.workspace.table, known.stored) if known else (self.workspace.view, {})
        files = tuple((each, path(name, each)) for each in self._months_of(source))
        return Source(files, types, window != 1, tuple(self._superseded(name)))

    def _superseded(self, table: str) -> Iterator[Path]:
        """Lists of the table's rows that a delivery known in this month has corrected."""
        for month in self.deliveries.every if table in tables() else ():
            path = self.workspace.superseded(table, month)
            if month <= self.month and path.exists():
                yield path

    def _months_of(self, source: str, *, gone: bool = False) -> tuple[Month, ...]:
        """The months that a source reads; with ``gone`` also those of which nothing is left to read."""
        name, window = base(source)
        if name in readable():
            return self.deliveries.of(name, self.month, window, gone=gone)
        return tuple(
            each
            for each in self.deliveries.every
            if each == self.month
            or (
                each < self.month
                and (window is None or each > self.month.plus(-window))
                and self._made(name, each, gone)
            )
        )

    def _made(self, view: str, month: Month, gone: bool) -> bool:
        manifest = self.workspace.manifest(f"views/{view}", month)
        return manifest is not None and (gone or self.workspace.view(view, month).exists())

    def _manifest(self, view: str, month: Month) -> Manifest:
        manifest = self.done[view] if month == self.month else self.workspace.manifest(f"views/{view}", month)
        assert manifest is not None  # noqa: S101 - _months_of lists none without
        return manifest

    def _stamp(self, source: str, month: Month) -> str:
        name, _ = base(source)
        return self.deliveries.stamp(name, month) if name in readable() else self._manifest(name, month).fingerprint
