"""Who is employed where and when: as many as the plan needs, with turnover, second jobs and people in the office."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valfardsbrott.synthetic.arrays import Column, Flags, Floats, Ints, Random, rank_within, stream
from valfardsbrott.synthetic.companies import Companies
from valfardsbrott.synthetic.population import Geography, Persons
from valfardsbrott.synthetic.recipients import Spells
from valfardsbrott.synthetic.services import SLOT_LENGTH, Items
from valfardsbrott.synthetic.timeline import MONTHS, NEVER

CARE, NIGHT, OFFICE, FIXED, PAPER = 0, 1, 2, 3, 4


@dataclass
class Workforce:
    """Employments. ``duty``: CARE and NIGHT work routes, OFFICE none, FIXED one recipient, PAPER exists on paper only.
    ``parity`` 0 or 1: works even or odd days only, since there is another employer; -1: any day."""

    person: Ints
    provider: Ints
    start: Ints
    end: Ints
    duty: Ints
    parity: Ints
    trained: Flags

    def __len__(self) -> int:
        return len(self.person)

    def active(self, month: int) -> Flags:
        return (self.start <= month) & (month < self.end)

    def hire(self, **new: Column) -> Ints:
        """Add employments (every field an array of one length); gives their places."""
        first = len(self)
        for field in fields(self):
            setattr(self, field.name, np.concatenate([getattr(self, field.name), new[field.name]]))
        return np.arange(first, len(self), dtype=np.int64)


def _load(firms: Companies, cases: Spells, items: Items) -> Floats:
    """Workers needed on a usual day in each provider, slot and month."""
    share = np.sum([(items.days >> bit) & 1 for bit in range(7)], axis=0) / 7 * np.where(items.slot == 2, 1.35, 1.0)
    long = items.slot >= 6
    amount = share * np.where(long, 1.0, (items.minutes + 6) / SLOT_LENGTH[items.slot]) * (1 + items.two)
    cell = (cases.provider[items.spell] * 9 + items.slot) * (MONTHS + 1)
    begin = np.minimum(cases.start[items.spell], MONTHS)
    end = np.minimum(cases.end[items.spell], MONTHS)
    flat = np.bincount(cell + begin, amount, len(firms) * 9 * (MONTHS + 1))
    flat -= np.bincount(cell + end, amount, len(firms) * 9 * (MONTHS + 1))
    return np.cumsum(flat.reshape(len(firms), 9, MONTHS + 1), axis=2)[:, :, :MONTHS].clip(0)


def needed(firms: Companies, cases: Spells, items: Items) -> tuple[Ints, Ints]:
    """Posts by provider and month: (day and evening, night); a post once opened stays."""
    load = _load(firms, cases, items)
    crew = np.where(load > 1e-9, np.ceil(load * 1.12 + 0.3), 0)
    day = crew[:, (0, 1, 2, 6)].max(axis=1)
    evening = crew[:, (3, 4, 7)].max(axis=1)
    night = crew[:, 5] + crew[:, 8]
    care = np.where(day + evening > 0, np.ceil(1.45 * (day + evening)) + 1, 0)
    posts = np.maximum.accumulate(care, axis=1).astype(np.int64)
    return posts, np.maximum.accumulate(np.ceil(1.7 * night) + (night > 0), axis=1).astype(np.int64)


def _posts(posts: Ints) -> tuple[Ints, Ints]:
    """Provider and opening month of every post."""
    before = np.concatenate([np.zeros((len(posts), 1), dtype=np.int64), posts[:, :-1]], axis=1)
    opened = posts - before
    provider, month = np.nonzero(opened)
    times = opened[provider, month]
    return np.repeat(provider, times).astype(np.int64), np.repeat(month, times).astype(np.int64)


def workforce(
    firms: Companies, cases: Spells, items: Items, land: Geography, persons: Persons, *, seed: int
) -> Workforce:
    """Fill every post from its opening, one person after another, until the provider leaves."""
    rng = stream(seed, "workforce")
    care, night = needed(firms, cases, items)
    parts = []
    for duty, (provider, month) in ((CARE, _posts(care)), (NIGHT, _posts(night)), (OFFICE, _office(firms, care))):
        parts.append(_fill(provider, month, duty, firms, rng))
    provider, start, end, duties = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((rng.random(len(provider)), provider))
    provider, start, end, duties = (column[order] for column in (provider, start, end, duties))
    ages = np.clip(rng.normal(41, 12, len(provider)), 19, 67)
    away = rng.random(len(provider)) < 0.4
    district = np.where(away, rng.integers(0, land.districts, len(provider)), firms.district[provider])
    who = persons.add(ages, land.new_dwellings(district, rng), rng, coordination=0.012)
    made = Workforce(
        who, provider, start, end, duties, np.full(len(who), -1, dtype=np.int64), rng.random(len(who)) < 0.78
    )
    _followers(made, firms, rng)
    _second_jobs(made, firms, rng)
    return made


def _office(firms: Companies, care: Ints) -> tuple[Ints, Ints]:
    count = np.where(care[:, -1] > 0, 1 + care[:, -1] // 22, 0)
    provider = np.repeat(np.arange(len(firms)), count)
    return provider, firms.start[provider]


def _fill(provider: Ints, month: Ints, duty: int, firms: Companies, rng: Random) -> tuple[Ints, Ints, Ints, Ints]:
    parts = []
    until = np.minimum(firms.exit[provider], MONTHS)
    first = True
    while len(provider):
        stay = rng.geometric(1 / 26, len(provider))
        end = np.minimum(month + stay, until)
        open_end = np.where(month + stay >= MONTHS, NEVER, end)
        keep = end > month
        parts.append(
            (provider[keep], np.where(month == 0, -NEVER, month)[keep] if first else month[keep], open_end[keep])
        )
        on = end < until
        provider, month, until, first = provider[on], end[on], until[on], False
    provider, start, end = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else (provider,) * 3
    return provider, start, np.minimum(end, firms.exit[provider]), np.full(len(provider), duty, dtype=np.int64)


def _followers(made: Workforce, firms: Companies, rng: Random) -> None:
    """Where a provider has a successor, its staff fill the posts that open there when it leaves."""
    for old in np.flatnonzero(firms.successor >= 0).tolist():
        new, month = int(firms.successor[old]), int(firms.exit[old])
        leavers = np.flatnonzero((made.provider == old) & (made.end == month))
        openings = np.flatnonzero((made.provider == new) & (made.start >= month) & (made.start <= month + 1))
        count = min(int(len(leavers) * firms.moved_share[old]), len(openings))
        made.person[openings[:count]] = made.person[rng.permutation(leavers)[:count]]


def _second_jobs(made: Workforce, firms: Companies, rng: Random) -> None:
    """A few have two employers, and work every other day at each."""
    share = np.flatnonzero((made.duty == CARE) & (rng.random(len(made)) < 0.03))
    share = share[np.argsort(firms.district[made.provider[share]], kind="stable")]
    one, two = share[0 : len(share) - 1 : 2], share[1::2]
    apart = (
        (made.provider[one] != made.provider[two])
        & (made.start[two] < made.end[one])
        & (made.start[one] < made.end[two])
    )
    share_person(made, one[apart], two[apart])


def share_person(made: Workforce, one: Ints, two: Ints) -> None:
    """Let one person hold both employments of each pair, on alternate days."""
    made.person[two] = made.person[one]
    made.parity[one], made.parity[two] = 0, 1


def order_of(made: Workforce) -> Ints:
    """Each employment's place within its provider."""
    order = np.argsort(made.provider, kind="stable")
    place = np.empty(len(made), dtype=np.int64)
    place[order] = rank_within(made.provider[order])
    return place
