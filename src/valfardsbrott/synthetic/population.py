"""Where people live, and the people: recipients, staff, owners and their families in one pool with one numbering."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from valfardsbrott.synthetic.arrays import Flags, Ints, Random, Texts, labels, scrambled, stream
from valfardsbrott.synthetic.names import street_names
from valfardsbrott.synthetic.numbers import person_numbers
from valfardsbrott.synthetic.timeline import FIRST_DAY, NO_DAY

#: A building's place on the city's one line: districts lie 40 apart, postal codes 1 apart inside their district.
_DISTRICT_STEP = 40


@dataclass
class Geography:
    """Buildings with postal code and street; a dwelling is a place in a building.

    ``place`` is where a building lies on a line of kilometres: near numbers are near each other, and so are the postal
    codes. ``home`` is the building of each dwelling.
    """

    districts: int
    district: Ints
    postal: Ints
    place: np.ndarray
    street: Texts
    home: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def new_dwellings(self, districts: Ints, rng: Random) -> Ints:
        """A new dwelling in some building of each of the districts asked for."""
        order = np.argsort(self.district, kind="stable")
        counts = np.bincount(self.district, minlength=self.districts)
        begins = np.cumsum(counts) - counts
        buildings = order[begins[districts] + (rng.random(len(districts)) * counts[districts]).astype(np.int64)]
        return self.dwellings_in(buildings)

    def dwellings_in(self, buildings: Ints) -> Ints:
        """A new dwelling in each of the buildings named."""
        first = len(self.home)
        self.home = np.concatenate([self.home, buildings])
        return np.arange(first, len(self.home), dtype=np.int64)

    def dwelling_labels(self, dwellings: Ints, salt: int) -> Texts:
        return labels("LGH", scrambled(dwellings, salt), 10)


def geography(districts: int, persons: int, seed: int) -> Geography:
    """A city of ``districts`` with a building for about every eight persons."""
    rng = stream(seed, "geography")
    count = max(40, persons // 8)
    district = np.sort(rng.integers(0, districts, count))
    area = rng.integers(0, 9, count)
    streets = street_names(max(12, count // 12), rng)
    numbers = rng.integers(1, 90, count)
    street = np.array(
        [
            f"{streets[pick]} {number}"
            for pick, number in zip(rng.integers(0, len(streets), count), numbers, strict=True)
        ],
        dtype=object,
    )
    place = district * float(_DISTRICT_STEP) + area * 1.5 + rng.random(count) * 1.5
    return Geography(districts, district, 19_000 + district * 20 + area, place, street)


@dataclass
class Persons:
    """Everybody, one place each. Days are day numbers; ``NO_DAY`` is a day that does not come."""

    born: Ints
    dwelling: Ints
    registered: Ints
    moved_on: Ints
    moved_to: Ints
    gone_on: Ints
    gone_code: Texts
    coordination: Flags
    protected: Flags
    number: Texts = field(default_factory=lambda: np.empty(0, dtype=object))

    @classmethod
    def nobody(cls) -> Persons:
        """An empty pool."""
        none, no, text = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool), np.empty(0, dtype=object)
        return cls(none, none, none, none, none, none, text, no, no)

    def __len__(self) -> int:
        return len(self.born)

    def add(self, ages: np.ndarray, dwelling: Ints, rng: Random, coordination: float = 0.0) -> Ints:
        """New persons of these ages (years, in 2026) in these dwellings; gives their places."""
        count = len(ages)
        born = FIRST_DAY[48] - (ages * 365.25).astype(np.int64)
        years = np.minimum(rng.exponential(11, count), np.maximum(ages - 1, 0.1))
        registered = FIRST_DAY[0] - (years * 365).astype(np.int64) + rng.integers(0, 300, count)
        never = np.full(count, NO_DAY, dtype=np.int64)
        new = {
            "born": born, "dwelling": dwelling, "registered": np.maximum(registered, born), "moved_on": never,
            "moved_to": dwelling, "gone_on": never, "gone_code": np.full(count, None, dtype=object),
            "coordination": rng.random(count) < coordination, "protected": rng.random(count) < 0.005,
        }  # fmt: skip
        first = len(self)
        for name, values in new.items():
            setattr(self, name, np.concatenate([getattr(self, name), values]))
        return np.arange(first, first + count, dtype=np.int64)

    def moves(self, who: Ints, days: Ints, dwellings: Ints) -> None:
        self.moved_on[who], self.moved_to[who] = days, dwellings

    def leaves(self, who: Ints, days: Ints, codes: Texts) -> None:
        self.gone_on[who], self.gone_code[who] = days, codes

    def give_numbers(self, seed: int) -> None:
        self.number = person_numbers(self.born, self.coordination, stream(seed, "person numbers"))

    def dwelling_at(self, day: int) -> Ints:
        return np.where(self.moved_on <= day, self.moved_to, self.dwelling)
