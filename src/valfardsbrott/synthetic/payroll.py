"""Pay: the visits' time and what comes on top, office and sick leave; some providers hand in totals only."""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic import columns as make
from valfardsbrott.synthetic.arrays import Flags, Ints, scrambled, stream
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.rows import Visits
from valfardsbrott.synthetic.schemes.money import pay_factors
from valfardsbrott.synthetic.timeline import DAY, FIRST_DAY
from valfardsbrott.synthetic.workforce import OFFICE, PAPER
from valfardsbrott.synthetic.world import City


def worked(city: City, month: int, rows: Visits) -> tuple[Ints, Ints, Ints]:
    """Provider, person and visit minutes for each employment of the month (no minutes: in the office or away)."""
    staff = city.staff
    inside = rows.done & (rows.start >= FIRST_DAY[month] * DAY)
    key = rows.provider[inside] * len(city.persons) + rows.staff[inside]
    employed = np.flatnonzero(staff.active(month))
    jobs = np.unique(staff.provider[employed] * len(city.persons) + staff.person[employed])
    keys = np.unique(np.concatenate([jobs, key]))
    minutes = np.bincount(np.searchsorted(keys, key), rows.minutes[inside], len(keys)).astype(np.int64)
    return keys // len(city.persons), keys % len(city.persons), minutes


def payroll(city: City, month: int, rows: Visits) -> Table:
    """One row an employee, or one a provider where it hands in totals (about one in eight)."""
    rng = stream(city.seed, "payroll", month)
    provider, person, minutes = worked(city, month, rows)
    style = city.firms.style
    office = np.zeros(len(city.persons), dtype=bool)
    office[city.staff.person[city.staff.active(month) & (city.staff.duty == OFFICE)]] = True
    idle = minutes == 0
    volume = np.bincount(provider, minutes, len(city.firms)).astype(np.int64)
    paper = _paper(city, month, provider, person)
    usual = np.where(
        office[person],
        np.minimum(9_900, 900 + volume[provider] // 10),
        np.where(rng.random(len(person)) < 0.3, rng.integers(1_000, 6_000, len(person)), 0),
    )
    usual = np.where(paper, rng.integers(5_000, 9_500, len(person)), usual)
    paid = np.where(
        idle, usual, np.rint(minutes * style.paid_over_visits[provider] * rng.normal(1, 0.04, len(person)) / 5) * 5
    )
    time, wage = pay_factors(city, month)
    paid = np.rint(paid * time[provider]).astype(np.int64)
    rate = (
        style.wage[provider] * rng.normal(1, 0.06, len(person)) * np.where(office[person], 1.25, 1.0) * wage[provider]
    )
    gross = np.rint(paid / 60 * rate).astype(np.int64) * 100
    return _table(city, month, *(column[paid > 0] for column in (provider, person, paid, gross)))


def _paper(city: City, month: int, provider: Ints, person: Ints) -> Flags:
    """Those employed on paper only: they have a wage and no visits."""
    jobs = np.flatnonzero(city.staff.active(month) & (city.staff.duty == PAPER))
    key = city.staff.provider[jobs] * len(city.persons) + city.staff.person[jobs]
    return np.isin(provider * len(city.persons) + person, key)


def _table(city: City, month: int, *columns: Ints) -> Table:
    provider, person, paid, gross = columns
    summed = scrambled(provider, city.seed + 7) % 8 == 0
    firm, place = np.unique(provider[summed], return_inverse=True)
    heads = np.bincount(place, minlength=len(firm))
    total_paid = np.bincount(place, paid[summed], len(firm)).astype(np.int64)
    total_gross = np.bincount(place, gross[summed], len(firm)).astype(np.int64)
    single = ~summed
    who = np.concatenate([provider[single], firm])
    counted = np.concatenate([np.zeros(single.sum(), dtype=np.int64), heads])
    table = {
        "org_number": make.text(city.firms.org[who]),
        "month": make.dates(np.full(len(who), FIRST_DAY[month])),
        "staff_id": city.people(np.concatenate([person[single], np.full(len(firm), -1)])),
        "headcount": make.integers(counted, counted == 0),
        "paid_minutes": make.integers(np.concatenate([paid[single], total_paid])),
        "gross_pay_sek": make.money(np.concatenate([gross[single], total_gross])),
    }  # fmt: skip
    number = np.concatenate([city.persons.number[person[single]], np.full(len(firm), "", dtype=object)])
    return make.only(table, np.lexsort((number, city.firms.org[who])))
