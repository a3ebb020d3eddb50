"""Curves: a detector that looks at one feature at a time, read off once after the fit, so that no row is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from valfardsbrott.detectors.panel import Floats

#: A column's curve is kept at so many quantiles: with as many provider-months or fewer, exactly the detector's values.
_KNOTS = 1001


@dataclass(frozen=True)
class Curves:
    """By feature: distinct values in order and what the detector says of them, straight lines between."""

    values: tuple[Floats, ...]
    says: tuple[Floats, ...]

    @classmethod
    def fit(cls, rows: Floats, says: Callable[[Floats], Floats]) -> Self:
        """``says`` gives (n,) for a column (n, 1) of its known values; one that never varies says 0."""
        found = [_curve(column[~np.isnan(column)], says) for column in rows.T]
        return cls(tuple(values for values, _ in found), tuple(said for _, said in found))

    def rising(self) -> Self:
        """The same, nowhere less than at a lower value."""
        return type(self)(self.values, tuple(np.maximum.accumulate(said) for said in self.says))

    def of(self, rows: Floats) -> Floats:
        """What the detector says of each value (n, d); 0 where it is missing."""
        found = np.zeros(rows.shape)
        for at, (values, said) in enumerate(zip(self.values, self.says, strict=True)):
            found[:, at] = np.interp(np.nan_to_num(rows[:, at]), values, said)
        return np.where(np.isnan(rows), 0.0, found)


def _curve(column: Floats, says: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    if len(column) < 2 or np.ptp(column) == 0:
        return np.zeros(1), np.zeros(1)
    values, first = np.unique(column, return_index=True)
    said = says(column[:, None])[first]
    kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), _KNOTS)).round().astype(int))
    return values[kept], said[kept]
