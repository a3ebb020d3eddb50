"""How fast the networks are found, and how networkx does the same work; writes networks.json beside this file.

python benchmarks/networks.py

Links are simulated (experiments/networks_design/simulate.py, scaled up) and written to a file by one process; another
reads and measures, so that peak memory is that of the work. Seconds are processor seconds with one thread: other work
on the machine changes them little. networkx does the same steps on a size that it can do; the ratio is of that size.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "experiments" / "networks_design"))

MONTH = pd.Timestamp("2026-10-31")
#: Providers, workers and recipients: the city of the experiments, one of 1 M links, and ten times the city with 9 M.
SIZES = {
    "134 k links": (3_000, 20_000, 60_000),
    "1 M links": (3_000, 200_000, 500_000),
    "9 M links": (30_000, 2_000_000, 4_300_000),
}
#: The size that networkx is asked to do.
COMPARED = "134 k links"
PERMUTATIONS = 1000
Timed = dict[str, float]


def cpu(work: Callable[[], Any], out: Timed, name: str) -> Any:
    """The result, with its processor seconds kept under ``name``."""
    started = time.process_time()
    result = work()
    out[name] = round(time.process_time() - started, 3)
    return result


def simulated(size: str, folder: Path) -> None:
    """Write the city's links and providers."""
    from simulate import simulate

    providers, staff, recipients = SIZES[size]
    sim = simulate(1, providers=providers, staff=staff, recipients=recipients)
    sim.links[["org_number", "node_id", "link_type", "last_seen"]].to_parquet(folder / "links.parquet")
    sim.providers.to_parquet(folder / "providers.parquet")
    sim.exempt.to_parquet(folder / "exempt.parquet")


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """links, providers, exempt"""
    links, providers, exempt = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("links", "providers", "exempt")
    )
    return links, providers, exempt


def measure(size: str, folder: Path) -> dict[str, Any]:
    """Every step on one size, in this process."""
    from valfardsbrott.networks.calibration import calibrate, found, null_scores
    from valfardsbrott.networks.candidates import communities
    from valfardsbrott.networks.exposure import exposure
    from valfardsbrott.networks.links import build
    from valfardsbrott.networks.nodes import node_features
    from valfardsbrott.networks.projection import project
    from valfardsbrott.networks.structure import structure

    links, providers, exempt = read(folder)
    out: Timed = {}
    city = cpu(lambda: build(links, providers, exempt, MONTH), out, "arrays of the links")
    projection = cpu(lambda: project(city), out, "typed surprise projection")
    labels = cpu(lambda: communities(projection, city.size, 1), out, "communities")
    shape = cpu(lambda: structure(projection, labels), out, "structure scores")
    cpu(lambda: node_features(city, projection), out, "node features, with triangles")
    cpu(lambda: exposure(city, projection, city.orgs[:20]), out, "personalised PageRank, 20 seeds")
    null = cpu(lambda: null_scores(city, 3, 1), out, "three permutations, with the pipeline")
    cpu(lambda: calibrate(shape, null), out, "calibration")
    cpu(lambda: found(city, 1), out, "the pipeline, from the arrays")
    result: dict[str, Any] = {
        "providers": city.size, "links": len(links), "pairs kept": len(projection.i), "CPU s": out,
        "peak GB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
    }  # fmt: skip
    if size == COMPARED:
        theirs = networkx(links, projection, labels)
        ratio = {name: round(seconds / max(out[name], 0.001), 1) for name, seconds in theirs.items()}
        result |= {"networkx CPU s": theirs, "times as long": ratio}
    return result


def networkx(links: pd.DataFrame, projection: Any, labels: np.ndarray) -> Timed:
    """The same steps in networkx: who uses what, its projection, communities, triangles, forests, PageRank.

    Its projection counts common neighbours and weighs nothing; its communities are Louvain's: it has no Leiden.
    """
    import networkx as nx

    out: Timed = {}
    pairs = links[["org_number", "link_type", "node_id"]].drop_duplicates()
    values = pairs["link_type"].astype(str) + pairs["node_id"].astype(str)

    def two_sided() -> nx.Graph:
        graph = nx.Graph()
        graph.add_edges_from(zip(pairs["org_number"], values, strict=True))
        return graph

    bipartite = cpu(two_sided, out, "arrays of the links")
    orgs = sorted(set(pairs["org_number"]))
    usable = bipartite.subgraph([*orgs, *(value for value, count in values.value_counts().items() if count <= 25)])
    cpu(lambda: nx.bipartite.weighted_projected_graph(usable, orgs), out, "typed surprise projection")
    graph = nx.Graph()
    graph.add_nodes_from(range(len(orgs)))
    graph.add_weighted_edges_from(
        zip(projection.i.tolist(), projection.j.tolist(), projection.tie.tolist(), strict=True)
    )
    cpu(lambda: nx.community.louvain_communities(graph, seed=1), out, "communities")
    cpu(lambda: forests(projection, labels), out, "structure scores")
    cpu(lambda: sum(nx.triangles(graph).values()), out, "node features, with triangles")
    name = "personalised PageRank, 20 seeds"
    cpu(lambda: [nx.pagerank(graph, personalization={seed: 1.0}) for seed in range(20)], out, name)
    return out


def forests(projection: Any, labels: np.ndarray) -> float:
    """The weight of every community's maximum spanning forest, type by type."""
    import networkx as nx

    total = 0.0
    at = {pair: row for row, pair in enumerate(zip(projection.i.tolist(), projection.j.tolist(), strict=True))}
    for label in range(int(labels.max()) + 1):
        edges = [pair for pair in combinations(np.flatnonzero(labels == label).tolist(), 2) if pair in at]
        for column in range(projection.surprise.shape[1]):
            inside = nx.Graph()
            inside.add_weighted_edges_from((a, b, projection.surprise[at[a, b], column]) for a, b in edges)
            total += sum(weight for _, _, weight in nx.maximum_spanning_tree(inside).edges(data="weight"))
    return total


def permute(_size: str, folder: Path) -> Timed:
    """Seconds of many permutations in two processes, and of asking for them again; megabytes kept."""
    from valfardsbrott.networks.calibration import null_scores
    from valfardsbrott.networks.links import build

    city = build(*read(folder), MONTH)
    kept = folder / "null.npz"
    out: Timed = {}
    for name in ("first", "again"):
        started, used = time.perf_counter(), processor()
        null_scores(city, PERMUTATIONS, 1, 2, cache=kept)
        out[f"{name}, wall s"] = round(time.perf_counter() - started, 1)
        out[f"{name}, CPU s"] = round(processor() - used, 1)
    return out | {"kept, MB": round(kept.stat().st_size / 1e6, 2)}


def processor() -> float:
    """Processor seconds of this process and of those that it has started and that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


STEPS: dict[str, Callable[[str, Path], Any]] = {"simulate": simulated, "measure": measure, "permute": permute}


def step(name: str, size: str, folder: str) -> Any:
    """Do a step in a process of its own; what it measured."""
    command = [sys.executable, __file__, "--step", name, size, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    print(name, size, done.stdout.strip(), flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", nargs=3, metavar=("STEP", "SIZE", "FOLDER"), help="one step in this process, as JSON")
    chosen = parser.parse_args()
    if chosen.step:
        name, size, folder = chosen.step
        print(json.dumps(STEPS[name](size, Path(folder))))
        return
    results = {}
    for size in SIZES:
        with TemporaryDirectory() as folder:
            step("simulate", size, folder)
            results[size] = step("measure", size, folder)
            if size == "1 M links":
                results[f"{PERMUTATIONS} permutations of {size}"] = step("permute", size, folder)
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=HERE).stdout.strip()
    text = json.dumps({"commit": commit, "sizes": results}, indent=1)
    (HERE / "networks.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
