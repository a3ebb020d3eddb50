"""Fixtures that several areas share: small typed tables in a working store, and the real files from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from valfardsbrott.catalogue import ENTITY, readable

ROOT = Path(__file__).resolve().parents[1]

_ARROW = {
    "VARCHAR": pa.string(), "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "BIGINT": pa.int64(),
    "DECIMAL(18,4)": pa.decimal128(18, 4), "BOOLEAN": pa.bool_(),
}  # fmt: skip

Rows = Sequence[Mapping[str, Any]]
PutTable = Callable[[Path, str, str, Rows], Path]


def _cast(values: Sequence[Any], kind: str) -> pa.Array:
    if kind == "DATE":
        values = [pd.Timestamp(value).date() if value is not None else None for value in values]
    if kind == "TIMESTAMP":
        values = [pd.Timestamp(value).to_pydatetime() if value is not None else None for value in values]
    if kind.startswith("DECIMAL"):
        values = [Decimal(str(value)) if value is not None else None for value in values]
    return pa.array(values, _ARROW[kind])


@pytest.fixture
def put_table() -> PutTable:
    """Write rows as the ingest stage would: ``put_table(store, "visit", "2026-10", [{...}])``.

    Columns are those of the store (``x_ore``, ``started_at_utc``); what a row does not name is null.
    """

    def put(store: Path, table: str, month: str, rows: Rows) -> Path:
        stored = readable()[table].stored
        unknown = {key for row in rows for key in row} - set(stored)
        assert not unknown, f"{table} has no columns {unknown}"
        made = {"source_file": f"{table}.csv"}
        columns = {
            name: _cast(
                [row.get(name, made.get(name, at if name == "source_row" else None)) for at, row in enumerate(rows, 2)],
                kind,
            )
            for name, kind in stored.items()
        }
        made = store / "entities" / month / f"{table}.parquet"
        path = made if table == ENTITY else store / "tables" / table / f"{month}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
        return path

    return put


def _shared(name: str) -> Path:
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the real files from outside are not here ({name}); they are no part of the project")
    return path


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """``shared_data("peppol")`` is the folder of real files, or skips the test where it is absent."""
    return _shared


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A small generated city, two months of deliveries: made once, whatever the number of workers."""
    return _once("city", tmp_path_factory, worker_id, lambda out: (["generate", str(out), "--months", "2"],))


@pytest.fixture(scope="session")
def published_city(city: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The published folder of the city's last month, made by the command in a process of its own."""

    def commands(out: Path) -> Sequence[Sequence[str]]:
        options = ["--month", "2026-10", "--deliveries", str(city / "deliveries"), "--out", str(out)]
        return (["run", *options, "--permutations", "5", "--capacity", "6", "--control", "2", "--no-tracking"],)

    return _once("published", tmp_path_factory, worker_id, commands) / "2026-10"


def _once(
    name: str, factory: pytest.TempPathFactory, worker: str, commands: Callable[[Path], Sequence[Sequence[str]]]
) -> Path:
    """The folder that the commands make; workers of one run share it. The demo key is kept beside it, not at home."""
    root = factory.getbasetemp() if worker == "master" else factory.getbasetemp().parent
    with FileLock(root / f"{name}.lock"):
        if not (root / f"{name}.done").exists():
            for words in commands(root / name):
                command = [sys.executable, "-m", "valfardsbrott", *words]
                own = os.environ | {"XDG_CONFIG_HOME": str(root / "config")}
                done = subprocess.run(command, capture_output=True, text=True, check=False, env=own)
                assert done.returncode == 0, done.stderr
            (root / f"{name}.done").touch()
    return root / name
