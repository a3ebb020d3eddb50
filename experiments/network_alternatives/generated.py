"""A generated city as the simulated ones are: its links, registers, behaviour and truth, after a run of the month."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from simulate import Simulated

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.pipeline import STAGES
from valfardsbrott.synthetic import generate

MONTH = Month(2026, 10)


def generated(
    seed: int, work: Path, *, city: dict[str, Any], registered: bool = True, lost: float = 0.0, merged: float = 0.0
) -> Simulated:
    """``registered`` False: no register of groups. ``lost``: share of links missing; ``merged``: of values made one.

    A city is generated and run up to the detectors once; what is read of it is kept in ``work`` for all conditions.
    Links are the month's own, without those that registers showed before; behaviour is `detect`'s, without relations.
    """
    kept = work / f"{city['difficulty']}-{seed}.pkl"
    if not kept.exists():
        made = _made(seed, work / f"city-{city['difficulty']}-{seed}", city)
        kept.write_bytes(pickle.dumps(made))
    found: Simulated = pickle.loads(kept.read_bytes())
    exempt = found.exempt if registered else found.exempt.iloc[:0]
    return replace(found, exempt=exempt, links=degraded(found.links, seed, lost, merged))


def degraded(links: pd.DataFrame, seed: int, lost: float, merged: float) -> pd.DataFrame:
    """``lost`` of the links gone, and ``merged`` of each type's values taken for another value of the type."""
    rng = np.random.default_rng((seed, 77))
    links = links[rng.random(len(links)) >= lost].copy()
    for _, rows in links.groupby("link_type", sort=True) if merged else ():
        values = np.unique(rows["node_id"].astype(str))
        wrong = rng.choice(values, int(len(values) * merged), replace=False)
        becomes = dict(zip(wrong, rng.choice(values, len(wrong)), strict=True))
        links.loc[rows.index, "node_id"] = [becomes.get(each, each) for each in rows["node_id"]]
    return links


def _made(seed: int, folder: Path, city: dict[str, Any]) -> Simulated:
    shutil.rmtree(folder, ignore_errors=True)
    generate(folder, last=MONTH, seed=seed, **city)
    settings = Settings(deliveries=folder / "deliveries", out=folder / "runs", tracking=False, permutations=1)
    for stage in STAGES[: STAGES.index("detect") + 1]:
        import_module(f"valfardsbrott.stages.{stage}").run(MONTH, settings)
    store = settings.store_path
    spine = pd.read_parquet(store / "views" / "provider_spine" / f"{MONTH}.parquet", columns=["org_number", "district"])
    spine = spine[~spine["org_number"].str.startswith("p")]
    links = pd.read_parquet(store / "views" / "provider_link" / f"{MONTH}.parquet")
    groups = pd.read_csv(folder / "truth" / "networks.csv", dtype=str).groupby("network_id")["org_number"]
    alike = pd.read_csv(folder / "truth" / "lookalikes.csv", dtype=str)
    found = Simulated(
        links=links[links["org_number"].isin(spine["org_number"])],
        providers=spine,
        exempt=_exempt(store),
        behaviour=pd.read_parquet(store / "detect" / str(MONTH) / "behaviour.parquet")[["org_number", "p_behaviour"]],
        rings=[set(orgs) for _, orgs in groups],
        lookalikes=dict(zip(alike["org_number"], alike["kind"], strict=True)),
    )
    shutil.rmtree(folder)
    return found


def _exempt(store: Path) -> pd.DataFrame:
    group = pd.read_parquet(store / "tables" / "corporate_group" / f"{MONTH}.parquet")[["org_number", "group_id"]]
    pairs = group.merge(group, on="group_id", suffixes=("_a", "_b"))[["org_number_a", "org_number_b"]]
    moved = pd.read_parquet(store / "tables" / "business_transfer" / f"{MONTH}.parquet")
    sides = [pairs, moved[["from_org_number", "to_org_number"]]]
    both = pd.concat([each.set_axis(["org_a", "org_b"], axis=1) for each in sides], ignore_index=True)
    return both[both["org_a"] != both["org_b"]].drop_duplicates(ignore_index=True)
