"""Confirmed cases found with learning against without, and the control sample's estimates against the truth.

python experiments/learning/run.py --kept DIR [DIR ...] [--work DIR] [--cities medium-401 hard-401] [--summary]

DIR holds cities that are made already (experiments/detection/cities.py): <difficulty>-<seed>/{matrix,nodes}.parquet and
truth/. Each city is kept as `runs/<city>.json` in the work folder: one that is there is not run again.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from frames import City, city
from measured import LEARNED, MEASURES, WITHOUT, finite, mean, measured
from simulate import WAYS, Plan, Simulation

from valfardsbrott.control_arm import Estimates, estimate
from valfardsbrott.detectors.definition import load
from valfardsbrott.measures import interval_of_mean
from valfardsbrott.stages.experiment_results import commit
from valfardsbrott.stages.workspace import digest

HERE = Path(__file__).resolve().parent
#: Ways that fit nothing are run under more draws of the control sample and of the errors.
CHEAP = ("champion", "decided left out", "held back")
#: Differences that answer the question, each paired by city.
PAIRS = (
    ("learned by the gate", "champion"), ("learned by the gate", "decided left out"), ("held back", "decided left out"),
    ("learned always", "held back"), ("learned by the gate", "held back"),
)  # fmt: skip


def main() -> None:
    config = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, nargs="+", required=True)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--cities", nargs="*", default=config["cities"])
    parser.add_argument("--summary", action="store_true", help="only add up the cities that are there")
    options = parser.parse_args()
    (options.work / "runs").mkdir(parents=True, exist_ok=True)
    for name in () if options.summary else options.cities:
        for what, make in (("", _city), ("-right", _all_right)):
            kept = options.work / "runs" / f"{name}{what}.json"
            if not kept.exists():
                folder = next((each / name for each in options.kept if (each / name).is_dir()), None)
                if folder is None:
                    sys.exit(f"there is no kept city {name}: make it with experiments/detection/cities.py")
                kept.write_text(json.dumps(make(city(folder, options.work), config)), encoding="utf-8")
    rows = [_read(options.work / "runs", name) for name in config["cities"]]
    text = json.dumps(_summary([row for row in rows if row], config), indent=1, ensure_ascii=False)
    (HERE / "results.json").write_text(text + "\n", encoding="utf-8")


def _read(runs: Path, name: str) -> dict[str, Any] | None:
    """What was kept of a city; None where it has not been run."""
    paths = runs / f"{name}.json", runs / f"{name}-right.json"
    if not all(path.exists() for path in paths):
        return None
    return json.loads(paths[0].read_text("utf-8")) | {"right": json.loads(paths[1].read_text("utf-8"))}


def _all_right(of: City, config: dict[str, Any]) -> list[dict[str, Any]]:
    """The estimates where no decision is wrong, with the champion's list and those held back."""
    plan = Plan(**config["plan"] | {"wrong": 0.0})
    runs = (Simulation(of, "held back", plan, seed).run() for seed in range(config["draws"]["cheap"]))
    return [_against_truth(run, plan) for run in runs]


def _city(of: City, config: dict[str, Any]) -> dict[str, Any]:
    plan = Plan(**config["plan"])
    found: dict[str, Any] = {"name": of.name, "ranked": len(of.planted), "planted": int(of.planted.sum()), "ways": {}}
    found["features"] = len(of.months[0].names)
    for way in WAYS:
        seeds = config["draws"]["cheap" if way in CHEAP else "fitted"]
        runs = [Simulation(of, way, plan, seed).run() for seed in range(seeds)]
        found["ways"][way] = [
            {"found": run.found, "held": run.held, "estimates": _against_truth(run, plan), "took_over":
             [verdict.takes_over for verdict in run.verdicts]}
            for run in runs
        ]  # fmt: skip
        if way == "learned always":
            found["model"] = measured(runs, plan.capacity)
    return found


def _against_truth(run: Simulation, plan: Plan) -> dict[str, Any]:
    """The estimates put right for the errors, as they are without that, and what is true."""
    right, listed, missed, left = (sum(column) for column in zip(*run.truth, strict=True))
    true = {"precision": right / listed, "missed": missed / left, "prevalence": (right + missed) / (listed + left),
            "recall": right / (right + missed)}  # fmt: skip
    return {
        "true": true,
        "corrected": _shares(estimate(run.drawn, wrong_decisions=plan.wrong)),
        "as_decided": _shares(estimate(run.drawn)),
    }


def _shares(found: Estimates) -> dict[str, Any]:
    return {name: found.as_json()[name] for name in ("precision", "missed", "prevalence", "recall")}


def _summary(rows: list[dict[str, Any]], config: dict[str, Any]) -> dict[str, Any]:
    found = {way: {row["name"]: _found(row["ways"][way]) for row in rows} for way in WAYS}
    last = {way: {name: each["last"] for name, each in cities.items()} for way, cities in found.items()}
    led = [np.mean([sum(run["took_over"]) for run in row["ways"]["learned by the gate"]]) for row in rows]
    facts = ("ranked", "planted", "features")
    return {
        "experiment": "learning",
        "commit": commit(HERE),
        "plan": config["plan"],
        "seeds": sorted({row["name"].partition("-")[2] for row in rows}),
        "data": [{"name": _title(row["name"])} | {key: row[key] for key in facts} for row in rows],
        "found": {way: _spread(list(cities.values())) for way, cities in last.items()},
        "found_by_city": last,
        "found_by_month": {way: _mean_of([each["months"] for each in of.values()]) for way, of in found.items()},
        "more_found": {
            f"{one} less {other}": _spread([last[one][name] - last[other][name] for name in last[one]])
            for one, other in PAIRS
        },
        "months_led_by_the_gate": _spread([float(each) for each in led]),
        "estimates": {
            way: _estimates([run["estimates"] for row in rows for run in row["ways"][way]])
            for way in ("held back", "learned by the gate")
        }
        | {"held back, no decision wrong": _estimates([run for row in rows for run in row["right"]])},
        "variants": _variants(rows),
    }


def _found(runs: list[dict[str, Any]]) -> dict[str, Any]:
    months = _mean_of([run["found"] for run in runs])
    return {"last": months[-1], "months": months}


def _mean_of(rows: list[list[float]]) -> list[float]:
    return [round(float(each), 2) for each in np.mean(rows, axis=0)]


def _spread(values: list[float]) -> dict[str, Any]:
    low, high = interval_of_mean(np.array(values, dtype=np.float64))
    figures = {
        "mean": np.mean(values),
        "sd": np.std(values, ddof=1) if len(values) > 1 else np.nan,
        "low": low,
        "high": high,
    }
    return {name: finite(round(float(value), 2)) for name, value in figures.items()} | {"cities": len(values)}


def _estimates(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """By share: the truth and the estimate on the mean, the share of intervals that hold the truth, and their ends."""
    found: dict[str, Any] = {"runs": len(runs)}
    for kind in ("corrected", "as_decided"):
        for name in ("precision", "missed", "prevalence", "recall"):
            known = [(run["true"][name], run[kind][name]) for run in runs if run[kind][name]["value"] is not None]
            if not known:
                continue
            figures = {
                "true": np.mean([true for true, _ in known]),
                "estimated": np.mean([one["value"] for _, one in known]),
                "covered": np.mean([one["low"] <= true <= one["high"] for true, one in known]),
                "low": np.mean([one["low"] for _, one in known]),
                "high": np.mean([one["high"] for _, one in known]),
            }
            found[f"{name}, {kind}"] = {key: round(float(value), 4) for key, value in figures.items()}
    return found


def _variants(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The learnt model and the champion, as cards read them: only providers that nobody had decided on."""
    definition = digest(load(LEARNED).model_dump_json())[:16]
    variants = {}
    for name, own in ((LEARNED, {"base": LEARNED}), (WITHOUT, {"ranking": "champion"})):
        figures = [row["model"][name] for row in rows]
        by_data = {_title(row["name"]): {key: row["model"][name][key] for key in MEASURES} for row in rows}
        summary = {key: _spread([each[key] for each in figures if each[key] is not None]) for key in MEASURES}
        rest = {key: mean([each[key] for each in figures]) for key in ("sizes", "lookalikes", "schemes")}
        variants[name] = {"parameters": own, "definition": definition, "by_data": by_data, "summary": summary, **rest}
    return variants


def _title(name: str) -> str:
    difficulty, _, seed = name.partition("-")
    return f"{difficulty}, seed {seed}"


if __name__ == "__main__":
    main()
