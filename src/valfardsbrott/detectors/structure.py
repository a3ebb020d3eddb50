"""Structure: what a network adds to the evidence of its members, in proportion to what they do together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from valfardsbrott.detectors.calibration import SMALLEST_P
from valfardsbrott.detectors.definition import Fusion
from valfardsbrott.detectors.panel import Floats, Texts

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the networks stage's nodes, one row for each provider in a network.
NODES = ("network_id", "structure", "e_value")
#: Networks that chance makes more often than this many times in a randomised city count for nothing (networks.md).
GATE = 0.05
#: The most structure that counts, in nats (networks.md step 5).
CAP = 24.0


@dataclass(frozen=True)
class Structure:
    """For each provider-month (n,): its network's structure score where gated (else 0), and the nats that it adds."""

    ties: Floats
    nats: Floats


def structure(org_number: Texts, month: Texts, p_behaviour: Floats, nodes: pd.DataFrame, fusion: Fusion) -> Structure:
    """The evidence that gated networks add to their members.

    ``nodes`` has ``org_number``, the columns NODES, and may have ``month`` (YYYY-MM); without it, it is of every month.
    A gated network is certainly no coincidence and may well be innocent: an unregistered group of companies is one. So
    its structure counts in proportion to the joint evidence against what its members do, ``1 - Phi(sum z / sqrt n)`` of
    their p_behaviour, which one deviating member among calm ones does not carry.
    """
    from scipy.special import log_ndtr, ndtri

    gated = nodes[nodes["network_id"].notna() & (nodes["e_value"] <= GATE)]
    keys = ["org_number", "month"] if "month" in gated else ["org_number"]
    known = {tuple(key): (str(name), float(ties)) for *key, name, ties in
             gated[[*keys, "network_id", "structure"]].itertuples(index=False)}  # fmt: skip
    rows = zip(org_number, month, strict=True)
    found = [known.get(row[: len(keys)], ("", 0.0)) for row in rows]
    network = np.array([name for name, _ in found], dtype=object)
    ties = np.clip(np.nan_to_num(np.array([value for _, value in found], dtype=np.float64)), 0, CAP)
    z = -ndtri(np.clip(p_behaviour, SMALLEST_P, 1 - SMALLEST_P))
    joint = np.zeros(len(network))
    for name, when in sorted({(n, m) for n, m in zip(network, month, strict=True) if n}):
        members = (network == name) & (month == when)
        joint[members] = -log_ndtr(-z[members].sum() / np.sqrt(members.sum()))
    return Structure(ties, ties / fusion.structure * np.clip(joint / fusion.structure_needs, 0, 1))
