"""One trial: a variant ranks a month, and is measured against what is true of it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott import measures
from valfardsbrott.domain import Failure
from valfardsbrott.measures import overlap, rank_biased_overlap
from valfardsbrott.stages.backtest import BASELINES, ordered
from valfardsbrott.stages.experiment_data import Data, truth_of
from valfardsbrott.stages.experiment_plan import Variant
from valfardsbrott.stages.models_known import Known, Ranker, Ranking, by_definition
from valfardsbrott.stages.workspace import digest

if TYPE_CHECKING:
    import pandas as pd

#: Lengths of list at which precision is measured, for the curve of what a longer list would bring.
CURVE = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100)


@dataclass(frozen=True)
class Trial:
    """What one variant gave on one data set. ``top``: its list, each provider as a digest, to compare lists by."""

    measures: dict[str, float]
    schemes: dict[str, dict[str, float]]
    lookalikes: dict[str, dict[str, float]]
    sizes: dict[str, dict[str, float]]
    curve: dict[str, float]
    top: list[str]
    facts: dict[str, Any]


def run(variant: Variant, data: Data, folder: Path, capacity: int, model_file: Path | None = None) -> Trial:
    """Rank and measure; the fitted model goes to ``model_file`` where one is named."""
    rank = ranker(variant, folder)
    known = data.known
    ranking = rank(known)
    if model_file is not None and ranking.model is not None:
        from valfardsbrott.detectors import storage

        model_file.parent.mkdir(parents=True, exist_ok=True)
        storage.save(ranking.model, model_file)
    score = ranking.score.sort_index()
    truth = truth_of(data, score.index)
    return Trial(
        measures=_overall(truth, score, known, capacity) | _steady(rank, known, ranking, capacity) | _seconds(ranking),
        schemes=_schemes(data, truth, score, capacity),
        lookalikes=_lookalikes(data, truth, score, capacity),
        sizes=_sizes(truth, score, known, capacity),
        curve={str(k): measures.precision_at(truth, score, k) for k in CURVE if k <= len(score)},
        top=[digest(org)[:12] for org in ordered(ranking)[:capacity]],
        facts={"ranked": len(score), "positive": int(truth.sum())} | _features(ranking),
    )


def ranker(variant: Variant, folder: Path) -> Ranker:
    """The variant's way of ranking. Raises Failure for a ranking that neither we nor the folder's file defines."""
    if variant.base:
        return by_definition(variant.definition())
    if variant.ranking in BASELINES:
        return BASELINES[variant.ranking]
    function = own_function(folder, variant.ranking)

    def rank(known: Known) -> Ranking:
        import time

        started = time.perf_counter()
        score = function(known)
        return Ranking(score, {"fit_and_score": time.perf_counter() - started})

    return rank


def own_function(folder: Path, name: str) -> Callable[..., Any]:
    """A function of the experiment folder's own ``rankings.py``: code of the project, read from the checkout."""
    path = folder / "rankings.py"
    spec = importlib.util.spec_from_file_location(f"experiment_{folder.name}_rankings", path)
    if spec is None or spec.loader is None or not path.exists():
        raise Failure(f"'{name}' is no ranking that there is", f"Define it in {path}, or use amount or random")
    module = sys.modules.get(spec.name)
    if module is None:
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    found: Callable[..., Any] | None = getattr(module, name, None)
    if found is None:
        raise Failure(f"{path} defines no function '{name}'", "See the other rankings there")
    return found


def _overall(truth: pd.Series[bool], score: pd.Series[float], known: Known, capacity: int) -> dict[str, float]:
    size = known.newest["size_class"].reindex(score.index)
    return {
        "average_precision": measures.average_precision(truth, score),
        "average_precision_within_size": measures.within_classes(truth, score, size),
        "auc": measures.auc(truth, score),
        "precision_at_capacity": measures.precision_at(truth, score, capacity),
        "recall_at_capacity": measures.recall_at(truth, score, capacity),
    }


def _steady(rank: Ranker, known: Known, ranking: Ranking, capacity: int) -> dict[str, float]:
    """How much of the list and of the order stays from the month before; nothing where the store has none."""
    before = Known(known.month.plus(-1), known.settings)
    if not before.workspace.stage("matrix", before.month, "matrix.parquet").exists():
        return {}
    lists = [ordered(ranking), ordered(rank(before))]
    both = set(lists[0]) & set(lists[1])
    now, then = ([org for org in each if org in both] for each in lists)
    return {
        "list_kept_from_month_before": overlap(now, then, capacity),
        "rank_biased_overlap_with_month_before": rank_biased_overlap(now, then),
    }


def _seconds(ranking: Ranking) -> dict[str, float]:
    return {f"seconds_{name}": round(value, 3) for name, value in ranking.seconds.items()}


def _schemes(data: Data, truth: pd.Series[bool], score: pd.Series[float], capacity: int) -> dict[str, dict[str, float]]:
    """For each scheme, its ranked providers against all that are not planted: AUC, and the share on the list."""
    top = set(score.sort_values(ascending=False, kind="stable").index[:capacity])
    found = {}
    for scheme in sorted({scheme for _, scheme in data.schemes}):
        mine = {org for org, name in data.schemes if name == scheme} & set(score.index)
        if mine:
            these = score.index.isin(sorted(mine)) | ~truth.to_numpy()
            own = truth[these] & truth.index[these].isin(sorted(mine))
            found[scheme] = {
                "providers": float(len(mine)),
                "auc": measures.auc(own, score[these]),
                "share_on_list": len(mine & top) / len(mine),
            }
    return found


def _lookalikes(
    data: Data, truth: pd.Series[bool], score: pd.Series[float], capacity: int
) -> dict[str, dict[str, float]]:
    """For each kind of honest look-alike, how many are ranked and the share that the list takes in."""
    top = set(score.sort_values(ascending=False, kind="stable").index[:capacity])
    honest = set(truth.index[~truth])
    found = {}
    for kind in sorted({kind for _, kind in data.alike}):
        mine = {org for org, name in data.alike if name == kind} & honest
        if mine:
            found[kind] = {"providers": float(len(mine)), "share_on_list": len(mine & top) / len(mine)}
    return found


def _sizes(truth: pd.Series[bool], score: pd.Series[float], known: Known, capacity: int) -> dict[str, dict[str, float]]:
    """For each size class, how many are ranked, the share that should come first, and the share that the list takes."""
    top = set(score.sort_values(ascending=False, kind="stable").index[:capacity])
    found = {}
    for size, members in truth.groupby(known.newest["size_class"].reindex(score.index), observed=True):
        found[str(size)] = {
            "providers": float(len(members)),
            "right": float(members.mean()),
            "share_on_list": len(set(members.index) & top) / len(members),
            "auc": measures.auc(members, score[members.index]),
        }
    return found


def _features(ranking: Ranking) -> dict[str, int]:
    return {"features": len(ranking.model.residuals.features)} if ranking.model is not None else {}


def as_json(trial: Trial) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in Trial.__dataclass_fields__}


def from_json(said: Mapping[str, Any]) -> Trial:
    return Trial(**said)
