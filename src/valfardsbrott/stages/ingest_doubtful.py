"""Person numbers of a delivery that fail their check, beside the right ones that are a keystroke away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.sources.pseudonyms import Pseudonymiser


def write(readers: Sequence[Pseudonymiser], protected: frozenset[str], path: Path) -> None:
    """``person_id, near``: pseudonyms only, of persons whom the delivery names; nobody with protected identity."""
    right = frozenset[str]().union(*(reader.persons() for reader in readers)) - protected
    found: dict[str, set[str]] = {}
    for reader in readers:
        for wrong, near in reader.near_misses(right).items():
            found.setdefault(wrong, set()).update(near)
    rows = [(wrong, sorted(near)) for wrong, near in sorted(found.items()) if wrong not in protected]
    ids, lists = zip(*rows, strict=True) if rows else ((), ())
    table = pa.table({"person_id": pa.array(ids, pa.string()), "near": pa.array(lists, pa.list_(pa.string()))})
    pq.write_table(table, path)
