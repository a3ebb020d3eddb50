"""The links of a city as integer arrays: which providers use which value, for each type of link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Values that one provider chooses, and that coincide by chance only rarely.
IDENTIFIER_TYPES = (
    "owner", "address", "account", "payee", "payments", "phone", "email", "home", "device", "certificate", "overlap",
)  # fmt: skip
#: Values that providers share by chance according to how many each of them has.
COUNT_TYPES = ("staff", "recipient")
LINK_TYPES = IDENTIFIER_TYPES + COUNT_TYPES
#: Links that are shown but never count: auditors and accountants serve many who have nothing else in common.
DISCOUNTED_TYPES = ("accountant",)
#: Types that say the same kind of thing: evidence from one family alone does not carry a network (see `structure`).
STAFF_FAMILY = ("staff", "overlap")

#: The tables that say whether there are links of a type that few providers have: delivered, and none found, is none.
SAID_BY: dict[str, tuple[str, ...]] = {
    "payee": ("invoice",), "payments": ("invoice",), "overlap": ("visit",), "certificate": ("certificate",),
}  # fmt: skip

#: A value that more providers than this use is a hub (an accountant's office, an office hotel): it counts nothing.
HUB = 25
#: A link that is no longer in force counts half after this many months, and nothing after `HORIZON_MONTHS`.
HALF_LIFE_MONTHS = 6
HORIZON_MONTHS = 12

#: Columns of a table of links, one row for each provider, value and type (features/link/provider_link.sql).
LINK_COLUMNS = (
    "org_number", "node_type", "node_id", "link_type", "first_seen", "last_seen", "n_rows", "source_table",
    "source_rows",
)  # fmt: skip


@dataclass(frozen=True)
class Incidence:
    """Who uses what, for one link type: parallel arrays of provider and value, each pair once, sorted by both.

    Only values of at least two providers are kept, since no other joins anybody; ``reach`` (one entry for each
    provider) counts all values that a provider uses, also those that nobody shares. ``weight`` is 1 for a link in
    force, less with age.
    """

    provider: Ints
    value: Ints
    weight: Floats
    reach: Ints

    @property
    def degree(self) -> Ints:
        """Number of providers for each value, indexed by value."""
        return np.bincount(self.value).astype(np.int64)


@dataclass(frozen=True)
class City:
    """Providers in a fixed order with their links: what the whole pipeline reads.

    ``exempt`` holds the pairs (``i * n + j`` with ``i < j``, sorted) that a register explains: one group, or a
    transfer.
    """

    orgs: npt.NDArray[np.object_]
    district: Ints
    incidences: dict[str, Incidence]
    exempt: Ints

    @property
    def size(self) -> int:
        return len(self.orgs)


def build(links: pd.DataFrame, providers: pd.DataFrame, exempt: pd.DataFrame, month_end: pd.Timestamp) -> City:
    """Arrays of a table of links.

    ``providers`` has org_number and district (null: a district of its own); links of others are left out. ``exempt``
    has org_a and org_b. Any link type may be absent. The order of the rows does not matter.
    """
    orgs = np.sort(providers["org_number"].to_numpy(dtype=object))
    district = providers.set_index("org_number")["district"].reindex(orgs)
    codes = pd.factorize(district, sort=True, use_na_sentinel=False)[0].astype(np.int64)
    index = pd.Index(orgs)
    at = index.get_indexer(pd.Index(links["org_number"])).astype(np.int64)
    weight = decay(links["last_seen"], month_end)
    incidences = {}
    for link_type in LINK_TYPES:
        rows = np.flatnonzero((links["link_type"] == link_type).to_numpy() & (at >= 0) & (weight > 0))
        if len(rows):
            incidences[link_type] = _incidence(at[rows], links["node_id"].iloc[rows], weight[rows], len(orgs))
    return City(orgs, codes, incidences, _pair_keys(index, exempt))


def decay(last_seen: pd.Series, month_end: pd.Timestamp) -> Floats:
    """Weight by the time since a link was last in force: 1 now or unknown, .5 after a half-life, 0 past the horizon."""
    days = (month_end - pd.to_datetime(last_seen)).dt.days.clip(lower=0).fillna(0).to_numpy(dtype=float)
    months = np.floor(days / 30.4375)
    return np.where(months > HORIZON_MONTHS, 0.0, 0.5 ** (months / HALF_LIFE_MONTHS))


def _incidence(provider: Ints, node: pd.Series, weight: Floats, size: int) -> Incidence:
    """Values are numbered by their names' order among those that are shared; the rows' order leaves no trace."""
    codes, names = pd.factorize(node)
    often = np.bincount(codes)[codes] > 1
    alone = np.bincount(provider[~often], minlength=size)
    provider, value, weight = _distinct(provider[often], codes[often].astype(np.int64), weight[often])
    reach = (alone + np.bincount(provider, minlength=size)).astype(np.int64)
    shared = np.bincount(value)[value] > 1 if len(value) else np.zeros(0, dtype=bool)
    kept, dense = np.unique(value[shared], return_inverse=True)
    place = np.argsort(np.argsort(names.to_numpy(dtype=object)[kept])) if len(kept) else kept
    return Incidence(*_distinct(provider[shared], place[dense].astype(np.int64), weight[shared]), reach)


def _distinct(provider: Ints, value: Ints, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Each pair once, with its largest weight, sorted by provider and value."""
    if len(provider) == 0:
        return provider, value, weight
    key = provider * (int(value.max()) + 1) + value
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return provider[order][first], value[order][first], np.maximum.reduceat(weight[order], first)


def _pair_keys(index: pd.Index, exempt: pd.DataFrame) -> Ints:
    a, b = (index.get_indexer(pd.Index(exempt[side])) for side in ("org_a", "org_b"))
    known = (a >= 0) & (b >= 0) & (a != b)
    low, high = np.minimum(a[known], b[known]), np.maximum(a[known], b[known])
    return np.unique(low.astype(np.int64) * len(index) + high)
