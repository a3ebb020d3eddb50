"""A provider's figures among those it is compared with: the same for whoever was flagged, drawn or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.features import Feature, feature_columns
from valfardsbrott.peers import values_of_peers
from valfardsbrott.review.published import published_months, rows_of

_KEYS = ("service_code", "size_class", "visit_system")


@dataclass(frozen=True)
class Figure:
    """One feature's value, the values of its peers in rising order, and their median (None: nobody to compare with).

    ``beyond`` is the share of peers that lie at least as far out in the feature's direction, ties counted half: small
    means unusual, nothing more.
    """

    feature: Feature
    value: float
    peers: tuple[float, ...]
    median: float | None
    beyond: float


@dataclass(frozen=True)
class Table:
    """features.parquet as columns: rows by organisation number, features as floats (NaN: not available)."""

    row: dict[str, int]
    active: NDArray[np.bool_]
    keys: dict[str, NDArray[Any]]
    values: dict[str, NDArray[np.float64]]


def strongest(out: Path, month: str, org_number: str, most: int = 8) -> list[Figure]:
    """The features in which the provider lies furthest out among its peers, the furthest first; those in the middle or
    on the other side are left out. Empty where the month has not the provider.
    """
    table = _table(out, month)
    if table is None or org_number not in table.row:
        return []
    found = [figure for feature in feature_columns() if (figure := _figure(table, feature, table.row[org_number]))]
    unusual = [figure for figure in found if figure.beyond < 0.5 and figure.value != figure.median]
    return sorted(unusual, key=lambda each: (each.beyond, each.feature.name))[:most]


def over_months(out: Path, org_number: str, columns: Sequence[str], file: str = "features") -> dict[str, Any]:
    """Each column as pairs of month and value (None: not available), the oldest of the published months first."""
    found: dict[str, list[tuple[str, float | None]]] = {name: [] for name in columns}
    for month in published_months(out):
        row = _row(out / month / f"{file}.parquet", org_number, tuple(columns))
        for name in columns:
            value = row.get(name)
            found[name].append((month, None if value is None else float(value)))
    return found


def _row(path: Path, org_number: str, columns: tuple[str, ...]) -> dict[str, Any]:
    rows = rows_of(path, ("org_number", *columns))
    return next((row for row in rows if row["org_number"] == org_number), {})


def _figure(table: Table, feature: Feature, own: int) -> Figure | None:
    values = table.values.get(feature.name)
    if values is None or np.isnan(values[own]):
        return None
    value = float(values[own])
    peers = values_of_peers(values, table.active, table.keys, own, feature.peers)
    if not len(peers):
        return None
    median = float(np.median(peers))
    out = _further(peers, value, median, feature.direction)
    return Figure(feature, value, tuple(peers.tolist()), median, out)


def _further(peers: NDArray[np.float64], value: float, median: float, direction: str) -> float:
    """Share of peers at least as far out, ties half, the provider itself among them so that it is never 0."""
    own, others = value, peers
    if direction == "lower":
        own, others = -value, -peers
    if direction == "both":
        own, others = abs(value - median), np.abs(peers - median)
    return float(((others > own).sum() + 0.5 * (others == own).sum() + 0.5) / (len(peers) + 1))


def _table(out: Path, month: str) -> Table | None:
    path = out / month / "features.parquet"
    return _read((path, path.stat().st_mtime_ns)) if path.is_file() else None


@lru_cache(maxsize=4)
def _read(file: tuple[Path, int]) -> Table:
    """Kept between pages until the file is another: it comes with when it was written, in nanoseconds."""
    import pyarrow.parquet as pq

    path, _ = file
    table = pq.read_table(path)
    names = set(table.column_names)
    keys = {name: np.array(table[name].to_pylist() if name in names else [None] * len(table)) for name in _KEYS}
    active = table["active"].to_pylist() if "active" in names else [True] * len(table)
    values = {
        each.name: table[each.name].cast("float64").to_numpy(zero_copy_only=False).astype(np.float64)
        for each in feature_columns()
        if each.name in names
    }
    row = {org: at for at, org in enumerate(table["org_number"].to_pylist())}
    return Table(row, np.array(active, dtype=bool), keys, values)
