"""Rankings against known cases: measures with intervals, and differences that are paired."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott import measures

if TYPE_CHECKING:
    import pandas as pd

Measure = Callable[["pd.Series[bool]", "pd.Series[float]"], float]


def evaluate(
    score: pd.Series[float], cases: Collection[str], *, capacity: int = 20, classes: pd.Series[Any] | None = None,
    seed: int = 0, resamples: int = 500,
) -> pd.DataFrame:  # fmt: skip
    """A ranking's measures: ``value, low, high`` (95 %, bootstrap over providers).

    ``score`` by org_number, higher = more suspicious; ``cases``: the org_numbers that should come first;
    ``classes``: by org_number, for the average precision within classes (size).
    A measure that is not defined, without a case, is NaN.
    """
    import pandas as pd

    truth = pd.Series(score.index.isin(sorted(cases)), index=score.index)
    rows = {}
    for name, measure in _measures(capacity, score, classes).items():

        def of_drawn(drawn: Any, of: Measure = measure) -> float:
            return _of(of, truth, score, drawn)

        low, high = measures.bootstrap(len(score), of_drawn, seed=seed, resamples=resamples)
        rows[name] = {"value": _of(measure, truth, score, np.arange(len(score))), "low": low, "high": high}
    return pd.DataFrame.from_dict(rows, orient="index")


def compare(
    rankings: Mapping[str, pd.Series[float]], cases: Collection[str], *, capacity: int = 20, seed: int = 0,
    resamples: int = 500,
) -> pd.DataFrame:  # fmt: skip
    """Average precision of each ranking, and its ``difference`` from the first with ``low, high`` (95 %).

    All on the providers that every ranking has, and on the same draws of them: the difference is paired. Raises
    ValueError where no ranking is given.
    """
    import pandas as pd

    if not rankings:
        raise ValueError("give one ranking or more, by name")
    shared = sorted(set.intersection(*(set(score.index) for score in rankings.values())))
    scores = {name: score.loc[shared] for name, score in rankings.items()}
    truth = pd.Series([org in cases for org in shared], index=shared)
    first = next(iter(scores.values()))
    rows = {}
    for name, score in scores.items():

        def difference(drawn: Any, other: pd.Series[float] = score) -> float:
            own, others = (_of(measures.average_precision, truth, each, drawn) for each in (first, other))
            return others - own

        low, high = measures.bootstrap(len(shared), difference, seed=seed, resamples=resamples)
        value = measures.average_precision(truth, score)
        apart = value - measures.average_precision(truth, first)
        at = measures.precision_at(truth, score, capacity)
        rows[name] = {
            "average_precision": value, f"precision_at_{capacity}": at, "difference": apart, "low": low, "high": high,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def _measures(capacity: int, score: pd.Series[float], classes: pd.Series[Any] | None) -> dict[str, Measure]:
    """Each measure of providers at the positions drawn, which are the index of what it gets."""
    found: dict[str, Measure] = {
        "average_precision": measures.average_precision,
        "auc": measures.auc,
        f"precision_at_{capacity}": lambda truth, drawn: measures.precision_at(*_numbered(truth, drawn), capacity),
        f"recall_at_{capacity}": lambda truth, drawn: measures.recall_at(*_numbered(truth, drawn), capacity),
    }
    return found if classes is None else found | {"average_precision_within_classes": _within(score, classes)}


def _within(score: pd.Series[float], classes: pd.Series[Any]) -> Measure:
    import pandas as pd

    of = classes.reindex(score.index).astype(object).to_numpy()

    def within(truth: pd.Series[bool], drawn: pd.Series[float]) -> float:
        order = pd.RangeIndex(len(truth))
        places = pd.Series(of[truth.index], index=order)
        return measures.within_classes(*_numbered(truth, drawn), places)

    return within


def _numbered(truth: pd.Series[bool], score: pd.Series[float]) -> tuple[pd.Series[bool], pd.Series[float]]:
    """Rows of their own: a provider that was drawn twice is two."""
    return truth.reset_index(drop=True), score.reset_index(drop=True)


def _of(measure: Measure, truth: pd.Series[bool], score: pd.Series[float], drawn: Any) -> float:
    """The measure of the providers at the positions drawn, some more than once; the positions are the index."""
    return measure(truth.iloc[drawn].set_axis(drawn), score.iloc[drawn].set_axis(drawn))
