"""Who a provider is compared with: the same service, size class and visit system, or more where those are too few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

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
    def fit(cls, panel: Panel, feature: int, minimum: int = MIN_MEMBERS) -> Self:
        """Over all provider-months that have the value; a group's size is counted in providers."""
        known = ~np.isnan(panel.values[:, feature])
        rows = panel.rows(known)
        steps = []
        for keys in ladder(panel.features[feature].peers):
            steps.append((keys, _medians(group_names(rows, keys), rows.values[:, feature], rows.org_number, minimum)))
        return cls(tuple(steps))

    def of(self, panel: Panel) -> Peers:
        """Each row's own group: the first step of the ladder that has it. No group at all: median NaN, count 0."""
        median, count = np.full(len(panel), np.nan), np.zeros(len(panel))
        group = np.full(len(panel), EVERYONE, dtype=object)
        for keys, medians in self.steps:
            names = group_names(panel, keys)
            for name, (value, members) in medians.items():
                mine = (names == name) & (count == 0)
                median[mine], count[mine], group[mine] = value, members, name
        return Peers(median, count, group)


def group_names(panel: Panel, keys: tuple[str, ...]) -> Texts:
    """``home_care | m | phoniro`` for each row (n,); everyone where no key is asked for."""
    names = np.full(len(panel), "" if keys else EVERYONE, dtype=object)
    for key in keys:
        names = np.where(names == "", panel.groups[key], names + " | " + panel.groups[key])
    return names


def _medians(names: Texts, values: Floats, members: Texts, minimum: int) -> dict[str, tuple[float, int]]:
    found = {}
    for name in sorted(set(names)):
        mine = names == name
        count = len(set(members[mine]))
        if count >= minimum:
            found[name] = (float(np.median(values[mine])), count)
    return found
