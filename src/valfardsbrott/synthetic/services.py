"""What is granted: services, the time of day they come, how often and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Flags, Floats, Ints, Random, stream
from valfardsbrott.synthetic.recipients import Recipients, Spells
from valfardsbrott.synthetic.sizes import Size

SERVICES = (
    "personal_care", "evening_care", "meal_support", "shower_support", "household", "laundry", "shopping",
    "social_activity", "night_visit", "escort", "respite", "personal_assistance", "housing_support",
)  # fmt: skip
CODE = {name: place for place, name in enumerate(SERVICES)}
NIGHT = CODE["night_visit"]
#: Law and price list (SEK an hour, night by visit) of each service, as SERVICES.
LSS = np.array([False] * 9 + [True, True, True, True])
PRICE_ORE = np.array([516, 531, 516, 516, 478, 478, 478, 492, 260, 445, 452, 338, 496]) * 100
#: Services that a provider of each kind has contracts for.
OFFERED = ((0, 1, 2, 3, 4, 5, 6, 7, 8), (11,), (9, 10, 12))

#: Slots of the day: first minute and length; a route is cut when it has filled the length.
SLOT_START = np.array([420, 660, 825, 975, 1110, 1335, 480, 930, 1320])
SLOT_LENGTH = np.array([200, 140, 110, 95, 185, 440, 1, 1, 1])
#: Who works it: 0 day, 1 evening, 2 night, 3 assistance day, 4 assistance evening; 5 to 8 have routes of one visit.
SLOT_SHIFT = np.array([0, 0, 0, 1, 1, 2, 3, 4, 2])

_HOURS_OF_A_MONTH = 730
_EVERY_DAY = 127
#: kind, service, slot, share of recipients, days a week, minutes (median), spread
_PLANS = (
    (0, "personal_care", 0, 0.85, 7, 27, 0.35), (0, "personal_care", 3, 0.2, 7, 18, 0.3),
    (0, "meal_support", 1, 0.45, 7, 17, 0.25), (0, "evening_care", 4, 0.48, 7, 20, 0.35),
    (0, "shower_support", 2, 0.75, 1, 35, 0.2), (0, "household", 2, 0.88, 1, 55, 0.35),
    (0, "laundry", 2, 0.66, 1, 32, 0.25), (0, "shopping", 2, 0.78, 1, 33, 0.25),
    (0, "social_activity", 2, 0.6, 1, 34, 0.3), (0, "night_visit", 5, 0.1, 7, 16, 0.25),
    (1, "personal_assistance", 6, 1.0, 7, 420, 0.12), (1, "personal_assistance", 7, 0.7, 7, 330, 0.12),
    (1, "personal_assistance", 8, 0.3, 7, 500, 0.06), (2, "housing_support", 2, 0.7, 3, 65, 0.3),
    (2, "escort", 1, 0.55, 2, 120, 0.3), (2, "respite", 4, 0.45, 2, 130, 0.2),
)  # fmt: skip
#: In the thin city a recipient has one or two visits a week.
_THIN_DAYS = {7: 1, 3: 1, 2: 1, 1: 1}


@dataclass
class Items:
    """One line of a weekly plan: these weekdays (bit 0 = Monday), in this slot, for so many minutes."""

    spell: Ints
    decision: Ints
    service: Ints
    slot: Ints
    days: Ints
    minutes: Ints
    two: Flags  # two workers


@dataclass
class Decisions:
    """One for each service of a spell."""

    spell: Ints
    service: Ints
    granted: Ints
    double: Flags


def weekly_items(size: Size, made: Recipients, cases: Spells, slack: Floats, seed: int) -> tuple[Items, Decisions]:
    """The plan of every spell and the decisions behind it; ``slack`` is granted over planned, by spell."""
    rng = stream(seed, "plans")
    recipient, service, slot, days, minutes = _profiles(size, made, rng)
    order = np.lexsort((slot, service, recipient))
    recipient, service, slot, days, minutes = (x[order] for x in (recipient, service, slot, days, minutes))
    per = np.bincount(recipient, minlength=len(made))
    begins = np.cumsum(per) - per
    spell = np.repeat(np.arange(len(cases.recipient)), per[cases.recipient])
    inside = np.arange(len(spell)) - np.repeat(
        np.cumsum(per[cases.recipient]) - per[cases.recipient], per[cases.recipient]
    )
    line = begins[cases.recipient[spell]] + inside
    actual = np.maximum(5, np.rint(minutes[line] * cases.rate[spell] / 5) * 5).astype(np.int64)
    two = made.double[cases.recipient[spell]] & (service[line] == 0) & (slot[line] == 0)
    key = spell * 16 + service[line]
    keys, decision = np.unique(key, return_inverse=True)
    items = Items(spell, decision, service[line], slot[line], days[line], actual, two)
    return items, _decisions(keys, items, slack, rng)


def _decisions(keys: Ints, items: Items, slack: Floats, rng: Random) -> Decisions:
    weekly = _bits(items.days) * items.minutes * (1 + items.two)
    seldom = np.where(_bits(items.days) < 3, 1.07, 1.0)  # some months have a fifth visit of what comes once a week
    monthly = np.bincount(items.decision, weekly * seldom, len(keys)) * 30.4 / 7
    spell = keys // 16
    granted = np.minimum(monthly * slack[spell] * rng.uniform(0.985, 1.06, len(keys)), _HOURS_OF_A_MONTH * 60)
    double = np.bincount(items.decision, items.two, len(keys)) > 0
    return Decisions(spell, keys % 16, np.rint(granted / 5).astype(np.int64) * 5, double)


def _bits(days: Ints) -> Ints:
    counts: Ints = np.sum([(days >> bit) & 1 for bit in range(7)], axis=0)
    return counts


def _profiles(size: Size, made: Recipients, rng: Random) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    parts = []
    count = len(made)
    for kind, name, when, share, often, median, spread in _PLANS:
        has = (made.kind == kind) & (rng.random(count) < (share if not size.thin else share * 0.33))
        days = _weekdays(count, _THIN_DAYS[often] if size.thin else often, rng)
        parts.append(_lines(np.flatnonzero(has), CODE[name], when, days, rng.lognormal(np.log(median), spread, count)))
    bare = np.setdiff1d(np.arange(count), np.concatenate([part[0] for part in parts]))
    main = np.array([CODE["household"], CODE["personal_assistance"], CODE["housing_support"]])[made.kind]
    slot, length = np.array([2, 6, 2])[made.kind], np.array([50, 400, 60])[made.kind]
    parts.append((bare, main[bare], slot[bare], _weekdays(count, 1, rng)[bare], length[bare]))
    recipient, service, slots, weekdays, minutes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return recipient, service, slots, weekdays, minutes


def _lines(who: Ints, service: int, slot: int, days: Ints, length: Floats) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    fill = np.ones(len(who), dtype=np.int64)
    return who, fill * service, fill * slot, days[who], length[who].astype(np.int64)


def _weekdays(count: int, often: int, rng: Random) -> Ints:
    if often == 7:
        return np.full(count, _EVERY_DAY, dtype=np.int64)
    first = rng.integers(0, 5, count)
    step = {1: 0, 2: 3, 3: 2}[often]
    days = np.zeros(count, dtype=np.int64)
    for turn in range(often):
        days |= 1 << ((first + turn * step) % 7)
    return days
