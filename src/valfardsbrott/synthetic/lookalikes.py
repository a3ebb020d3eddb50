"""Honest arrangements that look like schemes: groups, accountants' offices, pools, care homes, families at work."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, Random, stream
from valfardsbrott.synthetic.companies import ASSISTANCE, HOME_CARE, Companies
from valfardsbrott.synthetic.ownership import MEMBER, OWNER, SIGNATORY
from valfardsbrott.synthetic.receipts import STRICT
from valfardsbrott.synthetic.timeline import ANCHOR, FIRST_DAY, MONTHS, NEVER
from valfardsbrott.synthetic.workforce import CARE, FIXED, share_person
from valfardsbrott.synthetic.world import FAMILY, City

Found = list[tuple[int, str]]


def mergers(firms: Companies, seed: int, planted: Ints) -> list[tuple[int, int, int, str]]:
    """Give some of those that leave a successor that takes over clients and staff, with a registered transfer."""
    rng = stream(seed, "mergers")
    rows = []
    leaving = np.flatnonzero((firms.exit < MONTHS) & (firms.successor < 0) & ~np.isin(np.arange(len(firms)), planted))
    for turn, old in enumerate(leaving.tolist()):
        if turn > 0 and rng.random() > 0.4:
            continue
        month = int(firms.exit[old])
        able = np.flatnonzero((firms.kind == firms.kind[old]) & firms.active(month) & (firms.exit > month + 12))
        able = np.setdiff1d(able, [*planted.tolist(), old])
        near = able[firms.district[able] == firms.district[old]]
        pool = near if len(near) else able
        if not len(pool):
            continue
        firms.successor[old] = int(rng.choice(pool))
        firms.moved_share[old], firms.gone_reason[old] = 0.88, "FUAV"
        kind = str(rng.choice(["merger", "acquisition", "takeover"]))
        rows.append((old, int(firms.successor[old]), int(FIRST_DAY[month]) - int(rng.integers(1, 40)), kind))
    return rows


def add_lookalikes(city: City, planted: Ints) -> Found:
    """Change the honest part of the city; gives (provider, kind) for truth/lookalikes.csv."""
    rng = stream(city.seed, "lookalikes")
    firms = city.firms
    found: Found = [(firm, "honest_merger") for row in city.transfers for firm in row[:2]]
    honest = np.setdiff1d(
        np.flatnonzero((firms.form != "E") & (firms.exit > ANCHOR) & (firms.start <= ANCHOR)), planted
    )
    free = honest[np.lexsort((rng.random(len(honest)), firms.district[honest], firms.kind[honest]))]
    count = len(free)
    groups = _clusters(free, max(1, count // 30), 2, 5, rng)
    for number, members in enumerate(groups):
        registered = number % 8 != 1  # few groups are in no register, and those share less
        _group(city, members, rng, number + 1 if registered else None)
        found += [(firm, "registered_group" if registered else "unregistered_group") for firm in members]
    rest = np.setdiff1d(free, np.array([firm for members in groups for firm in members], dtype=np.int64))
    rest = rest[np.lexsort((firms.district[rest], firms.kind[rest]))]
    for members in _clusters(rest, max(1, count // 40), 3, 6, rng):
        _pool(city, members, rng)
        found += [(firm, "staffing_pool") for firm in members]
    found += _hubs(city, honest, planted, rng)
    found += _care_homes(city, honest, rng) + _relatives(city, honest, rng) + _couples(city, honest, rng)
    _flats(city, rng)
    found += [(int(firm), "strict_clock_system") for firm in honest[firms.system[honest] == STRICT]]
    found += [(int(firm), "small_new_company") for firm in honest[firms.start[honest] > ANCHOR - 9]]
    return found


def _clusters(sorted_firms: Ints, count: int, low: int, high: int, rng: Random) -> list[list[int]]:
    """Up to ``count`` separate runs of neighbours (by kind and district) of ``low`` to ``high`` members."""
    made: list[list[int]] = []
    if len(sorted_firms) < low:
        return made
    step = max(high, len(sorted_firms) // count)
    for begin in range(0, len(sorted_firms) - low + 1, step):
        if len(made) < count:
            made.append(sorted_firms[begin : begin + int(rng.integers(low, high + 1))].tolist())
    return made


def _group(city: City, members: list[int], rng: Random, register: int | None) -> None:
    """One owner; mostly one address, telephone and account, and workers in common: more than a ring shares.

    ``register`` is the group's number in the register; without one each company has an account of its own.
    """
    firms, head = city.firms, members[0]
    closeness = 1.0 if register is not None else 0.6
    roles = city.owners.roles
    for firm in members[1:]:
        own = np.isin(roles.role, (MEMBER, SIGNATORY, OWNER)) & (roles.provider == firm)
        own &= roles.person == city.owners.first[firm]
        roles.person[own] = city.owners.first[head]
        city.owners.first[firm] = city.owners.first[head]
        if rng.random() < 0.8 * closeness:
            firms.building[firm] = firms.building[head]
        if rng.random() < 0.6 * closeness:
            firms.phone[firm] = firms.phone[head]
        if rng.random() < 0.5 * closeness:
            firms.email[firm] = firms.email[head]
        if register is not None and rng.random() < 0.35:
            accounts = city.owners.accounts
            accounts.number[accounts.provider == firm] = accounts.number[np.flatnonzero(accounts.provider == head)[-1]]
        if register is not None:
            city.device_pool[firm] = city.device_pool[head]
        _in_common(city, head, firm, 0.2 * closeness, rng)
    if register is not None:
        city.groups += [(register, firm, int(max(firms.registered[firm], FIRST_DAY[0] - 900))) for firm in members]


def _in_common(city: City, one: int, other: int, share: float, rng: Random) -> None:
    """Some of the one's workers also work at the other, on other days."""
    staff = city.staff
    at_one, at_other = (
        np.flatnonzero((staff.provider == firm) & (staff.duty == CARE) & (staff.parity < 0) & staff.active(ANCHOR))
        for firm in (one, other)
    )
    count = int(min(len(at_one), len(at_other)) * share)
    if count:
        share_person(staff, rng.permutation(at_one)[:count], rng.permutation(at_other)[:count])


def _pool(city: City, members: list[int], rng: Random) -> None:
    for one, other in zip(members, [*members[1:], members[0]], strict=True):
        if one != other:
            _in_common(city, one, other, 0.25, rng)


def _hubs(city: City, honest: Ints, planted: Ints, rng: Random) -> Found:
    """Accountants' offices and office hotels: one address for many, now and then one telephone. Cheats go there too."""
    firms, found = city.firms, []
    everyone = np.concatenate([honest, planted[rng.random(len(planted)) < 0.1]]).astype(np.int64)
    for kind, share, per, phone in (("accountant_address", 0.09, 22, 0.25), ("office_hotel", 0.07, 15, 0.5)):
        who = rng.permutation(everyone)[: max(4, int(len(everyone) * share))]
        hubs = max(1, len(who) // per)
        buildings = rng.integers(0, len(city.land.home), hubs)
        numbers = firms.phone[who[:hubs]].copy()
        for turn, firm in enumerate(who.tolist()):
            firms.building[firm] = city.land.home[buildings[turn % hubs]]
            if rng.random() < phone:
                firms.phone[firm] = numbers[turn % hubs]
        found += [(firm, kind) for firm in np.intersect1d(who, honest).tolist()]
    return found


def _care_homes(city: City, honest: Ints, rng: Random) -> Found:
    """Many recipients of one provider in one dwelling: a care home registers them all there."""
    firms = city.firms
    volume = np.bincount(city.cases.provider, minlength=len(firms))
    able = honest[(firms.kind[honest] == HOME_CARE) & (volume[honest] > 12)]
    chosen = rng.permutation(able)[: max(1, len(honest) // 40)]
    for firm in chosen.tolist():
        clients = np.unique(city.cases.recipient[city.cases.provider == firm])
        picked = rng.permutation(clients)[: min(int(len(clients) * 0.3), 60)]
        home = city.land.new_dwellings(np.array([firms.district[firm]]), rng)[0]
        who = city.clients.person[picked]
        city.persons.dwelling[who] = city.persons.moved_to[who] = home
    return [(int(firm), "care_home") for firm in chosen]


def _relatives(city: City, honest: Ints, rng: Random) -> Found:
    """Assistance with relatives employed by rule: they live with the one they help and work what is granted."""
    able = honest[city.firms.kind[honest] == ASSISTANCE]
    chosen = rng.permutation(able)[: max(1, round(0.3 * len(able)))]
    for firm in chosen.tolist():
        employ_relatives(city, firm, 0.4, 0, rng)
    return [(int(firm), "legal_relative") for firm in chosen]


def employ_relatives(city: City, firm: int, share: float, month: int, rng: Random) -> Ints:
    """Let a relative in the same home serve a share of the provider's recipients by day; gives the recipients."""
    clients = np.unique(city.cases.recipient[(city.cases.provider == firm) & (city.cases.end > month)])
    clients = clients[city.fixed[clients] < 0]
    picked = rng.permutation(clients)[: int(np.ceil(len(clients) * share))]
    count = len(picked)
    if not count:
        return picked
    them = city.clients.person[picked]
    kin = city.persons.add(rng.uniform(22, 64, count), city.persons.dwelling[them].copy(), rng)
    exit_month = np.full(count, city.firms.exit[firm])
    jobs = city.hire(
        person=kin, provider=np.full(count, firm), start=np.full(count, month if month else -NEVER), end=exit_month,
        duty=np.full(count, FIXED), parity=np.full(count, -1), trained=rng.random(count) < 0.3, rng=rng,
    )  # fmt: skip
    city.fixed[picked] = jobs
    kinds = rng.choice(len(FAMILY), count, p=[0.5, 0.3, 0.2])
    city.families += [(int(a), int(b), int(k)) for a, b, k in zip(them, kin, kinds, strict=True)]
    return picked


def _couples(city: City, honest: Ints, rng: Random) -> Found:
    """Owners of two companies who live together."""
    picked = rng.permutation(honest)[: 2 * max(1, len(honest) // 60)]
    found: Found = []
    for one, other in zip(picked[::2].tolist(), picked[1::2].tolist(), strict=False):
        first, second = (int(city.owners.first[firm]) for firm in (one, other))
        city.persons.dwelling[second] = city.persons.moved_to[second] = city.persons.dwelling[first]
        city.families.append((first, second, FAMILY.index("M")))
        found += [(one, "owners_living_together"), (other, "owners_living_together")]
    return found


def _flats(city: City, rng: Random) -> None:
    """Young workers of different providers who share a flat."""
    picked = rng.permutation(np.flatnonzero(city.staff.duty == CARE))[: len(city.staff) // 50]
    for flat in _chunks(picked, 4):
        people = city.staff.person[flat]
        city.persons.dwelling[people] = city.persons.moved_to[people] = city.persons.dwelling[people[0]]


def _chunks(values: Ints, length: int) -> Iterable[Ints]:
    return (values[begin : begin + length] for begin in range(0, len(values), length))
