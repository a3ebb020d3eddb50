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
from numpy.typing import NDArray
from stress import frame, stress

from valfardsbrott.detectors import DETECTORS
from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.chance import Chance
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.memory import remember
from valfardsbrott.detectors.model import Assessment, ProviderModel
from valfardsbrott.detectors.panel import Floats, Panel
from valfardsbrott.features import feature_columns
from valfardsbrott.measures import auc, average_precision, interval_of_mean, precision_at, within_classes

HERE = Path(__file__).resolve().parent
LEVELS = ("easy", "medium", "hard")
CHAMPION = "fused, with networks (champion)"
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
    def read(cls, folder: Path, *, planted: bool = True) -> City:
        """``nats``: the final evidence, networks included. ``cpu_seconds``: of the champion's fitting and scoring.
        Without ``planted`` those are taken out of the city, and of its networks: only honest providers are left."""
        frauds = sorted(set(pd.read_csv(folder / "truth" / "providers.csv", dtype=str)["org_number"]))
        matrix, nodes = (pd.read_parquet(folder / f"{name}.parquet") for name in ("matrix", "nodes"))
        if not planted:
            matrix, nodes = (each[~each["org_number"].isin(frauds)] for each in (matrix, nodes))
        ranked = matrix["active"].fillna(False).astype(bool) & ~matrix["sole_trader"].fillna(False).astype(bool)
        matrix = matrix[ranked]
        known = [f for f in feature_columns() if f.name in matrix.columns and matrix[f.name].notna().any()]
        panel = Panel.of(matrix, known)
        began = time.process_time()
        model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
        said = model.assess(panel, month=max(panel.month))
        nats = evidence(said.p_value) + model.structure(said, nodes).nats
        seconds = round(time.process_time() - began, 2)
        newest = matrix[matrix["month"].astype(str).str[:7] == said.panel.month[0]]
        newest = newest.set_index("org_number").reindex(said.panel.org_number)
        truth = pd.Series(np.isin(said.panel.org_number, frauds))
        return cls(panel, model, said, nats, nodes, newest, truth, seconds)


def compared(city: City) -> dict[str, Any]:
    """Every ranking of the city's last month, measured."""
    size = pd.Series(city.newest["size_class"].to_numpy())
    rankings = {
        CHAMPION: city.nats,
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
    return held_against(city.truth.to_numpy(), city.nats, city.model.by_chance(city.said, city.nodes))


def held_against(truth: NDArray[np.bool_], nats: Floats, chance: Chance) -> dict[str, list[float]]:
    order = np.argsort(-nats, kind="stable")
    curve = Curve.of(chance.rows(order), np.zeros(len(order)))
    right = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    told = (curve.precision, curve.precision_low, curve.precision_high, right)
    return {str(k): [round(float(v[k - 1]), 4) for v in told] for k in LISTS}


def common_scheme(seeds: int = 10) -> dict[str, Any]:
    """Where nobody follows a scheme and where one is common, by prevalence: AP of the champion and of libraries, mean
    over seeds, and what is expected of its list against the truth (as `told`)."""
    found: dict[str, Any] = {}
    for schemes, prevalence in ((1, 0.0), *product((1, 4), (0.02, 0.08, 0.15))):
        aps, lists = [], []
        for seed in range(1000, 1000 + seeds):
            made = stress(seed, prevalence, schemes=schemes, strength=2.0 if prevalence else 0.0)
            truth = made.planted & (prevalence > 0)
            model = ProviderModel(load("provider_champion"), seed=1).fit(made.panel)
            said = model.assess(made.panel)
            nats = evidence(said.p_value)
            scores = {"fused (champion)": nats} | libraries(frame(made))
            aps.append({name: average_precision(pd.Series(truth), pd.Series(score)) for name, score in scores.items()})
            lists.append(held_against(truth, nats, model.by_chance(said, pd.DataFrame(columns=["org_number"]))))
        key = f"{schemes} scheme{'s' if schemes > 1 else ''}, {prevalence:.0%} of providers" if prevalence else "none"
        means = {name: round(float(np.mean([row[name] for row in aps])), 3) for name in aps[0]} if prevalence else {}
        found[key] = {"AP": means, "expected": over_cities(lists)}
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


def leads(results: dict[str, Any]) -> dict[str, Any]:
    """By difficulty and ranking: the champion's lead in AP and AP within size classes, its 95 % interval (paired
    bootstrap over cities), and in how many cities it leads, of how many."""
    found: dict[str, Any] = {}
    for level in LEVELS:
        mine = [result["rankings"] for name, result in results.items() if name.startswith(level)]
        for ranking in mine[0] if mine else ():
            for measure in ("AP", "AP within size class"):
                less = np.array([each[CHAMPION][measure] - each[ranking][measure] for each in mine])
                lead = [*(round(float(v), 3) for v in (less.mean(), *interval_of_mean(less))), int((less > 0).sum())]
                found.setdefault(level, {}).setdefault(ranking, {})[measure] = [*lead, len(less)]
    return found


def told(results: dict[str, Any]) -> dict[str, Any]:
    """`over_cities` by difficulty."""
    levels = {level: [result for name, result in results.items() if name.startswith(level)] for level in LEVELS}
    return {level: over_cities(mine) for level, mine in levels.items() if mine}


def over_cities(lists: list[dict[str, list[float]]]) -> dict[str, list[float]]:
    """By length of the list: expected precision, its interval and the true share, means over cities; then the shares of
    cities whose interval holds the truth, and whose interval lies above it."""
    found = {}
    for k in lists[0]:
        rows = np.array([each[k] for each in lists])
        over = rows[:, 1] > rows[:, 3]
        held = ~over & (rows[:, 3] <= rows[:, 2])
        found[k] = [*rows.mean(axis=0).round(3).tolist(), round(float(held.mean()), 3), round(float(over.mean()), 3)]
    return found


def _short(number: str) -> float:
    return round(float(number), 4)


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
        folder = chosen.kept / f"{level}-{seed}"
        read: dict[bool, City] = {}
        for part in chosen.parts:
            done = chosen.work / f"{part}-{level}-{seed}.json"
            if not done.exists() and not chosen.summary and folder.exists():
                planted, measure = PARTS[part]
                read[planted] = read.get(planted) or City.read(folder, planted=planted)
                done.write_text(json.dumps(measure(read[planted])), encoding="utf-8")
                print(level, seed, part, flush=True)
            if done.exists():
                results[part][f"{level} {seed}"] = json.loads(done.read_text(encoding="utf-8"), parse_float=_short)
    if chosen.summary:
        table = summary(results["compared"])
        document = {
            "summary": table, "leads": leads(results["compared"]),
            **{part: told(results[part]) for part in ("expected", "honest")}, "cities": results,
        }  # fmt: skip
        if chosen.common:
            document["common_scheme"] = common_scheme()
        (HERE / "singles.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        picture(table, HERE / "rankings.png")
        print(markdown(table), json.dumps(document.get("common_scheme", {}), indent=1), sep="\n")


#: What is made of a city, each by itself: with the planted providers or without, and how.
PARTS: dict[str, tuple[bool, Callable[[City], dict[str, Any]]]] = {
    "compared": (True, compared), "expected": (True, expected), "honest": (False, expected),
}  # fmt: skip


if __name__ == "__main__":
    main()
