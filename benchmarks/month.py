"""One month of size M on top of twelve earlier ones: whole run, each stage, peak memory, and against what.

    python benchmarks/month.py [--work DIR] [--size M] [--earlier 12]

In one run it measures: the city's generation; the earlier months' first reading; *the month* from delivery to
published result; the same month again (everything cached); and, without the start of Python, the time merely to
scan the columns that features read (benchmarks/scanning.py), all features with evidence, and some of them in plain
pandas, values compared with ours (benchmarks/pandas_features.py).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MONTH = "2026-10"


def measured(*command: str) -> dict[str, float]:
    """Run a command; its wall seconds, processor seconds and peak memory of the process (GB)."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return {
        "wall_s": round(time.perf_counter() - started, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_gb": round(usage.ru_maxrss / 2**20, 2),
    }


def valfardsbrott(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "valfardsbrott", *arguments]


def previous(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}"


def measure(work: Path, size: str, earlier: int) -> dict[str, Any]:
    city, out = work / "city", work / "runs"
    where = ("--deliveries", str(city / "deliveries"), "--out", str(out), "--no-tracking")
    figures: dict[str, Any] = {"size": size, "earlier_months": earlier, "cores": os.cpu_count()}
    if not (city / "deliveries" / MONTH).exists():
        months = ("--months", str(earlier + 1), "--last", MONTH)
        figures["generate"] = measured(*valfardsbrott("generate", str(city), "--size", size, *months, "--seed", "1"))
    if earlier and not (out / previous(MONTH)).exists():
        figures["earlier months, first reading"] = measured(*valfardsbrott("run", "--month", previous(MONTH), *where))
    _forget_the_month(out)
    figures["the month"] = measured(*valfardsbrott("run", "--month", MONTH, *where))
    document = json.loads((out / MONTH / "run.json").read_text(encoding="utf-8"))
    figures["stages_s"] = document["durations"]
    figures["the month again, nothing changed"] = measured(*valfardsbrott("run", "--month", MONTH, *where))
    return figures | ways(out / ".store")


def ways(store: Path) -> dict[str, Any]:
    """The month's features three ways, and how many times the scan each takes. The scan is the better of two."""
    script = str(HERE / "pandas_features.py")
    found: dict[str, Any] = {}
    for what in ("scan", "duckdb", "scan", "pandas"):
        command = (sys.executable, script, what, str(store), MONTH)
        figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        found[f"features: {what}"] = min(figures, found.get(f"features: {what}", figures), key=lambda f: f["cpu_s"])
    scan = found["features: scan"]
    for each in found.values():
        each |= {f"scans_{by}": round(each[f"{by}_s"] / scan[f"{by}_s"], 1) for by in ("wall", "cpu")}
    return found


def _forget_the_month(out: Path) -> None:
    """As before the month's files came: what was read and made of it in an earlier measurement goes."""
    shutil.rmtree(out / MONTH, ignore_errors=True)
    for path in (out / ".store").rglob(f"{MONTH}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--size", default="M")
    parser.add_argument("--earlier", type=int, default=12)
    chosen = parser.parse_args()
    figures = measure(chosen.work, chosen.size, chosen.earlier)
    text = json.dumps(figures, indent=1)
    (HERE / f"month-{chosen.size}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
