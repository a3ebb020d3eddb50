"""Experiments from a notebook: run a folder's, and read its results as a frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


def experiment(folder: str | Path, work: str | Path, *, out: str | Path = "runs", threads: int = 1) -> pd.DataFrame:
    """Run the experiment in ``folder`` (docs/models.md), what is not done yet, without tracking.

    A row for each variant and data set, with every measure. ``results.json`` is written beside its plan. Raises Failure
    where the plan is wrong, or asks no question of models.
    """
    import pandas as pd

    from valfardsbrott.domain import Failure
    from valfardsbrott.stages.experiment import Bench, run

    bench = Bench(Path(folder), Path(work), Settings(out=Path(out), threads=threads, tracking=False))
    found = run(bench)
    if not found.get("variants"):
        raise Failure(f"{folder} has no variants to compare", "Its own script answers another question: see its README")
    rows = [
        {"variant": name, "data": data} | figures
        for name, variant in found["variants"].items()
        for data, figures in variant["by_data"].items()
    ]
    return pd.DataFrame(rows)
