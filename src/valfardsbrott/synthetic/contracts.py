"""Contracts between boards and providers, and the permits that the providers hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Column, Ints, Texts, labels, scrambled, stream
from valfardsbrott.synthetic.companies import DISABILITY, Companies
from valfardsbrott.synthetic.recipients import Recipients, Spells
from valfardsbrott.synthetic.services import PRICE_ORE, Decisions
from valfardsbrott.synthetic.timeline import FIRST_DAY, MONTHS, NO_DAY


@dataclass
class Contracts:
    """One for each provider, board (a district's) and service that is ever granted; sorted by ``key``."""

    key: Ints
    provider: Ints
    board: Ints
    service: Ints
    law: Texts
    label: Texts
    signed: Ints
    since: Ints
    until: Ints
    ceiling_ore: Ints  # 0: none
    price_ore: Ints

    def find(self, provider: Ints, board: Ints, service: Ints) -> Ints:
        """The contract of each, -1 where there is none: a provider that bills for another one's decision."""
        key = contract_key(provider, board, service)
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[place] == key, place, -1)


@dataclass
class Permits:
    provider: Ints
    label: Texts
    since: Ints
    until: Ints
    revoked: Ints


def contract_key(provider: Ints, board: Ints, service: Ints) -> Ints:
    return (provider * 64 + board) * 16 + service


def contracts(firms: Companies, made: Recipients, cases: Spells, decisions: Decisions, seed: int) -> Contracts:
    rng = stream(seed, "contracts")
    provider = cases.provider[decisions.spell]
    board = made.district[cases.recipient[decisions.spell]]
    keys, place = np.unique(contract_key(provider, board, decisions.service), return_inverse=True)
    owner, board, service = keys // 1024, keys // 16 % 64, keys % 16
    earliest = np.full(len(keys), MONTHS, dtype=np.int64)
    np.minimum.at(earliest, place, cases.start[decisions.spell])
    begun = FIRST_DAY[firms.start[owner]] - np.where(
        firms.start[owner] == 0, rng.integers(0, 900, len(owner))[owner.argsort()], 0
    )
    lou = firms.law[owner] == "LOU"
    price = PRICE_ORE[service]
    price = np.where(lou, np.rint(price * np.clip(rng.normal(1, 0.03, len(keys)), 0.9, 1.08) / 100) * 100, price)
    law = np.where(lou & (rng.random(len(keys)) < 0.04), "direct_award", firms.law[owner]).astype(object)
    number = labels("AVT-", scrambled(np.arange(len(keys)), seed), 10)
    until = np.where(lou, np.maximum(begun, FIRST_DAY[0]) + 365 * 8, NO_DAY)
    ceiling = np.where(law == "direct_award", _ceiling(place, cases, decisions, price), 0)
    return Contracts(
        keys, owner, board, service, law, number, begun - rng.integers(20, 90, len(keys)), begun, until, ceiling,
        price.astype(np.int64),
    )  # fmt: skip


def _ceiling(place: Ints, cases: Spells, decisions: Decisions, price: Ints) -> Ints:
    """A third more than all that is granted under each contract costs, in whole thousands: the honest stay below it."""
    months = np.maximum(1, cases.end - cases.start + 1)[decisions.spell]
    cost = np.bincount(place, weights=decisions.granted * months / 60 * price[place], minlength=len(price))
    return (np.ceil(cost * 4 / 3 / 100_000) * 100_000).astype(np.int64)


def permits(firms: Companies, seed: int) -> Permits:
    """One for each provider of home care or assistance, from before its first month, without end."""
    rng = stream(seed, "permits")
    who: Column = np.flatnonzero(firms.kind != DISABILITY)
    since = np.minimum(FIRST_DAY[firms.start[who]] - rng.integers(20, 300, len(who)), FIRST_DAY[firms.start[who]])
    since = np.where(firms.start[who] == 0, since - rng.integers(0, 900, len(who)), since)
    return Permits(
        who, labels("TS-", scrambled(who + 17, seed), 10), since, np.full(len(who), NO_DAY), np.full(len(who), NO_DAY)
    )
