"""Cities that rankings are compared on: made once, and only the matrices, the networks' nodes and the truth are kept.

python experiments/detection/cities.py --work DIR --seeds 401 402 --difficulties easy medium hard
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features, ingest, networks
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate

HERE = Path(__file__).resolve().parent
MONTH = Month(2026, 10)


def keep(seed: int, difficulty: str, plan: dict[str, Any], work: Path) -> Path:
    """The folder of one city's kept files, made where it is not there: matrix, nodes, truth and seconds.

    ``matrix.parquet``: every month's matrix, one after the other. Deliveries and store are removed again.
    """
    kept = work / f"{difficulty}-{seed}"
    if kept.exists():
        return kept
    city = work / f"making-{difficulty}-{seed}"
    shutil.rmtree(city, ignore_errors=True)
    began = time.perf_counter()
    generate(city, last=MONTH, seed=seed, difficulty=difficulty, **plan["city"])
    made = time.perf_counter()
    settings = Settings(deliveries=city / "deliveries", out=city / "runs", tracking=False, **plan["run"])
    for stage in (ingest, features, networks):
        stage.run(MONTH, settings)
    store = Workspace(settings)
    done = city / "kept"
    done.mkdir()
    months = sorted((store.root / "matrix").glob("*/matrix.parquet"))
    pd.concat([pd.read_parquet(each) for each in months]).to_parquet(done / "matrix.parquet", compression="zstd")
    for name in ("nodes", "networks", "members"):
        shutil.copy(store.stage("networks", MONTH, f"{name}.parquet"), done)
    shutil.copytree(city / "truth", done / "truth")
    seconds = {"generate": round(made - began, 1), "run": round(time.perf_counter() - made, 1)}
    (done / "seconds.json").write_text(json.dumps(seconds), encoding="utf-8")
    done.rename(kept)
    shutil.rmtree(city)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--difficulties", nargs="+", default=["easy", "medium", "hard"])
    chosen = parser.parse_args()
    plan = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    chosen.work.mkdir(parents=True, exist_ok=True)
    for seed in chosen.seeds:
        for difficulty in chosen.difficulties:
            print(keep(seed, difficulty, plan, chosen.work), flush=True)


if __name__ == "__main__":
    main()
