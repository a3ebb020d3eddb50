"""One provider's numbers in a published file, without reading the file: 36 months are 36 reads of one row.

Each file is laid out once as an array of rows by organisation number beside the case database (``.review/numbers``) and
mapped into memory. What is there can be thrown away: it is made again.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.features import feature_columns

#: Columns that are kept beside the features.
_MORE = ("billed_ore", "score")


@dataclass(frozen=True)
class Numbers:
    """``values`` (providers, columns), NaN where not available; ``orgs`` (providers,) rising, as bytes."""

    orgs: NDArray[np.bytes_]
    columns: dict[str, int]
    values: NDArray[np.float64]

    def of(self, org_number: str, columns: Sequence[str]) -> dict[str, float | None]:
        """The provider's numbers; None where the file has not the provider or column, or the value is missing."""
        wanted = org_number.encode()
        at = int(np.searchsorted(self.orgs, wanted))
        if at == len(self.orgs) or self.orgs[at] != wanted:
            return dict.fromkeys(columns)
        row = self.values[at]
        found = {name: float(row[self.columns[name]]) if name in self.columns else np.nan for name in columns}
        return {name: None if np.isnan(value) else value for name, value in found.items()}


def numbers(out: Path, month: str, file: str) -> Numbers | None:
    """The numbers of a published file as it is now; None where there is no such file."""
    path = out / month / f"{file}.parquet"
    return _mapped(out, path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=512)
def _mapped(out: Path, path: Path, written: int) -> Numbers:
    """Kept mapped until the file is another; only pages that are looked at are in memory."""
    folder = out / ".review" / "numbers" / f"{path.parent.name}-{path.stem}-{written}"
    if not folder.is_dir():
        _lay_out(path, folder)
    columns = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    orgs, values = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("orgs", "values"))
    return Numbers(orgs, {name: at for at, name in enumerate(columns)}, values)


def _lay_out(path: Path, folder: Path) -> None:
    """Complete or absent; what an earlier version of the file left goes."""
    import pyarrow.parquet as pq

    names = set(pq.read_schema(path).names)
    wanted = [name for name in (*_MORE, *(each.name for each in feature_columns())) if name in names]
    table = pq.read_table(path, columns=["org_number", *wanted])
    orgs = np.array(table["org_number"].to_pylist(), dtype=np.bytes_)
    order = np.argsort(orgs, kind="stable")
    values = np.full((len(orgs), len(wanted)), np.nan)
    for at, name in enumerate(wanted):
        values[:, at] = table[name].cast("float64").to_numpy(zero_copy_only=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    np.save(made / "orgs.npy", orgs[order])
    np.save(made / "values.npy", values[order])
    (made / "columns.json").write_text(json.dumps(wanted), encoding="utf-8")
    try:
        made.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(made)
    for old in folder.parent.glob(f"{path.parent.name}-{path.stem}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
