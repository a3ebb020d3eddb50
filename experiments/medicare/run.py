"""Rankings of real providers with published labels, which no choice was made on; see README.md beside it.

python experiments/medicare/run.py --data ../shared/data/medicare [--work DIR] [--again]
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from valfardsbrott.detectors.calibration import evidence, unit_score
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.domain import Month
from valfardsbrott.features import feature_columns
from valfardsbrott.measures import auc, average_precision, within_classes
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features, ingest, networks

HERE = Path(__file__).resolve().parent
MONTH = Month(2009, 12)
MAPPING = HERE.parents[1] / "docs" / "mappings" / "medicare.mapping.yaml"
#: Volumes that the supervised ranking reads beside the detectors' scores.
VOLUMES = ("billed_ore", "visits", "recipients", "performed_minutes", "staff_count")
FOLDS, REPEATS = 5, 3


def store(data: Path, work: Path, again: bool) -> Path:
    """Lay the real files out as a delivery beside their mapping and run the stages before detect; the store's folder.

    ``again``: only measure what ``work`` holds already.
    """
    settings = Settings(deliveries=work / "deliveries", out=work / "runs", tracking=False)
    if not again:
        shutil.rmtree(work, ignore_errors=True)
        delivery = work / "deliveries" / str(MONTH)
        delivery.mkdir(parents=True)
        for file in data.glob("*.zip"):
            shutil.copy(file, delivery)
        shutil.copy(MAPPING, delivery / "mapping.yaml")
        for stage in (ingest, features, networks):
            stage.run(MONTH, settings)
    return settings.store_path


def assessed(folder: Path) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """The matrix by provider, and every unsupervised ranking. No label is seen."""
    matrix = pd.read_parquet(folder / "matrix" / str(MONTH) / "matrix.parquet")
    matrix = matrix[matrix["active"].fillna(False).astype(bool)]
    known = [f for f in feature_columns() if f.name in matrix.columns and matrix[f.name].notna().any()]
    panel = Panel.of(matrix, known)
    model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
    said = model.assess(panel)
    nodes = pd.read_parquet(folder / "networks" / str(MONTH) / "nodes.parquet")
    score = unit_score(evidence(said.p_value) + model.structure(said, nodes).nats)
    rows = matrix.set_index("org_number").reindex(panel.org_number)
    billed = rows["billed_ore"].fillna(0).astype(float)
    rankings = {
        "champion: size held out": pd.Series(score, rows.index),
        "money x (1 + champion's score)": billed * (1 + score),
        "sorting by amount": billed,
        "sum of simple totals (z of log)": _z(rows).sum(axis=1),
        "isolation forest on raw features": _forest(rows[[f.name for f in known]]),
        "isolation forest on features and totals": _forest(rows[[*(f.name for f in known), *VOLUMES]]),
    }
    rankings |= {f"champion's {name} alone": pd.Series(own, rows.index) for name, own in said.scores.items()}
    scores = pd.DataFrame(dict(said.scores), index=rows.index).assign(champion=score)
    return rows.join(scores.add_prefix("score_")), rankings


def supervised(rows: pd.DataFrame, fraud: pd.Series) -> dict[str, list[pd.Series]]:
    """Out-of-fold rankings with labels: a row is a provider, so folds are by provider; one for each repeat."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    mine = rows.loc[fraud.index]
    volumes = np.log1p(mine[list(VOLUMES)].fillna(0).astype(float)).to_numpy()
    both = np.column_stack([volumes, mine.filter(like="score_").to_numpy()])
    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    trees = HistGradientBoostingClassifier(max_depth=3, learning_rate=0.05, max_iter=100, min_samples_leaf=30)
    models = {
        "logistic, volumes": (logistic, volumes),
        "logistic, volumes and detectors": (logistic, both),
        "gradient boosting, volumes and detectors": (trees, both),
    }
    found: dict[str, list[pd.Series]] = {}
    for name, (model, values) in models.items():
        for repeat in range(REPEATS):
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat)
            said = cross_val_predict(model, values, fraud.to_numpy(), cv=folds, method="predict_proba")[:, 1]
            found.setdefault(name, []).append(pd.Series(said, fraud.index))
    return found


def measure(fraud: pd.Series, score: pd.Series, quintile: pd.Series) -> dict[str, Any]:
    """AUC and AP over the labelled providers, within quintiles of the amount together, and in each of them."""
    score = score.reindex(fraud.index).fillna(0)
    inside = {
        f"AP in quintile {at + 1}": average_precision(fraud[quintile == at], score[quintile == at]) for at in range(5)
    }
    return {
        "AUC": auc(fraud, score),
        "AP": average_precision(fraud, score),
        "AP within size quintile": within_classes(fraud, score, quintile),
    } | inside


def results(folder: Path, labels: Path) -> dict[str, Any]:
    rows, rankings = assessed(folder)
    fraud = pd.read_csv(labels).set_index("Provider")["PotentialFraud"].eq("Yes")
    fraud = fraud[fraud.index.isin(rows.index)]
    billed = rows.loc[fraud.index, "billed_ore"].fillna(0).astype(float)
    quintile = pd.qcut(billed.rank(method="first"), 5, labels=False)
    table = {name: measure(fraud, score, quintile) for name, score in rankings.items()}
    for name, repeats in supervised(rows, fraud).items():
        each = pd.DataFrame([measure(fraud, score, quintile) for score in repeats])
        table[f"with labels: {name}"] = each.mean().to_dict()
    return {
        "ranked": len(rows),
        "labelled": len(fraud),
        "fraud": int(fraud.sum()),
        "fraud by quintile": fraud.groupby(quintile).sum().astype(int).tolist(),
        "rankings": {n: {k: round(float(v), 3) for k, v in m.items()} for n, m in table.items()},
    }


def _z(rows: pd.DataFrame) -> pd.DataFrame:
    totals = np.log1p(rows[["billed_ore", "visits", "recipients"]].fillna(0).astype(float))
    return (totals - totals.mean()) / totals.std()


def _forest(values: pd.DataFrame) -> pd.Series:
    from sklearn.ensemble import IsolationForest

    filled = values.astype(float)
    filled = filled.fillna(filled.median()).fillna(0)
    forest = IsolationForest(n_estimators=300, random_state=0).fit(filled.to_numpy())
    return pd.Series(-forest.score_samples(filled.to_numpy()), values.index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--again", action="store_true", help="measure what the work folder holds already")
    chosen = parser.parse_args()
    result = results(store(chosen.data, chosen.work, chosen.again), chosen.data / "labels.csv")
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, values in result["rankings"].items():
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in values.values()) + " |")
    print({key: result[key] for key in result if key != "rankings"})


if __name__ == "__main__":
    main()
