"""One month on DuckDB alone and on Spark that runs DuckDB, in one run: whole command, stages, and the ratio.

    python benchmarks/engines.py [--work DIR] [--size M] [--months 2] [--master local[2]]

Both read the same deliveries into stores of their own and publish; the published files have to be the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

from month import HERE, MONTH, measured, valfardsbrott

COMPUTING = ("features", "claim_checks", "network_features")


def measure(work: Path, size: str, months: int, master: str) -> dict[str, Any]:
    city = work / f"city-{size}"
    if not (city / "deliveries" / MONTH).exists():
        measured(*valfardsbrott("generate", str(city), "--size", size, "--months", str(months), "--last", MONTH))
    figures: dict[str, Any] = {"size": size, "months": months, "cores": os.cpu_count(), "master": master}
    for engine in ("duckdb", "spark"):
        out = work / engine
        shutil.rmtree(out, ignore_errors=True)
        where = ("--deliveries", str(city / "deliveries"), "--out", str(out), "--no-tracking")
        wall = measured(*valfardsbrott("run", "--month", MONTH, *where, "--engine", engine, "--master", master))
        stages = json.loads((out / MONTH / "run.json").read_text(encoding="utf-8"))["durations"]
        figures[engine] = {"wall_s": wall["wall_s"], "stages_s": stages, "computing_s": _computing(stages)}
    figures["ratio of computing"] = round(figures["spark"]["computing_s"] / figures["duckdb"]["computing_s"], 2)
    figures["ratio of the whole"] = round(figures["spark"]["wall_s"] / figures["duckdb"]["wall_s"], 2)
    figures["files that differ"] = _differing(work / "duckdb" / MONTH, work / "spark" / MONTH)
    return figures


def _computing(stages: dict[str, float]) -> float:
    """What the engine does; the first stage holds Spark's start."""
    return round(sum(stages.get(name, 0.0) for name in COMPUTING), 1)


def _differing(one: Path, other: Path) -> list[str]:
    names = {str(path.relative_to(root)) for root in (one, other) for path in root.rglob("*") if path.is_file()}
    same = {name for name in names if (one / name).read_bytes() == (other / name).read_bytes()}
    return sorted(names - same - {"run.json"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--size", default="M")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--master", default="local[*]")
    chosen = parser.parse_args()
    text = json.dumps(measure(chosen.work, chosen.size, chosen.months, chosen.master), indent=1)
    (HERE / f"engines-{chosen.size}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
