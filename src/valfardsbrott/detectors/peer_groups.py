"""Who a provider is compared with: the same service, size class and visit system, or more where those are too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.detectors.panel import Floats, Panel, Texts
from valfardsbrott.peers import MIN_MEMBERS, ladder

EVERYONE = "alla"


@dataclass(frozen=True)
class Peers:
    """For each row of a panel (n,): the peers' median, how many providers they are, and the group's name."""

    median: Floats
    count: Floats
    group: Texts


@dataclass(frozen=True)
class PeerMedians:
    """One feature's medians by group, on each step of the ladder. Groups with fewer than 8 providers are left
    out, and where all together are fewer there is nobody to compare with."""

    steps: tuple[tuple[tuple[str, ...], dict[str, tuple[float, int]]], ...]

    @classmethod
    def fit(cls, panel: Panel, feature: int, minimum: int = MIN_MEMBERS, grouping: Grouping | None = None) -> Self:
        """Over all provider-months that have the value; a group's size is counted in providers."""
        grouping = grouping or Grouping(panel)
        known = np.flatnonzero(~np.isnan(panel.values[:, feature]))
        values, members = panel.values[known, feature], grouping.members[known]
        steps = []
        for keys in ladder(panel.features[feature].peers):
            names, at = grouping.of(keys)
            steps.append((keys, _medians(names, at[known], values, members, minimum)))
        return cls(tuple(steps))

    def of(self, panel: Panel, grouping: Grouping | None = None) -> Peers:
        """Each row's own group: the first step of the ladder that has it. No group at all: median NaN, count 0."""
        grouping = grouping or Grouping(panel)
        median, count = np.full(len(panel), np.nan), np.zeros(len(panel))
        group = np.full(len(panel), EVERYONE, dtype=object)
        for keys, medians in self.steps:
            names, at = grouping.of(keys)
            known = [medians.get(name, (np.nan, 0)) for name in names]
            own = np.array([members for _, members in known], dtype=np.float64)[at]
            mine = np.flatnonzero((own > 0) & (count == 0))
            median[mine] = np.array([value for value, _ in known], dtype=np.float64)[at[mine]]
            count[mine], group[mine] = own[mine], names[at[mine]]
        return Peers(median, count, group)


class Grouping:
    """Which group each row of a panel is in, by set of keys: read once for all features."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.members = np.unique(panel.org_number, return_inverse=True)[1]
        self._known: dict[tuple[str, ...], tuple[Texts, NDArray[np.int64]]] = {}

    def of(self, keys: tuple[str, ...]) -> tuple[Texts, NDArray[np.int64]]:
        """The groups' names in order, and each row's position among them (n,)."""
        if keys not in self._known:
            self._known[keys] = np.unique(group_names(self.panel, keys), return_inverse=True)
        return self._known[keys]


def group_names(panel: Panel, keys: tuple[str, ...]) -> Texts:
    """``home_care | m | phoniro`` for each row (n,); everyone where no key is asked for."""
    names = np.full(len(panel), "" if keys else EVERYONE, dtype=object)
    for key in keys:
        names = np.where(names == "", panel.groups[key], names + " | " + panel.groups[key])
    return names


def _medians(
    names: Texts, at: NDArray[np.int64], values: Floats, members: NDArray[np.int64], minimum: int
) -> dict[str, tuple[float, int]]:
    found = {}
    for position, name in enumerate(names):
        mine = at == position
        if mine.sum() >= minimum and (count := len(np.unique(members[mine]))) >= minimum:
            found[str(name)] = (float(np.median(values[mine])), count)
    return found
