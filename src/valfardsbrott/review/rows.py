"""Source rows on a page: of an indicator or a link, of the visitor's boards, without protected persons."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import cell
from valfardsbrott.networks.hidden import hidden_in, unplaced, veiled
from valfardsbrott.review.models import User
from valfardsbrott.review.visibility import sees_any

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 50
#: "2026-08/visit.parquet:12410": the delivery where it is not the month's own, the file, the row.
_SOURCE_ROW = re.compile(r"(?:(\d{4}-\d{2})/)?([^/:]+):(\d+)")


@dataclass(frozen=True)
class Rows:
    """``shown`` is a page of the ``matching`` ones of ``total`` rows. ``withheld``: rows of other boards."""

    columns: tuple[str, ...]
    shown: tuple[tuple[Any, ...], ...]
    matching: int
    total: int
    withheld: int
    page: int
    pages: int


@dataclass(frozen=True)
class View:
    """How a table is looked at: rows with the text ``find`` in a cell, by a column (a leading - turns it round)."""

    sort: str = ""
    find: str = ""
    page: int = 1


def features_with_rows(folder: Path) -> frozenset[str]:
    """Indicators that the published month has source rows of."""
    return frozenset(path.stem for path in (folder / "evidence").glob("*.parquet"))


def of_feature(folder: Path, store: Path, feature: str, org_number: str, user: User) -> tuple[pa.Table, int]:
    """The provider's rows behind an indicator that the visitor may see, and how many belong to other boards.

    ``feature`` must be one of `features_with_rows`: it becomes a file name.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "evidence" / f"{feature}.parquet", filters=[("org_number", "=", org_number)])
    return _seen(table, store, user)


def of_link(
    store: Path, month: str, source_table: str, named: Sequence[str], user: User
) -> tuple[pa.Table, int] | None:
    """The rows of the working store that a link names; None where the store no longer has that table.

    ``named`` as network_links has them. A register is read as it was in the link's delivery, or the newest before.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = store / "tables" / source_table
    if source_table not in tables() or not folder.is_dir():
        return None
    wanted: dict[str, list[int]] = {}
    for one in named:
        if found := _SOURCE_ROW.fullmatch(one):
            wanted.setdefault(found[1] or month, []).append(int(found[3]))
    parts = []
    for delivery, numbers in sorted(wanted.items()):
        known = sorted(path for path in folder.glob("[!.]*.parquet") if path.stem <= delivery)
        if known:
            parts.append(pq.read_table(known[-1], filters=[("source_row", "in", numbers)]))
    if not parts:
        return None
    return _seen(pa.concat_tables(parts, promote_options="default"), store, user)


def _seen(table: pa.Table, store: Path, user: User) -> tuple[pa.Table, int]:
    """What the visitor may see: rows of its boards, or that name none; protected persons veiled, dwellings numbered."""
    whole = table.num_rows
    if "board_id" in table.column_names:
        mine = [board is None or sees_any(user, frozenset({board})) for board in table["board_id"].to_pylist()]
        table = table.filter(mine)
    return unplaced(veiled(table, hidden_in(store))), whole - table.num_rows


def page(table: pa.Table, withheld: int, view: View) -> Rows:
    """One page of the rows, sorted and filtered; a page beyond the last is the last."""
    columns = tuple(name for name in table.column_names if name != "org_number" and table[name].null_count < len(table))
    records = _matching(table, columns, view)
    pages = max(1, -(-len(records) // PAGE))
    at = min(max(view.page, 1), pages)
    shown = tuple(records[(at - 1) * PAGE : at * PAGE])
    return Rows(columns, shown, len(records), table.num_rows, withheld, at, pages)


def as_csv(table: pa.Table, view: View) -> str:
    """All rows that match, in the view's order: UTF-8 with a byte order mark, no cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.column_names)
    writer.writerows([cell(value) for value in row] for row in _matching(table, tuple(table.column_names), view))
    return f"\ufeff{text.getvalue()}"


def _matching(table: pa.Table, columns: tuple[str, ...], view: View) -> list[tuple[Any, ...]]:
    records: list[tuple[Any, ...]] = list(zip(*(table[name].to_pylist() for name in columns), strict=True))
    if view.find.strip():
        text = view.find.strip().casefold()
        records = [row for row in records if any(text in str(value).casefold() for value in row if value is not None)]
    name = view.sort.removeprefix("-")
    if name in columns:
        at = columns.index(name)
        there = [row for row in records if row[at] is not None]
        there.sort(key=lambda row: _orderable(row[at]), reverse=view.sort.startswith("-"))
        records = there + [row for row in records if row[at] is None]  # what is not there stands last either way
    return records


def _orderable(value: Any) -> Any:
    """Values of one column are of one type; lists have no order of their own."""
    return str(value) if isinstance(value, list | dict) else value
