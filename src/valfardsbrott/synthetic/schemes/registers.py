"""Schemes that show in the company register, permits and accounts; and what the members of a ring share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from valfardsbrott.synthetic.arrays import Random
from valfardsbrott.synthetic.ownership import DEPUTY, MEMBER
from valfardsbrott.synthetic.planting import Link, Plant, Ring
from valfardsbrott.synthetic.timeline import ANCHOR, FIRST_DAY, NO_DAY
from valfardsbrott.synthetic.workforce import CARE, PAPER
from valfardsbrott.synthetic.world import FAMILY, Change, City


def apply_registers(city: City, plant: Plant, rng: Random) -> None:
    """Plant what belongs to the scheme in the registers about companies."""
    if plant.scheme == "S15":
        _permit_gone(city, plant, rng)
    elif plant.scheme == "S21":
        debt = int(rng.integers(80, 900)) * 100_000
        city.changes.append(Change(plant.month, plant.firm, "debt_ore", debt))
        if rng.random() < 0.4:
            city.changes.append(Change(plant.month + 1, plant.firm, "employer", False))
    elif plant.scheme == "S16":
        for column in ("f_tax", "employer"):
            if rng.random() < 0.5:
                city.changes.append(Change(plant.month, plant.firm, column, False))
        _paid_elsewhere(city, plant, rng)


def _permit_gone(city: City, plant: Plant, rng: Random) -> None:
    """S15: the permit is revoked, or ran out, and billing goes on."""
    rows = city.permits.provider == plant.firm
    day = int(FIRST_DAY[plant.month]) + int(rng.integers(0, 25))
    if rng.random() < 0.5:
        city.permits.revoked[rows] = day
    else:
        city.permits.until[rows] = day


def _paid_elsewhere(city: City, plant: Plant, rng: Random) -> None:
    """S16: what is billed is paid to another company, in a ring the one that all pay to."""
    ring = next((ring for ring in city.planting.rings if ring.name == plant.network), None)
    head = int(rng.integers(0, len(city.firms))) if ring is None else ring.members[0]
    if head != plant.firm and rng.random() < 0.7:
        city.payees.append((plant.month, plant.firm, str(city.firms.org[head])))


def tie_ring(city: City, ring: Ring, rng: Random) -> None:
    """Let the members share what the ring's links say, from the ring's month on."""
    for link in ring.links:
        _LINKS.get(link.kind, _nothing)(city, ring, link, rng)
    if ring.old is not None and ring.new is not None:
        again = Link(str(rng.choice(["phone", "email", "owner_home", "person"])), (ring.old, ring.new))
        _LINKS[again.kind](city, ring, again, rng)  # what goes on after a bankruptcy takes something with it


def _nothing(_city: City, _ring: Ring, _link: Link, _rng: Random) -> None:
    """Devices and clients are shared where visits are made."""


def _month(ring: Ring, rng: Random) -> int:
    return ring.month + int(rng.integers(0, 2))


def _owners_home(city: City, ring: Ring, link: Link, rng: Random) -> None:
    """Owners who are kin live in one home, or moved there."""
    heads = [int(city.owners.first[firm]) for firm in link.members]
    home = city.persons.dwelling[heads[0]]
    for person in heads[1:]:
        if rng.random() < 0.5:
            city.persons.dwelling[person] = city.persons.moved_to[person] = home
        else:
            city.persons.moves(np.array([person]), np.array([FIRST_DAY[_month(ring, rng)]]), np.array([home]))
        city.families.append((heads[0], person, int(rng.integers(0, len(FAMILY)))))


def _account(city: City, ring: Ring, link: Link, rng: Random) -> None:
    """From the month on payments go to one account."""
    accounts = city.owners.accounts
    number = accounts.number[np.flatnonzero(accounts.provider == link.members[0])[-1]]
    for firm in link.members[1:]:
        day = int(FIRST_DAY[_month(ring, rng)]) + int(rng.integers(0, 20))
        own = accounts.provider == firm
        accounts.until[own] = np.minimum(accounts.until[own], day - 1)
        accounts.provider = np.append(accounts.provider, firm)
        accounts.number = np.append(accounts.number, number)
        accounts.since, accounts.until = np.append(accounts.since, day), np.append(accounts.until, NO_DAY)


def _shown(column: str) -> Callable[[City, Ring, Link, Random], None]:
    def share(city: City, ring: Ring, link: Link, rng: Random) -> None:
        value = getattr(city.firms, column)[link.members[0]]
        city.changes += [Change(_month(ring, rng), firm, column, value) for firm in link.members[1:]]

    return share


def _person(city: City, ring: Ring, link: Link, rng: Random) -> None:
    """One and the same person sits on the boards."""
    who = int(city.owners.first[link.members[0]])
    firms = np.array(link.members[1:], dtype=np.int64)
    days = FIRST_DAY[ring.month] - rng.integers(0, 60, len(firms))
    role = np.where(rng.random(len(firms)) < 0.5, MEMBER, DEPUTY)
    city.owners.roles.add(
        provider=firms, person=np.full(len(firms), who), role=role, since=days, until=np.full(len(firms), NO_DAY)
    )


def _staff(city: City, ring: Ring, link: Link, rng: Random) -> None:
    """Workers of the first member are reported as employed by the others as well."""
    staff = city.staff
    home = np.flatnonzero((staff.provider == link.members[0]) & (staff.duty == CARE) & staff.active(ANCHOR))
    for firm in link.members[1:]:
        mine = int(((staff.provider == firm) & (staff.duty == CARE) & staff.active(ANCHOR)).sum())
        lent = rng.permutation(home)[: max(2, min(int(0.25 * mine), len(home)))]
        count = len(lent)
        city.hire(
            person=city.staff.person[lent], provider=np.full(count, firm), start=np.full(count, ring.month),
            end=np.full(count, city.firms.exit[firm]), duty=np.full(count, PAPER), parity=np.full(count, -1),
            trained=np.zeros(count, dtype=bool), rng=rng,
        )  # fmt: skip


_LINKS: dict[str, Callable[[City, Ring, Link, Random], None]] = {
    "owner_home": _owners_home, "account": _account, "phone": _shown("phone"), "email": _shown("email"),
    "address": _shown("building"), "person": _person, "staff": _staff,
}  # fmt: skip
