"""What every detector reads: provider-months in rows, features in columns, with their peers and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

#: Columns that a feature may name as its peers.
PEER_KEYS = ("service_code", "size_class", "visit_system")
VOLUMES = ("performed_minutes", "visits", "billed_ore")


class Described(Protocol):
    """What a detector asks of a feature's definition (``features.Feature`` has more)."""

    @property
    def name(self) -> str: ...
    @property
    def view(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def peers(self) -> tuple[str, ...]: ...
    @property
    def contradiction(self) -> bool: ...


@dataclass(frozen=True)
class Measure:
    """The same, and nothing else, so that a fitted model can be stored without the feature's texts."""

    name: str
    view: str
    unit: str
    direction: str
    family: str
    peers: tuple[str, ...]
    contradiction: bool

    @classmethod
    def of(cls, feature: Described) -> Self:
        return cls(*(getattr(feature, field.name) for field in fields(cls)))


@dataclass(frozen=True)
class Panel:
    """n provider-months by d features, sorted by org_number and month, so that the order of the input cannot matter.

    ``values`` (n, d) has NaN where a feature is not available: never zero. ``groups`` has the three peer keys,
    ``volumes`` performed minutes, visits and billed ore (zero where nothing is known).
    """

    org_number: Texts
    month: Texts
    values: Floats
    features: tuple[Measure, ...]
    groups: dict[str, Texts]
    volumes: dict[str, Floats]

    @classmethod
    def of(cls, matrix: pd.DataFrame, features: Sequence[Described]) -> Self:
        """From the feature matrices of one or more months, laid one after the other."""
        rows = matrix.assign(_month=matrix["month"].astype(str).str[:7]).sort_values(["org_number", "_month"])
        values = [_numbers(rows, feature.name) for feature in features]
        return cls(
            rows["org_number"].to_numpy(object),
            rows["_month"].to_numpy(object),
            np.column_stack(values) if values else np.empty((len(rows), 0)),
            tuple(Measure.of(feature) for feature in features),
            {key: rows[key].astype(object).fillna("unknown").to_numpy(object) for key in PEER_KEYS},
            {name: np.nan_to_num(_numbers(rows, name)) for name in VOLUMES},
        )

    def __len__(self) -> int:
        return len(self.org_number)

    @property
    def ordinal(self) -> NDArray[np.int64]:
        """Months counted through the years (n,)."""
        names, at = np.unique(self.month.astype(str), return_inverse=True)
        return np.array([int(name[:4]) * 12 + int(name[5:7]) for name in names], dtype=np.int64)[at]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    def rows(self, chosen: Any) -> Panel:
        """The chosen rows, by mask or positions."""
        return replace(
            self,
            org_number=self.org_number[chosen],
            month=self.month[chosen],
            values=self.values[chosen],
            groups={key: group[chosen] for key, group in self.groups.items()},
            volumes={key: volume[chosen] for key, volume in self.volumes.items()},
        )

    def columns(self, chosen: Sequence[int]) -> Panel:
        """The chosen features only."""
        return replace(self, values=self.values[:, chosen], features=tuple(self.features[at] for at in chosen))

    def with_values(self, values: Floats) -> Panel:
        """The same rows with other numbers: residuals, for the detectors that read those."""
        return replace(self, values=values)

    def volume(self, unit: str) -> Floats:
        """What a feature's noise falls with: hours for a rate by time, visits for a share, 1 for what has no noise."""
        volume: Floats = np.ones(len(self), dtype=np.float64)
        if unit in ("minutes_per_1000_h", "count_per_1000_h"):
            volume = self.volumes["performed_minutes"] / 60
        elif unit in ("share", "bits", "ratio"):
            volume = self.volumes["visits"]
        return np.asarray(np.clip(volume, 1.0, None), dtype=np.float64)


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    return np.asarray(rows[name].astype("float64").to_numpy(na_value=np.nan), dtype=np.float64)
