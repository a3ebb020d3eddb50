"""The whole city on its axis of months: everything that deliveries are drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from valfardsbrott.synthetic.arrays import Column, Flags, Ints, Random, Texts, kept, labels, scrambled
from valfardsbrott.synthetic.companies import Companies
from valfardsbrott.synthetic.contracts import Contracts, Permits
from valfardsbrott.synthetic.numbers import phone_numbers
from valfardsbrott.synthetic.ownership import Owners
from valfardsbrott.synthetic.planting import Planting
from valfardsbrott.synthetic.population import Geography, Persons
from valfardsbrott.synthetic.recipients import Recipients, Spells
from valfardsbrott.synthetic.services import Decisions, Items
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import FIRST_DAY
from valfardsbrott.synthetic.workforce import Workforce

#: What the other is to the one in a family row: child, parent, spouse.
FAMILY = ("B", "F", "M")


@dataclass(frozen=True)
class Change:
    """From ``month`` on, provider ``firm`` shows ``value`` in the column ``column`` of `Look`."""

    month: int
    firm: int
    column: str
    value: Any


@dataclass
class Look:
    """What the company register shows of every provider in a month."""

    building: Ints
    phone: Texts
    email: Texts
    f_tax: Flags
    employer: Flags
    debt_ore: Ints


@dataclass
class City:
    """The world of one seed. Arrays refer to each other by place; nothing here depends on the months delivered."""

    size: Size
    seed: int
    land: Geography
    persons: Persons
    firms: Companies
    clients: Recipients
    cases: Spells
    items: Items
    decisions: Decisions
    staff: Workforce
    owners: Owners
    contracts: Contracts
    permits: Permits
    # of each spell
    first_day: Ints
    last_day: Ints
    lead_days: Ints
    case_worker: Ints
    false_doctor: Ints  # who signs a false certificate behind the spell's decision; -1: none
    # of each decision
    decision_number: Ints
    # of each employment
    since: Ints
    percent: Ints
    certificate: Texts
    staff_phone: Texts
    doctors: Ints
    #: devices of providers that share them have one pool number
    device_pool: Ints
    #: organisations that providers have sold their invoices to, and which one each has (-1: none)
    factors: Texts
    buyer: str  # the city's own organisation number
    factor: Ints
    planting: Planting
    #: employment that serves a recipient by day (a relative), by recipient; -1: whoever is on the route
    fixed: Ints
    families: list[tuple[int, int, int]] = field(default_factory=list)
    groups: list[tuple[int, int, int]] = field(default_factory=list)
    transfers: list[tuple[int, int, int, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    #: month, provider, organisation: from the month on what the provider bills is paid to the organisation
    payees: list[tuple[int, int, str]] = field(default_factory=list)

    def looks_at(self, month: int) -> Look:
        """The company register's columns as they are in a month."""
        firms = self.firms
        look = Look(
            firms.building.copy(), firms.phone.copy(), firms.email.copy(), firms.f_tax.copy(), firms.employer.copy(),
            firms.debt_ore.copy(),
        )  # fmt: skip
        for change in sorted(self.changes, key=lambda change: change.month):
            if change.month <= month:
                getattr(look, change.column)[change.firm] = change.value
        return look

    def hire(self, *, rng: Random, **new: Column) -> Ints:
        """Add employments with what belongs to each (see `Workforce.hire`); gives their places."""
        jobs = self.staff.hire(**new)
        count, person = len(jobs), new["person"]
        begun = np.where(
            new["start"] < 0, FIRST_DAY[0] - rng.integers(1, 2000, count), FIRST_DAY[np.maximum(new["start"], 0)]
        )
        number = labels("UB-", scrambled(person, self.seed + 5), 10)
        self.since = np.concatenate([self.since, np.maximum(begun, self.firms.registered[new["provider"]] + 20)])
        self.percent = np.concatenate([self.percent, rng.choice([50, 75, 80, 100], count)])
        self.certificate = np.concatenate([self.certificate, kept(number, new["trained"])])
        phone = kept(phone_numbers(count, rng), rng.random(count) < 0.5)
        self.staff_phone = np.concatenate([self.staff_phone, phone])
        return jobs

    @cached_property
    def _numbers(self) -> pa.Array:
        return pa.array(self.persons.number, pa.string())

    def people(self, who: Ints) -> pa.Array:
        """Person numbers; a negative place is null."""
        return self._numbers.take(pa.array(who, mask=who < 0))

    def named(self, month: int) -> Ints:
        """Persons whom the registers of the month name as recipient, staff, relative or in a company."""
        close, year_ago = FIRST_DAY[month + 1], FIRST_DAY[max(month - 12, 0)]
        mark = np.zeros(len(self.persons), dtype=bool)
        clients = self.clients
        mark[clients.person[(clients.first_day < close) & (clients.last_day >= year_ago)]] = True
        mark[self.staff.person[(self.staff.start <= month) & (self.staff.end > month - 12)]] = True
        roles = self.owners.roles
        mark[roles.person[(roles.since < close) & (roles.until >= year_ago)]] = True
        family = np.array(self.families, dtype=np.int64).reshape(-1, 3)
        kin = mark[family[:, 0]] | mark[family[:, 1]]
        mark[family[kin, 0]] = mark[family[kin, 1]] = True
        return np.flatnonzero(mark)
