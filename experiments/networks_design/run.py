"""Which way of finding networks is right most often, on simulated cities of links; writes results.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from metrics import network_scores
from simulate import Simulated, simulate

from valfardsbrott.measures import average_precision
from valfardsbrott.networks import baselines
from valfardsbrott.networks.calibration import calibrate, null_scores
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.links import City, build
from valfardsbrott.networks.projection import project
from valfardsbrott.networks.ranking import rank_networks
from valfardsbrott.networks.structure import structure

MONTH = pd.Timestamp("2026-10-31")
FOLDER = Path(__file__).parent


def main() -> None:
    plan = yaml.safe_load((FOLDER / "experiment.yaml").read_text(encoding="utf-8"))
    results = {}
    for city in plan["cities"]:
        name = city.pop("name")
        runs = [one_city(simulate(seed, **city), seed, plan["permutations"]) for seed in plan["seeds"]]
        results[name] = {method: summary([run[method] for run in runs]) for method in runs[0]}
        print(name, json.dumps(results[name], indent=1), flush=True)
    (FOLDER / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def one_city(sim: Simulated, seed: int, permutations: int) -> dict[str, dict[str, float]]:
    """Every method's figures on one city."""
    city = build(sim.links, sim.providers, sim.exempt, MONTH)
    projection = project(city)
    labels = communities(projection, city.size, seed)
    shape = structure(projection, labels)
    calibration = calibrate(shape, null_scores(city, permutations, seed, threads=2))
    ours = [set(city.orgs[labels == at]) for at in range(len(shape.members))]
    networks = pd.DataFrame({"network_id": range(len(ours)), "structure": shape.score, "e_value": calibration.e_value})
    networks["q_value"] = calibration.q_value
    found = {
        "connected components, hubs over 10 cut": baselines.connected_components(sim.links, sim.exempt, 2),
        "Louvain, same": baselines.louvain(sim.links, sim.exempt, 2, seed),
        "1/(d-1) weights, Leiden": baselines.inverse_degree_leiden(sim.links, sim.exempt, 2, seed),
        "surprise, Leiden, density": [ours[at] for at in order(baselines.density(projection, labels))],
        "surprise, Leiden, evidence per link": [ours[at] for at in order(shape.score)],
        "the same, gated, saturated, fused with behaviour": [ours[at] for at in fused(networks, ours, sim)],
    }
    return {name: measure(groups, city, sim) for name, groups in found.items()}


def order(score: np.ndarray) -> list[int]:
    return np.argsort(-score, kind="stable").tolist()


def fused(networks: pd.DataFrame, groups: list[set[str]], sim: Simulated) -> list[int]:
    """Positions of the gated groups by `rank_networks`."""
    networks["kind"] = ["pair" if len(group) == 2 else "group" for group in groups]
    rows = [(at, org, "provider", "member") for at, group in enumerate(groups) for org in sorted(group)]
    members = pd.DataFrame(rows, columns=["network_id", "node_id", "node_type", "role"])
    return rank_networks(networks, members, sim.behaviour)["network_id"].tolist()


def measure(found: list[set[str]], city: City, sim: Simulated) -> dict[str, float]:
    """P@15 and recall@30 of groups of three or more; average precision of providers by their group's place."""
    truth = pd.Series(np.isin(city.orgs, sorted(set().union(*sim.rings))), index=city.orgs)
    place = {org: 1 / rank for rank, group in enumerate(found, 1) for org in group}
    ranked = pd.Series([place.get(org, 0.0) for org in city.orgs], index=city.orgs)
    groups = [group for group in found if len(group) >= 3]
    return {**network_scores(groups, sim.rings), "provider AP": average_precision(truth, ranked)}


def summary(runs: list[dict[str, float]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds."""
    return {key: [round(float(f([run[key] for run in runs])), 3) for f in (np.mean, np.std)] for key in runs[0]}


if __name__ == "__main__":
    main()
