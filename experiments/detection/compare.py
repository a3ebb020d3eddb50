"""Every detector by itself, what libraries join, and the fused ranking, city by city; resumable. See README.md.

python experiments/detection/compare.py --kept DIR [--work DIR] [--seeds 401 402]

DIR holds cities that are made already (cities.py): <difficulty>-<seed>/{matrix,nodes}.parquet and truth/.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
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
from valfardsbrott.detectors.model import Assessment, ProviderModel
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.features import feature_columns
from valfardsbrott.measures import auc, average_precision, precision_at, within_classes

HERE = Path(__file__).resolve().parent
LEVELS = ("easy", "medium", "hard")
#: Lengths of the list at which what is expected is held against the truth.
LISTS = (20, 50, 100, 200)


@dataclass(frozen=True)
class City:
    """A kept city with the champion fitted on it: its last month's ranked providers, and who of them is planted."""

    panel: Panel
    model: ProviderModel
    said: Assessment
    nats: Floats
    nodes: pd.DataFrame
    newest: pd.DataFrame
    truth: pd.Series
    cpu_seconds: float

    @classmethod
    def read(cls, folder: Path) -> City:
        """``nats``: the final evidence, networks included. ``cpu_seconds``: of the champion's fitting and scoring."""
        matrix = pd.read_parquet(folder / "matrix.parquet")
        ranked = matrix["active"].fillna(False).astype(bool) & ~matrix["sole_trader"].fillna(False).astype(bool)
        matrix = matrix[ranked]
        known = [f for f in feature_columns() if f.name in matrix.columns and matrix[f.name].notna().any()]
        panel = Panel.of(matrix, known)
        began = time.process_time()
        model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
        said = model.assess(panel, month=max(panel.month))
        nodes = pd.read_parquet(folder / "nodes.parquet")
        nats = evidence(said.p_value) + model.structure(said, nodes).nats
        seconds = round(time.process_time() - began, 2)
        newest = matrix[matrix["month"].astype(str).str[:7] == said.panel.month[0]]
        newest = newest.set_index("org_number").reindex(said.panel.org_number)
        planted = set(pd.read_csv(folder / "truth" / "providers.csv", dtype=str)["org_number"])
        truth = pd.Series(np.isin(said.panel.org_number, sorted(planted)))
        return cls(panel, model, said, nats, nodes, newest, truth, seconds)


def compared(city: City) -> dict[str, Any]:
    """Every ranking of the city's last month, measured."""
    size = pd.Series(city.newest["size_class"].to_numpy())
    rankings = {
        "fused, with networks (champion)": city.nats,
        "fused, without networks": evidence(city.said.p_value),
        "sorting by amount": city.newest["billed_ore"].fillna(0).to_numpy(float),
    }
    rankings |= libraries(city.newest[list(city.panel.names)]) | singles(city)
    return {
        "planted": int(city.truth.sum()),
        "ranked": len(city.truth),
        "features": len(city.panel.features),
        "cpu_seconds": city.cpu_seconds,
        "rankings": {name: measured(city.truth, score, size) for name, score in rankings.items()},
    }


def singles(city: City) -> dict[str, Floats]:
    """Each detector alone, on the deviations that the champion's own detectors read."""
    lasting = remember(city.model.residuals.of(city.panel), city.model.memory)
    reads = {"residuals": lasting, "values": city.panel, "history": city.panel}
    last = city.panel.month == city.said.panel.month[0]
    return {f"ours: {kind.name}": kind().fit(reads[kind.reads]).score(reads[kind.reads])[last] for kind in DETECTORS}


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


def expected(city: City) -> dict[str, list[float]]:
    """At each of LISTS: precision expected, its interval, and the true share of planted ones."""
    order = np.argsort(-city.nats, kind="stable")
    chance = city.model.by_chance(city.said, city.nodes).rows(order)
    curve = Curve.of(chance, np.zeros(len(order)))
    right = np.cumsum(city.truth.to_numpy()[order]) / np.arange(1, len(order) + 1)
    return {
        str(k): [round(float(v[k - 1]), 4) for v in (curve.precision, curve.precision_low, curve.precision_high, right)]
        for k in LISTS
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
    """By difficulty and length of the list: expected precision, its interval and the true share, means over seeds; last
    the share of cities whose interval holds the truth."""
    found: dict[str, Any] = {}
    for level in LEVELS:
        mine = [result for name, result in results.items() if name.startswith(level)]
        for k in mine[0] if mine else ():
            rows = np.array([each[k] for each in mine])
            held = ((rows[:, 1] <= rows[:, 3]) & (rows[:, 3] <= rows[:, 2])).mean()
            found.setdefault(level, {})[k] = [*rows.mean(axis=0).round(3).tolist(), round(float(held), 3)]
    return found


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
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--common", action="store_true", help="with --summary: matrices of a common scheme too")
    parser.add_argument("--summary", action="store_true", help="only what is measured already; writes singles.json")
    chosen = parser.parse_args()
    seeds = chosen.seeds or yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))["seeds"]
    chosen.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, Any]] = {part: {} for part in chosen.parts}
    for level, seed in product(chosen.levels, seeds):
        folder, city = chosen.kept / f"{level}-{seed}", None
        for part in chosen.parts:
            done = chosen.work / f"{part}-{level}-{seed}.json"
            if not done.exists() and not chosen.summary and folder.exists():
                city = city or City.read(folder)
                done.write_text(json.dumps(PARTS[part](city)), encoding="utf-8")
                print(level, seed, part, flush=True)
            if done.exists():
                results[part][f"{level} {seed}"] = json.loads(done.read_text(encoding="utf-8"))
    if chosen.summary:
        table = summary(results["compared"])
        document = {"summary": table, "expected": told(results["expected"]), "cities": results}
        if chosen.common:
            document["common_scheme"] = common_scheme()
        (HERE / "singles.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        picture(table, HERE / "rankings.png")
        print(markdown(table), json.dumps(document.get("common_scheme", {}), indent=1), sep="\n")


#: What is made of a city, each by itself.
PARTS: dict[str, Callable[[City], dict[str, Any]]] = {"compared": compared, "expected": expected}


if __name__ == "__main__":
    main()
