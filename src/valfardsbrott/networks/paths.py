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
    """``links``: org_number, node_type, node_id, link_type. Hidden ids are no nodes, and auditors join nobody."""
    gone = links["org_number"].isin(hidden) | links["node_id"].isin(hidden) | links["link_type"].isin(DISCOUNTED_TYPES)
    kept = links[~gone]
    ends = pd.DataFrame({"type_a": "provider", "id_a": kept["org_number"]})
    ends = ends.assign(type_b=kept["node_type"], id_b=kept["node_id"], chance=kept["link_type"].isin(COUNT_TYPES))
    for side in "ab":  # a sole trader is the same person as a provider and as another's payee
        natural = (ends[f"type_{side}"] == "provider") & ends[f"id_{side}"].str.fullmatch(PSEUDONYM)
        ends[f"type_{side}"] = ends[f"type_{side}"].mask(natural, "person")
    ends = ends.groupby(["type_a", "id_a", "type_b", "id_b"], sort=True)["chance"].all().reset_index()
    both = np.concatenate([ends[["type_a", "id_a"]].to_numpy(), ends[["type_b", "id_b"]].to_numpy()])
    nodes = pd.MultiIndex.from_frame(
        pd.DataFrame(both, columns=["node_type", "node_id"]).drop_duplicates()
    ).sort_values()
    a = nodes.get_indexer(pd.MultiIndex.from_frame(ends[["type_a", "id_a"]]))
    b = nodes.get_indexer(pd.MultiIndex.from_frame(ends[["type_b", "id_b"]]))
    pairs = pd.DataFrame({"provider": a, "value": b, "chance": ends["chance"]})
    pairs["used_by"] = pairs.groupby("value")["provider"].transform("nunique")
    return Ways(nodes, pairs[pairs["provider"] != pairs["value"]])


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
