"""Schemes that show in who is employed, who is granted what and where people are registered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, Random
from valfardsbrott.synthetic.lookalikes import employ_relatives
from valfardsbrott.synthetic.planting import Plant
from valfardsbrott.synthetic.timeline import ANCHOR, FIRST_DAY
from valfardsbrott.synthetic.workforce import CARE, PAPER
from valfardsbrott.synthetic.world import City


def apply_people(city: City, plant: Plant, rng: Random) -> None:
    """Plant what belongs to the scheme; schemes without a trace here leave the city as it is."""
    scheme = _SCHEMES.get(plant.scheme)
    if scheme is not None:
        scheme(city, plant, rng)


def _at_least(share: float, count: int, least: int) -> int:
    return min(count, max(least, int(np.ceil(share * count))))


def _clients(city: City, plant: Plant) -> Ints:
    """Spells of the provider's recipients at the anchor, the newest first."""
    cases = city.cases
    mine = np.flatnonzero((cases.provider == plant.firm) & (cases.start <= ANCHOR) & (cases.end > ANCHOR))
    return mine[np.argsort(-cases.start[mine], kind="stable")]


def _raise(city: City, spells: Ints, factor: float) -> None:
    """More is granted, planned and done in these spells."""
    decisions, items = np.isin(city.decisions.spell, spells), np.isin(city.items.spell, spells)
    city.decisions.granted[decisions] = np.rint(city.decisions.granted[decisions] * factor / 5).astype(np.int64) * 5
    city.items.minutes[items] = np.rint(city.items.minutes[items] * factor / 5).astype(np.int64) * 5


def relatives_overstated(city: City, plant: Plant, rng: Random) -> None:
    """S08: relatives at home are employed, and the need is overstated."""
    clients = employ_relatives(city, plant.firm, min(1.0, 0.15 + 1.5 * plant.strength), plant.month, rng)
    spells = _clients(city, plant)
    _raise(city, spells[np.isin(city.cases.recipient[spells], clients)], 1.0 + min(0.5, 0.15 + plant.strength))


def paper_assistants(city: City, plant: Plant, rng: Random) -> None:
    """S10: employed on paper, never at a home; more of them have a coordination number."""
    staff = city.staff
    count = _at_least(plant.strength, int(((staff.provider == plant.firm) & staff.active(ANCHOR)).sum()), 2)
    homes = city.land.new_dwellings(np.full(max(1, count // 4), city.firms.district[plant.firm]), rng)
    people = city.persons.add(rng.uniform(20, 60, count), homes[np.arange(count) % len(homes)], rng, coordination=0.3)
    city.hire(
        person=people, provider=np.full(count, plant.firm), start=np.full(count, plant.month),
        end=np.full(count, city.firms.exit[plant.firm]), duty=np.full(count, PAPER), parity=np.full(count, -1),
        trained=rng.random(count) < 0.7, rng=rng,
    )  # fmt: skip


def false_certificates(city: City, plant: Plant, rng: Random) -> None:
    """S11: one doctor signs for new recipients of the provider, who are granted more."""
    cases = city.cases
    new = np.flatnonzero((cases.provider == plant.firm) & cases.new & (cases.start >= plant.month - 9))
    picked = rng.permutation(new)[: _at_least(min(1.0, 4 * plant.strength), len(new), 1)]
    city.false_doctor[picked] = int(rng.choice(city.doctors))
    _raise(city, picked, 1.25 + plant.strength)


def registered_together(city: City, plant: Plant, rng: Random) -> None:
    """S12, S13: recipients registered at a few dwellings shortly before their decision; some workers live there too."""
    spells = _clients(city, plant)
    spells = spells[: _at_least(plant.strength, len(spells), 3)]
    if not len(spells):
        return
    homes = city.land.new_dwellings(np.full(max(1, len(spells) // 6), city.firms.district[plant.firm]), rng)
    there = homes[np.arange(len(spells)) % len(homes)]
    who = city.clients.person[city.cases.recipient[spells]]
    city.persons.moves(who, city.first_day[spells] - rng.integers(8, 80, len(spells)), there)
    staff = np.flatnonzero((city.staff.provider == plant.firm) & (city.staff.duty == CARE) & city.staff.active(ANCHOR))
    near = rng.permutation(staff)[: max(1, len(spells) // 3)]
    days = np.full(len(near), FIRST_DAY[plant.month]) - rng.integers(0, 60, len(near))
    city.persons.moves(city.staff.person[near], days, homes[np.arange(len(near)) % len(homes)])
    lost = near[rng.random(len(near)) < 0.25]
    codes = np.array([str(rng.choice(["OB", "FI"])) for _ in lost], dtype=object)
    city.persons.leaves(city.staff.person[lost], FIRST_DAY[ANCHOR] + rng.integers(-40, 25, len(lost)), codes)


def reused_certificates(city: City, plant: Plant, rng: Random) -> None:
    """S18: untrained workers are reported with a colleague's certificate."""
    staff = city.staff
    mine = np.flatnonzero((staff.provider == plant.firm) & (staff.duty == CARE) & staff.active(ANCHOR))
    real = np.array([row for row in mine.tolist() if city.certificate[row] is not None], dtype=np.int64)
    if len(real) < 1 or len(mine) < 3:
        return
    count = _at_least(min(0.7, 2 * plant.strength), len(mine) - 1, 2)
    source = rng.permutation(real)[: max(1, count // 6)]
    users = np.setdiff1d(rng.permutation(mine)[: count + 1], source)
    city.certificate[users] = city.certificate[source[np.arange(len(users)) % len(source)]]


def steering(city: City, plant: Plant, rng: Random) -> None:
    """S19: one case worker sends new recipients to the provider and grants them much."""
    cases = city.cases
    new = np.flatnonzero((cases.provider == plant.firm) & (cases.start >= plant.month - 4))
    picked = rng.permutation(new)[: _at_least(min(0.9, 0.2 + 3 * plant.strength), len(new), 1)]
    if len(picked):
        city.case_worker[picked] = city.case_worker[picked[0]]
        _raise(city, picked, 1.1 + plant.strength)


def dead_go_on(city: City, plant: Plant, rng: Random) -> None:
    """S06: visits go on for some weeks after a recipient has died or left the country."""
    cases, people = city.cases, city.persons
    gone = people.gone_on[city.clients.person[cases.recipient]]
    mine = (cases.provider == plant.firm) & (city.last_day >= FIRST_DAY[plant.month] - 20) & (gone == city.last_day + 1)
    spells = np.flatnonzero(mine)
    picked = spells[rng.random(len(spells)) < min(1.0, 0.3 + 2 * plant.strength)]
    city.last_day[picked] += rng.integers(10, 75, len(picked))


def new_front(city: City, plant: Plant, rng: Random) -> None:
    """S14, S16: the board is handed to somebody without a history as the scheme begins."""
    roles = city.owners.roles
    mine = (roles.provider == plant.firm) & (roles.person == city.owners.first[plant.firm])
    home = city.land.new_dwellings(np.array([int(rng.integers(0, city.land.districts))]), rng)
    person = city.persons.add(rng.uniform(22, 35, 1), home, rng, coordination=0.2)
    day = int(FIRST_DAY[plant.month]) - int(rng.integers(5, 60))
    rows = np.flatnonzero(mine & (roles.since < day) & (roles.until >= day))
    held, since = roles.role[rows], np.full(len(rows), day)
    roles.end(rows, day - 1)
    roles.add(
        provider=np.full(len(rows), plant.firm), person=np.repeat(person, len(rows)), role=held, since=since,
        until=np.full(len(rows), 1_000_000),
    )  # fmt: skip
    city.owners.first[plant.firm] = person[0]


_SCHEMES: dict[str, Callable[[City, Plant, Random], None]] = {
    "S06": dead_go_on, "S08": relatives_overstated, "S10": paper_assistants, "S11": false_certificates,
    "S12": registered_together, "S14": new_front, "S16": new_front, "S18": reused_certificates,
    "S19": steering,
}  # fmt: skip
