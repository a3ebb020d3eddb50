"""experiment: answer a folder's question by a grid or a search over models, in parallel, resumed where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from valfardsbrott import __version__
from valfardsbrott.domain import Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import experiment_data, experiment_results, experiment_trial
from valfardsbrott.stages.experiment_data import Data
from valfardsbrott.stages.experiment_plan import Plan, Script, Variant, drawn, read, variants
from valfardsbrott.stages.experiment_trial import Trial
from valfardsbrott.stages.workspace import code_digest, definitions_digest, digest, replacing

#: What a trial's figures depend on, besides its variant and its data.
_CODE = ("detectors", "stages/detect.py", "stages/scores.py", "stages/experiment_trial.py", "measures.py",
         "stages/models_known.py")  # fmt: skip
#: Measured against the first variant, with intervals.
COMPARED = ("average_precision", "average_precision_within_size", "precision_at_capacity", "recall_at_capacity")


@dataclass(frozen=True)
class Bench:
    """Where and how an experiment is run: its folder, its work folder, processes at once, and where it is logged.

    ``kept``: cities that are made already (experiment_data.Places).
    """

    folder: Path
    work: Path
    settings: Settings
    kept: Path | None = None

    @property
    def name(self) -> str:
        return self.folder.name


def run(bench: Bench, progress: Progress = silent) -> dict[str, Any]:
    """Run what is not done yet, write ``results.json`` and log it; the results.

    Every finished trial is kept in the work folder, so an experiment that was stopped goes on where it was. Raises
    Failure where the folder's plan is wrong.
    """
    from valfardsbrott.stages import experiment_log, experiment_script

    plan = read(bench.folder)
    if isinstance(plan, Script):
        results = experiment_script.run(bench, plan)
        return results | experiment_log.of_script(bench, plan, results)
    bench.work.mkdir(parents=True, exist_ok=True)
    with experiment_log.watched(bench.settings) as samples:
        results = _search(bench, plan, progress) if plan.search else _grid(bench, plan, variants(plan), progress)
    document = {"experiment": bench.name, "kind": plan.kind, "commit": experiment_results.commit(bench.folder),
                "version": __version__, "features": definitions_digest("features")[:16],
                "plan": plan.model_dump(mode="json", exclude_defaults=True)} | results  # fmt: skip
    write(bench.folder / "results.json", document)
    return document | experiment_log.of_plan(bench, plan, document, samples)


def write(path: Path, document: Mapping[str, Any]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _search(bench: Bench, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Draw, choose on the choosing seeds, and measure base and best on the others."""
    assert plan.search is not None  # noqa: S101 - the caller asked
    tried = drawn(plan)
    data = _data(bench, plan, plan.search.choose, progress)
    trials = _trials(bench, plan, tried, data, progress)
    figures = {each.name: experiment_results.of_variant(each, trials[each.name], plan.capacity) for each in tried}
    means = {name: each["summary"][plan.primary]["mean"] or 0.0 for name, each in figures.items()}
    best = next(each for each in tried if each.name == max(means, key=lambda name: means[name]))
    found = _grid(bench, plan, (best.model_copy(update={"name": "best"}), *variants(plan)), progress)
    order = sorted(tried, key=lambda each: -means[each.name])
    draws = [{"changes": each.changes, plan.primary: means[each.name]} for each in order]
    return {"best": best.changes, "draws": draws} | found


def _grid(bench: Bench, plan: Plan, chosen: Sequence[Variant], progress: Progress) -> dict[str, Any]:
    data = _data(bench, plan, plan.seeds, progress)
    trials = _trials(bench, plan, chosen, data, progress)
    found = {each.name: experiment_results.of_variant(each, trials[each.name], plan.capacity) for each in chosen}
    results = {
        "data": experiment_results.of_data(data, trials[chosen[0].name]),
        "variants": found,
        "differences": experiment_results.differences(found, COMPARED),
    }
    if plan.extra:
        tasks = {each.name: (_extra, (bench.folder, plan.extra, each)) for each in data}
        results["extra"] = dict(_pooled(bench, tasks, "extra", progress))
    return results


def _data(bench: Bench, plan: Plan, seeds: tuple[int, ...], progress: Progress) -> list[Data]:
    asked = experiment_data.names(plan, seeds)
    places = experiment_data.Places(bench.work, bench.kept)
    tasks = {name: (experiment_data.prepare, (name, of, seed, plan.run, places)) for name, of, seed in asked}
    made = dict(_pooled(bench, tasks, "data", progress))
    return [made[name] for name, _, _ in asked]


def _trials(
    bench: Bench, plan: Plan, chosen: Sequence[Variant], data: Sequence[Data], progress: Progress
) -> dict[str, dict[str, list[Trial]]]:
    """Every variant on every data set under every model seed, by variant's name, data set and seed."""
    tasks = {
        (each.name, of.name, seed): (_trial, (bench, each.model_copy(update={"seed": seed}), of, plan.capacity))
        for each in chosen
        for of in data
        for seed in (plan.model_seeds if each.base else plan.model_seeds[:1])
    }
    done = dict(_pooled(bench, tasks, "trials", progress))
    found: dict[str, dict[str, list[Trial]]] = {}
    for name, of_name, seed in tasks:
        found.setdefault(name, {}).setdefault(of_name, []).append(done[name, of_name, seed])
    return found


def _trial(bench: Bench, variant: Variant, data: Data, capacity: int) -> Trial:
    """The trial as it was done before, or done now."""
    own = bench.folder / "rankings.py"
    code = own.read_text("utf-8") if variant.ranking and own.exists() else ""
    key = digest(variant.identity, code, data.digest, capacity, code_digest(*_CODE))
    path = bench.work / "trials" / f"{key[:24]}.json"
    if path.exists():
        return experiment_trial.from_json(json.loads(path.read_text("utf-8")))
    trial = experiment_trial.run(variant, data, bench.folder, capacity, model_file(bench, variant, data))
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(experiment_trial.as_json(trial)), encoding="utf-8")
    return trial


def model_file(bench: Bench, variant: Variant, data: Data | str) -> Path:
    """Where the model that was fitted on a data set is kept."""
    name = data if isinstance(data, str) else data.name
    return bench.work / "models" / f"{digest(variant.identity, name)[:24]}.skops"


def _extra(folder: Path, function: str, data: Data) -> Any:
    return experiment_trial.own_function(folder, function)(data)


def _pooled(
    bench: Bench, tasks: Mapping[Any, tuple[Callable[..., Any], tuple[Any, ...]]], what: str, progress: Progress
) -> Iterable[tuple[Any, Any]]:
    """The tasks' results, done in as many processes as there are threads; the first error stops what has not begun."""
    at_once = min(bench.settings.threads, len(tasks))
    progress(what, 0, len(tasks))
    if at_once <= 1:
        for done, (key, (function, given)) in enumerate(tasks.items(), 1):
            yield key, function(*given)
            progress(what, done, len(tasks))
        return
    # A fresh interpreter: forking one that has started threads (DuckDB, numpy) may hang.
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(function, *given): key for key, (function, given) in tasks.items()}
        try:
            for done, future in enumerate(as_completed(waiting), 1):
                yield waiting[future], future.result()
                progress(what, done, len(tasks))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
