"""Who is looked at: the alert budget shared between networks and providers, and the control sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.domain import Month
from valfardsbrott.networks.ranking import LAMBDA

if TYPE_CHECKING:
    import pandas as pd

_NETWORK = ["network_id", "rank", "rank_value", "score", "p_value", "structure", "p_behaviour", "reasons"]
#: The feature that is never the only reason of a flag.
EXPOSURE = "neighbour_risk"
Members = Mapping[str, tuple[str, ...]]


def networks(folder: Path, behaviour: pd.DataFrame) -> tuple[pd.DataFrame, Members]:
    """The gated networks in their own ranking, and every network's providers by network_id; none where the stage has
    not run."""
    import pandas as pd

    from valfardsbrott.networks.ranking import rank_networks

    if not (folder / "networks.parquet").exists():
        return pd.DataFrame(columns=_NETWORK), {}
    members = pd.read_parquet(folder / "members.parquet")
    ranked = rank_networks(pd.read_parquet(folder / "networks.parquet"), members, behaviour)
    providers = members[(members["node_type"] == "provider") & (members["role"] == "member")]
    by_network = providers.sort_values("node_id").groupby("network_id")["node_id"].agg(tuple)
    return ranked, {str(network): tuple(orgs) for network, orgs in by_network.items()}


def exposed(contributions: pd.DataFrame) -> frozenset[str]:
    """Providers whose evidence is mostly nearness to confirmed cases: that is never the reason of a flag.

    ``contributions``: org_number, feature, contribution. It says that somebody near was found out, nothing of what the
    provider does; so at least half of the evidence has to be something else.
    """
    whole = contributions.groupby("org_number")["contribution"].sum()
    near = contributions[contributions["feature"] == EXPOSURE].groupby("org_number")["contribution"].sum()
    return frozenset(near.index[near > whole.reindex(near.index) / 2])


def choose(
    scores: pd.DataFrame, ranked: pd.DataFrame, capacity: int, control: int, exposed: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """The risk arm, at most ``capacity`` rows: entity_type, entity_id, score, p_value and rank from 1.

    Networks in their own order fill at most half, providers the rest, no size class of them more than `_of_size` lets
    it; a provider with no evidence at all (p 1) is not flagged, nor are those ``exposed``, nor the last ``control`` of
    a small city, so that the control sample has somebody to draw from. The two lists are merged by evidence in nats (a
    network's R / lambda), each keeping its own order; ties by kind and id.
    """
    import pandas as pd

    first = ranked.sort_values("rank").head(capacity // 2)
    candidates = scores[(scores["p_value"] < 1) & ~scores["org_number"].isin(exposed)].sort_values("rank")
    room = min(capacity - len(first), max(int(scores["peer_group"].notna().sum()) - control, 0))
    nats = evidence(candidates["p_value"].to_numpy())
    listed = _listed("provider", candidates["org_number"], candidates, nats)
    providers = listed.loc[_of_size(candidates, scores, room)]
    both: pd.DataFrame = pd.concat(
        [_listed("network", first["network_id"], first, first["rank_value"] / LAMBDA), providers]
    )
    both["nats"] = both.groupby("entity_type")["nats"].cummin()
    both = both.sort_values(["nats", "entity_type"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return both.assign(rank=np.arange(1, len(both) + 1), arm="risk").drop(columns="nats")


def _of_size(candidates: pd.DataFrame, scores: pd.DataFrame, room: int) -> NDArray[np.bool_]:
    """Which candidates (n,), in the order of rank, fill ``room``: no size class more than half of it, or than one and a
    half times its share of the ranked providers where that is more, while others are there to be looked at.

    So neither giants nor the tiniest fill the budget. Room that is left then goes on in the order of rank.
    """
    if "size_class" not in candidates or not len(candidates):
        return np.asarray(np.arange(len(candidates)) < room)
    share = scores.loc[scores["peer_group"].notna(), "size_class"].value_counts(normalize=True)
    most = {size: max(math.ceil(room / 2), math.ceil(1.5 * part * room)) for size, part in share.items()}
    sizes = candidates["size_class"]
    within = (sizes.groupby(sizes).cumcount() < sizes.map(most)).to_numpy(dtype=bool)
    first = within & (np.cumsum(within) <= room)
    left = room - int(first.sum())
    return np.asarray(first | (~within & (np.cumsum(~within) <= left)), dtype=np.bool_)


def control(
    scores: pd.DataFrame,
    chosen: pd.DataFrame,
    members: Members,
    count: int,
    *,
    seed: int,
    month: Month,
    held: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """The control arm: providers drawn uniformly among those ranked, not flagged and in no flagged network.

    Those ``held`` back after a decision are drawn only where there are no others, so that the sample never shrinks
    below ``count`` for that. The draw depends on the seed, the month and who can be drawn. Fewer where there are not so
    many; ranks follow on.
    """
    flagged = {*chosen["entity_id"], *(org for network in chosen["entity_id"] for org in members.get(network, ()))}
    left = scores[scores["peer_group"].notna() & ~scores["org_number"].isin(flagged)].sort_values("org_number")
    draw = np.random.default_rng([seed, month.year, month.number])
    order = draw.permutation(len(left))
    resting = left["org_number"].isin(held).to_numpy()[order]
    drawn = left.iloc[np.concatenate([order[~resting], order[resting]])[:count]]
    listed = _listed("provider", drawn["org_number"], drawn, np.zeros(len(drawn))).drop(columns="nats")
    return listed.assign(rank=len(chosen) + np.arange(1, len(listed) + 1), arm="control")


def _listed(kind: str, ids: pd.Series[str], rows: pd.DataFrame, nats: object) -> pd.DataFrame:
    import pandas as pd

    listed = pd.DataFrame(
        {"entity_type": kind, "entity_id": ids, "score": rows["score"], "p_value": rows["p_value"], "nats": nats}
    )
    return listed.astype({"score": float, "p_value": float, "nats": float}).reset_index(drop=True)
