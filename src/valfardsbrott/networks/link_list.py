"""Any list of typed links through the network pipeline, which knows a fixed set of link types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from valfardsbrott.networks.inputs import Inputs
from valfardsbrott.networks.links import DISCOUNTED_TYPES, LINK_COLUMNS, LINK_TYPES
from valfardsbrott.networks.pipeline import Found

#: Types with no rule of their own: others' types are judged as these are, each by the rarity of its own values.
SLOTS = ("account", "phone", "email", "device", "address", "owner")
NODE_TYPES = {
    "owner": "person", "accountant": "person", "staff": "person", "recipient": "person", "overlap": "person",
    "address": "address", "home": "address", "account": "account", "payee": "account", "payments": "provider",
    "phone": "phone", "certificate": "certificate",
    "email": "email", "device": "device",
}  # fmt: skip
#: Source rows that a link keeps.
ROWS = 20
_MARK = "\x1f"
#: Columns of networks that are words about the types above, or that a list of links has nothing to fill with.
_OF_A_CITY = ["reasons", "discounts", "checks", "changes", "n_persons", "amount_at_risk_sek", "confirmed_members"]
_KEY = ["org_number", "node_type", "node_id", "link_type"]


def slots(types: Sequence[str]) -> dict[str, str]:
    """The link type that each type is judged as: its own name, or a slot that the list leaves free.

    The commonest come first in ``types``; those that no slot is left for share the last one.
    """
    own = {name: name for name in types if name in (*LINK_TYPES, *DISCOUNTED_TYPES)}
    free = [name for name in SLOTS if name not in own] or [SLOTS[0]]
    others = [name for name in types if name not in own]
    return own | {name: free[min(at, len(free) - 1)] for at, name in enumerate(others)}


def inputs(rows: pd.DataFrame, month_end: pd.Timestamp, file: str) -> Inputs:
    """Sources become providers, targets the values that join them; a target that is a source too is both.

    ``rows``: source, target, type, start, end, line, none of the first three missing. Links that begin after the month
    are left out; one without an end is in force.
    """
    rows = rows[rows["start"].isna() | (rows["start"] <= month_end)]
    judged = slots(
        list(rows["type"].value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable").index)
    )
    providers = pd.DataFrame({"org_number": sorted(set(rows["source"])), "district": "all"})
    both = rows["target"].isin(providers["org_number"])
    node_type = rows["type"].map(NODE_TYPES).fillna("value").mask(both, "provider")
    links = pd.DataFrame(
        {
            "org_number": rows["source"], "node_type": node_type, "node_id": rows["type"] + _MARK + rows["target"],
            "link_type": rows["type"].map(judged), "first_seen": rows["start"],
            "last_seen": rows["end"].where(rows["end"] < month_end, month_end), "line": rows["line"],
        }
    )  # fmt: skip
    itself = links[both].assign(org_number=rows.loc[both, "target"])
    return Inputs(
        links=_grouped(pd.concat([links, itself], ignore_index=True), file),
        providers=providers,
        exempt=pd.DataFrame(columns=["org_a", "org_b", "reason"], dtype="str"),
        delivered=frozenset(),
        known={},
        month=month_end,
    )


def _grouped(links: pd.DataFrame, file: str) -> pd.DataFrame:
    """A row for each provider, value and type, with the lines that say so."""
    links = links.sort_values([*_KEY, "line"], kind="stable")
    found = links.groupby(_KEY, sort=True).agg(
        first_seen=("first_seen", "min"), last_seen=("last_seen", "max"), n_rows=("line", "size"),
        source_rows=("line", lambda lines: [f"{file}:{line}" for line in lines[:ROWS]]),
    )  # fmt: skip
    return found.reset_index().assign(source_table="links")[list(LINK_COLUMNS)]


def as_listed(found: Found) -> Found:
    """With the file's own types and ids, and without words about link types that it does not have."""
    links = found.links.assign(
        link_type=found.links["target_id"].str.split(_MARK).str[0], target_id=_plain(found.links["target_id"])
    )
    kinds = found.members["node_id"].str.split(_MARK).str[0]
    standing = found.members["role"].str.split("_").str[0]
    roles = found.members["role"].where(found.members["role"] == "member", standing + "_" + kinds)
    members = found.members.assign(role=roles, node_id=_plain(found.members["node_id"]))
    members = members.sort_values("role", key=lambda role: role != "member", kind="stable")
    members = members.drop_duplicates(["network_id", "node_type", "node_id"])
    return replace(
        found,
        networks=found.networks.drop(columns=_OF_A_CITY),
        members=members.sort_values(["network_id", "node_type", "node_id"], ignore_index=True),
        links=links[links["source_id"] != links["target_id"]].reset_index(drop=True),
    )


def _plain(ids: pd.Series) -> pd.Series:
    return ids.str.split(_MARK).str[-1]
