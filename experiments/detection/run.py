"""Detection on the synthetic city, seed by seed: our ranking against naive ones. Resumable; see README.md beside it.

python experiments/detection/run.py [--work DIR] [--seeds 201 202]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from metrics import auc, average_precision, network_scores, precision_at, within_classes  # noqa: E402

from valfardsbrott.domain import Month  # noqa: E402
from valfardsbrott.features import feature_columns  # noqa: E402
from valfardsbrott.networks.baselines import connected_components, louvain  # noqa: E402
from valfardsbrott.settings import Settings  # noqa: E402
from valfardsbrott.stages.pipeline import run_month  # noqa: E402
from valfardsbrott.synthetic import generate  # noqa: E402

MONTH = Month(2026, 10)


def one_seed(seed: int, plan: dict[str, Any], work: Path) -> dict[str, Any]:
    """Generate a city, run the month, measure every ranking; the city is removed afterwards."""
    city = work / f"seed-{seed}"
    shutil.rmtree(city, ignore_errors=True)
    started = time.perf_counter()
    generate(city, last=MONTH, seed=seed, **plan["city"])
    settings = Settings(deliveries=city / "deliveries", out=city / "runs", tracking=False, **plan["run"])
    run_month(MONTH, settings)
    result = {
        "seed": seed,
        "providers": providers(city),
        "networks": networks(city),
        "seconds": round(time.perf_counter() - started, 1),
    }
    shutil.rmtree(city)
    return result


def providers(city: Path) -> dict[str, Any]:
    """Average precision and more of each provider ranking, over those that are ranked (active, no sole traders)."""
    run = city / "runs" / str(MONTH)
    features = pd.read_parquet(run / "features.parquet").set_index("org_number").sort_index()
    scores = pd.read_parquet(run / "scores.parquet").set_index("org_number")["score"].reindex(features.index)
    ranked = features["active"].astype(bool) & ~features["sole_trader"].astype(bool)
    features, scores = features[ranked], scores[ranked].fillna(0.0)
    planted = set(pd.read_csv(city / "truth" / "providers.csv", dtype=str)["org_number"])
    truth = pd.Series(features.index.isin(planted), index=features.index)
    rankings = {
        "ours": scores,
        "isolation forest, same features": forest(features),
        "sum of robust z, same features": sum_of_z(features),
        "sorting by amount": features["billed_ore"].fillna(0).astype(float),
    }
    table = {
        name: {
            "AP": average_precision(truth, score),
            "AP within size class": within_classes(truth, score, features["size_class"]),
            "AUC": auc(truth, score),
            "P@20": precision_at(truth, score, 20),
        }
        for name, score in rankings.items()
    }
    return {"planted": int(truth.sum()), "ranked": len(truth), "rankings": table}


def _filled(features: pd.DataFrame) -> pd.DataFrame:
    names = [feature.name for feature in feature_columns() if feature.name in features]
    matrix = features[names].astype(float)
    matrix = matrix.loc[:, matrix.notna().any()]
    return matrix.fillna(matrix.median())


def forest(features: pd.DataFrame) -> pd.Series:
    """A plain isolation forest on the same features, medians where values miss: a library untouched."""
    from sklearn.ensemble import IsolationForest

    matrix = _filled(features)
    model = IsolationForest(n_estimators=300, random_state=0).fit(matrix.to_numpy())
    return pd.Series(-model.score_samples(matrix.to_numpy()), index=features.index)


def sum_of_z(features: pd.DataFrame) -> pd.Series:
    """Sum over features of the robust z in the suspicious direction, clipped at 0 and 10."""
    matrix = _filled(features)
    spread = (matrix - matrix.median()).abs().median() * 1.4826
    z = (matrix - matrix.median()) / spread.where(spread > 0, matrix.std().replace(0, 1))
    sign = pd.Series({f.name: {"higher": 1, "lower": -1, "both": 0}[f.direction] for f in feature_columns()})
    directed = z * sign.reindex(z.columns) + z.abs() * (sign.reindex(z.columns) == 0)
    return directed.clip(0, 10).sum(axis=1)


def networks(city: Path) -> dict[str, Any]:
    """P@15 and recall@30 of ranked networks, providers as members."""
    truth = pd.read_csv(city / "truth" / "networks.csv", dtype=str)
    planted = [set(group) for _, group in truth.groupby("network_id")["org_number"]]
    run = city / "runs" / str(MONTH)
    ranked = pd.read_parquet(run / "networks.parquet").sort_values(["score", "network_id"], ascending=[False, True])
    members = pd.read_parquet(run / "network_members.parquet")
    members = members[(members["node_type"] == "provider") & (members["role"] == "member")]
    providers_of = members.groupby("network_id")["node_id"].agg(set)
    store = city / "runs" / ".store"
    links = pd.read_parquet(store / "views" / "provider_link" / f"{MONTH}.parquet")
    registered = _registered(store)
    found = {
        "ours": [providers_of[network] for network in ranked["network_id"]],
        "connected components, hubs over 10 cut": connected_components(links, registered),
        "Louvain, hubs over 10 cut": louvain(links, registered),
    }
    return {"planted": len(planted), "rankings": {name: network_scores(sets, planted) for name, sets in found.items()}}


def _registered(store: Path) -> pd.DataFrame:
    """Pairs that a register explains (one group, a transfer): what ours discounts is left out of the others too."""
    group = pd.read_parquet(store / "tables" / "corporate_group" / f"{MONTH}.parquet")[["org_number", "group_id"]]
    pairs = group.merge(group, on="group_id", suffixes=("_a", "_b"))
    moved = pd.read_parquet(store / "tables" / "business_transfer" / f"{MONTH}.parquet")
    found = [pairs[["org_number_a", "org_number_b"]], moved[["from_org_number", "to_org_number"]]]
    both = pd.concat([each.set_axis(["org_a", "org_b"], axis=1) for each in found])
    return both[both["org_a"] != both["org_b"]].drop_duplicates()


def summary(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over seeds of every measure."""
    table: dict[str, Any] = {}
    for part in ("providers", "networks"):
        for ranking in results[0][part]["rankings"]:
            for measure in results[0][part]["rankings"][ranking]:
                values = [result[part]["rankings"][ranking][measure] for result in results]
                spread = float(np.nanstd(values, ddof=1)) if len(values) > 1 else 0.0
                table.setdefault(part, {}).setdefault(ranking, {})[measure] = [
                    round(float(np.nanmean(values)), 3),
                    round(spread, 3),
                ]
    return table


def markdown(table: dict[str, Any]) -> str:
    """The README's tables: mean and spread over seeds."""
    lines: list[str] = []
    for part, rankings in table.items():
        measures = list(next(iter(rankings.values())))
        lines += ["", f"| {part} | {' | '.join(measures)} |", "|---|" + "---|" * len(measures)]
        for name, values in rankings.items():
            cells = " | ".join(f"{values[m][0]:.2f} ± {values[m][1]:.2f}" for m in measures)
            lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--seeds", type=int, nargs="*")
    chosen = parser.parse_args()
    plan = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    chosen.work.mkdir(parents=True, exist_ok=True)
    results = []
    for seed in chosen.seeds or plan["seeds"]:
        kept = chosen.work / f"seed-{seed}.json"
        if not kept.exists():
            kept.write_text(json.dumps(one_seed(seed, plan, chosen.work)), encoding="utf-8")
        results.append(json.loads(kept.read_text(encoding="utf-8")))
        print(seed, json.dumps(summary(results[-1:])), flush=True)
    table = summary(results)
    if not chosen.seeds:
        document = {"plan": plan, "summary": table, "seeds": results}
        (HERE / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(markdown(table))


if __name__ == "__main__":
    main()
