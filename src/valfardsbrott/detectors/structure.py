"""Structure: what a network adds to the evidence of its members, in proportion to what they do together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

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
class Ties:
    """For each provider-month (n,): which gated network it is in (a number, -1 in none), and that one's structure
    score, at most CAP."""

    network: NDArray[np.int64]
    score: Floats

    @classmethod
    def of(cls, org_number: Texts, month: Texts, nodes: pd.DataFrame) -> Self:
        """``nodes``: see `structure`. Members of a network stand together month by month."""
        gated = nodes[nodes["network_id"].notna() & (nodes["e_value"] <= GATE)]
        keys = ["org_number", "month"] if "month" in gated else ["org_number"]
        known = {tuple(key): (str(name), float(score)) for *key, name, score in
                 gated[[*keys, "network_id", "structure"]].itertuples(index=False)}  # fmt: skip
        found = [known.get(row[: len(keys)], ("", 0.0)) for row in zip(org_number, month, strict=True)]
        labels = [f"{name} {when}" if name else "" for (name, _), when in zip(found, month, strict=True)]
        named, network = np.unique(np.array(labels, dtype=object), return_inverse=True)
        score = np.clip(np.nan_to_num(np.array([score for _, score in found], dtype=np.float64)), 0, CAP)
        return cls(network - int("" in named), score)

    def nats(self, p_behaviour: Floats, fusion: Fusion) -> Floats:
        """What the networks add (n,), given how rare each member's behaviour is."""
        from scipy.special import log_ndtr, ndtri

        tied = self.network >= 0
        network = self.network[tied]
        z = -ndtri(np.clip(p_behaviour[tied], SMALLEST_P, 1 - SMALLEST_P))
        members = np.bincount(network)
        joint = -log_ndtr(-np.bincount(network, weights=z) / np.sqrt(np.maximum(members, 1)))
        added = np.zeros(len(p_behaviour))
        added[tied] = self.score[tied] / fusion.structure * np.clip(joint[network] / fusion.structure_needs, 0, 1)
        return added


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
    ties = Ties.of(org_number, month, nodes)
    return Structure(ties.score, ties.nats(p_behaviour, fusion))
