"""Engines compute views. Nothing else imports duckdb or pyspark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valfardsbrott.domain import Month

if TYPE_CHECKING:
    from valfardsbrott.engines.seam import Engine
    from valfardsbrott.settings import Settings


def open_engine(month: Month, settings: Settings) -> Engine:
    """The engine that the settings choose, ready for one month."""
    scratch, memory, threads = settings.store_path / "spill", settings.memory_limit, settings.threads
    if settings.engine == "spark":
        from valfardsbrott.engines.spark import Spark

        return Spark(month, master=settings.master, memory_limit=memory, threads=threads, scratch=scratch)
    from valfardsbrott.engines.duckdb import DuckDB

    return DuckDB(month, memory_limit=memory, threads=threads, spill=scratch)
