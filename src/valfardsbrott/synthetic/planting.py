"""Chooses who cheats, how, how much and since when. Nothing here touches the city: schemes/ does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.synthetic.arrays import Ints, Random, stream
from valfardsbrott.synthetic.companies import ASSISTANCE, DISABILITY, HOME_CARE, Companies
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import ANCHOR, FIRST_DAY, MONTHS

#: Share of the volume that a scheme touches, months it has run at the anchor month (between), further weak schemes.
LEVELS: dict[str, tuple[tuple[float, float], tuple[int, int], int]] = {
    "easy": ((0.45, 0.8), (6, 14), 2),
    "medium": ((0.05, 0.15), (3, 9), 1),
    "hard": ((0.02, 0.05), (2, 4), 0),
}

#: Schemes that one provider runs alone, by kind of provider; the first ones are the most usual.
SINGLE = {
    HOME_CARE: ("S01", "S03", "S04", "S02", "S06", "S17", "S05", "S07", "S09", "S15", "S18", "S11", "S19"),
    ASSISTANCE: ("S08", "S10", "S21", "S09", "S11", "S15", "S04", "S03", "S12"),
    DISABILITY: ("S03", "S21", "S17", "S05", "S10", "S15", "S18"),
}
#: Schemes that go well as a weak companion to any other.
COMPANIONS = ("S03", "S01", "S21", "S17", "S06")

#: What a ring is for: its own scheme and what its members do besides.
RINGS = {
    "S16": ("S21", "S10", "S17"),
    "S14": ("S01", "S15", "S03"),
    "S12": ("S06", "S11", "S17"),
    "S20": ("S01", "S10", "S18"),
}
#: Share of a ring member's visits that a shared device, a lent worker or a shared client touches.
RING_SHARE = {"easy": 0.3, "medium": 0.08, "hard": 0.035}
#: Share of visits never made that are logged while the worker is in another home; the rest look perfect.
ELSEWHERE = {"easy": 0.55, "medium": 0.3, "hard": 0.15}
LINKS = ("owner_home", "account", "phone", "email", "address", "device", "staff", "clients", "person")


@dataclass(frozen=True)
class Plant:
    """One scheme of one provider from a month (index) on; ``strength`` is the share of its volume that it touches."""

    firm: int
    scheme: str
    arm: str
    month: int
    strength: float
    network: str | None = None


@dataclass(frozen=True)
class Link:
    """Ring members who share something of a kind."""

    kind: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Ring:
    """``old`` (left, its clients moved) and ``new`` are set in a phoenix ring."""

    name: str
    scheme: str
    members: tuple[int, ...]
    month: int
    links: tuple[Link, ...]
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True)
class Planting:
    difficulty: str
    plants: tuple[Plant, ...]
    rings: tuple[Ring, ...]

    @property
    def firms(self) -> Ints:
        """Every provider that is planted with something, once."""
        return np.unique(np.array([plant.firm for plant in self.plants], dtype=np.int64))


def plant(size: Size, firms: Companies, seed: int, difficulty: str, fraud_share: float) -> Planting:
    """Choose evenly over size, so that how much a provider bills says nothing of whether it was chosen."""
    if difficulty not in LEVELS:
        raise Failure(f"there is no difficulty '{difficulty}'", f"Choose one of {', '.join(LEVELS)}", EXIT_USAGE)
    if not 0 <= fraud_share <= 0.5:
        raise Failure("the share of providers that cheat lies between 0 and 0.5", "Try 0.04", EXIT_USAGE)
    rng = stream(seed, "planting")
    scale = fraud_share / 0.04
    singles = round(size.singles * scale)
    count = max(1, round(size.rings * scale)) if fraud_share > 0 else 0
    low, high = size.ring_sizes
    sizes = (rng.permutation(count) % (high - low + 1) + low).tolist()
    chosen = _evenly(firms, singles + sum(sizes), rng)
    while sum(sizes) > len(
        chosen
    ):  # a share that the city has too few providers for plants fewer rings, never half of one
        sizes.pop()
    ringed = _nearby(firms, chosen, sum(sizes), rng)
    rest = rng.permutation(np.setdiff1d(chosen, ringed))
    kinds = rng.permutation(list(RINGS)).tolist()
    rings, plants, begin = [], [], 0
    for number, members in enumerate(sizes):
        name, scheme = f"RING-{number + 1:02d}", kinds[number % len(kinds)]
        ring = _ring(name, scheme, rng.permutation(ringed[begin : begin + members]), firms, difficulty, rng=rng)
        rings.append(ring)
        plants += _ring_plants(ring, difficulty, rng)
        begin += members
    plants += _single_plants(rest, firms, difficulty, rng)
    return Planting(difficulty, tuple(plants), tuple(rings))


def _evenly(firms: Companies, count: int, rng: Random) -> Ints:
    """``count`` providers in service at the anchor and well before, spread evenly over the order of size."""
    able = np.flatnonzero(
        (firms.form != "E") & (firms.start <= ANCHOR - 8) & (firms.exit >= MONTHS) & (firms.successor < 0)
    )
    able = able[np.argsort(firms.weight[able], kind="stable")]
    count = min(count, len(able))
    if not count:
        return able[:0]
    return able[np.floor((np.arange(count) + rng.random()) * len(able) / count).astype(np.int64)]


def _nearby(firms: Companies, chosen: Ints, count: int, rng: Random) -> Ints:
    """Those that go into rings, in order of kind and district, so that a ring's members lie near each other."""
    picked = rng.permutation(chosen)[:count]
    return picked[np.lexsort((firms.district[picked], firms.kind[picked]))]


def _ring(name: str, scheme: str, order: Ints, firms: Companies, difficulty: str, *, rng: Random) -> Ring:
    low, high = LEVELS[difficulty][1]
    month = ANCHOR - int(rng.integers(low, high + 1))
    old = new = None
    if scheme == "S14":
        old, new = int(order[0]), int(order[1])
        month = _phoenix(firms, old, new, month, rng)
    members = tuple(int(firm) for firm in order)
    return Ring(name, scheme, members, month, _links(members, difficulty, rng), old, new)


def _phoenix(firms: Companies, old: int, new: int, month: int, rng: Random) -> int:
    """The old company stops and a newly registered one goes on with its clients and staff."""
    month = min(month, ANCHOR - 2)
    for column in ("kind", "weight", "district", "reach", "law", "system"):
        getattr(firms, column)[new] = getattr(firms, column)[old]
    firms.start[new], firms.exit[old] = month, month
    firms.registered[new] = FIRST_DAY[month] - int(rng.integers(70, 160))
    firms.gone_on[old] = FIRST_DAY[month] + int(rng.integers(10, 50))
    firms.gone_reason[old] = "KKAV"
    firms.successor[old], firms.moved_share[old] = new, 0.8
    return month


def _links(members: tuple[int, ...], difficulty: str, rng: Random) -> tuple[Link, ...]:
    """Easy: six things shared by all. Medium: one by all, three by some. Hard: each pair one, and one more."""
    kinds = [str(kind) for kind in rng.permutation(LINKS)]
    if difficulty == "easy":
        return tuple(Link(kind, members) for kind in kinds[:6])
    if difficulty == "medium":
        some = [
            tuple(int(m) for m in rng.permutation(members)[: int(rng.integers(2, len(members) + 1))]) for _ in range(3)
        ]
        return (Link(kinds[0], members), *(Link(kind, who) for kind, who in zip(kinds[1:4], some, strict=True)))
    pairs = list(pairwise(members))
    extra = tuple(int(m) for m in rng.permutation(members)[:2])
    return tuple(Link(kind, pair) for kind, pair in zip(kinds, [*pairs, extra], strict=False))


def _strength(difficulty: str, rng: Random) -> float:
    low, high = LEVELS[difficulty][0]
    return float(rng.uniform(low, high))


def _ring_plants(ring: Ring, difficulty: str, rng: Random) -> list[Plant]:
    plants = []
    for firm in ring.members:
        plants.append(Plant(firm, ring.scheme, "network", ring.month, _strength(difficulty, rng), ring.name))
        extra = rng.permutation(RINGS[ring.scheme])[: LEVELS[difficulty][2] or int(rng.random() < 0.5)]
        plants += [
            Plant(firm, str(scheme), "network", ring.month, _strength(difficulty, rng) * 0.7, ring.name)
            for scheme in extra
        ]
    return plants


def _single_plants(who: Ints, firms: Companies, difficulty: str, rng: Random) -> list[Plant]:
    low, high = LEVELS[difficulty][1]
    turns = {kind: list(rng.permutation(names)) for kind, names in SINGLE.items()}
    plants = []
    for turn, firm in enumerate(who.tolist()):
        names = turns[int(firms.kind[firm])]
        scheme = str(names[turn % len(names)])
        month = ANCHOR - int(rng.integers(low, high + 1))
        plants.append(Plant(firm, scheme, "single", month, _strength(difficulty, rng)))
        others = [name for name in rng.permutation(COMPANIONS) if name != scheme][: LEVELS[difficulty][2]]
        plants += [Plant(firm, str(name), "single", month, _strength(difficulty, rng) * 0.4) for name in others]
    return plants
