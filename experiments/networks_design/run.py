"""Which way of finding networks is right most often, on simulated cities of links: writes results.json beside itself."""

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

from metrics import average_precision, network_scores
from simulate import Simulated, simulate

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
    ranked = _fused(city, labels, shape.score, calibration.e_value, shape.members, sim)
    plain = {
        "connected components, hubs over 10 cut": baselines.connected_components(city),
        "Louvain, same": baselines.louvain(city, seed),
        "1/(d-1) weights, Leiden": baselines.inverse_degree_leiden(city, seed),
        "surprise, Leiden, density": (labels, baselines.density(projection, labels)),
        "surprise, Leiden, evidence per link": (labels, shape.score),
    }
    figures = {name: measure(city, *found, sim) for name, found in plain.items()}
    return figures | {"the same, gated, saturated, fused with behaviour": measure(city, labels, ranked, sim)}


def _fused(
    city: City, labels: np.ndarray, score: np.ndarray, e_value: np.ndarray, members: np.ndarray, sim: Simulated
) -> np.ndarray:
    """R of each community by `rank_networks`; those that it leaves out get 0."""
    networks = pd.DataFrame({"network_id": np.arange(len(score)), "structure": score, "e_value": e_value})
    networks["kind"] = np.where(members == 2, "pair", "group")
    inside = labels >= 0
    rows = pd.DataFrame({"network_id": labels[inside], "node_id": city.orgs[inside], "node_type": "provider", "role": "member"})
    ranked = rank_networks(networks, rows, sim.behaviour)
    value = np.zeros(len(score))
    value[ranked["network_id"]] = ranked["rank_value"]
    return value


def measure(city: City, labels: np.ndarray, score: np.ndarray, sim: Simulated) -> dict[str, float]:
    """P@15 and recall@30 of groups of three or more; average precision of providers by their group's score (pairs too)."""
    groups = [set(city.orgs[labels == at]) for at in np.argsort(-score, kind="stable")]
    groups = [group for group in groups if len(group) >= 3]
    truth = pd.Series(np.isin(city.orgs, sorted(set().union(*sim.rings))), index=city.orgs)
    of_provider = pd.Series(np.where(labels >= 0, score[np.maximum(labels, 0)], 0.0), index=city.orgs)
    return {**network_scores(groups, sim.rings), "provider AP": average_precision(truth, of_provider)}


def summary(runs: list[dict[str, float]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds."""
    return {key: [round(float(f([run[key] for run in runs])), 3) for f in (np.mean, np.std)] for key in runs[0]}


if __name__ == "__main__":
    main()
