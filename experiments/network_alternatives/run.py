"""Every way of finding networks on the same cities, simulated and generated. Resumable; see README.md beside it.

python experiments/network_alternatives/run.py [--only simulated|generated] [--work DIR] [--seeds 320 321] [--report]
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "networks_design")]

from generated import generated  # noqa: E402
from metrics import network_scores  # noqa: E402
from simulate import Simulated, simulate  # noqa: E402

from valfardsbrott.measures import average_precision  # noqa: E402
from valfardsbrott.networks.alternatives import ALTERNATIVES  # noqa: E402
from valfardsbrott.networks.calibration import Calibration, calibrate, found, null_scores  # noqa: E402
from valfardsbrott.networks.groups import is_open_group  # noqa: E402
from valfardsbrott.networks.material import Material  # noqa: E402
from valfardsbrott.networks.ranking import rank_networks  # noqa: E402

MONTH = pd.Timestamp("2026-10-31")
OURS = ("ours, structure alone", "ours, fused with behaviour", "ours, groups of companies inferred")
#: Groups that a method ranks above all others and that behaviour may reorder: what a unit could look at in a year.
SHORTLIST = 60
Groups = list[set[str]]


def one_city(sim: Simulated, seed: int, permutations: int) -> dict[str, dict[str, Any]]:
    """Every method's figures on one city, and how much of its first 15 is left when a tenth of the links is gone."""
    before, seconds = rankings(sim, seed, permutations)
    after, _ = rankings(replace(sim, links=sim.links.sample(frac=0.9, random_state=seed)), seed, permutations)
    return {
        name: measure(groups, sim) | {"stability": stability(groups, after[name]), "CPU s": round(seconds[name], 2)}
        for name, groups in before.items()
    }


def rankings(sim: Simulated, seed: int, permutations: int) -> tuple[dict[str, Groups], dict[str, float]]:
    """Groups of each method, best first, and its processor seconds (of ours: with all permutations)."""
    material = Material.of(sim.links, sim.providers, sim.exempt, MONTH)
    out: dict[str, Groups] = {}
    seconds: dict[str, float] = {}
    for method in ALTERNATIVES:
        started = time.process_time()
        groups = method.find(material, seed)
        out[method.name], out[f"{method.name} + behaviour"] = groups, by_behaviour(groups[:SHORTLIST], sim)
        seconds[method.name] = seconds[f"{method.name} + behaviour"] = time.process_time() - started
    started = time.process_time()
    city = material.city
    labels, shape = found(city, seed)
    chance = calibrate(shape, null_scores(city, permutations, seed))
    ours = [set(city.orgs[labels == at]) for at in range(len(shape.members))]
    inferred = [is_open_group(city, np.flatnonzero(labels == at)) for at in range(len(ours))]
    out[OURS[0]] = [ours[at] for at in np.argsort(-shape.score, kind="stable")]
    out[OURS[1]] = by_behaviour(ours, sim, shape.score, chance)
    out[OURS[2]] = by_behaviour(ours, sim, shape.score, chance, inferred)
    return out, seconds | dict.fromkeys(OURS, time.process_time() - started)


def by_behaviour(
    groups: Groups, sim: Simulated, structure: Any = 0.0, chance: Calibration | None = None, inferred: Any = False
) -> Groups:  # fmt: skip
    """The groups in the order of `rank_networks`; without a structure score by what the members do alone."""
    networks = pd.DataFrame({"network_id": range(len(groups)), "structure": structure})
    networks["e_value"], networks["q_value"] = (chance.e_value, chance.q_value) if chance else (0.0, 0.0)
    networks["inferred_group"] = inferred
    networks["kind"] = ["pair" if len(group) == 2 else "group" for group in groups]
    rows = [(at, org, "provider", "member") for at, group in enumerate(groups) for org in sorted(group)]
    members = pd.DataFrame(rows, columns=["network_id", "node_id", "node_type", "role"])
    return [groups[at] for at in rank_networks(networks, members, sim.behaviour)["network_id"]]


def measure(ranked: Groups, sim: Simulated) -> dict[str, Any]:
    """P@15 and recall@30 of groups of three or more (Jaccard .5), F1 of members of matched rings, AP of providers, and
    the kinds of innocent look-alikes that half or more of a group in the first 15 is made of."""
    groups = [group for group in ranked if len(group) >= 3]
    orgs = sim.providers["org_number"]
    place = {org: 1 / rank for rank, group in enumerate(ranked, 1) for org in group}
    truth = pd.Series(orgs.isin(set().union(*sim.rings)).to_numpy(), index=orgs)
    false: Counter[str] = Counter()
    for group in groups[:15]:
        kinds = Counter(sim.lookalikes[org] for org in group if org in sim.lookalikes)
        false.update(kind for kind, count in kinds.items() if 2 * count >= len(group))
    return {
        **network_scores(groups, sim.rings),
        "member F1": member_f1(groups[:30], sim.rings),
        "provider AP": average_precision(truth, pd.Series([place.get(org, 0.0) for org in orgs], index=orgs)),
        "false": dict(sorted(false.items())),
    }


def member_f1(groups: Groups, rings: Sequence[set[str]]) -> float:
    """Mean over the planted rings of the best F1 of its members and a group's, 0 where none touches it."""
    best = [max((2 * len(ring & group) / (len(ring) + len(group)) for group in groups), default=0.0) for ring in rings]
    return float(np.mean(best)) if best else float("nan")


def stability(before: Groups, after: Groups) -> float:
    """Share of the first 15 groups that are among the first 30 (Jaccard .5) of the thinned city."""
    first, there = ([g for g in groups if len(g) >= 3] for groups in (before, after))
    again = [any(2 * len(g & h) >= len(g | h) for h in there[:30]) for g in first[:15]]
    return float(np.mean(again)) if again else 0.0


def summary(runs: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Mean and standard deviation over seeds, and mean false flags by kind, for each method."""
    out: dict[str, Any] = {}
    for method in runs[0]:
        mine = [run[method] for run in runs]
        numbers = {
            k: [round(float(f([r[k] for r in mine])), 3) for f in (np.mean, np.std)] for k in mine[0] if k != "false"
        }
        kinds = sorted({kind for r in mine for kind in r["false"]})
        false = {kind: round(float(np.mean([r["false"].get(kind, 0) for r in mine])), 2) for kind in kinds}
        out[method] = numbers | {"false": false}
    return out


def markdown(table: dict[str, Any]) -> str:
    """A table for each city: mean over seeds (± standard deviation of P@15)."""
    lines = []
    for city, methods in table.items():
        lines += [
            "",
            f"### {city.capitalize()}",
            "",
            "| method | P@15 | recall@30 | member F1 | provider AP | stability | CPU s | look-alikes in the first 15 |",
            "|" + "---|" * 8,
        ]
        for name, row in methods.items():
            cells = [f"{row['P@15'][0]:.2f} ± {row['P@15'][1]:.2f}"]
            cells += [f"{row[key][0]:.2f}" for key in ("recall@30", "member F1", "provider AP", "stability", "CPU s")]
            cells.append(", ".join(f"{kind} {count:g}" for kind, count in row["false"].items()) or "-")
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(table: dict[str, Any], path: Path) -> None:
    """P@15 of each method in each city, with the standard deviation over seeds; ours stands out by its mark."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 2.6 * ((len(table) + 3) // 4)), layout="constrained")
    axes = figure.subplots((len(table) + 3) // 4, 4, sharex=True, sharey=True, squeeze=False).ravel()
    for axis, (city, methods) in zip(axes, table.items(), strict=False):
        names = list(methods)[::-1]
        values, spread = ([methods[name]["P@15"][at] for name in names] for at in (0, 1))
        colours = ["#0072b2" if name in OURS else "#999999" for name in names]
        axis.barh(names, values, xerr=spread, color=colours, error_kw={"linewidth": 0.8})
        axis.set_title("\n".join(textwrap.wrap(city, 36)), fontsize=8)
        axis.tick_params(labelsize=6)
        axis.set_xlim(0, 1)
    for axis in axes[len(table) :]:
        axis.set_visible(False)
    figure.supxlabel("P@15, mean and standard deviation over seeds (blue: ours)", fontsize=8)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["simulated", "generated"])
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--seeds", type=int, nargs="*")
    parser.add_argument("--report", action="store_true", help="run nothing: the tables of what --work holds")
    chosen = parser.parse_args()
    plan = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    chosen.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, list[Any]] = {}
    for seed in chosen.seeds or plan["seeds"]:
        for part in [chosen.only] if chosen.only else ["simulated", "generated"]:
            for city in plan[part]:
                kept = chosen.work / f"{seed}-{''.join(c if c.isalnum() else '_' for c in city['name'])}.json"
                if chosen.report and not kept.exists():
                    continue
                if not kept.exists():
                    given = {key: value for key, value in city.items() if key != "name"}
                    sim = simulate(seed, **given) if part == "simulated" else generated(seed, chosen.work, **given)
                    kept.write_text(json.dumps(one_city(sim, seed, plan["permutations"])), encoding="utf-8")
                results.setdefault(city["name"], []).append(json.loads(kept.read_text(encoding="utf-8")))
                print(seed, city["name"], flush=True)
    table = {name: summary(runs) for name, runs in results.items()}
    plot(table, HERE / "precision.png")
    seeds = {name: len(runs) for name, runs in results.items()}
    document = {"plan": plan, "seeds_done": seeds, "summary": table}
    (HERE / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(markdown(table))


if __name__ == "__main__":
    main()
