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
from valfardsbrott.review.numbers import numbers
from valfardsbrott.review.published import published_months

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
    """features.parquet as columns: rows by organisation number, features as floats (NaN: not available).

    ``keys`` are numbers, equal where the values are: they are compared for each page.
    """

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
    own = table.row[org_number]
    like = {name: column == column[own] for name, column in table.keys.items()}
    found = [place for feature in feature_columns() if (place := _place(table, feature, like, own))]
    shown: list[Figure] = []
    for one in sorted(found, key=lambda each: (each.beyond, each.feature.name)):
        median = float(np.median(one.peers))  # only of those that are shown: most are not
        if one.value != median:
            shown.append(Figure(one.feature, one.value, tuple(np.sort(one.peers).tolist()), median, one.beyond))
        if len(shown) == most:
            break
    return shown


def over_months(out: Path, org_number: str, columns: Sequence[str], file: str = "features") -> dict[str, Any]:
    """Each column as pairs of month and value (None: not available), the oldest of the published months first."""
    found: dict[str, list[tuple[str, float | None]]] = {name: [] for name in columns}
    for month in published_months(out):
        there = numbers(out, month, file)
        row = there.of(org_number, columns) if there else dict.fromkeys(columns)
        for name in columns:
            found[name].append((month, row[name]))
    return found


@dataclass(frozen=True)
class _Place:
    """A figure before its peers are listed and their median is known: most figures are not shown."""

    feature: Feature
    value: float
    peers: NDArray[np.float64]
    beyond: float


def _place(table: Table, feature: Feature, like: dict[str, NDArray[np.bool_]], own: int) -> _Place | None:
    """Where the provider lies among its peers; None where it is not further out than half of them, or alone."""
    values = table.values.get(feature.name)
    if values is None or np.isnan(values[own]):
        return None
    value = float(values[own])
    peers = values_of_peers(values, table.active, like, own, feature.peers)
    if not len(peers):
        return None
    out = _further(peers, value, feature.direction)
    return _Place(feature, value, peers, out) if out < 0.5 else None


def _coded(values: Sequence[Any]) -> NDArray[np.int64]:
    codes: dict[Any, int] = {}
    return np.array([codes.setdefault(value, len(codes)) for value in values], dtype=np.int64)


def _further(peers: NDArray[np.float64], value: float, direction: str) -> float:
    """Share of peers at least as far out, ties half, the provider itself among them so that it is never 0."""
    own, others = value, peers
    if direction == "lower":
        own, others = -value, -peers
    if direction == "both":
        median = float(np.median(peers))
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
    keys = {name: _coded(table[name].to_pylist() if name in names else [None] * len(table)) for name in _KEYS}
    active = table["active"].to_pylist() if "active" in names else [True] * len(table)
    values = {
        each.name: table[each.name].cast("float64").to_numpy(zero_copy_only=False).astype(np.float64)
        for each in feature_columns()
        if each.name in names
    }
    row = {org: at for at, org in enumerate(table["org_number"].to_pylist())}
    return Table(row, np.array(active, dtype=bool), keys, values)
