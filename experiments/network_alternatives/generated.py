"""A generated city as the simulated ones are: its links, registers, behaviour and truth, after a run of the month."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from simulate import Simulated

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import detect, features, ingest, networks
from valfardsbrott.synthetic import generate

MONTH = Month(2026, 10)


def generated(seed: int, work: Path, *, city: dict[str, Any], registered: bool = True) -> Simulated:
    """Generate, run the month up to the detectors, read, and remove. ``registered`` False: no register of groups.

    Links are the month's own, without those that registers showed before; behaviour is `detect`'s, without relations.
    """
    folder = work / f"city-{seed}"
    shutil.rmtree(folder, ignore_errors=True)
    generate(folder, last=MONTH, seed=seed, **city)
    settings = Settings(deliveries=folder / "deliveries", out=folder / "runs", tracking=False, permutations=1)
    for stage in (ingest, features, networks, detect):
        stage.run(MONTH, settings)
    store = settings.store_path
    spine = pd.read_parquet(store / "views" / "provider_spine" / f"{MONTH}.parquet", columns=["org_number", "district"])
    spine = spine[~spine["org_number"].str.startswith("p")]
    links = pd.read_parquet(store / "views" / "provider_link" / f"{MONTH}.parquet")
    groups = pd.read_csv(folder / "truth" / "networks.csv", dtype=str).groupby("network_id")["org_number"]
    alike = pd.read_csv(folder / "truth" / "lookalikes.csv", dtype=str)
    found = Simulated(
        links=links[links["org_number"].isin(spine["org_number"])],
        providers=spine,
        exempt=_exempt(store) if registered else pd.DataFrame(columns=["org_a", "org_b"], dtype=object),
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
