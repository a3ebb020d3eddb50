"""Recipients, the providers that serve them over time, their decisions and their weekly plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Column, Flags, Floats, Ints, Random, Texts, rank_within, scrambled, stream
from valfardsbrott.synthetic.companies import KIND_SHARE, Companies
from valfardsbrott.synthetic.population import Geography, Persons
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import FIRST_DAY, MONTHS, NO_DAY

STAY_MONTHS = 40.0
_ROUNDS = 7


@dataclass
class Recipients:
    """Those with a decision some time, served ``first_day`` to ``last_day``: in months ``start`` to ``end`` - 1."""

    person: Ints
    kind: Ints
    district: Ints
    start: Ints
    end: Ints
    first_day: Ints
    last_day: Ints
    double: Flags

    def __len__(self) -> int:
        return len(self.person)


@dataclass
class Spells:
    """A recipient with a provider: one decision period. ``rate`` scales the plan (a reassessment changes it)."""

    recipient: Ints
    provider: Ints
    start: Ints
    end: Ints
    rate: Floats
    new: Flags  # the recipient's first spell


def recipients(size: Size, land: Geography, persons: Persons, seed: int) -> Recipients:
    """So many that about ``size.recipients`` are served in any month; they die, move and recover over the years."""
    rng = stream(seed, "recipients")
    entries = int(size.recipients * MONTHS / STAY_MONTHS)
    count = size.recipients + entries
    start = np.concatenate([np.zeros(size.recipients, dtype=np.int64), rng.integers(1, MONTHS, entries)])
    stay = 1 + rng.exponential(STAY_MONTHS, count).astype(np.int64)
    shuffle = rng.permutation(count)
    start, stay = start[shuffle], stay[shuffle]
    end = np.minimum(start + stay, MONTHS + 12)
    kind = rng.choice(3, count, p=_kind_share())
    ages = np.where(kind == 0, np.clip(rng.normal(83, 8, count), 62, 104), np.clip(rng.normal(45, 15, count), 19, 80))
    district = rng.integers(0, land.districts, count)
    who = persons.add(ages, land.new_dwellings(district, rng), rng)
    _couples(persons, who, district, kind, rng)
    first = FIRST_DAY[start] + np.where(start > 0, rng.integers(0, 28, count), 0)
    last = np.maximum(FIRST_DAY[np.minimum(end, MONTHS + 12) - 1] + rng.integers(3, 28, count), first + 2)
    made = Recipients(who, kind, district, start, end, first, last, (kind == 0) & (rng.random(count) < 0.05))
    _endings(persons, made, land, rng)
    return made


def _kind_share() -> tuple[float, float, float]:
    """Assistance and disability services have fewer recipients a provider than home care."""
    home, assistance, disability = KIND_SHARE
    scaled = np.array([home, assistance * 0.25, disability * 0.5])
    scaled /= scaled.sum()
    return float(scaled[0]), float(scaled[1]), float(scaled[2])


def _couples(persons: Persons, who: Ints, district: Ints, kind: Ints, rng: Random) -> None:
    """About one in ten shares the home with another recipient of the district."""
    pick = np.flatnonzero((rng.random(len(who)) < 0.12) & (kind == 0))
    pick = pick[np.argsort(district[pick], kind="stable")]
    one, other = pick[0 : len(pick) - 1 : 2], pick[1::2]
    same = district[one] == district[other]
    persons.dwelling[who[other[same]]] = persons.dwelling[who[one[same]]]
    persons.moved_to[who[other[same]]] = persons.dwelling[who[one[same]]]


def _endings(persons: Persons, made: Recipients, land: Geography, rng: Random) -> None:
    ended = made.end < MONTHS
    how = rng.random(len(made))
    died, away = ended & (how < 0.6), ended & (how > 0.985)
    persons.leaves(made.person[died], made.last_day[died] + 1, np.full(int(died.sum()), "AV", dtype=object))
    persons.leaves(made.person[away], made.last_day[away] + 1, np.full(int(away.sum()), "UV", dtype=object))
    movers = np.flatnonzero(rng.random(len(made)) < 0.06)
    days = rng.integers(FIRST_DAY[0], FIRST_DAY[MONTHS], len(movers))
    days = np.where(days < persons.gone_on[made.person[movers]] - 20, days, NO_DAY)
    persons.moves(made.person[movers], days, land.new_dwellings(made.district[movers], rng))


def choose_providers(firms: Companies, month: Ints, kind: Ints, district: Ints, rng: Random) -> Ints:
    """A provider in service that month for each, by size, kind and district; -1 where there is none."""
    chosen = np.full(len(month), -1, dtype=np.int64)
    case = (month * 8 + kind) * 64 + district
    order = np.argsort(case, kind="stable")
    cases, begins = np.unique(case[order], return_index=True)
    for value, rows in zip(cases.tolist(), np.split(order, begins[1:]), strict=True):
        at, what, where = value // 512, value // 64 % 8, value % 64
        pull = firms.weight * np.where(firms.district == where, 1.0, firms.reach)
        pull = pull * (firms.kind == what) * firms.active(at)
        if pull.sum() <= 0:
            pull = firms.weight * (firms.kind == what) * firms.active(at)
        if pull.sum() <= 0:
            continue
        edges = np.cumsum(pull)
        chosen[rows] = np.searchsorted(edges, rng.random(len(rows)) * edges[-1], side="right").clip(0, len(pull) - 1)
    return chosen


def spells(made: Recipients, firms: Companies, seed: int) -> Spells:
    """Follow every recipient from provider to provider: reassessed now and then, sometimes changing, moved when theirs
    leaves (to the successor where there is one)."""
    rng = stream(seed, "spells")
    who = np.arange(len(made))
    at = made.start.copy()
    provider = choose_providers(firms, at, made.kind, made.district, rng)
    parts: list[tuple[Column, ...]] = []
    for turn in range(_ROUNDS):
        alive = (provider >= 0) & (at < np.minimum(made.end[who], MONTHS))
        who, at, provider = who[alive], at[alive], provider[alive]
        length = np.maximum(3, rng.geometric(1 / 16, len(who))) if turn < _ROUNDS - 1 else np.full(len(who), MONTHS)
        end = np.minimum(np.minimum(at + length, made.end[who]), firms.exit[provider])
        parts.append(
            (who, provider, at, end, rng.normal(1.0, 0.08, len(who)).clip(0.8, 1.25), np.full(len(who), turn == 0))
        )
        at, provider = end, _next(made, firms, who, end, provider, rng=rng)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((joined[2], joined[0]))
    return Spells(*(column[order] for column in joined))


def _next(made: Recipients, firms: Companies, who: Ints, at: Ints, provider: Ints, *, rng: Random) -> Ints:
    left = firms.exit[provider] <= at
    follows = left & (firms.successor[provider] >= 0) & (rng.random(len(who)) < firms.moved_share[provider])
    fresh = choose_providers(firms, np.minimum(at, MONTHS - 1), made.kind[who], made.district[who], rng)
    changes = (left & ~follows) | (~left & (rng.random(len(who)) < 0.12))
    return np.where(follows, firms.successor[provider], np.where(changes, fresh, provider))


def _after_exit(cases: Spells, exits: Ints) -> Flags:
    """Spells that begin because the provider before them left that month."""
    left = np.unique(cases.recipient * 4096 + exits[cases.provider].clip(0, 4000))
    return np.isin(cases.recipient * 4096 + cases.start, left)


def decision_days(made: Recipients, cases: Spells, exits: Ints) -> tuple[Ints, Ints]:
    """First and last day of each spell. Who changes provider by choice does it inside a month: both bill for it."""
    until = np.minimum(cases.end, MONTHS + 12)
    shift, life = scrambled(cases.recipient, 17) % 24, made.last_day[cases.recipient]
    later = np.minimum(shift, life - FIRST_DAY[until] - 1).clip(0)
    chosen = exits[cases.provider] > cases.end
    starts = np.where(_after_exit(cases, exits), 0, np.minimum(shift, life - FIRST_DAY[cases.start] - 1).clip(0))
    first = np.where(cases.new, made.first_day[cases.recipient], FIRST_DAY[cases.start] + starts)
    ends = cases.end >= made.end[cases.recipient]
    last = np.where(ends, made.last_day[cases.recipient], FIRST_DAY[until] - 1 + np.where(chosen, later, 0))
    return first, np.maximum(last, first)


def order_in_home(made: Recipients, persons: Persons) -> Ints:
    """How many recipients come before this one in the same dwelling."""
    homes = persons.dwelling[made.person]
    order = np.argsort(homes, kind="stable")
    place = np.empty(len(homes), dtype=np.int64)
    place[order] = rank_within(homes[order])
    return place


def words(values: Ints, names: tuple[str, ...]) -> Texts:
    """Codes as their names."""
    return np.array(names, dtype=object)[values]
