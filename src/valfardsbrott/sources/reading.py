"""One way to read any source of a delivery: batches of rows of the tables that are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa

from valfardsbrott.catalogue import Table, tables
from valfardsbrott.domain import Failure
from valfardsbrott.sources import csv_rows, mapping_rows, navet, parquet, peppol, svefaktura
from valfardsbrott.sources.delivery import Source
from valfardsbrott.sources.raw import Finding, RawRows

Batch = tuple[RawRows, list[Finding]]
#: Old person number to the one that holds now, as Navet tells.
Aliases = dict[str, str]


def read(source: Source, only: Collection[str], aliases: Aliases) -> Iterator[Batch]:
    """Batches of the source's rows of the tables in ``only``; Navet's renumberings are added to ``aliases``.

    Raises Failure for what makes the file unreadable as a whole, with the file's name.
    """
    if not set(source.tables) & set(only):
        return
    if source.form == "mapped" and source.rule:
        yield from mapping_rows.read(source.path, source.name, source.rule, only)
    elif source.form in ("csv", "parquet"):
        yield from _table(source, tables()[source.tables[0]])
    else:
        yield from _documents(source, only, aliases)


def _table(source: Source, table: Table) -> Iterator[Batch]:
    if source.form == "parquet":
        batches = parquet.read(source.path, source.name, table)
    else:
        names = [column.name for column in table.columns]
        batches = csv_rows.read(source.path, source.name, table.name, names)
    for rows, findings in batches:
        _refuse_without(table, rows)
        yield rows, findings


def _refuse_without(table: Table, rows: RawRows) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in rows.columns]
    if missing:
        raise Failure(
            f"{rows.file}: the column {', '.join(missing)} is missing",
            f"Every {table.name} needs it; see docs/deliveries.md",
        )


def _documents(source: Source, only: Collection[str], aliases: Aliases) -> Iterator[Batch]:
    if source.form == "navet":
        made, findings, renumbered = navet.read_with_aliases(source.path, source.name)
        aliases.update(renumbered)
    else:
        reader = peppol.read if source.form == "peppol" else svefaktura.read
        made, findings = reader(source.path, source.name)
    for rows in made:
        if rows.table in only:
            own = [finding for finding in findings if finding.table == rows.table]
            findings = [finding for finding in findings if finding.table != rows.table]
            yield rows, own
    left = [finding for finding in findings if finding.table in only]
    if left:
        yield RawRows(left[0].table, source.name, {}, pa.array([], pa.int64())), left
