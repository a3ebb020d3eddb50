"""results.json: what an experiment's trials gave, added up; small, and without a row of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from valfardsbrott.measures import interval_of_mean, overlap
from valfardsbrott.stages.experiment_data import Data
from valfardsbrott.stages.experiment_plan import Variant
from valfardsbrott.stages.experiment_trial import Trial
from valfardsbrott.stages.workspace import digest

#: A variant's trials by data set and then by model seed.
Trials = Mapping[str, Sequence[Trial]]
_SEED = 20261122


def of_variant(variant: Variant, trials: Trials, capacity: int) -> dict[str, Any]:
    """A variant's figures: mean and spread over data sets, each data set's own, and by scheme and look-alike."""
    by_data = {name: _mean_over_seeds(each, capacity) for name, each in trials.items()}
    every = [trial for each in trials.values() for trial in each]
    return {
        "parameters": variant.parameters(),
        **({"definition": digest(variant.definition().model_dump_json())[:16]} if variant.base else {}),
        "summary": {
            name: _spread([each[name] for each in by_data.values() if name in each]) for name in _names(by_data)
        },
        "by_data": {name: {key: _round(value) for key, value in each.items()} for name, each in by_data.items()},
        "schemes": _pooled([trial.schemes for trial in every]),
        "lookalikes": _pooled([trial.lookalikes for trial in every]),
        "sizes": _pooled([trial.sizes for trial in every]),
        "curve": {
            k: _round(float(np.mean([trial.curve[k] for trial in every if k in trial.curve])))
            for k in sorted({k for trial in every for k in trial.curve}, key=int)
        },
    }


def differences(results: Mapping[str, Mapping[str, Any]], measures: Sequence[str]) -> dict[str, Any]:
    """The first variant less each other, measure by measure, paired over the data sets that both have."""
    first, *others = results
    return {f"{first} less {other}": paired(results[first], results[other], measures) for other in others}


def paired(one: Mapping[str, Any], other: Mapping[str, Any], measures: Sequence[str]) -> dict[str, Any]:
    """Mean difference with a 95 % interval (percentile bootstrap over data sets), and how often ``one`` is higher.

    Data sets that either lacks, and those where a measure is not a number, are left out. Under three pairs no interval.
    """
    shared = [name for name in one["by_data"] if name in other["by_data"]]
    found = {}
    for measure in measures:
        pairs = [(one["by_data"][name].get(measure), other["by_data"][name].get(measure)) for name in shared]
        less = np.array([a - b for a, b in pairs if a is not None and b is not None])
        if len(less):
            low, high = interval_of_mean(less, seed=_SEED)
            found[measure] = {
                "difference": _round(float(less.mean())), "low": _round(low), "high": _round(high), "pairs": len(less),
                "higher": int((less > 0).sum()), "lower": int((less < 0).sum()),
            }  # fmt: skip
    return found


def of_data(every: Sequence[Data], trials: Trials) -> list[dict[str, Any]]:
    """The data sets by name and digest, with how many are ranked and how many of those should come first."""
    return [{"name": each.name, "digest": each.digest[:36], **trials[each.name][0].facts} for each in every]


def commit(folder: Path) -> str:
    """The commit that the checkout around ``folder`` stands at; empty outside one."""
    for parent in folder.resolve().parents:
        head = parent / ".git" / "HEAD"
        if head.is_file():
            said = head.read_text("utf-8").strip()
            ref = parent / ".git" / said.removeprefix("ref: ")
            return (ref.read_text("utf-8").strip() if ref.is_file() else said if len(said) == 40 else "")[:12]
    return ""


def _mean_over_seeds(trials: Sequence[Trial], capacity: int) -> dict[str, float]:
    names = [name for name in trials[0].measures if all(name in trial.measures for trial in trials)]
    found = {name: float(np.mean([trial.measures[name] for trial in trials])) for name in names}
    if len(trials) > 1:
        kept = [overlap(one.top, other.top, capacity) for one, other in combinations(trials, 2)]
        found["list_kept_under_other_seed"] = float(np.mean(kept))
    return found


def _names(by_data: Mapping[str, Mapping[str, float]]) -> list[str]:
    return list(dict.fromkeys(name for each in by_data.values() for name in each))


def _spread(values: Sequence[float]) -> dict[str, float | int | None]:
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return {"mean": None, "sd": None, "low": None, "high": None, "data": 0}
    low, high = interval_of_mean(np.array(known), seed=_SEED)
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return {
        "mean": _round(float(np.mean(known))), "sd": _round(spread), "low": _round(low), "high": _round(high),
        "data": len(known),
    }  # fmt: skip


def _pooled(tables: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, float | None]]:
    """By scheme or kind: all providers of all trials together, other figures weighted by them."""
    found: dict[str, dict[str, float | None]] = {}
    for name in sorted({name for table in tables for name in table}):
        rows = [table[name] for table in tables if name in table]
        weights = [row["providers"] for row in rows]
        found[name] = {"providers": sum(weights)}
        for key in rows[0]:
            if key != "providers":
                known = [
                    (row[key], weight) for row, weight in zip(rows, weights, strict=True) if not np.isnan(row[key])
                ]
                mean = np.average([value for value, _ in known], weights=[w for _, w in known]) if known else None
                found[name][key] = _round(mean)
    return found


def _round(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 4)
