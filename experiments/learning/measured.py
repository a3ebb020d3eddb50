"""How the learnt model ranks those whom nobody has decided on, beside the champion on the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from frames import City
from simulate import Simulation

from valfardsbrott.measures import auc, average_precision, precision_at, within_classes

MEASURES = ("average_precision", "average_precision_within_size", "precision_at_capacity")
LEARNED, WITHOUT = "provider_reranked", "champion, not yet decided"


def measured(runs: list[Simulation], capacity: int) -> dict[str, Any]:
    """The learnt model and the champion on those whom nobody had decided on after the last month, mean over runs."""
    rows: dict[str, list[dict[str, Any]]] = {LEARNED: [], WITHOUT: []}
    for run in runs:
        read = run.city.months[1]
        open_ = np.setdiff1d(np.arange(len(read.nats)), sorted(run.decided))
        for name, score in ((LEARNED, run.learned(read)), (WITHOUT, read.nats)):
            rows[name].append(_of(run.city, pd.Series(score[open_], index=open_), capacity))
    return {name: mean(each) for name, each in rows.items()}


def mean(rows: list[Any]) -> Any:
    """Nested figures, meaned leaf by leaf over those that have it; None of none."""
    if isinstance(rows[0], dict):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        return {key: mean([row[key] for row in rows if key in row]) for key in keys}
    known = [row for row in rows if row is not None and not np.isnan(row)]
    return round(float(np.mean(known)), 4) if known else None


def finite(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _of(of: City, score: pd.Series, capacity: int) -> dict[str, Any]:
    at = score.index.to_numpy()
    truth, size, alike, scheme = (pd.Series(each[at], index=at) for each in (of.planted, of.size, of.alike, of.scheme))
    top = score.sort_values(ascending=False, kind="stable").index[:capacity]
    figures: dict[str, Any] = {
        "average_precision": average_precision(truth, score),
        "average_precision_within_size": within_classes(truth, score, size),
        "precision_at_capacity": precision_at(truth, score, capacity),
    }
    for key, groups in (("sizes", size), ("lookalikes", alike)):
        figures[key] = {
            str(name): {
                "providers": len(mine), "right": float(mine.mean()),
                "share_on_list": float(mine.index.isin(top).mean()), "auc": finite(auc(mine, score[mine.index])),
            }
            for name, mine in truth.groupby(groups) if name
        }  # fmt: skip
    figures["schemes"] = {}
    for name in sorted(set(scheme) - {""}):
        rows = scheme[scheme.isin((name, ""))]
        figures["schemes"][name] = {"auc": finite(auc(rows == name, score[rows.index]))}
    return figures
