"""The whole pipeline for a month: from links to networks with members, evidence, words and node features."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from valfardsbrott.domain import Progress, silent
from valfardsbrott.networks import explanation, innocence
from valfardsbrott.networks.calibration import Calibration, calibrate, null_scores
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.identity import Identity, identify
from valfardsbrott.networks.links import LINK_TYPES, City, Ints, build
from valfardsbrott.networks.members import network_members, shared_links
from valfardsbrott.networks.nodes import node_features
from valfardsbrott.networks.projection import Projection, project
from valfardsbrott.networks.ranking import GATE, SATURATION, score
from valfardsbrott.networks.structure import TYPE_LEAST, Structure, structure


@dataclass(frozen=True)
class Inputs:
    """What a month's networks are made of.

    ``links``: LINK_COLUMNS, protected persons left out. ``providers``: org_number, district. ``exempt``: org_a, org_b,
    reason (corporate_group or business_transfer). ``delivered``: names of the tables that the month knows. ``known``:
    networks of earlier months by id. ``month``: its last day.
    """

    links: pd.DataFrame
    providers: pd.DataFrame
    exempt: pd.DataFrame
    delivered: frozenset[str]
    known: Mapping[str, Identity]
    month: pd.Timestamp


@dataclass(frozen=True)
class Found:
    """The published tables (see tables.SCHEMAS), the identities to remember, and counts for the manifest."""

    networks: pd.DataFrame
    members: pd.DataFrame
    links: pd.DataFrame
    nodes: pd.DataFrame
    identities: list[Identity]
    stats: dict[str, object]


def find_networks(
    inputs: Inputs, *, permutations: int, seed: int, threads: int = 1, progress: Progress = silent
) -> Found:
    """Steps 1 to 4 and 6 of docs/networks.md. Same inputs and seed, same tables, with any number of threads."""
    city = build(inputs.links, inputs.providers, inputs.exempt, inputs.month)
    projection = project(city)
    null = null_scores(city, permutations, seed, threads, progress)
    candidates = _candidates(city, projection, null, seed)
    identities = identify(candidates.passed(city.orgs), inputs.known, str(inputs.month)[:7])
    network_of = pd.Series(
        {org: each.network_id for each in identities for org in each.orgs}, dtype=object
    ).sort_index()
    shared = shared_links(inputs.links, network_of, city, projection, inputs.month)
    members = network_members(shared, network_of)
    networks = _networks(candidates, identities, permutations)
    networks = _with_words(_with_persons(networks, members), candidates, shared, members, inputs)
    networks = networks.sort_values("network_id", ignore_index=True)
    return Found(
        networks=networks,
        members=members,
        links=_published(shared, inputs, network_of),
        nodes=_nodes(city, projection, network_of, networks),
        identities=identities,
        stats=_stats(city, projection, candidates, permutations),
    )


@dataclass(frozen=True)
class _Candidates:
    """All communities of the city, calibrated; ``gated`` are the positions of those that chance does not explain."""

    labels: Ints
    shape: Structure
    calibration: Calibration

    @property
    def gated(self) -> Ints:
        return np.flatnonzero(self.shape.carried & (self.calibration.e_value <= GATE)).astype(np.int64)

    def passed(self, orgs: npt.NDArray[np.object_]) -> list[frozenset[str]]:
        return [frozenset(orgs[self.labels == at]) for at in self.gated]


def _candidates(city: City, projection: Projection, null: Sequence[Structure], seed: int) -> _Candidates:
    labels = communities(projection, city.size, seed)
    shape = structure(projection, labels)
    return _Candidates(labels, shape, calibrate(shape, null))


def _networks(candidates: _Candidates, identities: list[Identity], permutations: int) -> pd.DataFrame:
    """A row for each gated candidate, in their order."""
    at, shape, calibration = candidates.gated, candidates.shape, candidates.calibration
    return pd.DataFrame(
        {
            "network_id": [each.network_id for each in identities],
            "kind": np.where(shape.members[at] == 2, "pair", "group"),
            "structure": shape.score[at],
            "score": score(np.minimum(shape.score[at], SATURATION)),
            "e_value": calibration.e_value[at],
            "q_value": calibration.q_value[at],
            "p_value": calibration.p_value[at],
            "permutations": permutations,
            "n_providers": shape.members[at],
            "n_types": (shape.by_type[at] >= TYPE_LEAST).sum(axis=1),
            "first_seen_month": [each.first_seen_month for each in identities],
            "change": [each.change for each in identities],
            "gained": [each.gained for each in identities],
            "lost": [each.lost for each in identities],
            "parents": pd.Series([list(each.parents) for each in identities], dtype=object),
        }
    )


def _with_persons(networks: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    persons = members[members["node_type"] == "person"].groupby("network_id").size()
    return networks.assign(n_persons=persons.reindex(networks["network_id"]).fillna(0).astype(np.int64).to_numpy())


def _with_words(
    networks: pd.DataFrame, candidates: _Candidates, shared: pd.DataFrame, members: pd.DataFrame, inputs: Inputs
) -> pd.DataFrame:
    """With reasons, discounts and checks, each a JSON list."""
    explained, nothing = _explained(members, inputs.exempt), frozenset[str]()
    by_type = candidates.shape.by_type[candidates.gated]
    words: dict[str, list[str]] = {"reasons": [], "discounts": [], "checks": []}
    rows = dict(iter(shared.groupby("network_id")))
    for at, network in enumerate(networks.to_dict("records")):
        own = rows.get(network["network_id"], shared.iloc[:0])
        entries: dict[str, Any] = {
            "reasons": explanation.reasons({str(key): value for key, value in network.items()}, by_type[at], own),
            "discounts": explanation.discounts(own),
            "checks": innocence.checks(own, explained.get(network["network_id"], nothing), inputs.delivered),
        }
        for name, entry in entries.items():
            words[name].append(json.dumps(entry, ensure_ascii=False))
    return networks.assign(**words)


def _within(pairs: pd.DataFrame, network_of: pd.Series) -> pd.DataFrame:
    """The pairs whose two providers are in one network, with its id."""
    a = network_of.reindex(pairs["org_a"]).to_numpy()
    b = network_of.reindex(pairs["org_b"]).to_numpy()
    inside: pd.DataFrame = pairs.assign(network_id=a)[(a == b) & ~pd.isna(a)]
    return inside


def _explained(members: pd.DataFrame, exempt: pd.DataFrame) -> dict[str, frozenset[str]]:
    own = members[members["role"] == "member"].set_index("node_id")["network_id"]
    inside = _within(exempt, own)
    return {str(name): frozenset(reasons) for name, reasons in inside.groupby("network_id")["reason"]}


def _published(shared: pd.DataFrame, inputs: Inputs, network_of: pd.Series) -> pd.DataFrame:
    """Links as data-model has them; pairs that a register explains are links between two providers of weight 0."""
    values = shared.rename(columns={"org_number": "source_id", "node_id": "target_id"})
    pairs = _within(inputs.exempt, network_of).rename(columns={"org_a": "source_id", "org_b": "target_id"})
    pairs = pairs.assign(
        link_type=pairs["reason"], node_type="provider", weight=0.0, p_value=np.nan, used_by=2, n_rows=1,
        discounted="registered", source_table=pairs["reason"], last_seen=inputs.month,
        source_rows=pd.Series([[] for _ in range(len(pairs))], index=pairs.index, dtype=object),
    ).drop(columns="reason")  # fmt: skip
    both = pd.concat([values, pairs]) if len(pairs) else values
    order = ["network_id", "source_id", "target_id", "link_type", "source_table"]
    return both.sort_values(order, kind="stable", ignore_index=True)


def _nodes(city: City, projection: Projection, network_of: pd.Series, networks: pd.DataFrame) -> pd.DataFrame:
    nodes = node_features(city, projection)
    by_id = networks.set_index("network_id")
    ids = network_of.reindex(nodes["org_number"])
    return nodes.assign(
        network_id=ids.to_numpy(),
        structure=by_id["structure"].reindex(ids).to_numpy(),
        e_value=by_id["e_value"].reindex(ids).to_numpy(),
    )


def _stats(city: City, projection: Projection, candidates: _Candidates, permutations: int) -> dict[str, object]:
    size = candidates.shape.members[candidates.gated]
    return {
        "providers": city.size,
        "pairs_kept": len(projection.i),
        "candidates": len(candidates.shape.members),
        "networks": int((size > 2).sum()),
        "pairs": int((size == 2).sum()),
        "permutations": permutations,
        "absent_link_types": [name for name in LINK_TYPES if name not in city.incidences],
    }
