"""The words of each network: reasons, discounts, what was checked, what changed; JSON lists in Swedish and English."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valfardsbrott.networks import explanation, innocence, sensitivity
from valfardsbrott.networks.changes import changes
from valfardsbrott.networks.identity import Identity
from valfardsbrott.networks.inputs import Inputs
from valfardsbrott.networks.links import Floats
from valfardsbrott.networks.published import within

_FIGURES = ("stability", "without_strongest", "links_lost", "other_seeds")


@dataclass(frozen=True)
class Told:
    """What a network's words are made of, besides its rows."""

    inputs: Inputs
    members: pd.DataFrame
    identities: list[Identity]
    moved: pd.DataFrame
    tried: sensitivity.Sensitivity | None


def with_words(networks: pd.DataFrame, by_type: Floats, rows: list[pd.DataFrame], told: Told) -> pd.DataFrame:
    """With reasons, discounts, checks and changes, each a JSON list, and the figures of sensitivity.

    ``by_type`` (nats per link) and ``rows`` (of `members.shared_links`) are each network's, in their order.
    """
    inputs, nothing = told.inputs, frozenset[str]()
    explained = _explained(told.members, inputs.exempt)
    moved = _moved_within(told.moved, told.members)
    words: dict[str, list[str]] = {"reasons": [], "discounts": [], "checks": [], "changes": []}
    first = inputs.month.to_period("M").to_timestamp()
    for at, (network, own) in enumerate(zip(networks.to_dict("records"), rows, strict=True)):
        name, identity = str(network["network_id"]), told.identities[at]
        found = innocence.checks(
            own,
            explained.get(name, nothing),
            inputs.delivered,
            inputs.dwellings,
            inferred_group=bool(network["inferred_group"]),
        )
        entries: dict[str, Any] = {
            "reasons": explanation.reasons(
                {str(key): value for key, value in network.items()}, by_type[at], own, moved.get(name, [])
            ),
            "discounts": explanation.discounts(own),
            "checks": found + ([sensitivity.told(told.tried, at)] if told.tried else []),
            "changes": changes(identity, inputs.known.get(name), own, first),
        }  # fmt: skip
        for column, entry in entries.items():
            words[column].append(json.dumps(entry, ensure_ascii=False))
    tried = told.tried
    figures = {name: getattr(tried, name) if tried else np.zeros(0) for name in _FIGURES}
    return networks.assign(**words, **figures)


def _moved_within(moved: pd.DataFrame, members: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Migrations between two providers of one network, by its id."""
    own = members[members["role"] == "member"].set_index("node_id")["network_id"]
    inside = within(moved.rename(columns={"from_org_number": "org_a", "to_org_number": "org_b"}), own)
    return {str(name): rows.to_dict("records") for name, rows in inside.groupby("network_id")}  # type: ignore[misc]


def _explained(members: pd.DataFrame, exempt: pd.DataFrame) -> dict[str, frozenset[str]]:
    own = members[members["role"] == "member"].set_index("node_id")["network_id"]
    inside = within(exempt, own)
    return {str(name): frozenset(reasons) for name, reasons in inside.groupby("network_id")["reason"]}
