"""Has a monthly figure changed? Each month is predicted from those before it, and judged by how such predictions miss.

A figure is a share, a volume, a typical size or a distance between distributions. What is predicted is the median of
the six months before; what is judged is this month's miss against the misses of the months before, so that growth and
ordinary unrest are in the yardstick. Where last year's same month missed in the same direction, so much is a season.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Measure = Literal["volume", "share", "size", "shape", "days"]

#: Months that a prediction rests on, the fewest it can, and how many earlier misses a judgement needs.
PREDICTED_FROM, FEWEST, MISSES = 6, 2, 4
#: Months of history under which nothing is judged.
ENOUGH = FEWEST + MISSES
YEAR = 12
#: A year of a season needs its own prediction: this month, last year's, and those that it rests on.
LONGEST = 2 * YEAR + 1
#: Chance of one false alarm or more among all figures of a month, where the model holds.
ALPHA = 0.05
#: Degrees of freedom that a spread gains where it is a bound from like figures and rows, and not the figure's own.
BOUND = 4.0
#: What is too small to tell anybody: a quarter more or less, five points of a share, and the usual limit for a shift in
#: distribution (Siddiqi 2006).
MATERIAL: Mapping[Measure, float] = {
    "volume": float(np.log(1.25)), "size": float(np.log(1.25)), "share": 0.05, "shape": 0.25, "days": 3.0,
}  # fmt: skip

#: Days of a usual month: over its rows, the usual time between two.
_OF_MONTH = 30.0
#: What is added before a logarithm: half a row, so that nothing at all is far from one row and has a logarithm.
_LEAST: Mapping[str, float] = {"volume": 0.5, "size": 0.0, "shape": 1e-3}


@dataclass(frozen=True)
class Series:
    """A figure by month, oldest first, the month to judge last; NaN where it is not available.

    ``values`` (n,): of *volume* and *size* positive amounts, of *share* 0 to 1, of *shape* a population stability index
    against the months before (`psi`), of *days* days. ``counts`` (n,): the rows behind each, for its sampling error.
    ``last_year``: of *shape*, the index of this month against last year's same month; NaN where there is none.
    ``rising``: only more of it is judged, as of a *shape*.
    """

    measure: Measure
    values: Floats
    counts: Floats
    last_year: float = float("nan")
    rising: bool = False


@dataclass(frozen=True)
class Judgement:
    """``usual``, ``low`` and ``high`` in the figure's own unit: the prediction and its 95 % interval, season included.

    ``p_value`` is two-sided, but one-sided where only more is judged. ``months``: of history.
    All NaN where they are too few.
    """

    usual: float
    low: float
    high: float
    p_value: float
    months: int
    alarm: bool = False


@dataclass(frozen=True)
class _Miss:
    now: float
    predicted: float
    spread: float
    floor: float
    misses: int


def judge(figures: Sequence[Series], alpha: float = ALPHA) -> list[Judgement]:
    """Every figure of a month, alarms by Holm's step-down over those that can be judged, and only material ones."""
    misses = [_miss(each) for each in figures]
    typical = _typical(figures, misses)
    said = [_judged(one, miss, typical) for one, miss in zip(figures, misses, strict=True)]
    alarming = holm([each.p_value for each in said], alpha)
    return [
        Judgement(**{**vars(each), "alarm": bool(beyond and _material(one, each))})
        for one, each, beyond in zip(figures, said, alarming, strict=True)
    ]


def holm(p_values: Sequence[float], alpha: float = ALPHA) -> list[bool]:
    """Which hypotheses fall at a family-wise error of ``alpha``, whatever their dependence; NaN is not counted.

    Source: Holm (1979).

    >>> holm([0.001, float("nan"), 0.04, 0.02])
    [True, False, True, True]
    """
    known = sorted((p, at) for at, p in enumerate(p_values) if p == p)  # noqa: PLR0124 - NaN differs from itself
    fallen = [False] * len(p_values)
    for step, (p, at) in enumerate(known):
        if p > alpha / (len(known) - step):
            break
        fallen[at] = True
    return fallen


def psi(now: Sequence[float] | Floats, before: Sequence[float] | Floats) -> float:
    """Population stability index of two tables of counts over the same classes, half a count added to each class.

    0 for equal shares; .1 is called some and .25 a large shift (Siddiqi 2006). NaN where either is empty.

    >>> round(psi([50, 50], [50, 50]), 3), psi([90, 10], [50, 50]) > 0.25
    (0.0, True)
    """
    one, other = np.asarray(now, float), np.asarray(before, float)
    if not one.sum() or not other.sum():
        return float("nan")
    first, second = (one + 0.5) / (one + 0.5).sum(), (other + 0.5) / (other + 0.5).sum()
    return float(np.sum((first - second) * np.log(first / second)))


def shape(counts: Sequence[Mapping[str, float]]) -> Series:
    """The months' distributions over classes as a series: each against those before it, classes by name.

    Months of nothing are NaN. The first months, with fewer than two before them, are NaN as well.
    """
    names = sorted({name for month in counts for name in month})
    table = np.array([[month.get(name, 0.0) for name in names] for month in counts], float).reshape(len(counts), -1)
    values = np.full(len(counts), np.nan)
    for at in range(len(counts)):
        before = table[max(0, at - PREDICTED_FROM) : at]
        before = before[before.sum(axis=1) > 0]
        if len(before) >= FEWEST:
            values[at] = psi(table[at], (before / before.sum(axis=1, keepdims=True)).mean(axis=0) * before.sum())
    last_year = psi(table[-1], table[-1 - YEAR]) if len(table) > YEAR else float("nan")
    return Series("shape", values, table.sum(axis=1), last_year)


def _miss(one: Series) -> _Miss:
    """This month's miss, season taken off, and the robust spread of earlier ones."""
    y = _scaled(one)
    predicted = np.array([_predicted(y, at) for at in range(len(y))]) if one.measure != "shape" else np.zeros(len(y))
    missed = y - predicted
    earlier = missed[:-1][~np.isnan(missed[:-1])]
    if len(earlier) < MISSES or np.isnan(missed[-1]):
        return _Miss(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    centre = float(np.median(earlier))
    now = float(missed[-1]) - centre
    season = missed[-1 - YEAR] - centre if len(y) > YEAR and one.measure != "shape" else 0.0
    if not np.isnan(season) and season * now > 0:
        now -= float(np.sign(now) * min(abs(now), abs(season)))
    spread = 1.4826 * float(np.median(np.abs(earlier - centre)))
    expected = float(y[-1]) - now
    return _Miss(now, expected, spread, _sampling(one, expected), len(earlier))


def _predicted(y: Floats, at: int) -> float:
    before = y[max(0, at - PREDICTED_FROM) : at]
    before = before[~np.isnan(before)]
    return float(np.median(before)) if len(before) >= FEWEST else float("nan")


def _scaled(one: Series) -> Floats:
    """On a scale where the spread does not follow the level: logarithms, and the arcsine of a share's root."""
    values = one.values.astype(float)
    if one.measure == "share":
        return np.asarray(2 * np.arcsin(np.sqrt(np.clip(values, 0, 1))))
    if one.measure == "days":
        return values
    return np.asarray(np.log(values + _LEAST[one.measure]))


def _back(one: Series, scaled: float) -> float:
    if one.measure == "share":
        return float(np.sin(np.clip(scaled, 0, np.pi) / 2) ** 2)
    if one.measure == "days":
        return max(0.0, scaled)
    return max(0.0, float(np.exp(scaled)) - _LEAST[one.measure])


def _sampling(one: Series, expected: float) -> float:
    """The least spread that means anything: that of the rows counted; half a day and the usual time between two rows;
    two percent of a typical size.
    """
    known = one.counts[:-1][one.counts[:-1] > 0]
    rows = max(1.0, float(np.median(known)) if len(known) else 1.0)
    if one.measure == "share":
        return float(1 / np.sqrt(rows))
    if one.measure == "volume":
        return float(1 / np.sqrt(np.exp(expected) + 1) + 0.01)
    return {"size": 0.02 + float(1 / np.sqrt(rows)), "days": 0.5 + _OF_MONTH / rows}.get(one.measure, 0.1)


def _typical(figures: Sequence[Series], misses: Sequence[_Miss]) -> dict[str, float]:
    """The median spread of each kind of figure, among those that can be judged."""
    told = sorted((one.measure, miss.spread) for one, miss in zip(figures, misses, strict=True) if miss.misses)
    return {
        measure: float(np.median([spread for _, spread in group])) for measure, group in groupby(told, lambda t: t[0])
    }


def _judged(one: Series, miss: _Miss, typical: Mapping[str, float]) -> Judgement:
    months = int(np.sum(~np.isnan(one.values[:-1])))
    if not miss.misses:
        unknown = float("nan")
        return Judgement(unknown, unknown, unknown, unknown, months)
    from scipy import stats

    # Few months make a poor spread, so none counts as calmer than like figures are. A median of n has about pi/2 times
    # the error of a mean of n, and a median deviation is worth about four tenths of a standard deviation's rows.
    # Days without rows follow how often rows come, so those of a table of few rows say nothing of one of many.
    least = miss.floor if one.measure == "days" else max(miss.floor, typical[one.measure])
    spread = max(miss.spread, least)
    spread *= float(np.sqrt(1 + np.pi / 2 / min(miss.misses, PREDICTED_FROM)))
    # What lies above a figure's own spread is no estimate of it from few months, but a bound.
    freedom = max(1.0, (miss.misses - 1) * 0.4) + (BOUND if miss.spread < least else 0.0)
    p = float(stats.t.sf(abs(miss.now) / spread, freedom))
    reach = float(stats.t.ppf(0.975, freedom)) * spread
    p_value = (p if miss.now > 0 else 1 - p) if one.rising or one.measure == "shape" else 2 * p
    low, high = (_back(one, miss.predicted + way * reach) for way in (-1, 1))
    return Judgement(_back(one, miss.predicted), low, high, p_value, months)


def _material(one: Series, said: Judgement) -> bool:
    """Whether the change is large enough to be told; a shape's is also measured against last year's same month."""
    least, now = MATERIAL[one.measure], float(one.values[-1])
    if one.measure in {"share", "days"}:
        return abs(now - said.usual) >= least
    if one.measure == "shape":
        return now >= least and not one.last_year < least
    ratio = (now + _LEAST[one.measure]) / (said.usual + _LEAST[one.measure])
    return bool(abs(np.log(ratio)) >= least)
