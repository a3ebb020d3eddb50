"""Owners, boards and auditors over time, the payment accounts, and the families around them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valfardsbrott.synthetic.arrays import Column, Flags, Ints, Random, Texts, stream
from valfardsbrott.synthetic.companies import Companies
from valfardsbrott.synthetic.numbers import bankgiro_numbers
from valfardsbrott.synthetic.population import Geography, Persons
from valfardsbrott.synthetic.timeline import FIRST_DAY, NO_DAY

ROLES = ("board_member", "chair", "deputy", "ceo", "signatory", "auditor", "accountant", "beneficial_owner")
MEMBER, CHAIR, DEPUTY, CEO, SIGNATORY, AUDITOR, ACCOUNTANT, OWNER = range(8)


@dataclass
class Roles:
    """Who is what in which company; days, ``NO_DAY`` where it has not ended."""

    provider: Ints
    person: Ints
    role: Ints
    since: Ints
    until: Ints

    def add(self, **new: Column) -> None:
        for field in fields(self):
            setattr(self, field.name, np.concatenate([getattr(self, field.name), new[field.name]]))

    def end(self, rows: Column, day: int) -> None:
        self.until[rows] = np.minimum(self.until[rows], day)


@dataclass
class Accounts:
    provider: Ints
    number: Texts
    since: Ints
    until: Ints


@dataclass
class Owners:
    """``first``: the main owner of each provider."""

    first: Ints
    roles: Roles
    accounts: Accounts


def owners(firms: Companies, land: Geography, persons: Persons, seed: int) -> Owners:
    """Give every company an owner or more, a board, an auditor and an account, with the changes of ordinary years."""
    rng = stream(seed, "owners")
    count = len(firms)
    first = _people(np.arange(count), firms, land, persons, rng)
    parts = [(np.arange(count), first, np.full(count, role)) for role in (MEMBER, SIGNATORY, OWNER)]
    second = np.flatnonzero((rng.random(count) < 0.35) & (firms.form != "E"))
    others = _people(second, firms, land, persons, rng)
    parts += [(second, others, np.full(len(second), role)) for role in (MEMBER, OWNER)]
    board = np.flatnonzero((firms.form != "E") & (rng.random(count) < 0.5))
    members = _people(board, firms, land, persons, rng)
    parts += [(board, members, np.full(len(board), CHAIR))]
    deputy = np.flatnonzero((firms.form == "AB") & (rng.random(count) < 0.8))
    parts += [(deputy, _deputies(first[deputy], land, persons, rng), np.full(len(deputy), DEPUTY))]
    hired = rng.random(count) < 0.3
    ceo = first.copy()
    ceo[hired] = _people(np.flatnonzero(hired), firms, land, persons, rng)
    parts += [(np.arange(count), ceo, np.full(count, CEO))]
    for duty, form, share, per in ((AUDITOR, "AB", 0.7, 12), (ACCOUNTANT, "", 0.5, 15)):
        who = np.flatnonzero((rng.random(count) < share) & ((firms.form == form) | (form == "")))
        pool = _people(rng.integers(0, count, max(2, count // per)), firms, land, persons, rng)
        parts += [(who, rng.choice(pool, len(who)), np.full(len(who), duty))]
    provider, person, role = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    since = firms.registered[provider] + np.where(
        np.isin(role, (MEMBER, SIGNATORY, OWNER)), 0, rng.integers(0, 300, len(role))
    )
    roles = Roles(provider, person, role, since, np.full(len(role), NO_DAY))
    _history(roles, firms, land, persons, rng)
    return Owners(first, roles, _accounts(firms, rng))


def _people(at: Ints, firms: Companies, land: Geography, persons: Persons, rng: Random) -> Ints:
    """A new grown-up for each provider named; half of them live in its district."""
    count = len(at)
    district = np.where(rng.random(count) < 0.5, firms.district[at], rng.integers(0, land.districts, count))
    return persons.add(np.clip(rng.normal(49, 10, count), 23, 74), land.new_dwellings(district, rng), rng)


def _deputies(owner: Ints, land: Geography, persons: Persons, rng: Random) -> Ints:
    """Half are the owner's husband or wife, in the same home."""
    home = np.where(
        rng.random(len(owner)) < 0.5,
        persons.dwelling[owner],
        land.new_dwellings(land.district[land.home[persons.dwelling[owner]]], rng),
    )
    return persons.add(np.clip(rng.normal(47, 10, len(owner)), 23, 74), home, rng)


def _history(roles: Roles, firms: Companies, land: Geography, persons: Persons, rng: Random) -> None:
    """About one role in eight has had another holder before, until a day of the last ten years."""
    changed = np.flatnonzero((rng.random(len(roles.role)) < 0.13) & (roles.role != OWNER))
    days = FIRST_DAY[60] - rng.integers(0, 3650, len(changed))
    changed, days = changed[days > roles.since[changed] + 60], days[days > roles.since[changed] + 60]
    before = _people(roles.provider[changed], firms, land, persons, rng)
    old = roles.since[changed].copy()
    roles.since[changed] = days
    roles.add(provider=roles.provider[changed], person=before, role=roles.role[changed], since=old, until=days)


def _accounts(firms: Companies, rng: Random) -> Accounts:
    """One bankgiro each; some changed bank once."""
    count = len(firms)
    numbers = bankgiro_numbers(count * 2, rng)
    since = firms.registered + rng.integers(10, 90, count)
    changed = np.flatnonzero(rng.random(count) < 0.12)
    days = FIRST_DAY[62] - rng.integers(0, 2200, len(changed))
    keep = days > since[changed] + 60
    changed, days = changed[keep], days[keep]
    until = np.full(count, NO_DAY, dtype=np.int64)
    until[changed] = days
    return Accounts(
        np.concatenate([np.arange(count), changed]),
        np.concatenate([numbers[:count], numbers[count + changed]]),
        np.concatenate([since, days + 1]),
        np.concatenate([until, np.full(len(changed), NO_DAY)]),
    )


def account_at(accounts: Accounts, day: int, count: int) -> Texts:
    """The account each provider is paid to on a day; None where it has none yet."""
    live: Flags = (accounts.since <= day) & (day <= accounts.until)
    rows = np.flatnonzero(live)
    rows = rows[np.argsort(accounts.since[rows], kind="stable")]
    number = np.full(count, None, dtype=object)
    number[accounts.provider[rows]] = accounts.number[rows]
    return number
