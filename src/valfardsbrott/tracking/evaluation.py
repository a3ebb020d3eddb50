"""Our measures for MLflow's own reports: ``mlflow.models.evaluate(..., extra_metrics=ranking_metrics(20))``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from valfardsbrott import measures

if TYPE_CHECKING:
    import pandas as pd


def ranking_metrics(capacity: int) -> list[Any]:
    """Average precision, AUC, and precision and recall among the first ``capacity``, of a frame with a column of truth.

    MLflow logs the figures with the model and the frame's digest and columns, and none of its rows.
    """
    from mlflow.models import make_metric

    asked = {
        "average_precision": measures.average_precision,
        "auc": measures.auc,
        f"precision_at_{capacity}": partial(measures.precision_at, k=capacity),
        f"recall_at_{capacity}": partial(measures.recall_at, k=capacity),
    }
    return [
        make_metric(eval_fn=partial(_measured, measure), greater_is_better=True, name=name)  # type: ignore[no-untyped-call]
        for name, measure in asked.items()
    ]


def _measured(measure: Any, eval_df: pd.DataFrame, _builtin_metrics: dict[str, float]) -> float:
    return float(measure(eval_df["target"].astype(bool), eval_df["prediction"].astype(float)))
