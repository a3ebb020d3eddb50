"""Stop a month whose files are mostly wrong, before anything of it is used."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.domain import EXIT_LIMIT, Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.ingest_collect import QUARANTINE, Collected
from valfardsbrott.stages.workspace import replacing

_PLACES = 3


def write_quarantine(path: Path, tables: Iterable[Collected]) -> None:
    """One row for each rule that a refused row broke, in order of table, file, line, column and rule."""
    rows = sorted(row for collected in tables for row in collected.quarantine)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in QUARANTINE.names]
    pq.write_table(pa.table(columns, schema=QUARANTINE), path)


def refuse_above_limit(tables: Iterable[Collected], month: Month, settings: Settings, stopped: Path) -> None:
    """Raise a Failure for tables with more refused rows than their limit: files, shares and the first places.

    What was refused is written to ``stopped``, beside the quarantine of the last result, which stays.
    """
    read = list(tables)
    over = [told for collected in read if (told := _over(collected, settings.quarantine_limit))]
    if not over:
        stopped.unlink(missing_ok=True)
        return
    with replacing(stopped) as path:
        write_quarantine(path, read)
    raise Failure(
        f"too many rows of the delivery {month} are wrong: " + "; ".join(over),
        f"Their places and rules are in {stopped}. Correct the files or raise VALFARDSBROTT_QUARANTINE_LIMIT; "
        "nothing was published and the last result is as it was",
        EXIT_LIMIT,
    )


def _over(collected: Collected, override: float | None) -> str:
    refused, total = collected.refused.total(), collected.rows_in.total()
    limit = collected.table.limit if override is None else override
    if refused <= limit * total:
        return ""
    files = [
        f"{file} {_percent(count, collected.rows_in[file])}"
        for file, count in collected.refused.most_common(_PLACES)
        if count
    ]
    places = [_place(*row[1:5]) for row in sorted(collected.quarantine)[:_PLACES]]
    return (
        f"{collected.table.name} {_percent(refused, total)} of {total} rows, limit {limit:.1%} "
        f"({', '.join(files)}), first {', '.join(places)}"
    )


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0.0%"


def _place(file: str, line: int, column: str, rule: str) -> str:
    return ":".join(str(part) for part in (file, line, column) if part) + f" {rule}"
