"""Backtest: what rankings of past months, made of what was known then, would have found, how early, at what cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import EXIT_USAGE, Failure, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import backtest_measures as measures
from valfardsbrott.stages.backtest_cases import known_cases
from valfardsbrott.stages.models_known import (
    BEFORE_DETECT,
    Known,
    Ranker,
    Ranking,
    by_column,
    by_model,
    by_name,
)
from valfardsbrott.stages.workspace import Workspace, code_digest, definitions_digest, digest, replacing

if TYPE_CHECKING:
    import pandas as pd

#: Rankings that need no model; what a model is worth is what it gives beyond them.
BASELINES = {"amount": by_column("billed_ore"), "random": by_column("random")}


@dataclass(frozen=True)
class Question:
    """What to try: rankings (a model's name, a registered version, "amount", "random"), months, list length, cost."""

    rankings: tuple[str, ...]
    first: Month
    last: Month
    capacity: int
    review_cost: float | None = None
    cases: Path | None = None

    @property
    def months(self) -> tuple[Month, ...]:
        """Oldest first."""
        count = (self.last.year - self.first.year) * 12 + self.last.number - self.first.number + 1
        return tuple(sorted(self.last.back(count)))


def backtest(question: Question, settings: Settings, progress: Progress = silent) -> dict[str, Any]:
    """Rank each month as it was known, compare with the known cases, write and log the result; the result.

    Months that the store has are used as their runs left them; others are read from their deliveries first. The folder
    ``<store>/backtests/<id>/`` gets ``backtest.json`` (figures), ``lists.parquet`` and ``cases.parquet`` (providers).
    MLflow gets the figures only. Raises Failure where the months are turned around, a ranking is not known, a month can
    be had neither from the store nor from a delivery, or a registered version was fitted after the first month.
    """
    if question.first > question.last:
        raise Failure(f"{question.first} is after {question.last}", "Give --from the earlier month", EXIT_USAGE)
    rankers = {name: ranker(name, question.first, settings) for name in question.rankings}
    months = [_prepared(month, settings, progress) for month in question.months]
    lists: dict[str, dict[Month, list[str]]] = {name: {} for name in rankers}
    for done, known in enumerate(months):
        progress("backtest", done, len(months))
        for name, rank in rankers.items():
            lists[name][known.month] = ordered(rank(known))
    progress("backtest", len(months), len(months))
    cases = known_cases(Workspace(settings), question.cases)
    result = _result(question, settings, lists, cases)
    folder = settings.store_path / "backtests" / result["id"]
    _write(folder, result, lists, cases, question)
    return result | {"folder": str(folder)} | _logged(result, settings)


def ranker(name: str, first: Month, settings: Settings) -> Ranker:
    """The ranking called ``name``. A registered version is used as it was fitted, so not on months before its own."""
    if name in BASELINES:
        return BASELINES[name]
    if not name.isdigit():
        return by_name(name)
    from valfardsbrott import tracking

    fitted = next((each["month"] for each in tracking.versions(settings) if each["version"] == int(name)), None)
    if fitted is None:
        raise Failure(f"there is no registered version {name}", "See valfardsbrott models list", EXIT_USAGE)
    if Month.parse(fitted) > first:
        raise Failure(
            f"version {name} was fitted on {fitted} and knows more than was known in {first}",
            "Name the model instead: it is then fitted for each month on what was known",
            EXIT_USAGE,
        )
    return by_model(tracking.load(settings, name).predict)


def ordered(ranking: Ranking) -> list[str]:
    """The providers, most suspicious first; ties by organisation number."""
    by_number = ranking.score.sort_index()
    return [str(org) for org in by_number.sort_values(ascending=False, kind="stable").index]


def _prepared(month: Month, settings: Settings, progress: Progress) -> Known:
    known = Known(month, settings)
    if known.workspace.stage("matrix", month, "matrix.parquet").exists():
        return known
    if not (settings.deliveries / str(month)).is_dir():
        raise Failure(
            f"{month} is neither in the store nor among the deliveries in {settings.deliveries}",
            "Choose a later --from, or name the folder of deliveries with --deliveries",
        )
    for stage in BEFORE_DETECT:
        import_module(f"{__package__}.{stage}").run(month, settings, progress)
    return known


def _result(
    question: Question, settings: Settings, lists: Mapping[str, measures.Lists], cases: pd.DataFrame
) -> dict[str, Any]:
    plan = {
        "rankings": list(question.rankings), "from": str(question.first), "to": str(question.last),
        "capacity": question.capacity, "review_cost": question.review_cost, "seed": settings.seed,
    }  # fmt: skip
    workspace = Workspace(settings)
    read = [getattr(workspace.manifest("features", month), "fingerprint", "") for month in question.months]
    asked = (question.capacity, question.review_cost, settings.seed)
    return {
        "id": digest(json.dumps(plan), *read, cases.to_csv(), code_digest("detectors", "stages"),
                     definitions_digest("models"))[:12],
        "plan": plan,
        "data": {"matrices": digest(*read)[:36], "months": [str(month) for month in question.months]},
        "cases": cases["outcome"].value_counts().sort_index().to_dict(),
        "rankings": {name: measures.summary(each, cases, *asked) for name, each in lists.items()},
        "differences": measures.difference(lists, cases, question.capacity, settings.seed),
    }  # fmt: skip


def _write(
    folder: Path, result: Mapping[str, Any], lists: Mapping[str, measures.Lists], cases: pd.DataFrame, asked: Question
) -> None:
    import pandas as pd

    rows = [
        (name, str(month), rank, org)
        for name, months in lists.items()
        for month, orgs in months.items()
        for rank, org in enumerate(orgs[: asked.capacity], 1)
    ]
    tables = {
        "lists": pd.DataFrame(rows, columns=["ranking", "month", "rank", "org_number"]),
        "cases": pd.concat(
            [measures.cases_found(each, cases, asked.capacity).assign(ranking=name) for name, each in lists.items()]
        ),
    }
    for name, table in tables.items():
        with replacing(folder / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    with replacing(folder / "backtest.json") as path:
        path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _logged(result: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Where the figures were logged; why not, where they could not be."""
    if not settings.tracking:
        return {}
    from valfardsbrott import tracking
    from valfardsbrott.stages.failures import as_failure

    try:
        return {"tracked": tracking.log_nested(settings, *_records(result, settings))}
    except Exception as error:
        return {"tracking_error": str(as_failure(error, settings.store_path / "logs", "the logging in MLflow"))}


def _records(result: Mapping[str, Any], settings: Settings) -> tuple[str, Any, Sequence[Any]]:
    """The backtest as a run and each ranking as a run below it."""
    from valfardsbrott import tracking

    plan, data = result["plan"], result["data"]
    given = tracking.Data(f"matrices {data['months'][0]} to {data['months'][-1]}", data["matrices"])
    children = [
        tracking.Record(
            name=name, digest=digest(result["id"], name), parameters=plan | {"ranking": name}, data=(given,),
            metrics={None: _flat(figures)}, tables={"months.json": figures["by_month"]},
            steps={key: [row[key] for row in figures["by_month"]] for key in ("overlap_at_capacity", "reviews")},
        )
        for name, figures in result["rankings"].items()
    ]  # fmt: skip
    parent = tracking.Record(
        name=f"backtest {plan['from']} to {plan['to']}", digest=result["id"], parameters=plan, data=(given,),
        tables={"backtest.json": result}, tags={"kind": "backtest"},
    )  # fmt: skip
    return f"{tracking.experiment_name(settings)}-backtest", parent, children


def _flat(figures: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": each for key, each in value.items() if each is not None}
        elif isinstance(value, int | float):
            found[name] = float(value)
    return found
