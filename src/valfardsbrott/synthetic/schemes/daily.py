"""Schemes that show in a day of visits. Each changes rows of its provider; all others stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from valfardsbrott.synthetic.arrays import Flags, Ints, Random, rank_within, starts_of, stream
from valfardsbrott.synthetic.planting import ELSEWHERE, RING_SHARE, Plant, Ring
from valfardsbrott.synthetic.receipts import LATEST
from valfardsbrott.synthetic.rows import CANCELLED, DECLINED, DONE, MANUAL, NFC, NO_RECEIPT, NOT_YET, Visits, together
from valfardsbrott.synthetic.timeline import DAY, clear_of_changes
from valfardsbrott.synthetic.visits import MonthPlan, closes_after
from valfardsbrott.synthetic.world import City


@dataclass
class Day:
    """The day while schemes work on it: rows to change, rows to leave out, rows to add."""

    city: City
    plan: MonthPlan
    number: int
    rows: Visits
    gone: Flags
    more: list[Visits] = field(default_factory=list)

    def mine(self, firm: int) -> Ints:
        """The provider's visits that took place and are still there, by start."""
        rows = self.rows
        found = np.flatnonzero((rows.provider == firm) & (rows.deviation == DONE) & ~self.gone)
        return found[np.argsort(rows.start[found], kind="stable")]


def scheming(city: City, plan: MonthPlan, day: int, rows: Visits) -> Visits:
    """The day with everything planted that runs in its month."""
    work = Day(city, plan, day, rows, np.zeros(len(rows), dtype=bool))
    for ring in city.planting.rings:
        if ring.month <= plan.month:
            _ring_day(work, ring, stream(city.seed, "ring", ring.name, day))
    for plant in city.planting.plants:
        scheme = _SCHEMES.get(plant.scheme)
        if scheme is not None and plant.month <= plan.month and city.firms.exit[plant.firm] > plan.month:
            scheme(work, plant, stream(city.seed, plant.scheme, plant.firm, day))
    rows.start = clear_of_changes(rows.start)
    kept = rows.take(~work.gone) if work.gone.any() else rows
    return together([kept, *work.more]) if work.more else kept


def _some(places: Ints, share: float, rng: Random) -> Ints:
    return places[rng.random(len(places)) < share]


def _seen(rows: Visits, places: Ints, rng: Random) -> None:
    """Registered at once with read receipts."""
    rows.start_receipt[places] = rows.end_receipt[places] = NFC
    rows.registered[places] = rows.end[places] + rng.integers(0, 2, len(places))
    rows.edited[places], rows.editor[places] = NOT_YET, -1


def unperformed(day: Day, plant: Plant, rng: Random) -> None:
    """S01: logged to the minute as planned, half of them while the worker is in another home."""
    rows, mine = day.rows, day.mine(plant.firm)
    picked = np.flatnonzero(rng.random(len(mine)) < plant.strength * 1.3)
    if len(mine) < 2 or not len(picked):
        return
    false = mine[picked]
    rows.start[false], rows.minutes[false] = rows.planned_start[false], rows.planned_minutes[false]
    elsewhere = rng.random(len(picked)) < ELSEWHERE[day.city.planting.difficulty]
    other = mine[(picked + rng.integers(1, 3, len(picked))) % len(mine)]
    use = elsewhere & (rows.recipient[other] != rows.recipient[false])
    rows.staff[false[use]], rows.device[false[use]] = rows.staff[other[use]], rows.device[other[use]]
    _seen(rows, false, rng)


def tag_relocated(day: Day, plant: Plant, rng: Random) -> None:
    """S02: the tags lie side by side: one visit begins the minute the one before ends, wherever the homes are."""
    rows, mine = day.rows, day.mine(plant.firm)
    order = mine[np.lexsort((rows.start[mine], rows.staff[mine]))]
    workers = np.unique(rows.staff[order])
    chosen = _some(workers, min(0.9, 2 * plant.strength), rng)
    order = order[np.isin(rows.staff[order], chosen)]
    if not len(order):
        return
    who = rows.staff[order]
    block = np.cumsum(starts_of(who * 64 + rank_within(who) // 5))  # five tags at a time
    first = starts_of(block)
    length = rows.minutes[order]
    run = np.cumsum(length) - length
    run = run - run[first][np.cumsum(first) - 1]
    rows.start[order] = rows.start[order][first][np.cumsum(first) - 1] + run + (rng.random(len(order)) < 0.3)
    rows.device[order] = rows.device[order][first][np.cumsum(first) - 1]
    _seen(rows, order, rng)


def inflated(day: Day, plant: Plant, rng: Random) -> None:
    """S03: the end typed in afterwards by one and the same person, later and on the quarter."""
    rows = day.rows
    picked = _some(day.mine(plant.firm), min(0.8, 1.6 * plant.strength), rng)
    end = rows.start[picked] + rows.minutes[picked] + rng.integers(6, 20, len(picked))
    rows.minutes[picked] = (
        (end + 7) // 15 * 15 + 15 * (end % 15 < 8) * (rng.random(len(picked)) < 0.4) - rows.start[picked]
    )
    rows.minutes[picked] = np.maximum(rows.minutes[picked], 10)
    rows.end_receipt[picked] = MANUAL
    both = picked[rng.random(len(picked)) < 0.6]
    rows.start_receipt[both] = MANUAL
    rows.registered[picked] = rows.end[picked] + np.minimum(rng.integers(60, 2 * DAY, len(picked)), LATEST)
    at = rows.registered[picked] + rng.integers(30, DAY, len(picked))
    seen = closes_after(rows.registered[picked], at) & (day.plan.manager[plant.firm] >= 0)
    rows.edited[picked] = np.where(seen, at, NOT_YET)
    rows.editor[picked] = np.where(seen, day.plan.manager[plant.firm], -1)


def declined(day: Day, plant: Plant, rng: Random) -> None:
    """S05: a short visit, and the rest of its time as declined straight after; cancelled visits turned declined."""
    rows = day.rows
    mine = day.mine(plant.firm)
    picked = _some(mine[rows.minutes[mine] >= 14], min(0.8, 1.5 * plant.strength), rng)
    whole = np.maximum(rows.planned_minutes[picked], rows.minutes[picked])
    rows.minutes[picked] = np.maximum(np.rint(rows.minutes[picked] * rng.uniform(0.35, 0.55, len(picked))), 4).astype(
        np.int64
    )
    rest = rows.take(picked)
    rest.start = rows.end[picked]
    rest.minutes = whole - rows.minutes[picked]
    rest.deviation = np.full(len(picked), DECLINED)
    rest.registered = rest.end + 1
    rows.registered[picked] = rows.end[picked] + 1
    day.more.append(rest)
    off = np.flatnonzero((rows.provider == plant.firm) & (rows.deviation == CANCELLED))
    off = off[rng.random(len(off)) < min(0.9, 4 * plant.strength)]
    rows.deviation[off], rows.minutes[off] = DECLINED, rows.planned_minutes[off]
    rows.start_receipt[off] = rows.end_receipt[off] = NO_RECEIPT


def merged(day: Day, plant: Plant, rng: Random) -> None:
    """S07: two visits of the day to one recipient are done as one, as long as both."""
    rows, mine = day.rows, day.mine(plant.firm)
    order = mine[np.lexsort((rows.start[mine], rows.recipient[mine]))]
    if len(order) < 2:
        return
    pair = np.flatnonzero(
        (rows.recipient[order][1:] == rows.recipient[order][:-1]) & (rank_within(rows.recipient[order])[1:] % 2 == 1)
    )
    pair = pair[rng.random(len(pair)) < min(0.9, 3.5 * plant.strength)]
    one, two = order[pair], order[pair + 1]
    apart = rows.decision[one] != rows.decision[two]
    rows.start[two[apart]] = rows.end[one[apart]]
    rows.staff[two[apart]], rows.device[two[apart]] = rows.staff[one[apart]], rows.device[one[apart]]
    rows.registered[two[apart]] = rows.end[two[apart]] + 1
    one, two = one[~apart], two[~apart]
    rows.minutes[one] += rows.minutes[two]
    rows.registered[one] = rows.end[one] + 1
    day.gone[two] = True


def overworked(day: Day, plant: Plant, rng: Random) -> None:
    """S09: a few workers stand for everything, from early morning to late at night, every day."""
    rows, mine = day.rows, day.mine(plant.firm)
    crew = np.unique(
        day.city.staff.person[(day.city.staff.provider == plant.firm) & day.city.staff.active(plant.month)]
    )
    count = max(1, round(len(crew) * plant.strength * 0.5))
    few = stream(day.city.seed, "overworked", plant.firm).permutation(crew)[:count]
    taken = set(few.tolist())
    for person in few.tolist():
        free_from = 0
        for row in mine.tolist():
            free = rows.start[row] >= free_from and rows.staff[row] not in taken
            if rows.staff[row] == person or (free and rng.random() < 0.9):
                rows.staff[row], free_from = person, int(rows.start[row] + rows.minutes[row]) + 4


def one_device(day: Day, plant: Plant, rng: Random) -> None:
    """S20: many workers' visits come from one telephone; a ring has one in common."""
    group = plant.firm if plant.network is None else sum(map(ord, plant.network)) + 5_000
    picked = _some(day.mine(plant.firm), min(0.9, 2.5 * plant.strength), rng)
    day.rows.device[picked] = 900_000_000 + group * 4 + (rng.random(len(picked)) < 0.3)


def _ring_day(day: Day, ring: Ring, rng: Random) -> None:
    share = RING_SHARE[day.city.planting.difficulty]
    for link in ring.links:
        live = [firm for firm in link.members if day.city.firms.active(day.plan.month)[firm]]
        if len(live) < 2:
            continue
        if link.kind == "device":
            for firm in live:
                picked = _some(day.mine(firm), share, rng)
                day.rows.device[picked] = 800_000_000 + link.members[0] * 4 + (rng.random(len(picked)) < 0.3)
        elif link.kind == "staff":
            _lent_workers(day, live, share, rng)
        elif link.kind == "clients":
            _billed_twice(day, live, share, rng)


def _lent_workers(day: Day, live: list[int], share: float, rng: Random) -> None:
    """Workers of the first member are logged at the others while they are at work at home."""
    rows, staff = day.rows, day.city.staff
    for firm in live[1:]:
        lent = staff.person[(staff.provider == firm) & staff.active(day.plan.month)]
        home = day.mine(live[0])
        home = home[np.isin(rows.staff[home], lent)]
        picked = _some(day.mine(firm), share, rng)
        if not len(home) or not len(picked):
            continue
        near = np.searchsorted(rows.start[home], rows.start[picked]).clip(0, len(home) - 1)
        close = np.abs(rows.start[home[near]] - rows.start[picked]) < 150
        rows.staff[picked[close]] = rows.staff[home[near[close]]]


def _billed_twice(day: Day, live: list[int], share: float, rng: Random) -> None:
    """Another member logs a visit of its own for some of the first one's recipients, for the same need."""
    rows = day.rows
    clients = np.unique(rows.recipient[day.mine(live[0])])
    for turn, firm in enumerate(live[1:]):
        shared = clients[(clients * 31 + turn) % 9 == 0]
        mine, own = day.mine(live[0]), day.mine(firm)
        picked = mine[np.isin(rows.recipient[mine], shared)]
        picked = _some(picked, min(0.9, 5 * share), rng)
        if not len(own) or not len(picked):
            continue
        copy = rows.take(picked)
        other = own[rng.integers(0, len(own), len(picked))]
        copy.provider = np.full(len(picked), firm)
        copy.staff, copy.device, copy.system = rows.staff[other], rows.device[other], rows.system[other]
        copy.start = copy.start + rng.integers(-40, 40, len(picked))
        copy.registered = copy.end + rng.integers(1, 300, len(picked))
        copy.edited, copy.editor = np.full(len(picked), NOT_YET), np.full(len(picked), -1)
        day.more.append(copy)


_SCHEMES: dict[str, Callable[[Day, Plant, Random], None]] = {
    "S01": unperformed, "S02": tag_relocated, "S03": inflated, "S05": declined, "S07": merged, "S09": overworked,
    "S20": one_device,
}  # fmt: skip
