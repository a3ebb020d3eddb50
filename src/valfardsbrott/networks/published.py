"""A month's links as data-model has them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valfardsbrott.networks.inputs import Inputs


def published_links(shared: pd.DataFrame, inputs: Inputs, network_of: pd.Series, moved: pd.DataFrame) -> pd.DataFrame:
    """Links as data-model has them; pairs that a register explains are links between two providers of weight 0.

    Blocks of people who went from one provider of a network to another are links of type ``migration`` from the old to
    the new; they are shown with their nats, and the structure score knows nothing of them.
    """
    values = shared.rename(columns={"org_number": "source_id", "node_id": "target_id"})
    pairs = within(inputs.exempt, network_of).rename(columns={"org_a": "source_id", "org_b": "target_id"})
    pairs = pairs.assign(
        link_type=pairs["reason"], node_type="provider", weight=0.0, p_value=np.nan, used_by=2, n_rows=1,
        discounted="registered", source_table=pairs["reason"], last_seen=inputs.month,
        source_rows=pd.Series([[] for _ in range(len(pairs))], index=pairs.index, dtype=object),
    ).drop(columns="reason")  # fmt: skip
    both = pd.concat([values, pairs]) if len(pairs) else values
    blocks = _blocks(moved, network_of)
    both = pd.concat([both, blocks]) if len(blocks) else both
    order = ["network_id", "source_id", "target_id", "link_type", "source_table"]
    return both.sort_values(order, kind="stable", ignore_index=True)


def _blocks(moved: pd.DataFrame, network_of: pd.Series) -> pd.DataFrame:
    inside = within(moved.rename(columns={"from_org_number": "org_a", "to_org_number": "org_b"}), network_of)
    explained = inside["outcome"] == "explained"
    return pd.DataFrame(
        {
            "network_id": inside["network_id"], "source_id": inside["org_a"], "target_id": inside["org_b"],
            "link_type": "migration", "node_type": "provider", "used_by": 2, "source_table": "provider_movement",
            "weight": np.where(explained, 0.0, inside["nats"].astype(float)),
            "p_value": inside["p_value"].astype(float),
            "first_seen": pd.to_datetime(inside["first_month"]).astype("datetime64[us]"),
            "last_seen": pd.to_datetime(inside["last_month"]).astype("datetime64[us]"),
            "discounted": pd.Series(np.where(explained, "registered", ""), inside.index, dtype="str").mask(~explained),
            "n_rows": (inside["staff_moved"] + inside["recipient_moved"]).astype(np.int64),
            "source_rows": pd.Series([[] for _ in range(len(inside))], index=inside.index, dtype=object),
        }
    )  # fmt: skip


def within(pairs: pd.DataFrame, network_of: pd.Series) -> pd.DataFrame:
    """The pairs whose two providers are in one network, with its id."""
    a = network_of.reindex(pairs["org_a"]).to_numpy()
    b = network_of.reindex(pairs["org_b"]).to_numpy()
    inside: pd.DataFrame = pairs.assign(network_id=a)[(a == b) & ~pd.isna(a)]
    return inside
