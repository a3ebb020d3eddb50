"""Recipients whom two providers serve in the same months: one for most, another for nights, laundry or company."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, Random, stream
from valfardsbrott.synthetic.companies import Companies
from valfardsbrott.synthetic.planting import Planting
from valfardsbrott.synthetic.recipients import Recipients, Spells, choose_providers
from valfardsbrott.synthetic.services import CODE, Decisions, Items

_APART = [
    CODE[name]
    for name in ("night_visit", "laundry", "shopping", "social_activity", "escort", "respite", "shower_support")
]


def second_providers(
    made: Recipients,
    firms: Companies,
    cases: Spells,
    items: Items,
    decisions: Decisions,
    *,
    planting: Planting,
    seed: int,
) -> None:
    """Move some services to a second provider: a few of everybody's, more between ring members that share clients."""
    rng = stream(seed, "second providers")
    spell = decisions.spell
    able = np.isin(decisions.service, _APART)
    some = np.flatnonzero(able & (rng.random(len(spell)) < 0.02))
    other = choose_providers(
        firms, cases.start[spell[some]], made.kind[cases.recipient[spell[some]]],
        made.district[cases.recipient[spell[some]]], rng,
    )  # fmt: skip
    pairs = [(some, other)]
    for ring in planting.rings:
        for link in ring.links:
            if link.kind == "clients":
                pairs += _ring_pairs(cases, decisions, link.members, ring.month, rng)
    chosen, other = (np.concatenate(column) for column in zip(*pairs, strict=True))
    _move(cases, items, decisions, firms, chosen=chosen, other=other)


def _ring_pairs(
    cases: Spells, decisions: Decisions, members: tuple[int, ...], month: int, rng: Random
) -> list[tuple[Ints, Ints]]:
    provider, end = cases.provider[decisions.spell], cases.end[decisions.spell]
    pairs = []
    for one, other in zip(members, [*members[1:], members[0]], strict=True):
        mine = np.flatnonzero((provider == one) & (end > month))
        mine = mine[rng.random(len(mine)) < 0.07]
        pairs.append((mine, np.full(len(mine), other)))
    return pairs


def _move(cases: Spells, items: Items, decisions: Decisions, firms: Companies, *, chosen: Ints, other: Ints) -> None:
    """A spell of its own at the other provider for each decision chosen, where that provider is there throughout."""
    chosen, first = np.unique(chosen, return_index=True)
    other = other[first]
    spell = decisions.spell[chosen]
    there = (other >= 0) & (firms.start[other] <= cases.start[spell]) & (firms.exit[other] >= cases.end[spell])
    there &= other != cases.provider[spell]
    chosen, other, spell = chosen[there], other[there], spell[there]
    made = np.arange(len(chosen)) + len(cases.recipient)
    for field in fields(Spells):
        values = getattr(cases, field.name)
        setattr(cases, field.name, np.concatenate([values, values[spell]]))
    cases.provider[made] = other
    decisions.spell[chosen] = made
    items.spell = decisions.spell[items.decision]
