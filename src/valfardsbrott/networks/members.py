"""Who and what is in a network: its providers, the values that join them, and the links with their evidence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from valfardsbrott.networks.links import COUNT_TYPES, DISCOUNTED_TYPES, HUB, LINK_TYPES, City, Floats, decay
from valfardsbrott.networks.projection import Projection, value_surprise

_VALUE = ["network_id", "link_type", "node_type", "node_id"]
_ROLE_ORDER = {name: at for at, name in enumerate((*LINK_TYPES, *DISCOUNTED_TYPES))}


def shared_links(
    links: pd.DataFrame, network_of: pd.Series, city: City, projection: Projection, month_end: pd.Timestamp
) -> pd.DataFrame:
    """Links of the networks' providers to values that at least two of the same network use.

    ``network_of``: network_id by org_number. Adds to the link columns network_id, used_by (providers in the whole
    city), weight (nats; 0 where discounted), p_value (the share of provider pairs that share so rare a value, or the
    chance of so many people in common; null where discounted) and discounted: null, or why the link counts nothing -
    hub, accountant, registered (a group or a transfer explains each pair), same_owner (a home), weak (the pair is below
    the least that is kept). Of staff and recipients only those of pairs with more in common than chance gives.
    """
    mine = links[links["org_number"].isin(network_of.index)]
    mine = mine.assign(network_id=network_of.reindex(mine["org_number"]).to_numpy())
    users = mine.groupby(_VALUE)["org_number"].transform("nunique")
    mine = mine[users > 1].reset_index(drop=True)
    mine = mine.merge(_used_by(links, mine), on=_VALUE[1:], how="left")
    ties = _ties(mine, city, projection)
    best = ties.groupby([*_VALUE, "org_number"]).agg(
        surprise=("surprise", "max"), each=("each", "max"), exempt=("exempt", "all")
    )
    mine = mine.merge(best.reset_index(), on=[*_VALUE, "org_number"], how="left")
    return _weighed(mine, city, month_end)


def _used_by(links: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    known = links.merge(wanted[_VALUE[1:]].drop_duplicates(), on=_VALUE[1:])
    return known.groupby(_VALUE[1:])["org_number"].nunique().rename("used_by").reset_index()


def _ties(mine: pd.DataFrame, city: City, projection: Projection) -> pd.DataFrame:
    """A row for each value and ordered pair of the network's providers that share it."""
    ends = mine[[*_VALUE, "org_number"]].drop_duplicates()
    ties = ends.merge(ends, on=_VALUE, suffixes=("", "_other"))
    ties = ties[ties["org_number"] != ties["org_number_other"]].reset_index(drop=True)
    index = pd.Index(city.orgs)
    a, b = (index.get_indexer(pd.Index(ties[side])) for side in ("org_number", "org_number_other"))
    key = np.minimum(a, b).astype(np.int64) * city.size + np.maximum(a, b)
    known = projection.i * city.size + projection.j
    at = np.minimum(np.searchsorted(known, key), max(len(known) - 1, 0))
    column = pd.Index(LINK_TYPES).get_indexer(pd.Index(ties["link_type"]))
    hit = (column >= 0) & (known[at] == key) if len(known) else np.zeros(len(key), dtype=bool)
    surprise = np.where(hit, projection.surprise[at, column], 0.0) if len(known) else np.zeros(len(key))
    ties = ties.assign(surprise=surprise, exempt=np.isin(key, city.exempt))
    shared = ties.groupby(["link_type", "org_number", "org_number_other"])["node_id"].transform("nunique")
    return ties.assign(each=surprise / shared)


def _weighed(mine: pd.DataFrame, city: City, month_end: pd.Timestamp) -> pd.DataFrame:
    people = mine["link_type"].isin(COUNT_TYPES).to_numpy()
    mine = mine[~people | (mine["surprise"] > 0)].reset_index(drop=True)
    people = mine["link_type"].isin(COUNT_TYPES).to_numpy()
    counts = (mine["surprise"] > 0).to_numpy()
    rare = _rarity(mine, city)
    weight = np.where(counts, np.where(people, mine["each"], rare * decay(mine["last_seen"], month_end)), 0.0)
    p_value = np.where(counts, np.exp(-np.where(people, mine["surprise"], rare)), np.nan)
    mine = mine.assign(weight=weight, p_value=p_value, discounted=_why_discounted(mine, counts))
    mine = mine.drop(columns=["surprise", "each", "exempt"])
    return mine.sort_values([*_VALUE, "org_number", "source_table"], kind="stable", ignore_index=True)


def _rarity(mine: pd.DataFrame, city: City) -> Floats:
    """``-ln F(d)`` of each link's value."""
    out = np.zeros(len(mine))
    for link_type, incidence in city.incidences.items():
        rows = (mine["link_type"] == link_type).to_numpy()
        if rows.any() and len(incidence.value):
            degree = incidence.degree
            by_degree = np.zeros(max(int(degree.max()), HUB) + 1)
            by_degree[degree] = value_surprise(degree, city.size)
            used = mine.loc[rows, "used_by"].to_numpy(dtype=np.int64)
            out[rows] = by_degree[np.minimum(used, len(by_degree) - 1)]
    return out


def _why_discounted(mine: pd.DataFrame, counts: npt.NDArray[np.bool_]) -> pd.Series:
    link_type = mine["link_type"]
    reasons = np.select(
        [
            counts, link_type.isin(DISCOUNTED_TYPES), mine["used_by"] > HUB, mine["exempt"].astype(bool),
            link_type == "home",
        ],
        ["", "accountant", "hub", "registered", "same_owner"],
        default="weak",
    )  # fmt: skip
    return pd.Series(reasons, index=mine.index, dtype="str").mask(counts)


def network_members(shared: pd.DataFrame, network_of: pd.Series) -> pd.DataFrame:
    """network_id, node_type, node_id, role of all that is in a network, each node once.

    role: ``member`` of its providers; of a value ``shared_<link type>``, the first in the order of LINK_TYPES that
    joins by it, or ``discounted_<link type>`` where none of its links counts.
    """
    providers = pd.DataFrame({"network_id": network_of, "node_type": "provider", "node_id": network_of.index})
    providers = providers.assign(role="member", order=-1)
    weak = (shared["weight"] <= 0).to_numpy()
    nodes = shared[["network_id", "node_type", "node_id"]].assign(
        role=[
            f"{'discounted' if gone else 'shared'}_{name}" for name, gone in zip(shared["link_type"], weak, strict=True)
        ],
        order=[_ROLE_ORDER[name] + 100 * gone for name, gone in zip(shared["link_type"], weak, strict=True)],
    )
    both = pd.concat([providers, nodes], ignore_index=True)
    both = both.sort_values(["network_id", "node_type", "node_id", "order"], kind="stable")
    return both.drop_duplicates(["network_id", "node_type", "node_id"]).drop(columns="order").reset_index(drop=True)
