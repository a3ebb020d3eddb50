"""Typed surprise: how unlikely what two providers share would be by chance, in nats, one figure for each link type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import betainc, pdtrc

from valfardsbrott.networks.links import COUNT_TYPES, HUB, LINK_TYPES, City, Floats, Incidence, Ints

#: The most that one link type says about a pair, and the least sum that keeps a pair.
CAP = 18.0
KEEP = 9.0
#: Fewer shared values than this say nothing: a recipient now and then has two providers.
MINIMUM_SHARED = {"staff": 1, "recipient": 2}
#: Of a pair's strongest type, the part that does not help to keep a group together: see `Projection.tie`.
UNCORROBORATED = 0.5
#: Below this the negative binomial is a Poisson to the last digit that matters.
_POISSON = 1e-6


@dataclass(frozen=True)
class Projection:
    """Pairs of providers (``i < j``, sorted) and their surprise: a row for each, a column for each of LINK_TYPES.

    ``tie`` is what holds a pair together when groups are formed. A value of d providers makes d (d - 1) / 2 pairs and
    is one fact, worth d - 1 links: each pair gets 2 / d of it, so that an office's clients are not one group. And what
    several types say holds better than what one says as loudly: half of the strongest type is left out.
    """

    i: Ints
    j: Ints
    surprise: Floats
    tie: Floats

    @property
    def total(self) -> Floats:
        return np.asarray(self.surprise.sum(axis=1), dtype=np.float64)


def project(city: City, least: float = KEEP) -> Projection:
    """All pairs whose surprise sums to at least ``least``; pairs that a register explains score 0 and are left out."""
    keys, columns, values, spread = [], [], [], []
    for column, link_type in enumerate(LINK_TYPES):
        incidence = city.incidences.get(link_type)
        if incidence is not None and len(incidence.value):
            found, surprise, each = pair_surprise(city, link_type, incidence)
            keys.append(found)
            values.append(surprise)
            spread.append(each)
            columns.append(np.full(len(found), column))
    if not keys:
        nobody = np.zeros(0, dtype=np.int64)
        return Projection(nobody, nobody, np.zeros((0, len(LINK_TYPES))), np.zeros(0))
    pairs, row = np.unique(np.concatenate(keys), return_inverse=True)
    at = row, np.concatenate(columns)
    table, tied = (_table(len(pairs), at, np.concatenate(each)) for each in (values, spread))
    keep = (table.sum(axis=1) >= least) & ~np.isin(pairs, city.exempt)
    return Projection(pairs[keep] // city.size, pairs[keep] % city.size, table[keep], tie(tied[keep]))


def _table(rows: int, at: tuple[Ints, Ints], values: Floats) -> Floats:
    table = np.zeros((rows, len(LINK_TYPES)))
    table[at] = values
    _cancel_home(table)
    return table


def tie(spread: Floats) -> Floats:
    """Of a row for each pair and a column for each type: the sum without half of the strongest (Projection.tie)."""
    return np.asarray(spread.sum(axis=1) - UNCORROBORATED * spread.max(axis=1, initial=0.0), dtype=np.float64)


def pair_surprise(city: City, link_type: str, incidence: Incidence) -> tuple[Ints, Floats, Floats]:
    """Pair keys (``i * n + j``, i < j) with surprise above 0 of one type, in nats, capped; and the same spread over all
    the pairs that a value makes."""
    if link_type in COUNT_TYPES:
        keys, surprise = _count_surprise(city, incidence, MINIMUM_SHARED[link_type])
        spread = surprise
    else:
        degree = incidence.degree
        weights = value_surprise(degree, city.size)
        keys, surprise = _products(incidence, weights, city.size)
        _, spread = _products(incidence, weights * 2 / np.maximum(degree, 2), city.size)
    positive = surprise > 0
    return keys[positive], np.minimum(surprise[positive], CAP), np.minimum(spread[positive], CAP)


def value_surprise(degree: Ints, providers: int) -> Floats:
    """``-ln F(d)`` by value: F(d) is the share of all pairs that share a value of at most d providers; hubs give 0.

    Pairs are counted once for each value they share, so F is never too small; it is at most 1.
    """
    usable = (degree >= 2) & (degree <= HUB)
    pairs = np.where(usable, degree * (degree - 1) / 2, 0.0)
    by_degree = np.cumsum(np.bincount(np.minimum(degree, HUB + 1), weights=pairs, minlength=HUB + 2))
    share = by_degree[np.minimum(degree, HUB + 1)] / max(providers * (providers - 1) / 2, 1)
    return np.where(usable, -np.log(np.clip(share, 1e-300, 1.0)), 0.0)


def _products(incidence: Incidence, value_weight: Floats, size: int) -> tuple[Ints, Floats]:
    """Upper triangle of A diag(w) A': summed weight of what each pair shares, hubs left out before the product."""
    use = (value_weight > 0)[incidence.value]
    provider, value = incidence.provider[use], incidence.value[use]
    shape = (size, len(value_weight))
    left = sparse.csr_array((incidence.weight[use] * value_weight[value], (provider, value)), shape=shape)
    right = sparse.csr_array((incidence.weight[use], (provider, value)), shape=shape)
    product: Any = sparse.triu(left @ right.T, k=1, format="coo")
    keys = product.row.astype(np.int64) * size + product.col
    order = np.argsort(keys, kind="stable")
    return keys[order], product.data[order]


def _count_surprise(city: City, incidence: Incidence, least: int) -> tuple[Ints, Floats]:
    """``-ln P(N >= n)`` of n shared people: N is negative binomial around what two providers' sizes predict."""
    plain = Incidence(incidence.provider, incidence.value, np.ones(len(incidence.value)), incidence.reach)
    degree = incidence.degree
    usable = ((degree >= 2) & (degree <= HUB)).astype(float)
    keys, shared = _products(plain, usable, city.size)
    shared = np.rint(shared)
    expected, dispersion = expected_shared(city, plain, keys, shared)
    enough = shared >= least
    tail = _tail(shared[enough], expected[enough], dispersion)
    return keys[enough], -np.log(np.clip(tail, 1e-300, 1.0))


def _tail(count: Floats, expected: Floats, dispersion: float) -> Floats:
    if dispersion < _POISSON:
        return np.asarray(pdtrc(count - 1, expected))
    size = 1 / dispersion
    return np.asarray(betainc(count, size, expected / (size + expected)))


def expected_shared(city: City, incidence: Incidence, keys: Ints, shared: Floats) -> tuple[Floats, float]:
    """Expected number of shared people for each pair, and the dispersion over pairs (0 is Poisson).

    ``k_i k_j rho`` with one rho within a district and one across, from the city's own totals.
    """
    reach = incidence.reach.astype(np.float64)
    by_district = np.bincount(city.district, weights=reach)
    squares = np.bincount(city.district, weights=reach**2)
    chances_same = float(((by_district**2 - squares) / 2).sum())
    chances_all = float((reach.sum() ** 2 - (reach**2).sum()) / 2)
    i, j = keys // city.size, keys % city.size
    same = city.district[i] == city.district[j]
    rho_same = shared[same].sum() / max(chances_same, 1.0)
    rho_other = shared[~same].sum() / max(chances_all - chances_same, 1.0)
    expected = reach[i] * reach[j] * np.where(same, rho_same, rho_other)
    return expected, _dispersion(shared, expected)


def _dispersion(shared: Floats, expected: Floats) -> float:
    """Method of moments over pairs that share anybody, but the strongest hundredth: they are what is looked for."""
    if len(shared) == 0:
        return 0.0
    usual = shared <= np.quantile(shared, 0.99)
    excess = ((shared - expected) ** 2 - expected)[usual].sum()
    return float(np.clip(excess / max((expected[usual] ** 2).sum(), 1e-12), 0.0, 4.0))


def _cancel_home(table: Floats) -> None:
    """Who shares an owner shares the owner's home: that says nothing more."""
    owner, home = LINK_TYPES.index("owner"), LINK_TYPES.index("home")
    table[table[:, owner] > 0, home] = 0.0
