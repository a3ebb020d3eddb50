"""A day of visits: what was planned, who went, what came of it and what the visit system says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.absences import away
from valfardsbrott.synthetic.arrays import (
    Flags,
    Floats,
    Ints,
    Random,
    running_max,
    scrambled,
    starts_of,
    stream,
    within,
)
from valfardsbrott.synthetic.receipts import receipts, registered_at, rounded
from valfardsbrott.synthetic.roster import roster
from valfardsbrott.synthetic.routes import plan_routes, staff_of_routes, travel_minutes
from valfardsbrott.synthetic.rows import CANCELLED, DECLINED, DONE, HOSPITAL, NOT_HOME, NOT_YET, Visits
from valfardsbrott.synthetic.services import CODE
from valfardsbrott.synthetic.timeline import DAY, FIRST_DAY, clear_of_changes
from valfardsbrott.synthetic.workforce import OFFICE
from valfardsbrott.synthetic.world import City

_ASSISTANCE = CODE["personal_assistance"]
_NO_SHOW = -2  # a planned visit that leaves no row


@dataclass
class MonthPlan:
    """What the days of a month have in common."""

    month: int
    items: Ints
    away_from: Ints
    away_to: Ints
    ceiling: Floats  # by decision: factor that takes planned time to the ceiling; 0 where that is not done
    keeps_on: Floats  # by provider: share of visits logged though the recipient is away
    manager: Ints  # person who edits, by provider; -1 where there is nobody in the office


def month_plan(city: City, month: int) -> MonthPlan:
    spell = city.items.spell
    live = (city.first_day[spell] < FIRST_DAY[month + 1]) & (city.last_day[spell] >= FIRST_DAY[month])
    first, last, _ = away(city, month)
    manager = np.full(len(city.firms), -1, dtype=np.int64)
    office = np.flatnonzero(city.staff.active(month) & (city.staff.duty == OFFICE))[::-1]
    manager[city.staff.provider[office]] = city.staff.person[office]
    items = np.flatnonzero(live)
    keeps_on = np.zeros(len(city.firms))
    for plant in city.planting.plants:
        if plant.scheme == "S06" and plant.month <= month:
            keeps_on[plant.firm] = min(1.0, 0.25 + 2 * plant.strength)
    return MonthPlan(month, items, first, last, _ceilings(city, month, items), keeps_on, manager)


def _ceilings(city: City, month: int, items: Ints) -> Floats:
    """S04: for some recipients everything is registered, and as long as the grant allows."""
    factor = np.zeros(len(city.decisions.spell))
    first, last = FIRST_DAY[month], FIRST_DAY[month + 1] - 1
    for plant in city.planting.plants:
        if plant.scheme != "S04" or plant.month > month:
            continue
        mine = items[city.cases.provider[city.items.spell[items]] == plant.firm]
        share = min(1.0, plant.strength / 0.16)
        spell = city.items.spell[mine]
        mine = mine[scrambled(city.cases.recipient[spell], city.seed + 31) % 1000 < share * 1000]
        spell, whole = city.items.spell[mine], np.zeros(len(factor))
        begin, end = np.maximum(city.first_day[spell], first), np.minimum(city.last_day[spell], last)
        planned: Ints = np.sum([((begin <= day) & (day <= end) & ((city.items.days[mine] >> ((day + 3) % 7)) & 1 == 1))
                          for day in range(first, last + 1)], axis=0)  # fmt: skip
        np.add.at(whole, city.items.decision[mine], planned * city.items.minutes[mine] * (1 + city.items.two[mine]))
        done = whole > 0
        part = np.zeros(len(factor))
        part[city.items.decision[mine]] = (end - begin + 1) / (last - first + 1)
        factor[done] = 0.992 * city.decisions.granted[done] * part[done] / whole[done]
    return np.where(factor > 0, np.clip(factor, 0.9, 1.4), 0)


def day_of_visits(city: City, plan: MonthPlan, day: int) -> Visits:
    """The honest day: every row that the visit systems hold of it."""
    rng = stream(city.seed, "visits", day)
    items = _items_of(city, plan, day)
    rows = _planned(city, plan, items, day)
    rows = _outcomes(city, plan, rows, day, rng)
    _walk(city, plan, rows, rng)
    _registered(city, plan, rows, rng)
    return rows


def _items_of(city: City, plan: MonthPlan, day: int) -> Ints:
    picked = plan.items
    spell = city.items.spell[picked]
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    on = (city.items.days[picked] >> weekday) & 1 == 1
    today: Ints = picked[on & (city.first_day[spell] <= day) & (day <= city.last_day[spell])]
    return today


def _planned(city: City, plan: MonthPlan, picked: Ints, day: int) -> Visits:
    items = city.items
    spell = items.spell[picked]
    client, provider, two = city.cases.recipient[spell], city.cases.provider[spell], items.two[picked].astype(np.int64)
    person = city.clients.person[client]
    home = city.persons.dwelling_at(day)[person]
    building = city.land.home[home]
    order, start, route = plan_routes(
        city.land, provider=provider, slot=items.slot[picked], minutes=items.minutes[picked], two=two,
        building=building, key=client,
    )  # fmt: skip
    again = np.repeat(np.arange(len(order)), 1 + two[order])
    helper = (~starts_of(again)).astype(np.int64)
    row, order_row = order[again], picked[order][again]
    slot = items.slot[order_row]
    crews = roster(city.staff, plan.month, day, len(city.firms))
    job = staff_of_routes(crews, provider=provider[row], slot=slot, route=route[again], two=two[row], helper=helper)
    own = city.fixed[client[row]]
    serves = (own >= 0) & (slot == 6) & ((own * 5 + day) % 7 < 5)
    serves &= city.staff.active(plan.month)[own] & (city.staff.provider[own] == provider[row])
    job = np.where(serves, own, job)
    empty = np.full(len(row), NOT_YET, dtype=np.int64)
    begins = day * DAY + start[again]
    return Visits(
        provider=provider[row], recipient=person[row], staff=city.staff.person[job], service=items.service[order_row],
        decision=items.decision[order_row], planned_start=begins, planned_minutes=items.minutes[order_row],
        start=begins.copy(), minutes=items.minutes[order_row].copy(), start_receipt=empty, end_receipt=empty.copy(),
        tag=home[row], device=job, registered=empty.copy(), edited=empty.copy(), editor=empty.copy(),
        deviation=np.full(len(row), DONE), system=city.firms.system[provider[row]], place=building[row],
        number=empty.copy(),
    )  # fmt: skip


def _outcomes(city: City, plan: MonthPlan, rows: Visits, day: int, rng: Random) -> Visits:
    """Which planned visits took place; most of those that did not leave no row at all."""
    style = city.firms.style
    client = city.cases.recipient[city.decisions.spell[rows.decision]]
    gone = (plan.away_from[client] <= day) & (day <= plan.away_to[client])
    goes = scrambled(client + day * 7, city.seed) % 1000 < plan.keeps_on[rows.provider] * 1000
    gone &= ~goes
    first = gone & (plan.away_from[client] == day)
    chance, kind = rng.random(len(rows)), rng.random(len(rows))
    steady = rows.service == _ASSISTANCE
    scale = np.where(steady, 0.5, 1.0)
    declined = style.declined[rows.provider] * scale
    skipped = style.skipped[rows.provider] * scale
    rows.deviation = np.select(
        [first & (rows.planned_start % DAY < 600), first & (kind < 0.6), gone & (kind < 0.15), gone,
         chance < declined, chance < declined + 0.011 * scale, chance < declined + 0.026 * scale,
         chance < declined + 0.026 * scale + skipped],
        [DONE, HOSPITAL, CANCELLED, _NO_SHOW, DECLINED, NOT_HOME, CANCELLED, _NO_SHOW],
        default=DONE,
    )  # fmt: skip
    rows.deviation = np.where((plan.ceiling[rows.decision] > 0) & ~gone, DONE, rows.deviation)
    return rows.take(rows.deviation != _NO_SHOW)


def _walk(city: City, plan: MonthPlan, rows: Visits, rng: Random) -> None:
    """Give every visit its true times: workers go from home to home, and are late where the one before took long."""
    rows.minutes = _lengths(city, rows, rng)
    _to_ceiling(plan, rows)
    late = rng.normal(0, 5, len(rows)) + city.firms.style.delay[rows.provider]
    wished = rows.planned_start + np.rint(late).astype(np.int64)
    order = np.lexsort((rows.planned_start, rows.staff))
    order = order[rows.done[order]]
    who, place, length = rows.staff[order], rows.place[order], rows.minutes[order]
    trip = np.zeros(len(order), dtype=np.int64)
    trip[1:] = travel_minutes(city.land, place[1:], place[:-1])
    trip[starts_of(who)] = 0
    used = within(who, length) + within(who, trip) + trip
    rows.start[order] = running_max(who, wished[order] - used) + used
    rows.start = clear_of_changes(rows.start)


def _to_ceiling(plan: MonthPlan, rows: Visits) -> None:
    """S04: lengths that add up to the ceiling over the month; parts of minutes are carried from day to day."""
    exact = rows.planned_minutes * plan.ceiling[rows.decision]
    day = rows.planned_start // DAY
    carried = (np.floor(exact * (day + 1)) - np.floor(exact * day)).astype(np.int64)
    rows.minutes = np.where((exact > 0) & (rows.deviation == DONE), carried, rows.minutes)


def _lengths(city: City, rows: Visits, rng: Random) -> Ints:
    spread: Floats = np.where(rows.service == _ASSISTANCE, 0.05, 0.22)
    factor = city.firms.style.duration[rows.provider] * np.exp(rng.normal(0, 1, len(rows)) * spread - spread**2 / 2)
    worked = np.maximum(np.rint(rows.planned_minutes * factor), 4)
    door = rng.integers(1, 7, len(rows))
    nothing = ~rows.done
    at_door: Flags = (rows.deviation == DECLINED) | (rows.deviation == NOT_HOME)
    return np.where(nothing, 0, np.where(at_door, door, worked)).astype(np.int64)


def _registered(city: City, plan: MonthPlan, rows: Visits, rng: Random) -> None:
    """What the visit system holds: receipts, rounding, time of registration, later edits."""
    rounded(rows, rng)
    _to_ceiling(plan, rows)
    _mixed_up(city, rows, rng)
    own = city.firms.style.own_phone[rows.provider]
    pool = city.device_pool[rows.provider] * 64 + rows.device % 16 + 10_000_000
    rows.device = np.where(own, rows.device, pool)
    receipts(rows, city.firms.style.manual[rows.provider], rng)
    registered_at(rows, rng)
    _edits(city, plan, rows, rng)


def _mixed_up(city: City, rows: Visits, rng: Random) -> None:
    """Now and then somebody logs on with a colleague's name; some providers are careless with that, most are not."""
    order = np.lexsort((rows.start, rows.provider))
    colleague = np.roll(order, -1)
    wrong = rng.random(len(rows)) < city.firms.style.mixed[rows.provider[order]]
    wrong &= (rows.provider[order] == rows.provider[colleague]) & rows.done[order]
    staff = rows.staff.copy()
    staff[order[wrong]] = rows.staff[colleague[wrong]]
    rows.staff = staff


def _edits(city: City, plan: MonthPlan, rows: Visits, rng: Random) -> None:
    """Some are put right afterwards by the office, most by a few minutes."""
    editor = plan.manager[rows.provider]
    share = city.firms.style.edited[rows.provider] * np.where(rows.start_receipt >= 2, 2.0, 0.9)
    at = rows.registered + rng.integers(20, 3 * DAY, len(rows))
    chosen = (rng.random(len(rows)) < share) & rows.done & (editor >= 0) & closes_after(rows.registered, at)
    change = np.rint(rng.normal(0, 5, len(rows))).astype(np.int64)
    rows.edited = np.where(chosen, at, NOT_YET)
    rows.editor = np.where(chosen, editor, -1)
    rows.minutes = np.where(chosen & (rows.minutes > 15), np.maximum(rows.minutes + change, 5), rows.minutes)


def closes_after(registered: Ints, at: Ints) -> Flags:
    """Is ``at`` still in the month of registration, so that the delivery that brings the visit can show it?"""
    close = FIRST_DAY[np.searchsorted(FIRST_DAY, registered // DAY, side="right")] * DAY
    return at < close
