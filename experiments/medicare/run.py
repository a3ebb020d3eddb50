"""A ranking of real providers with published labels, which no choice was made on; see README.md beside it.

python experiments/medicare/run.py --data ../shared/data/medicare [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from metrics import auc, average_precision, within_classes  # noqa: E402

from valfardsbrott.domain import Month  # noqa: E402
from valfardsbrott.settings import Settings  # noqa: E402
from valfardsbrott.stages.pipeline import run_month  # noqa: E402

MONTH = Month(2009, 12)
MAPPING = HERE.parents[1] / "docs" / "mappings" / "medicare.mapping.yaml"


def run(data: Path, work: Path) -> Path:
    """Lay the real files out as a delivery beside their mapping, and run the month on them."""
    shutil.rmtree(work, ignore_errors=True)
    delivery = work / "deliveries" / str(MONTH)
    delivery.mkdir(parents=True)
    for file in data.glob("*.zip"):
        shutil.copy(file, delivery)
    shutil.copy(MAPPING, delivery / "mapping.yaml")
    settings = Settings(deliveries=work / "deliveries", out=work / "runs", tracking=False)
    run_month(MONTH, settings)
    return work / "runs" / str(MONTH)


def measure(published: Path, labels: Path) -> dict[str, Any]:
    """AUC and average precision of each ranking over the labelled inpatient providers, and within size quintiles."""
    scores = pd.read_parquet(published / "scores.parquet").set_index("org_number")
    features = pd.read_parquet(published / "features.parquet").set_index("org_number").reindex(scores.index)
    fraud = pd.read_csv(labels).set_index("Provider")["PotentialFraud"].eq("Yes")
    fraud = fraud[fraud.index.isin(scores.index)]
    scores, features = scores.loc[fraud.index], features.loc[fraud.index]
    billed = features["billed_ore"].fillna(0).astype(float)
    rankings = {"ours (unsupervised, size held out)": scores["score"], "sorting by amount": billed}
    for detector in [name for name in scores.columns if name.endswith("_score")]:
        rankings[f"  detector alone: {detector.removesuffix('_score')}"] = scores[detector].fillna(0)
    quintile = pd.qcut(billed.rank(method="first"), 5, labels=False)
    return {
        "ranked": len(pd.read_parquet(published / "scores.parquet", columns=["org_number"])),
        "labelled": len(fraud),
        "fraud": int(fraud.sum()),
        "rankings": {
            name: {
                "AUC": round(auc(fraud, score), 3),
                "AP": round(average_precision(fraud, score), 3),
                "AP within size quintile": round(within_classes(fraud, score, quintile), 3),
            }
            for name, score in rankings.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    chosen = parser.parse_args()
    result = measure(run(chosen.data, chosen.work), chosen.data / "labels.csv")
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, values in result["rankings"].items():
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in values.values()) + " |")
    print({key: result[key] for key in ("ranked", "labelled", "fraud")})


if __name__ == "__main__":
    main()
