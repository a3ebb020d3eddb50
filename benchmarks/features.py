"""Many months of features in one process: what each takes, and how much memory, so that growth would be seen.

    python benchmarks/features.py STORE [--months 36] [--wait] [--out features-L.json]

STORE is a working store whose months have been read (``valfardsbrott run``, or the stage ingest alone). Months are
computed one after the other, oldest first; of each: wall and processor seconds, and of this process the memory in use
when it is done and the most that was in use during it. With ``--wait`` a month that has not been read is waited for, so
that another process may read deliveries meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LAST = "2026-10"


def measured(store: Path, months: int, wait: bool) -> Iterator[dict[str, Any]]:
    """A row for each month, as it is done."""
    from valfardsbrott.domain import Month
    from valfardsbrott.settings import Settings
    from valfardsbrott.stages.features import one_month
    from valfardsbrott.stages.views import Deliveries
    from valfardsbrott.stages.workspace import Workspace

    workspace = Workspace(Settings(store=store))
    for back in range(months - 1, -1, -1):
        month = Month.parse(LAST).plus(-back)
        while wait and workspace.manifest("ingest", month) is None:
            time.sleep(2)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts again from what is in use
        wall, cpu = time.perf_counter(), time.process_time()
        manifest = one_month(month, Deliveries(workspace))
        yield {
            "month": str(month),
            "wall_s": round(time.perf_counter() - wall, 1),
            "cpu_s": round(time.process_time() - cpu, 1),
            "in_use_gb": _gigabytes("VmRSS"),
            "peak_gb": _gigabytes("VmHWM"),
            "features": len(manifest.stats["features"]),
            "visits": _rows(workspace.table("visit", month)),
        }


def _gigabytes(name: str) -> float:
    """A line of /proc/self/status, which counts in kB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.split(f"{name}:")[1].split()[0]) / 2**20, 2)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def plot(rows: list[dict[str, Any]], out: Path) -> None:
    """Peak and use of memory by month, from zero."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    at = range(1, len(rows) + 1)
    axes.plot(at, [row["peak_gb"] for row in rows], marker="o", label="most during the month")
    axes.plot(at, [row["in_use_gb"] for row in rows], marker=".", label="in use when it was done")
    axes.axhline(2, color="grey", linestyle="--", label="2 GB")
    axes.set(xlabel="months computed, in one process", ylabel="GB", ylim=(0, 2.2))
    axes.legend(ncols=3, loc="center right")
    figure.savefig(out, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE / "features-L.json")
    chosen = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for row in measured(chosen.store, chosen.months, chosen.wait):
        rows.append(row)
        text = json.dumps({"cores": os.cpu_count(), "months": rows}, indent=1)
        chosen.out.write_text(text + "\n", encoding="utf-8")
    plot(rows, chosen.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
