"""The whole pipeline for a month: from links to networks with members, evidence, words and node features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from valfardsbrott.domain import Progress, silent
from valfardsbrott.networks import migration, sensitivity, ties
from valfardsbrott.networks.calibration import Calibration, calibrate, null_scores
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.card import Told, with_words
from valfardsbrott.networks.exposure import exposure
from valfardsbrott.networks.groups import is_open_group
from valfardsbrott.networks.identity import Identity, identify
from valfardsbrott.networks.inputs import Inputs
from valfardsbrott.networks.links import LINK_TYPES, City, Ints, build
from valfardsbrott.networks.members import network_members, shared_links
from valfardsbrott.networks.nodes import known_nodes, node_features
from valfardsbrott.networks.projection import Projection, project
from valfardsbrott.networks.published import published_links
from valfardsbrott.networks.ranking import GATE, counted_structure, score
from valfardsbrott.networks.structure import TYPE_LEAST, Structure, structure

#: Randomised cities behind the badge "joined across types", at most.
CROSS_RUNS = 100
#: The badge: fewer than this many networks as strong in a city whose types meet by chance.
CROSS_E = 0.05


@dataclass(frozen=True)
class Found:
    """The published tables (see tables.SCHEMAS), the identities to remember, and counts for the manifest.

    ``shown`` and ``ties`` are what features read: nodes with null for what is not known, and ties with source rows.
    """

    networks: pd.DataFrame
    members: pd.DataFrame
    links: pd.DataFrame
    nodes: pd.DataFrame
    identities: list[Identity]
    stats: dict[str, object]
    shown: pd.DataFrame
    ties: pd.DataFrame
    migrations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(migration.COLUMNS)))


def find_networks(
    inputs: Inputs, *, permutations: int, seed: int, threads: int = 1, progress: Progress = silent,
    cache: Path | None = None,
) -> Found:  # fmt: skip
    """Steps 1 to 4 and 6 of docs/networks.md. Same inputs and seed, same tables, with any number of threads.

    ``cache``: a folder that keeps the randomised cities (see calibration.null_scores).
    """
    city = build(inputs.links, inputs.providers, inputs.exempt, inputs.month)
    projection = project(city)
    null = null_scores(city, permutations, seed, threads, progress, cache=cache and cache / "null-within.npz")
    candidates = _candidates(city, projection, null, seed)
    identities = identify(candidates.passed(city.orgs), inputs.known, str(inputs.month)[:7])
    network_of = pd.Series(
        {org: each.network_id for each in identities for org in each.orgs}, dtype=object
    ).sort_index()
    shared = shared_links(inputs.links, network_of, city, projection, inputs.month)
    members = network_members(shared, network_of)
    open_groups = [is_open_group(city, each) for each in candidates.groups]
    networks = _with_persons(_networks(candidates, identities, permutations, open_groups), members)
    networks = _with_money_and_cases(networks, members, inputs)
    cross_runs = min(permutations, CROSS_RUNS) if len(networks) else 0
    kept = cache and cache / "null-across.npz"
    networks = _with_badge(
        networks, candidates, null_scores(city, cross_runs, seed, threads, null="across", cache=kept)
    )
    by_id = dict(iter(shared.groupby("network_id")))
    rows = [by_id.get(each, shared.iloc[:0]) for each in networks["network_id"]]
    tried = sensitivity.sensitivity(city, projection, candidates.groups, rows, null, seed) if rows else None
    moved = _migrations(inputs)
    networks = with_words(
        networks, candidates.shape.by_type[candidates.gated], rows, Told(inputs, members, identities, moved, tried)
    )
    nodes = _nodes(city, projection, network_of, networks).assign(
        block_migration=migration.strongest(moved, pd.Series(city.orgs), seen=_moves_seen(inputs)),
        exposure=np.nan if inputs.cases is None else exposure(city, projection, _confirmed(inputs)),
    )
    shown = known_nodes(nodes, city, inputs.delivered)
    return Found(
        networks=networks.sort_values("network_id", ignore_index=True),
        members=members,
        links=published_links(shared, inputs, network_of, moved),
        nodes=nodes,
        identities=identities,
        stats=_stats(city, projection, candidates, permutations) | {"migrations": len(moved)},
        migrations=moved,
        shown=shown,
        ties=_ties(city, projection, inputs, shown, moved),
    )


def _ties(city: City, projection: Projection, inputs: Inputs, nodes: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Ties, and blocks of people who moved, with their source rows."""
    found = [ties.ties(city, projection, inputs.links, nodes)]
    if inputs.movement is not None and len(moved):
        found.append(ties.moves(moved, inputs.movement.moves, inputs.links, nodes))
    return pd.concat([each for each in found if len(each)] or found, ignore_index=True)


@dataclass(frozen=True)
class _Candidates:
    """All communities of the city, calibrated; ``gated`` are the positions of those that chance does not explain."""

    labels: Ints
    shape: Structure
    calibration: Calibration

    @property
    def gated(self) -> Ints:
        return np.flatnonzero(self.shape.carried & (self.calibration.q_value <= GATE)).astype(np.int64)

    @property
    def groups(self) -> list[Ints]:
        """The providers (positions) of each gated one."""
        return [np.flatnonzero(self.labels == at).astype(np.int64) for at in self.gated]

    def passed(self, orgs: npt.NDArray[np.object_]) -> list[frozenset[str]]:
        return [frozenset(orgs[self.labels == at]) for at in self.gated]


def _candidates(city: City, projection: Projection, null: Sequence[Structure], seed: int) -> _Candidates:
    labels = communities(projection, city.size, seed)
    shape = structure(projection, labels)
    return _Candidates(labels, shape, calibrate(shape, null))


def _networks(
    candidates: _Candidates, identities: list[Identity], permutations: int, open_groups: list[bool]
) -> pd.DataFrame:
    """A row for each gated candidate, in their order."""
    at, shape, calibration = candidates.gated, candidates.shape, candidates.calibration
    networks = pd.DataFrame(
        {
            "network_id": [each.network_id for each in identities],
            "kind": np.where(shape.members[at] == 2, "pair", "group"),
            "structure": shape.score[at],
            "e_value": calibration.e_value[at],
            "q_value": calibration.q_value[at],
            "p_value": calibration.p_value[at],
            "permutations": permutations,
            "n_providers": shape.members[at],
            "inferred_group": np.array(open_groups, dtype=bool),
            "n_types": (shape.by_type[at] >= TYPE_LEAST).sum(axis=1),
            "first_seen_month": [each.first_seen_month for each in identities],
            "change": [each.change for each in identities],
            "gained": [each.gained for each in identities],
            "lost": [each.lost for each in identities],
            "parents": pd.Series([list(each.parents) for each in identities], dtype=object),
        }
    )
    return networks.assign(score=score(counted_structure(networks)))


def _with_persons(networks: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    persons = members[members["node_type"] == "person"].groupby("network_id").size()
    return networks.assign(n_persons=persons.reindex(networks["network_id"]).fillna(0).astype(np.int64).to_numpy())


def _with_money_and_cases(networks: pd.DataFrame, members: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """With what the members billed this month, and how many are confirmed cases; null where that is not known."""
    own = members[members["role"] == "member"]
    out = networks.assign(amount_at_risk_sek=np.nan, confirmed_members=pd.Series(pd.NA, networks.index, dtype="Int64"))
    if "billed_ore" in inputs.providers:
        billed = inputs.providers.drop_duplicates("org_number").set_index("org_number")["billed_ore"]
        sums = own.assign(ore=billed.reindex(own["node_id"]).fillna(0).to_numpy()).groupby("network_id")["ore"].sum()
        amounts = sums.reindex(networks["network_id"]).fillna(0).to_numpy(dtype=np.float64)
        out["amount_at_risk_sek"] = np.round(amounts / 100, 2)
    if inputs.cases is not None:
        sure = own[own["node_id"].isin(_confirmed(inputs))].groupby("network_id").size()
        out["confirmed_members"] = sure.reindex(networks["network_id"]).fillna(0).astype("Int64").to_numpy()
    return out


def _confirmed(inputs: Inputs) -> frozenset[str]:
    cases = inputs.cases
    return frozenset() if cases is None else frozenset(cases.loc[cases["outcome"] == "confirmed", "org_number"])


def _with_badge(networks: pd.DataFrame, candidates: _Candidates, across: Sequence[Structure]) -> pd.DataFrame:
    """With E against cities in which each type of link is as it is, but which types meet is chance."""
    e = calibrate(candidates.shape, across).e_value[candidates.gated] if across else np.zeros(0)
    return networks.assign(cross_type_e=e, across_types=e <= CROSS_E)


def _moves_seen(inputs: Inputs) -> bool:
    return inputs.movement is not None and inputs.movement.seen


def _migrations(inputs: Inputs) -> pd.DataFrame:
    if inputs.movement is None or not inputs.movement.seen:
        return pd.DataFrame(columns=list(migration.COLUMNS))
    return migration.migrations(inputs.movement, inputs.providers, inputs.links, inputs.exempt)


def _nodes(city: City, projection: Projection, network_of: pd.Series, networks: pd.DataFrame) -> pd.DataFrame:
    nodes = node_features(city, projection)
    by_id = networks.assign(counts=networks["structure"].mask(networks["inferred_group"], 0.0)).set_index("network_id")
    ids = network_of.reindex(nodes["org_number"])
    return nodes.assign(
        network_id=ids.to_numpy(),
        structure=by_id["counts"].reindex(ids).to_numpy(),
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
