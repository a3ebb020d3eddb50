"""What the store knows of a provider in earlier months: for the curves of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from valfardsbrott.domain import Month
from valfardsbrott.stages.workspace import Workspace

MONTHS = 12


class History:
    """Values of the feature matrices of the latest months, for the providers that are asked for; read once."""

    def __init__(self, store: Workspace, month: Month, org_numbers: Sequence[str]) -> None:
        paths = {each: store.stage("matrix", each, "matrix.parquet") for each in month.back(MONTHS)}
        self.months = sorted(str(each) for each, path in paths.items() if path.exists())
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        for each in self.months:
            for row in _rows(paths[Month.parse(each)], org_numbers):
                self._rows[row["org_number"], each] = row

    def of(self, org_number: str, column: str) -> list[tuple[str, float | None]]:
        """The column's value in each month that the store has, oldest first; None where it is not available."""
        found = [(month, self._rows.get((org_number, month), {}).get(column)) for month in self.months]
        return [(month, None if value is None else float(value)) for month, value in found]


def _rows(path: Any, org_numbers: Sequence[str]) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    if not org_numbers:  # pyarrow cannot filter by nothing
        return []
    rows: list[dict[str, Any]] = pq.read_table(path, filters=[("org_number", "in", list(org_numbers))]).to_pylist()
    return rows
