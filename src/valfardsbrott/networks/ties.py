"""Ties between providers with the source rows behind them: what the features of the graph are shown by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valfardsbrott.networks.links import COUNT_TYPES, HUB, LINK_TYPES, City
from valfardsbrott.networks.nodes import common_neighbours
from valfardsbrott.networks.projection import Projection

#: Moves of a block of people are ties of this type.
MIGRATION = "migration"
#: Source rows that one tie names at most.
MOST_ROWS = 20
_TIE = ["org_number", "other_org_number", "link_type"]


def ties(city: City, projection: Projection, links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """A row for each provider, other provider, link type and source row of the provider's own; see catalogue.

    ``links``: LINK_COLUMNS; ``nodes``: org_number, strength, structure, exposure. A tie whose links name no row has one
    row without. Sorted by its key.
    """
    each = _typed(city, projection)
    at = nodes.set_index("org_number")
    each["strength"] = at["strength"].reindex(each["other_org_number"]).to_numpy()
    rows = each.merge(_rows(links, each), on=_TIE, how="left")
    pair = ["org_number", "other_org_number"]
    count, of_pair = (rows.groupby(keys)["nats"].transform("size") for keys in (_TIE, pair))
    rows = rows.assign(
        part=rows["nats"] / count, other_part=rows["strength"] / of_pair, triangle_part=rows["common"] / of_pair
    )
    return _with_place(rows.drop(columns=["strength", "common"]), at)


def moves(migrations: pd.DataFrame, movement: pd.DataFrame, links: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """The same columns for blocks of people that went from one provider to another, where no register explains it.

    ``movement``: kind, person_id, from_org_number, to_org_number. Rows are those of the people who moved, as each of
    the two sees them, as far as the links of the last deliveries name them.
    """
    open_ = migrations[migrations["outcome"] != "explained"][["from_org_number", "to_org_number", "nats"]]
    moved = movement.merge(open_, on=["from_org_number", "to_org_number"])
    ends = [("from_org_number", "to_org_number"), ("to_org_number", "from_org_number")]
    each = pd.concat([open_.rename(columns={a: "org_number", b: "other_org_number"}) for a, b in ends])
    people = pd.concat([moved.rename(columns={a: "org_number", b: "other_org_number"}) for a, b in ends])
    people = people.rename(columns={"kind": "link_type", "person_id": "node_id"}).drop(columns="nats")
    found = people.merge(links, on=["org_number", "link_type", "node_id"])
    named = _named(found, ["org_number", "other_org_number"])
    rows = each.merge(named, on=["org_number", "other_org_number"], how="left").assign(link_type=MIGRATION)
    absent = dict.fromkeys(("part", "other_part", "triangle_part"), np.nan)
    return _with_place(rows.assign(**absent), nodes.set_index("org_number"))


def _typed(city: City, projection: Projection) -> pd.DataFrame:
    """Both directions of every pair kept, for each type that joins it, with its nats and their common neighbours."""
    row, column = np.nonzero(projection.surprise > 0)
    common = common_neighbours(city.size, projection)
    sides = [(projection.i, projection.j), (projection.j, projection.i)]
    frames = [
        pd.DataFrame(
            {
                "org_number": city.orgs[one[row]], "other_org_number": city.orgs[other[row]],
                "link_type": np.array(LINK_TYPES, dtype=object)[column], "nats": projection.surprise[row, column],
                "common": common[row],
            }
        )
        for one, other in sides
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _rows(links: pd.DataFrame, each: pd.DataFrame) -> pd.DataFrame:
    """Source rows of the links by which the provider shares a value, hubs apart, with the other, by tie."""
    orgs = set(each["org_number"])
    mine = links[links["org_number"].isin(orgs)]
    value = ["link_type", "node_type", "node_id"]
    users = mine.groupby(value)["org_number"].transform("nunique")
    mine = mine[(users > 1) & ((users <= HUB) | mine["link_type"].isin(COUNT_TYPES))]
    ends = mine[[*value, "org_number"]].drop_duplicates().rename(columns={"org_number": "other_org_number"})
    wanted = each[_TIE].drop_duplicates()
    return _named(mine.merge(ends, on=value).merge(wanted, on=_TIE), _TIE)


def _named(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The first MOST_ROWS source rows of each key, by table and row."""
    long = found[[*keys, "source_table", "source_rows"]].explode("source_rows").dropna(subset=["source_rows"])
    long = long.rename(columns={"source_rows": "source_row_id"}).drop_duplicates()
    long = long.sort_values([*keys, "source_table", "source_row_id"], kind="stable")
    return long[long.groupby(keys).cumcount() < MOST_ROWS].astype({"source_row_id": "str"})


def _with_place(rows: pd.DataFrame, at: pd.DataFrame) -> pd.DataFrame:
    placed = {name: at[name].reindex(rows["org_number"]).to_numpy() for name in ("structure", "exposure")}
    return rows.assign(**placed).sort_values([*_TIE, "source_table", "source_row_id"], ignore_index=True)
