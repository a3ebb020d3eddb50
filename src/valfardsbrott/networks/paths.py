"""The shortest ways between two entities over a month's links: provider, value, provider, and so on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from valfardsbrott.networks.links import COUNT_TYPES, DISCOUNTED_TYPES, HUB, Ints
from valfardsbrott.networks.persons import PSEUDONYM

#: Node type and id.
End = tuple[str, str]


@dataclass(frozen=True)
class Ways:
    """The month's nodes, and who uses what: a row of ``pairs`` for each provider and value, with the value's users.

    ``pairs``: provider and value as positions in ``nodes`` (node_type, node_id; sorted), used_by (providers) and
    chance: only workers or recipients join the two, as they often do by chance.
    """

    nodes: pd.MultiIndex
    pairs: pd.DataFrame

    def named(self, text: str) -> list[End]:
        """The nodes with that id, or that are written ``type:id``."""
        types, ids = (self.nodes.get_level_values(level) for level in (0, 1))
        kind, _, rest = text.partition(":")
        hit = (ids == text) | ((types == kind) & (ids == rest))
        return [(str(kind), str(name)) for kind, name in self.nodes[hit]]


def ways(links: pd.DataFrame, hidden: Collection[str]) -> Ways:
    """``links``: org_number, node_type, node_id, link_type (text, or categories, which are faster for millions).

    Hidden ids are no nodes, and auditors join nobody. A sole trader is one person, as a provider and as what others
    use.
    """
    frame = links[["org_number", "node_type", "node_id", "link_type"]].astype("category")
    org, kind, node, link = (frame[name].cat for name in frame)
    ids = org.categories.union(node.categories).sort_values()
    types = pd.Index(sorted({"person", "provider", *kind.categories}))
    a, b = (ids.get_indexer(side.categories)[side.codes] for side in (org, node))
    gone = ids.isin(hidden)
    keep = ~gone[a] & ~gone[b] & ~link.categories.isin(DISCOUNTED_TYPES)[link.codes]
    chance = link.categories.isin(COUNT_TYPES)[link.codes][keep]
    a_type, b_type = (
        np.full(len(frame), types.get_indexer(pd.Index(["provider"]))[0]),
        types.get_indexer(kind.categories)[kind.codes],
    )
    natural = ids.str.fullmatch(PSEUDONYM).astype(bool)
    keys = [_keys(each[keep], of[keep], natural, types) for each, of in ((a, a_type), (b, b_type))]
    known, ends = np.unique(np.concatenate(keys), return_inverse=True)
    size = max(len(ids), 1)
    nodes = pd.MultiIndex.from_arrays([types[known // size], ids[known % size]], names=["node_type", "node_id"])
    return Ways(nodes, _pairs(ends[: len(chance)], ends[len(chance) :], chance, len(known)))


def _keys(ids: Ints, of_type: Ints, natural: npt.NDArray[np.bool_], types: pd.Index) -> Ints:
    """A number for each node that sorts by type, then id."""
    trader = natural[ids] & (of_type == types.get_loc("provider"))
    kind = np.where(trader, types.get_indexer(pd.Index(["person"]))[0], of_type).astype(np.int64)
    return np.asarray(kind * len(natural) + ids, dtype=np.int64)


def _pairs(provider: Ints, value: Ints, chance: npt.NDArray[np.bool_], size: int) -> pd.DataFrame:
    """Each pair once; what a provider uses of itself counts as a user, but joins nobody."""
    each, at = np.unique(provider * size + value, return_inverse=True)
    sure = np.bincount(at, weights=~chance, minlength=len(each)) > 0
    size = max(size, 1)
    pairs = pd.DataFrame({"provider": each // size, "value": each % size, "chance": ~sure})
    pairs["used_by"] = np.bincount(pairs["value"], minlength=size)[pairs["value"]]
    return pairs[pairs["provider"] != pairs["value"]]


def shortest(ways: Ways, start: End, goal: End, count: int) -> list[list[End]]:
    """Up to ``count`` ways with no node between the ends in common, shortest first; none where nothing joins them.

    Among equally short ways those by more than workers and recipients come first, then those over rarer values.
    A value that more than HUB providers use is passed by unless it is an end itself. A way from an entity to itself is
    that entity alone.
    """
    first, last = (int(at) for at in ways.nodes.get_indexer(pd.MultiIndex.from_tuples([start, goal])))
    pairs = ways.pairs
    pairs = pairs[(pairs["used_by"] <= HUB) | pairs["value"].isin([first, last])]
    found: list[list[int]] = []
    while len(found) < count and (way := _way(pairs, len(ways.nodes), first, last)):
        found.append(way)
        if len(way) <= 2:
            direct = pairs["provider"].isin(way) & pairs["value"].isin(way)
            pairs = pairs[~direct]
        between = way[1:-1]
        pairs = pairs[~pairs["provider"].isin(between) & ~pairs["value"].isin(between)]
        if first == last:
            break
    return [[_named(ways.nodes[at]) for at in way] for way in found]


def _named(node: tuple[object, ...]) -> End:
    return str(node[0]), str(node[1])


def _way(pairs: pd.DataFrame, size: int, first: int, last: int) -> list[int]:
    """Steps cost 1 and a little more for common values and chance, too little to make a longer way cheaper."""
    cost = (1 + pairs["used_by"].clip(upper=HUB + 1) * 1e-7 + pairs["chance"] * 1e-5).to_numpy(dtype=np.float64)
    ends: tuple[Ints, Ints] = (pairs["provider"].to_numpy(dtype=np.int64), pairs["value"].to_numpy(dtype=np.int64))
    table = sparse.coo_array((cost, ends), shape=(size, size)).tocsr()
    reach, before = dijkstra(table, directed=False, indices=first, return_predecessors=True)
    if not np.isfinite(reach[last]):
        return []
    return _back(before, first, last)


def _back(before: npt.NDArray[np.int32], first: int, last: int) -> list[int]:
    way = [last]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    return way[::-1]


def between(links: pd.DataFrame, one: End, other: End) -> pd.DataFrame:
    """The links that join two nodes of a way, sorted by type and source table."""
    hit = np.zeros(len(links), dtype=bool)
    for provider, value in ((one, other), (other, one)):
        types = ["person", "provider"] if value[0] == "person" else [value[0]]
        hit |= (
            (links["org_number"] == provider[1]) & (links["node_id"] == value[1]) & links["node_type"].isin(types)
        ).to_numpy()
    found = links[hit & ~links["link_type"].isin(DISCOUNTED_TYPES).to_numpy()]
    return found.sort_values(["link_type", "source_table", "org_number"], ignore_index=True)
