"""Plainer ways to find networks, for comparison in experiments: components, modularity, inverse-degree weights."""

from __future__ import annotations

import random

import igraph
import numpy as np
import pandas as pd
from scipy import sparse

from valfardsbrott.networks.links import COUNT_TYPES, DISCOUNTED_TYPES, Floats, Ints
from valfardsbrott.networks.projection import Projection

#: Values that more providers than this use are cut, as is done by hand.
HUB_CUT = 10
Groups = list[set[str]]


def connected_components(links: pd.DataFrame, exempt: pd.DataFrame | None = None, least: int = 3) -> Groups:
    """Providers joined by any identifier, hubs cut; most shared values per provider first, ties by the first provider.

    ``exempt`` (org_a, org_b): registered pairs, left out. Staff and recipients do not join: with them nearly all of a
    city is one component. ``least``: smallest group.
    """
    orgs, graph = _graph(links, exempt, inverse=False)
    return _ranked(orgs, graph, graph.connected_components().membership, least)


def louvain(links: pd.DataFrame, exempt: pd.DataFrame | None = None, least: int = 3, seed: int = 1) -> Groups:
    """The same links, cut into modularity communities (Louvain)."""
    orgs, graph = _graph(links, exempt, inverse=False)
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - a partition, not a secret
    return _ranked(orgs, graph, graph.community_multilevel(weights="weight").membership, least)


def inverse_degree_leiden(
    links: pd.DataFrame, exempt: pd.DataFrame | None = None, least: int = 3, seed: int = 1
) -> Groups:
    """Each value weighs 1 / (d - 1) of its d providers; Leiden communities (CPM, .5) by weight per provider."""
    orgs, graph = _graph(links, exempt, inverse=True)
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 - a partition, not a secret
    parts = graph.community_leiden(objective_function="CPM", weights="weight", resolution=0.5, n_iterations=-1)
    return _ranked(orgs, graph, parts.membership, least)


def density(projection: Projection, labels: Ints) -> Floats:
    """Mean surprise of all pairs within each community: the score that lets staffing pools win."""
    groups = int(labels.max(initial=-1)) + 1
    inside = (labels[projection.i] == labels[projection.j]) & (labels[projection.i] >= 0)
    total = np.bincount(labels[projection.i[inside]], weights=projection.total[inside], minlength=groups)
    size = np.bincount(labels[labels >= 0], minlength=groups)
    return np.asarray(total / np.maximum(size * (size - 1) / 2, 1), dtype=np.float64)


def _graph(links: pd.DataFrame, exempt: pd.DataFrame | None, *, inverse: bool) -> tuple[list[str], igraph.Graph]:
    """Providers (sorted) and the graph of who shares identifiers with whom; edge weights are summed over values."""
    joins = links[~links["link_type"].isin([*COUNT_TYPES, *DISCOUNTED_TYPES])]
    joins = joins[["org_number", "link_type", "node_id"]].drop_duplicates()
    orgs = sorted(set(joins["org_number"]))
    provider = pd.Index(orgs).get_indexer(pd.Index(joins["org_number"]))
    value = joins.groupby(["link_type", "node_id"]).ngroup().to_numpy()
    degree = np.bincount(value) if len(value) else np.zeros(0, dtype=np.int64)
    usable = (degree >= 2) & (degree <= HUB_CUT)
    weight = np.where(usable, 1 / np.maximum(degree - 1, 1) if inverse else 1.0, 0.0)
    shape = (len(orgs), len(degree))
    left = sparse.csr_array((weight[value], (provider, value)), shape=shape)
    right = sparse.csr_array((usable[value].astype(float), (provider, value)), shape=shape)
    upper = sparse.triu(left @ right.T, k=1, format="coo")
    known = set() if exempt is None else set(zip(exempt["org_a"], exempt["org_b"], strict=True))
    edges = [
        (i, j, w)
        for i, j, w in zip(upper.row.tolist(), upper.col.tolist(), upper.data.tolist(), strict=True)
        if w > 0 and not {(orgs[i], orgs[j]), (orgs[j], orgs[i])} & known
    ]
    graph = igraph.Graph(n=len(orgs), edges=[edge[:2] for edge in sorted(edges)])
    graph.es["weight"] = [edge[2] for edge in sorted(edges)]
    return orgs, graph


def _ranked(orgs: list[str], graph: igraph.Graph, membership: list[int], least: int) -> Groups:
    groups: dict[int, set[str]] = {}
    inner: dict[int, float] = {}
    for org, label in zip(orgs, membership, strict=True):
        groups.setdefault(label, set()).add(org)
    for edge in graph.es:
        if membership[edge.source] == membership[edge.target]:
            inner[membership[edge.source]] = inner.get(membership[edge.source], 0.0) + edge["weight"]
    kept = [label for label, group in groups.items() if len(group) >= max(least, 2)]
    kept.sort(key=lambda label: (-inner.get(label, 0.0) / len(groups[label]), min(groups[label])))
    return [groups[label] for label in kept]
