"""The whole pipeline for a month: from links to networks with members, evidence, words and node features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valfardsbrott.domain import Progress, silent
from valfardsbrott.networks import explanation, innocence
from valfardsbrott.networks.calibration import GATE, Calibration, calibrate, null_scores
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.identity import Identity, identify
from valfardsbrott.networks.links import LINK_TYPES, City, Ints, build
from valfardsbrott.networks.members import network_members, shared_links
from valfardsbrott.networks.nodes import node_features
from valfardsbrott.networks.projection import Projection, project
from valfardsbrott.networks.ranking import SATURATION, score
from valfardsbrott.networks.structure import TYPE_LEAST, Structure, structure


@dataclass(frozen=True)
class Inputs:
    """What a month's networks are made of.

    ``links``: LINK_COLUMNS, protected persons left out. ``providers``: org_number, district. ``exempt``: org_a, org_b, reason
    (corporate_group or business_transfer). ``delivered``: names of the tables that the month knows. ``known``: networks of
    earlier months by id. ``month``: its last day.
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
    """Steps 1 to 4 and 6 of docs/networks.md. The same inputs and seed give the same tables with any number of threads."""
    city = build(inputs.links, inputs.providers, inputs.exempt, inputs.month)
    projection = project(city)
    labels = communities(projection, city.size, seed)
    shape = structure(projection, labels)
    null = null_scores(city, permutations, seed, threads, progress)
    calibration = calibrate(shape, null)
    passed = np.flatnonzero(shape.carried & (calibration.e_value <= GATE))
    identities = identify([frozenset(city.orgs[labels == at]) for at in passed], inputs.known, str(inputs.month)[:7])
    networks = _networks(shape, calibration, passed, identities, permutations)
    network_of = pd.Series(
        {org: each.network_id for each in identities for org in each.orgs}, dtype=object
    ).sort_index()
    shared = shared_links(inputs.links, network_of, city, projection)
    members = network_members(shared, network_of)
    networks = _described(networks, shape, passed, shared, members, inputs)
    nodes = _nodes(city, projection, network_of, networks)
    stats = _stats(city, projection, shape, labels, calibration, permutations)
    return Found(networks, members, _published(shared, inputs, network_of), nodes, identities, stats)


def _networks(
    shape: Structure, calibration: Calibration, passed: Ints, identities: list[Identity], permutations: int
) -> pd.DataFrame:
    size = shape.members[passed]
    return pd.DataFrame(
        {
            "network_id": [each.network_id for each in identities],
            "kind": np.where(size == 2, "pair", "group"),
            "structure": shape.score[passed],
            "score": score(np.minimum(shape.score[passed], SATURATION)),
            "e_value": calibration.e_value[passed],
            "q_value": calibration.q_value[passed],
            "p_value": calibration.p_value[passed],
            "permutations": permutations,
            "n_providers": size,
            "n_types": (shape.by_type[passed] >= TYPE_LEAST).sum(axis=1),
            "first_seen_month": [each.first_seen_month for each in identities],
            "change": [each.change for each in identities],
            "gained": [each.gained for each in identities],
            "lost": [each.lost for each in identities],
            "parents": [list(each.parents) for each in identities],
        }
    )


def _described(
    networks: pd.DataFrame,
    shape: Structure,
    passed: Ints,
    shared: pd.DataFrame,
    members: pd.DataFrame,
    inputs: Inputs,
) -> pd.DataFrame:
    """With the number of persons and the words (JSON lists), sorted by id."""
    persons = members[members["node_type"] == "person"].groupby("network_id").size()
    explained = _explained(members, inputs.exempt)
    words: dict[str, list[str]] = {"reasons": [], "discounts": [], "checks": []}
    for at, network in enumerate(networks.to_dict("records")):
        own = shared[shared["network_id"] == network["network_id"]]
        entries = {
            "reasons": explanation.reasons(network, shape.by_type[passed[at]], own),
            "discounts": explanation.discounts(own),
            "checks": innocence.checks(own, explained.get(network["network_id"], frozenset()), inputs.delivered),
        }
        for name, entry in entries.items():
            words[name].append(json.dumps(entry, ensure_ascii=False))
    n_persons = persons.reindex(networks["network_id"]).fillna(0).astype(np.int64).to_numpy()
    return networks.assign(n_persons=n_persons, **words).sort_values("network_id", ignore_index=True)


def _within(pairs: pd.DataFrame, network_of: pd.Series) -> pd.DataFrame:
    """The pairs whose two providers are in one network, with its id."""
    a = network_of.reindex(pairs["org_a"]).to_numpy()
    b = network_of.reindex(pairs["org_b"]).to_numpy()
    return pairs.assign(network_id=a)[(a == b) & ~pd.isna(a)]


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
        discounted="registered", source_table=pairs["reason"], first_seen=pd.NaT, last_seen=inputs.month,
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


def _stats(
    city: City, projection: Projection, shape: Structure, labels: Ints, calibration: Calibration, permutations: int
) -> dict[str, object]:
    gated = shape.carried & (calibration.e_value <= GATE)
    return {
        "providers": city.size,
        "pairs_kept": len(projection.i),
        "candidates": int(labels.max(initial=-1)) + 1,
        "networks": int((gated & (shape.members > 2)).sum()),
        "pairs": int((gated & (shape.members == 2)).sum()),
        "permutations": permutations,
        "absent_link_types": [name for name in LINK_TYPES if name not in city.incidences],
    }
