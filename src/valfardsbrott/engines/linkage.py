"""A database for the comparison of records with Splink: DuckDB in memory, apart from the month's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import duckdb

from valfardsbrott.settings import Settings


@contextmanager
def linking(settings: Settings) -> Iterator[Any]:
    """A `splink.DuckDBAPI` on a connection that ends with the block."""
    from splink import DuckDBAPI

    connection = duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads})
    try:
        with suppress(duckdb.InvalidInputException):  # in a notebook without ipywidgets there is no bar to turn off
            connection.execute("set enable_progress_bar = false")
        yield DuckDBAPI(connection)
    finally:
        connection.close()
