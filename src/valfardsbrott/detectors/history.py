"""Own history: a level, a trend or an unrest that the provider did not have before, beyond the city's season."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from valfardsbrott.detectors import fusion
from valfardsbrott.detectors.calibration import Tail, evidence
from valfardsbrott.detectors.noise import FLOORS
from valfardsbrott.detectors.panel import Floats, Measure, Panel
from valfardsbrott.detectors.peer_groups import EVERYONE, group_names

#: Earlier months that a level needs, a trend (with the month itself), and an unrest.
_LEVEL, _TREND, _UNREST = 3, 5, 6
#: Months that are looked back over, and those of them that are the recent ones.
_WINDOW, _RECENT = 12, 3
_KINDS = 3


class History:
    """Change against own history, on short monthly panels of values; a provider's earlier rows are its history.

    Season and holidays strike everybody alike: of each value the median of all providers of the same visit system in
    that month (of everybody, where those are fewer than eight) is taken off, relative to their median over all months.
    What is left is compared with the provider's own earlier months, at most twelve back, in three ways, each over the
    provider's own spread (never below the feature's usual one):
    *level* (this month less the earlier ones' median, from three of them), *trend* (the median of all pairwise slopes,
    Theil-Sen, times the months, from five; its spread is that around the slope, so that a long climb is not its own
    yardstick) and *unrest* (the log ratio of month-to-month steps, the last three against those before, from six
    earlier months). Level and trend go towards suspicion only.

    ``score`` (n,) sums ``explain`` (n, d): nats above 2 of each feature's best way, after the Sidak correction for
    three, joined in blocks as peers are. Too short a history, or a missing value: 0.
    """

    name: ClassVar[str] = "history"
    reads: ClassVar[str] = "history"
    baseline = 0.0

    def __init__(self, *, threshold: float = 2.0, correlation: float = 0.5, shape: float = 0.4) -> None:
        self.threshold, self.correlation, self.shape = threshold, correlation, shape

    def fit(self, panel: Panel) -> Self:
        self.seasons = [_seasons(panel, at) for at in range(len(panel.features))]
        left = self._without_season(panel)
        self.usual = np.array([_usual(panel, left[:, at], f) for at, f in enumerate(panel.features)])
        changes = self._changes(panel, left)
        self.tails = [[Tail.fit(column, shape=self.shape, floor=0.25) for column in kind.T] for kind in changes]
        level = panel.with_values(changes[0])
        self.blocks = fusion.blocks(level.values, panel.features, self.correlation)
        return self

    def score(self, panel: Panel) -> Floats:
        total: Floats = self.explain(panel).sum(axis=1)
        return total

    def explain(self, panel: Panel) -> Floats:
        changes = self._changes(panel, self._without_season(panel))
        nats = np.zeros(panel.values.shape)
        for kind, tails in zip(changes, self.tails, strict=True):
            for at, tail in enumerate(tails):
                p = np.where(kind[:, at] > 0, tail.p(kind[:, at]), 1.0)
                nats[:, at] = np.maximum(nats[:, at], evidence(p))
        return fusion.share(fusion.sidak(nats, _KINDS), self.blocks, self.threshold)

    def _without_season(self, panel: Panel) -> Floats:
        """Values (n, d) less what happened to everybody that month; a month that was not fitted has no season."""
        left = panel.values.copy()
        keys = _keys(panel)
        for at, known in enumerate(self.seasons):
            own = [known.get(f"{name} {month}", known.get(f"{EVERYONE} {month}", 0.0)) for name, month in keys]
            left[:, at] -= np.array(own, dtype=np.float64)
        return left

    def _changes(self, panel: Panel, left: Floats) -> tuple[Floats, Floats, Floats]:
        """Level, trend and unrest (n, d) each, in the provider's own spreads; NaN where the history is too short."""
        found = [_change(_lagged(panel, left[:, at]), usual) for at, usual in enumerate(self.usual)]
        level, trend, unrest = (
            np.column_stack([each[kind] for each in found]) if found else np.empty(left.shape) for kind in range(_KINDS)
        )
        return _towards(level, panel.features), _towards(trend, panel.features), unrest


def _change(lags: Floats, usual: float) -> tuple[Floats, Floats, Floats]:
    """Level, trend and unrest of one feature, from its lags (window + 1, n)."""
    level, trend, unrest = (np.full(lags.shape[1], np.nan) for _ in range(_KINDS))
    count = (~np.isnan(lags[1:])).sum(axis=0)
    rows = np.flatnonzero(~np.isnan(lags[0]) & (count >= _LEVEL))
    if not len(rows):
        return level, trend, unrest
    lags, count = lags[:, rows], count[rows]
    slope, wider = _theil_sen(lags), np.sqrt(1 + 1 / np.maximum(count, 1))
    level[rows] = (lags[0] - _median(lags[1:])) / (_spread(lags[1:], usual) * wider)
    around = _spread(lags + slope * np.arange(len(lags))[:, None], usual)
    trend[rows] = np.where(count >= _TREND - 1, slope * (count + 1) / (around * wider), np.nan)
    steps = np.abs(lags[:-1] - lags[1:])
    ratio = np.log((_median(steps[:_RECENT]) + usual) / (_median(steps[_RECENT:]) + usual))
    unrest[rows] = np.where(count >= _UNREST, ratio, np.nan)
    return level, trend, unrest


def _spread(values: Floats, usual: float) -> Floats:
    """A standard deviation of each column by its median absolute deviation, at least ``usual``."""
    return np.maximum(1.4826 * _median(np.abs(values - _median(values))), usual)


def _seasons(panel: Panel, at: int) -> dict[str, float]:
    """By "system month" and by "everyone month": the median less that over all months of the same."""
    found: dict[str, float] = {}
    values = panel.values[:, at]
    known = ~np.isnan(values)
    for names, least in ((np.full(len(panel), EVERYONE, dtype=object), 1), (group_names(panel, ("visit_system",)), 8)):
        for name in sorted(set(names[known])):
            mine = known & (names == name)
            usual = float(np.median(values[mine]))
            for month in sorted(set(panel.month[mine])):
                rows = mine & (panel.month == month)
                if rows.sum() >= least:
                    found[f"{name} {month}"] = float(np.median(values[rows])) - usual
    return found


def _keys(panel: Panel) -> list[tuple[str, str]]:
    return list(zip(group_names(panel, ("visit_system",)), panel.month, strict=True))


def _usual(panel: Panel, left: Floats, feature: Measure) -> float:
    """Half the providers change less than this from one month to the next, as a standard deviation; at least the
    unit's smallest step."""
    lags = _lagged(panel, left)
    steps = np.abs(lags[0] - lags[1])
    steps = steps[~np.isnan(steps)]
    usual = 1.4826 / np.sqrt(2) * float(np.median(steps)) if len(steps) else 0.0
    return max(usual, FLOORS.get(feature.unit, 1e-6))


def _lagged(panel: Panel, values: Floats) -> Floats:
    """(window + 1, n): each row's own value and those 1 to 12 months before; NaN where there is none."""
    lags = np.full((_WINDOW + 1, len(values)), np.nan)
    lags[0] = values
    ordinal = panel.ordinal
    for back in range(1, min(_WINDOW, len(panel) - 1) + 1):
        same = panel.org_number[back:] == panel.org_number[:-back]
        apart = ordinal[back:] - ordinal[:-back]
        rows = np.flatnonzero(same & (apart > 0) & (apart <= _WINDOW))
        lags[apart[rows], rows + back] = values[rows]
    return lags


def _median(values: Floats) -> Floats:
    """Median over the first axis of what is known; NaN where nothing is."""
    ordered = np.sort(values, axis=0)  # NaN last
    count = (~np.isnan(values)).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.maximum(count, 1) // 2
    middle = [np.take_along_axis(ordered, at[None], axis=0)[0] for at in (low, np.minimum(high, len(values) - 1))]
    return np.asarray((middle[0] + middle[1]) / 2, dtype=np.float64)


def _theil_sen(lags: Floats) -> Floats:
    """Median slope by month over all pairs of the window's months; positive where values rise towards the present."""
    pairs = [(lags[at] - lags[later]) / (later - at) for at in range(len(lags)) for later in range(at + 1, len(lags))]
    return _median(np.stack(pairs))


def _towards(change: Floats, features: tuple[Measure, ...]) -> Floats:
    signs = np.array([-1.0 if f.direction == "lower" else 1.0 for f in features])
    both = np.array([f.direction == "both" for f in features], dtype=bool)
    return np.where(both, np.abs(change), change * signs)
