"""Which network to look at first: evidence that it is no coincidence, and what its members do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

#: At most this share of the networks that are shown is expected to be chance (false discovery rate).
GATE = 0.1
#: Structure counts no further than this: honest groups share more than rings do.
SATURATION = 24.0
#: How much a nat of behaviour weighs against a nat of structure; the ranking is flat between 2 and 8.
LAMBDA = 4.0
_LEAST_P = 1e-12


def rank_networks(networks: pd.DataFrame, members: pd.DataFrame, behaviour: pd.DataFrame) -> pd.DataFrame:
    """Rank the networks that chance does not explain: ``R = min(T, 24) + 4 * -ln(p_behaviour)``.

    T counts 0 for a group of companies that is inferred (``inferred_group``), as it does for one that is registered:
    only what its members do can bring it forward.

    ``networks``: network_id, kind (group or pair), structure (T), e_value, q_value, and may have inferred_group.
    ``members``: network_id, node_type, node_id, role (its providers with role ``member`` count). ``behaviour``:
    org_number and p_behaviour, the provider's own calibrated p-value from detectors that saw no relations.

    Returns one row for each network with q_value at most GATE: its columns, p_behaviour (``1 - Phi(sum z / sqrt n)``
    over the members that have a p-value; .5, which is neutral, where none has), rank_value (R), score (``1 - exp(-R /
    24)``, 0 to 1, higher is more to look at) and rank from 1. Groups come before pairs; ties by E-value, then id.
    """
    gated = networks[networks["q_value"] <= GATE].copy()
    combined = _combined(members, behaviour)
    gated["p_behaviour"] = combined.reindex(gated["network_id"]).fillna(0.5).to_numpy(dtype=np.float64)
    structure = counted_structure(gated)
    gated["rank_value"] = structure - LAMBDA * np.log(gated["p_behaviour"])
    gated["score"] = score(gated["rank_value"].to_numpy())
    pair = (gated["kind"] == "pair").to_numpy()
    order = np.lexsort((gated["network_id"], gated["e_value"], -gated["rank_value"], pair))
    gated = gated.iloc[order].reset_index(drop=True)
    return gated.assign(rank=np.arange(1, len(gated) + 1))


def counted_structure(networks: pd.DataFrame) -> npt.NDArray[np.float64]:
    """What each network's structure counts in the ranking: T up to SATURATION, 0 for an inferred group."""
    counted = np.minimum(networks["structure"].to_numpy(dtype=np.float64), SATURATION)
    if "inferred_group" in networks:
        counted = np.where(networks["inferred_group"].to_numpy(dtype=np.bool_), 0.0, counted)
    return np.asarray(counted, dtype=np.float64)


def score(rank_value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """R as a figure from 0 to 1: .63 where structure alone is saturated, and never 1."""
    return np.asarray(1 - np.exp(-rank_value / SATURATION), dtype=np.float64)


def _combined(members: pd.DataFrame, behaviour: pd.DataFrame) -> pd.Series:
    """p_behaviour by network_id, of those where some member has a p-value."""
    import pandas as pd
    from scipy.special import ndtr, ndtri

    providers = members[(members["node_type"] == "provider") & (members["role"] == "member")]
    known = providers.merge(behaviour, left_on="node_id", right_on="org_number").dropna(subset=["p_behaviour"])
    p = known["p_behaviour"].to_numpy(dtype=np.float64).clip(_LEAST_P, 1 - _LEAST_P)
    grouped = known.assign(z=-ndtri(p)).groupby("network_id")["z"].agg(["sum", "count"])
    tail = ndtr(-(grouped["sum"] / np.sqrt(grouped["count"])).to_numpy(dtype=np.float64))
    return pd.Series(np.maximum(tail, _LEAST_P), index=grouped.index, dtype=np.float64)
