"""Who is at work on a day, in what order the routes are handed out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, scrambled
from valfardsbrott.synthetic.workforce import CARE, NIGHT, Workforce

_SWAPPED = 12  # in 1 000 days


@dataclass
class Roster:
    """Employments of a day in the order they get routes: those on duty first, those away last.

    ``crew`` lies by group (provider * 2 + night); ``begin`` and ``count`` are by group.
    """

    crew: Ints
    begin: Ints
    count: Ints

    def pick(self, group: Ints, turn: Ints) -> Ints:
        """The employment with this turn (from 0) in each group; after the last the first again; -1 in an empty one."""
        count = self.count[group]
        place = self.begin[group] + turn % np.maximum(count, 1)
        return np.where(count > 0, self.crew[np.minimum(place, max(len(self.crew) - 1, 0))], -1)


def roster(staff: Workforce, month: int, day: int, providers: int) -> Roster:
    """The day's roster: five days of seven by turns; who works elsewhere that day comes last."""
    crew = np.flatnonzero(staff.active(month) & ((staff.duty == CARE) | (staff.duty == NIGHT)))
    group = staff.provider[crew] * 2 + (staff.duty[crew] == NIGHT)
    off = ((crew * 5 + day) % 7 >= 5).astype(np.int64)
    elsewhere = (staff.parity[crew] >= 0) & (staff.parity[crew] != day % 2)
    elsewhere &= scrambled(crew + day * 131, 5) % 1000 >= _SWAPPED  # days are swapped, and sometimes both keep them
    order = np.lexsort((crew, off + 2 * elsewhere, group))
    count = np.bincount(group, minlength=providers * 2)
    return Roster(crew[order], np.cumsum(count) - count, count)
