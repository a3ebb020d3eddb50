"""Builds the world of a seed, part by part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from valfardsbrott.synthetic.arrays import Floats, Ints, Random, Texts, kept, labels, scrambled, stream
from valfardsbrott.synthetic.companies import Companies, companies
from valfardsbrott.synthetic.contracts import contracts, permits
from valfardsbrott.synthetic.lookalikes import Found, add_lookalikes, mergers
from valfardsbrott.synthetic.numbers import org_numbers, phone_numbers
from valfardsbrott.synthetic.ownership import DEPUTY, Owners, owners
from valfardsbrott.synthetic.planting import Planting
from valfardsbrott.synthetic.population import Geography, Persons, geography
from valfardsbrott.synthetic.recipients import Recipients, Spells, decision_days, recipients, spells
from valfardsbrott.synthetic.schemes.people import apply_people
from valfardsbrott.synthetic.schemes.registers import apply_registers, tie_ring
from valfardsbrott.synthetic.services import weekly_items
from valfardsbrott.synthetic.sharing import second_providers
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import FIRST_DAY
from valfardsbrott.synthetic.workforce import OFFICE, Workforce, workforce
from valfardsbrott.synthetic.world import FAMILY, City


def build(size: Size, seed: int, choose: Callable[[Companies], Planting]) -> tuple[City, Found]:
    """The city with its look-alikes and what ``choose`` plants among its companies, for all months of the axis.

    Every part draws from a stream of its own, so the worlds of one seed differ by what is planted and nothing else (but
    for noise inside a month's billing and pay, which depends on the rows).
    """
    land = geography(size.districts, size.recipients * 3, seed)
    persons = Persons.nobody()
    firms = companies(size, land, seed)
    planting = choose(firms)
    transfers = mergers(firms, seed, planting.firms)
    clients = recipients(size, land, persons, seed)
    cases = spells(clients, firms, seed)
    items, decisions = weekly_items(size, clients, cases, firms.style.slack[cases.provider], seed)
    second_providers(clients, firms, cases, items, decisions, planting=planting, seed=seed)
    force = workforce(firms, cases, items, land, persons, seed=seed)
    owning = owners(firms, land, persons, seed)
    first, last = decision_days(clients, cases, firms.exit)
    rng = stream(seed, "details")
    per_board = max(2, size.recipients // size.districts // 80)
    city = City(
        size, seed, land, persons, firms, clients, cases, items, decisions, force, owning,
        contracts(firms, clients, cases, decisions, seed), permits(firms, seed),
        first_day=first, last_day=last, lead_days=rng.integers(2, 25, len(first)),
        case_worker=_case_workers(clients, cases, per_board, land, persons, rng=rng),
        false_doctor=np.full(len(first), -1, dtype=np.int64), doctors=_doctors(size, land, persons, rng),
        decision_number=scrambled(np.arange(len(decisions.spell)), seed), since=_since(force, firms, rng),
        percent=_percent(force, rng), certificate=_certificates(force, seed), staff_phone=_phones(force, rng),
        device_pool=np.arange(len(firms)), factors=org_numbers(2, rng),
        buyer=str(org_numbers(1, stream(7, "buyer"))[0]),
        factor=np.where(rng.random(len(firms)) < 0.06, rng.integers(0, 2, len(firms)), -1), planting=planting,
        fixed=np.full(len(clients), -1, dtype=np.int64),
    )  # fmt: skip
    city.families += _families(clients, persons, land, owning, rng)
    city.transfers += transfers
    found = add_lookalikes(city, planting.firms)
    _plant(city)
    persons.give_numbers(seed)
    _sole_traders(firms, owning, persons)
    return city, found


def _plant(city: City) -> None:
    for planted in city.planting.plants:
        rng = stream(city.seed, "plant", planted.scheme, planted.firm)
        apply_people(city, planted, rng)
        apply_registers(city, planted, rng)
    for ring in city.planting.rings:
        tie_ring(city, ring, stream(city.seed, "tie", ring.name))


def _case_workers(made: Recipients, cases: Spells, per: int, land: Geography, persons: Persons, *, rng: Random) -> Ints:
    """Each board has one for about 80 recipients; a recipient keeps theirs mostly."""
    homes = land.new_dwellings(np.repeat(np.arange(land.districts), per), rng)
    pool = persons.add(rng.uniform(25, 66, len(homes)), homes, rng)
    own = made.district * per + rng.integers(0, per, len(made))
    other = made.district[cases.recipient] * per + rng.integers(0, per, len(cases.recipient))
    return pool[np.where(rng.random(len(other)) < 0.2, other, own[cases.recipient])]


def _doctors(size: Size, land: Geography, persons: Persons, rng: Random) -> Ints:
    count = max(4, size.recipients // 200)
    return persons.add(rng.uniform(30, 68, count), land.new_dwellings(rng.integers(0, land.districts, count), rng), rng)


def _since(force: Workforce, firms: Companies, rng: Random) -> Ints:
    old = FIRST_DAY[0] - rng.integers(1, 3000, len(force))
    old = np.maximum(old, firms.registered[force.provider] + 30)
    return np.where(force.start < 0, np.minimum(old, FIRST_DAY[0]), FIRST_DAY[np.maximum(force.start, 0)])


def _percent(force: Workforce, rng: Random) -> Ints:
    return np.where(force.duty == OFFICE, 100, rng.choice([50, 60, 75, 75, 80, 90, 100, 100], len(force)))


def _certificates(force: Workforce, seed: int) -> Texts:
    number = labels("UB-", scrambled(force.person, seed + 5), 10)
    return kept(number, force.trained)


def _phones(force: Workforce, rng: Random) -> Texts:
    """Half have told their number; one person has one number at every employer."""
    people, place = np.unique(force.person, return_inverse=True)
    number = phone_numbers(len(people), rng)
    number[rng.random(len(people)) < 0.5] = None
    return number[place]


def _families(
    made: Recipients, persons: Persons, land: Geography, owning: Owners, rng: Random
) -> list[tuple[int, int, int]]:
    """Couples among recipients, grown-up children of a few, and owners married to their deputy."""
    home = persons.dwelling[made.person]
    order = np.argsort(home, kind="stable")
    pair = np.flatnonzero(home[order][1:] == home[order][:-1])
    rows = [(int(made.person[order[k]]), int(made.person[order[k + 1]]), FAMILY.index("M")) for k in pair.tolist()]
    parents = made.person[np.flatnonzero((made.kind == 0) & (rng.random(len(made)) < 0.08))]
    ages: Floats = np.clip(rng.normal(54, 7, len(parents)), 30, 72)
    children = persons.add(ages, land.new_dwellings(rng.integers(0, land.districts, len(parents)), rng), rng)
    rows += [(int(one), int(other), FAMILY.index("B")) for one, other in zip(parents, children, strict=True)]
    roles = owning.roles
    for row in np.flatnonzero(roles.role == DEPUTY).tolist():
        owner, deputy = int(owning.first[roles.provider[row]]), int(roles.person[row])
        if persons.dwelling[owner] == persons.dwelling[deputy]:
            rows.append((owner, deputy, FAMILY.index("M")))
    return rows


def _sole_traders(firms: Companies, owning: Owners, persons: Persons) -> None:
    """A sole trader's organisation number is the owner's person number in ten digits."""
    for firm in np.flatnonzero(firms.form == "E").tolist():
        firms.org[firm] = str(persons.number[owning.first[firm]])[2:]
