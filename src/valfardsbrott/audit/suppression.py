"""Which cells may be shown: none below the least, and none that can be worked out from the others.

A cell is a group's persons whose provider is flagged, and those whose provider is not. A group with fewer than
``least`` of either (but not none) is withheld whole. What is withheld is known by subtraction from the total, so that
of each column two groups or more are withheld, or none, which together have no such cell either: the smallest others
are withheld until that holds. The same is asked across columns, where one column's groups may lie inside another's.
Source: Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST = 10
#: Nobody can ask for less.
FLOOR = 5

#: Persons, and of them those whose provider is flagged.
Cell = tuple[int, int]
#: A column and a group of it.
Place = tuple[str, str]


def unsafe(cell: Cell, least: int) -> bool:
    """Whether either side of the cell has somebody, but fewer than ``least``.

    >>> unsafe((40, 3), 10), unsafe((40, 0), 10), unsafe((12, 4), 5)
    (True, False, True)
    """
    persons, flagged = cell
    return any(0 < side < least for side in (flagged, persons - flagged))


@dataclass(frozen=True)
class Table:
    """The groups of every column as sums of *atoms*: persons who are in the same group in each column.

    ``sums`` (c, a): whether atom a is in the group at ``places[c]``. ``persons`` and ``flagged`` (a,).
    """

    places: tuple[Place, ...]
    sums: NDArray[np.bool_]
    persons: NDArray[np.int64]
    flagged: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Hashable]], flagged: Sequence[bool]) -> Table:
        """``columns``: by name, the group of each person; ``flagged``: whether the person's provider is."""
        names = list(columns)
        atoms: dict[tuple[Any, ...], list[int]] = {}
        for *groups, hit in zip(*columns.values(), flagged, strict=True):
            counted = atoms.setdefault(tuple(groups), [0, 0])
            counted[0] += 1
            counted[1] += bool(hit)
        keys = list(atoms)
        places = [(name, str(group)) for at, name in enumerate(names) for group in sorted({str(k[at]) for k in keys})]
        sums = np.array([[str(key[names.index(name)]) == group for key in keys] for name, group in places], bool)
        counts = np.array([atoms[key] for key in keys], np.int64).reshape(len(keys), 2)
        return cls(tuple(places), sums.reshape(len(places), len(keys)), counts[:, 0], counts[:, 1])

    def cell(self, members: NDArray[np.bool_]) -> Cell:
        return int(self.persons[members].sum()), int(self.flagged[members].sum())

    @property
    def total(self) -> Cell:
        return int(self.persons.sum()), int(self.flagged.sum())


def withheld(table: Table, least: int = LEAST) -> frozenset[Place]:
    """The groups to withhold; all of them where the total itself is too small to be shown."""
    if unsafe(table.total, least):
        return frozenset(table.places)
    cells = {place: table.cell(members) for place, members in zip(table.places, table.sums, strict=True)}
    hidden = {place for place, cell in cells.items() if unsafe(cell, least)}
    while True:
        more = {*_alone(cells, hidden, least), *_told_by_others(table, cells, hidden), *_inside(table, hidden, least)}
        if more <= hidden:
            return frozenset(hidden)
        hidden |= more


def _alone(cells: Mapping[Place, Cell], hidden: set[Place], least: int) -> Iterator[Place]:
    """In each column, the smallest shown group where what is withheld is one group or together too small."""
    for column in dict.fromkeys(place[0] for place in cells):
        mine = [place for place in cells if place[0] == column]
        gone = [place for place in mine if place in hidden]
        together = sum(cells[each][0] for each in gone), sum(cells[each][1] for each in gone)
        shown = sorted((place for place in mine if place not in hidden), key=lambda place: (cells[place], place))
        if gone and shown and (len(gone) < 2 or unsafe(together, least)):
            yield shown[0]


def _told_by_others(table: Table, cells: Mapping[Place, Cell], hidden: set[Place]) -> Iterator[Place]:
    """The smallest shown group that overlaps a withheld one which shown groups and the total add up to."""
    shown = [at for at, place in enumerate(table.places) if place not in hidden]
    known = np.vstack([table.sums[shown], np.ones((1, table.sums.shape[1]), bool)]).astype(float)
    for place in sorted(hidden):
        members = table.sums[table.places.index(place)]
        weights, *_ = np.linalg.lstsq(known.T, members.astype(float), rcond=None)
        overlapping = [at for at in shown if (table.sums[at] & members).any()]
        if overlapping and np.allclose(known.T @ weights, members, atol=1e-8):
            yield min((table.places[at] for at in overlapping), key=lambda each: (cells[each], each))
            return


def _inside(table: Table, hidden: set[Place], least: int) -> Iterator[Place]:
    """The inner of two shown groups, one inside the other, whose difference is too small."""
    shown = [at for at, place in enumerate(table.places) if place not in hidden]
    for inner, outer in permutations(shown, 2):
        rest = table.sums[outer] & ~table.sums[inner]
        if not (table.sums[inner] & ~table.sums[outer]).any() and unsafe(table.cell(rest), least):
            yield table.places[inner]
            return
