"""What the application reads of a published month and of the store beside it: whole columns, as plain rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valfardsbrott.domain import Failure, Month

Row = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """A published month. Tables that are not there are empty, but for the flags and run.json."""

    folder: Path

    @property
    def month(self) -> str:
        return self.folder.name

    @property
    def facts(self) -> Row:
        """run.json."""
        path = self.folder / "run.json"
        if not path.is_file():
            raise Failure(
                f"{self.folder} holds no published month", "Run valfardsbrott run, or name its folder by --out"
            )
        found: Row = json.loads(path.read_text(encoding="utf-8"))
        return found

    def flags(self) -> list[Row]:
        """The month's hits by rank, ``reasons`` as a list; those of the control arm from their own file.

        A month that was published without that file has no reasons for the control arm, and no amount.
        """
        told = {row["entity_id"]: row for row in rows_of(self.folder / "control_reasons.parquet")}
        rows = [
            row | told.get(row["entity_id"], {}) if row["arm"] == "control" else row
            for row in rows_of(self.folder / "flags.parquet")
        ]
        return [
            row | {"reasons": json.loads(row["reasons"] or "[]")} for row in sorted(rows, key=lambda row: row["rank"])
        ]

    def providers(self) -> list[Row]:
        """The spine of each provider: who it is, not what was measured."""
        wanted = (
            "org_number", "name", "sole_trader", "service_code", "size_class", "board_id", "district", "billed_ore",
        )  # fmt: skip
        return rows_of(self.folder / "features.parquet", wanted)

    def network_providers(self) -> list[Row]:
        rows = rows_of(self.folder / "network_members.parquet", ("network_id", "node_type", "node_id", "role"))
        return [row for row in rows if row["node_type"] == "provider"]


def published_months(out: Path) -> list[str]:
    """The months that have a published result, oldest first."""
    return sorted(path.parent.name for path in out.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/run.json"))


def published(out: Path, month: str) -> Published:
    """A month's result; Failure where it has none."""
    if month not in published_months(out):
        raise Failure(f"{month} has no published result in {out}", "valfardsbrott runs lists the months that have one")
    return Published(out / month)


def store_rows(store: Path, table: str, month: str, *, history: bool) -> list[Row]:
    """A table of the store at a month: the newest snapshot, or with ``history`` the rows of all months up to it."""
    paths = sorted(
        path for path in (store / "tables" / table).glob("*.parquet") if path.stem <= str(Month.parse(month))
    )
    return [row for path in (paths if history else paths[-1:]) for row in rows_of(path)]


def rows_of(path: Path, columns: Sequence[str] | None = None) -> list[Row]:
    """The rows of a Parquet file; none where there is no file. Wanted columns that it lacks are left out."""
    import pyarrow.parquet as pq

    if not path.exists():
        return []
    with pq.ParquetFile(path) as file:
        known = set(file.schema_arrow.names)
        rows: list[Row] = file.read([name for name in columns if name in known] if columns else None).to_pylist()
    return rows
