"""An experiment in MLflow: a run for the experiment and one below it for each variant, with data, plots and models."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from valfardsbrott.settings import Settings
from valfardsbrott.stages import experiment_plots
from valfardsbrott.stages.experiment_plan import Plan, Script, Variant
from valfardsbrott.stages.workspace import digest

if TYPE_CHECKING:
    from valfardsbrott.stages.experiment import Bench
    from valfardsbrott.tracking import Record, Sample

#: The most numbers of a script's results that are logged as metrics; the whole file is logged as it is.
_MOST = 500
#: Tables of a variant's figures by scheme, kind of look-alike and size class.
_GROUPED = ("schemes", "lookalikes", "sizes")


@contextmanager
def watched(settings: Settings) -> Iterator[list[Sample]]:
    """What the machine is put to while the block runs; nothing where tracking is off."""
    if not settings.tracking:
        yield []
        return
    from valfardsbrott import tracking

    with tracking.watch() as samples:
        yield samples


def of_plan(bench: Bench, plan: Plan, document: Mapping[str, Any], samples: list[Sample]) -> dict[str, str]:
    """Log a grid or a search. Where; why not, where it could not be: the results are on the disk in any case."""
    return _told(bench, lambda: _grid(bench, plan, document, samples))


def of_script(bench: Bench, plan: Script, results: Mapping[str, Any]) -> dict[str, str]:
    """Log a script's results: the numbers as metrics, the file as it is."""
    return _told(bench, lambda: _script(bench, plan, results))


def _told(bench: Bench, log: Any) -> dict[str, str]:
    if not bench.settings.tracking:
        return {}
    from valfardsbrott.stages.failures import as_failure

    try:
        return {"tracked": str(log())}
    except Exception as error:
        return {"tracking_error": str(as_failure(error, bench.settings.store_path / "logs", "the logging in MLflow"))}


def _grid(bench: Bench, plan: Plan, document: Mapping[str, Any], samples: list[Sample]) -> str:
    from valfardsbrott import tracking

    data = [tracking.Data(each["name"], each["digest"], {"ranked": each["ranked"]}) for each in document["data"]]
    parent = tracking.Record(
        name=bench.name,
        digest=digest(document),
        parameters={"kind": plan.kind, "primary": plan.primary, "capacity": plan.capacity},
        data=data,
        tables={"results.json": dict(document)},
        plots={f"{plan.primary}.png": experiment_plots.variants(document, plan.primary)},
        tags={"kind": "experiment", "commit": str(document["commit"]), "features": str(document["features"])},
        samples=samples,
    )
    children = [_variant(bench, plan, name, each, data) for name, each in document["variants"].items()]
    return tracking.log_nested(bench.settings, f"experiment {bench.name}", parent, children)


def _variant(bench: Bench, plan: Plan, name: str, found: Mapping[str, Any], data: Any) -> Record:
    from valfardsbrott import tracking
    from valfardsbrott.stages.experiment import model_file

    overall = {key: each["mean"] for key, each in found["summary"].items() if each["mean"] is not None}
    spread = {f"{key} sd": each["sd"] for key, each in found["summary"].items() if each["sd"] is not None}
    own = {
        of: {key: value for key, value in each.items() if value is not None} for of, each in found["by_data"].items()
    }
    model = None
    if "definition" in found:
        variant = _again(plan, name, found)
        model = model_file(bench, variant, data[0].name) if variant else None
    return tracking.Record(
        name=name,
        digest=digest(name, found),
        parameters=found["parameters"],
        data=data,
        metrics={None: overall | spread | _by_group(found), **own},
        tables={f"{table}.json": found[table] for table in _GROUPED},
        plots={"precision.png": experiment_plots.curve(found["curve"], name)},
        tags={"kind": "variant", "definition": str(found.get("definition", ""))},
        model=model if model and model.exists() else None,
    )


def _by_group(found: Mapping[str, Any]) -> dict[str, float]:
    """Figures of each scheme, look-alike and size class: "schemes.S01.auc", "lookalikes.care_home.share_on_list"."""
    return dict(_numbers("", {table: found[table] for table in _GROUPED}))


def _again(plan: Plan, name: str, found: Mapping[str, Any]) -> Variant | None:
    """The variant that a result is of, under the first model seed."""
    import json

    parameters = dict(found["parameters"])
    base = parameters.pop("base")
    changes = {path: json.loads(value) for path, value in parameters.items()}
    return Variant(name=name, base=base, changes=changes, seed=plan.model_seeds[0])


def _script(bench: Bench, plan: Script, results: Mapping[str, Any]) -> str:
    from valfardsbrott import tracking

    told = results.get(plan.summary, results) if plan.summary else results
    figures = dict(list(_numbers("", told))[:_MOST])
    parent = tracking.Record(
        name=bench.name, digest=digest(bench.name, results), metrics={None: figures},
        tables={"results.json": dict(results)}, tags={"kind": "experiment"},
    )  # fmt: skip
    return tracking.log_nested(bench.settings, f"experiment {bench.name}", parent, [])


def _numbers(prefix: str, value: Any) -> Iterator[tuple[str, float]]:
    """Every number by its path; a pair of numbers is a mean and a spread."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _numbers(f"{prefix}.{name}" if prefix else str(name), each)
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(each, int | float) for each in value):
        yield from ((prefix, float(value[0])), (f"{prefix} sd", float(value[1])))
    elif isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value):
        yield prefix, float(value)
