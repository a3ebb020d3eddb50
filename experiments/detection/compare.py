"""Every detector by itself, what libraries join, and the fused ranking, city by city; resumable. See README.md.

python experiments/detection/compare.py --kept DIR [--work DIR] [--seeds 401 402]

DIR holds cities that are made already (cities.py): <difficulty>-<seed>/{matrix,nodes}.parquet and truth/.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from stress import frame, stress

from valfardsbrott.detectors import DETECTORS
from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.memory import remember
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.features import feature_columns
from valfardsbrott.measures import auc, average_precision, precision_at, within_classes

HERE = Path(__file__).resolve().parent
#: Detectors that take most of the time; a city's measures are made in two commands.
SLOW = ("hbos", "inne", "lof", "mahalanobis", "history")
LEVELS = ("easy", "medium", "hard")


def city(folder: Path, part: str) -> dict[str, Any]:
    """Every ranking of one city's last month, measured; and what the champion expected of its list.

    ``part``: *quick*, or *slow* for the detectors that take most of the time, by themselves.
    """
    matrix = pd.read_parquet(folder / "matrix.parquet")
    ranked = matrix["active"].fillna(False).astype(bool) & ~matrix["sole_trader"].fillna(False).astype(bool)
    matrix = matrix[ranked]
    known = [f for f in feature_columns() if f.name in matrix.columns and matrix[f.name].notna().any()]
    panel = Panel.of(matrix, known)
    last = panel.month == max(panel.month)
    began = time.perf_counter()
    model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
    said = model.assess(panel, month=max(panel.month))
    nats = evidence(said.p_value) + model.structure(said, pd.read_parquet(folder / "nodes.parquet")).nats
    seconds = time.perf_counter() - began
    rankings = {"fused, with networks (champion)": nats, "fused, without networks": evidence(said.p_value)}
    newest = _newest(matrix, said.panel)
    if part == "quick":
        rankings |= libraries(newest[[f.name for f in known]])
        rankings["sorting by amount"] = newest["billed_ore"].fillna(0).to_numpy(float)
    rankings |= singles(model, panel, last, part)
    planted = set(pd.read_csv(folder / "truth" / "providers.csv", dtype=str)["org_number"])
    truth = pd.Series(np.isin(said.panel.org_number, sorted(planted)))
    size = pd.Series(newest["size_class"].to_numpy())
    return {
        "planted": int(truth.sum()),
        "ranked": len(truth),
        "features": len(known),
        "seconds": round(seconds, 2),
        "rankings": {name: measured(truth, score, size) for name, score in rankings.items()},
        "expected": expected(truth, nats),
    }


def singles(model: ProviderModel, panel: Panel, last: Any, part: str) -> dict[str, Floats]:
    """Each detector alone, on the deviations that the champion's own detectors read."""
    lasting = remember(model.residuals.of(panel), model.memory)
    reads = {"residuals": lasting, "values": panel, "history": panel}
    chosen = [kind for kind in DETECTORS if (kind.name in SLOW) == (part == "slow")]
    return {f"ours: {kind.name}": kind().fit(reads[kind.reads]).score(reads[kind.reads])[last] for kind in chosen}


def libraries(values: pd.DataFrame) -> dict[str, Floats]:
    """What one has without ours, on the same features with medians in place of what misses.

    The ranks are joined as pyod.models.combination does (average, maximization), which needs a package more.
    """
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN

    filled = values.astype(float)
    rows = filled.fillna(filled.median()).to_numpy()
    spread = 1.4826 * np.median(np.abs(rows - np.median(rows, axis=0)), axis=0)
    spread = np.where(spread > 0, spread, np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1.0))
    standard = (rows - np.median(rows, axis=0)) / spread
    alone = [each.fit(standard).decision_scores_ for each in (
        IForest(n_estimators=300, random_state=0), ECOD(), COPOD(), KNN(),
    )]  # fmt: skip
    ranks = np.column_stack([pd.Series(score).rank().to_numpy() for score in alone])
    sign = np.array([-1.0 if f.direction == "lower" else 1.0 for f in feature_columns() if f.name in values.columns])
    directed = standard * sign if len(sign) == rows.shape[1] else standard
    return {
        "PyOD isolation forest, raw features": alone[0],
        "PyOD's mean of ranks (4 detectors)": ranks.mean(axis=1),
        "PyOD's largest rank (4 detectors)": ranks.max(axis=1),
        "sum of robust z": np.clip(directed, 0, 10).sum(axis=1),
    }


def measured(truth: pd.Series, score: Floats, size: pd.Series) -> dict[str, float]:
    ranked = pd.Series(np.asarray(score, dtype=float))
    return {
        "AP": average_precision(truth, ranked),
        "AP within size class": within_classes(truth, ranked, size),
        "AUC": auc(truth, ranked),
        "P@20": precision_at(truth, ranked, 20),
        "P@50": precision_at(truth, ranked, 50),
    }


def expected(truth: pd.Series, nats: Floats) -> dict[str, list[float]]:
    """At lists of 20, 50 and 100: precision expected, its interval, and the true share of planted ones."""
    order = np.argsort(-nats, kind="stable")
    curve = Curve.of(np.exp(-nats[order]), np.zeros(len(order)))
    right = np.cumsum(truth.to_numpy()[order]) / np.arange(1, len(order) + 1)
    return {
        str(k): [round(float(v[k - 1]), 4) for v in (curve.precision, curve.precision_low, curve.precision_high, right)]
        for k in (20, 50, 100)
    }


def common_scheme(seeds: int = 2) -> dict[str, Any]:
    """AP where a scheme is common: the champion against libraries by prevalence, mean over seeds."""
    found: dict[str, Any] = {}
    for schemes in (1, 4):
        for prevalence in (0.04, 0.15):
            rows = []
            for seed in range(1000, 1000 + seeds):
                made = stress(seed, prevalence, schemes=schemes, strength=2.0)
                truth = pd.Series(made.planted)
                said = ProviderModel(load("provider_champion"), seed=1).fit(made.panel).assess(made.panel)
                scores = {"fused (champion)": evidence(said.p_value)} | libraries(frame(made))
                rows.append({name: average_precision(truth, pd.Series(score)) for name, score in scores.items()})
            key = f"{schemes} scheme{'s' if schemes > 1 else ''}, {prevalence:.0%} of providers"
            found[key] = {name: round(float(np.mean([row[name] for row in rows])), 3) for name in rows[0]}
    return found


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """By difficulty: mean and standard deviation over seeds of every measure of every ranking."""
    table: dict[str, Any] = {}
    for level in LEVELS:
        mine = [result for name, result in results.items() if name.startswith(level)]
        names = dict.fromkeys(name for result in mine for name in result["rankings"])
        for ranking in names:
            cells = [result["rankings"][ranking] for result in mine if ranking in result["rankings"]]
            for measure in cells[0]:
                values = [cell[measure] for cell in cells]
                spread = float(np.nanstd(values, ddof=1)) if len(values) > 1 else 0.0
                cell = [round(float(np.nanmean(values)), 3), round(spread, 3)]
                table.setdefault(level, {}).setdefault(ranking, {})[measure] = cell
    return table


def told(results: dict[str, Any]) -> dict[str, Any]:
    """By difficulty and length of the list: expected precision, its interval, and the true share; means over seeds."""
    found: dict[str, Any] = {}
    for level in LEVELS:
        mine = [result["expected"] for name, result in results.items() if name.startswith(level)]
        for k in mine[0] if mine else ():
            found.setdefault(level, {})[k] = np.mean([each[k] for each in mine], axis=0).round(3).tolist()
    return found


def _newest(matrix: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    newest = matrix[matrix["month"].astype(str).str[:7] == panel.month[0]]
    return newest.set_index("org_number").reindex(panel.org_number)


def markdown(table: dict[str, Any]) -> str:
    lines: list[str] = []
    for level, rankings in table.items():
        measures = list(next(iter(rankings.values())))
        lines += ["", f"| {level} | {' | '.join(measures)} |", "|---|" + "---|" * len(measures)]
        for name, values in sorted(rankings.items(), key=lambda item: -item[1]["AP"][0]):
            lines.append(f"| {name} | " + " | ".join(f"{v[0]:.2f} ± {v[1]:.2f}" for v in values.values()) + " |")
    return "\n".join(lines)


def picture(table: dict[str, Any], out: Path) -> None:
    """AP by ranking, one panel for each difficulty, with the standard deviation over seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(table), figsize=(5 * len(table), 7), sharex=True, squeeze=False)
    for axes, (level, rankings) in zip(panels[0], table.items(), strict=True):
        ordered = sorted(rankings.items(), key=lambda item: item[1]["AP"][0])
        colours = ["#1b5e9c" if name.startswith("fused") else "#9aa5b1" for name, _ in ordered]
        axes.barh(
            [name for name, _ in ordered], [v["AP"][0] for _, v in ordered],
            xerr=[v["AP"][1] for _, v in ordered], color=colours,
        )  # fmt: skip
        axes.set(title=level, xlabel="average precision", xlim=(0, 1))
    figure.tight_layout()
    figure.savefig(out, dpi=80, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--seeds", type=int, nargs="*")
    parser.add_argument("--levels", nargs="*", default=LEVELS)
    parser.add_argument("--parts", nargs="*", default=("quick", "slow"))
    parser.add_argument("--common", action="store_true", help="with --summary: matrices of a common scheme too")
    parser.add_argument("--summary", action="store_true", help="only what is measured already; writes singles.json")
    chosen = parser.parse_args()
    seeds = chosen.seeds or yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))["seeds"]
    chosen.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    for seed in seeds:
        for level in chosen.levels:
            for part in chosen.parts:
                done = chosen.work / f"compare-{level}-{seed}-{part}.json"
                if not done.exists() and not chosen.summary and (chosen.kept / f"{level}-{seed}").exists():
                    done.write_text(json.dumps(city(chosen.kept / f"{level}-{seed}", part)), encoding="utf-8")
                    print(level, seed, part, flush=True)
                if done.exists():
                    said = json.loads(done.read_text(encoding="utf-8"))
                    known = results.setdefault(f"{level} {seed}", said)
                    known["rankings"] = said["rankings"] | known["rankings"]
    if chosen.summary:
        table = summary(results)
        document = {"summary": table, "expected": told(results), "cities": results}
        if chosen.common:
            document["common_scheme"] = common_scheme()
        (HERE / "singles.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        picture(table, HERE / "rankings.png")
        print(markdown(table), json.dumps(document.get("common_scheme", {}), indent=1), sep="\n")


if __name__ == "__main__":
    main()
