"""What a simulation of decisions reads of a city: the champion's evidence in both its months, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.counterfactual import blocks_of
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.detectors.reranking import Evidence
from valfardsbrott.features import feature_columns


@dataclass(frozen=True)
class City:
    """Providers that are ranked in both months (n,): the evidence of each month, who is planted, look-alikes' kind."""

    name: str
    months: tuple[Evidence, ...]
    planted: np.ndarray
    alike: np.ndarray
    size: np.ndarray
    scheme: np.ndarray
    blocks: np.ndarray


def city(folder: Path, work: Path) -> City:
    """The city kept in ``folder`` (matrix.parquet, nodes.parquet, truth/), from ``work`` where it is there already."""
    path = work / "frames" / f"{folder.name}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path.with_suffix(".part.npz"), **_made(folder))
        path.with_suffix(".part.npz").rename(path)
    held = np.load(path)
    names = tuple(held["names"].tolist())
    months = tuple(
        Evidence(names, held[f"nats{at}"], held[f"parts{at}"].astype(float), held[f"z{at}"].astype(float))
        for at in (0, 1)
    )
    return City(folder.name, months, *(held[key] for key in ("planted", "alike", "size", "scheme", "blocks")))


def _made(folder: Path) -> dict[str, Any]:
    """One fit of the champion on both months, as the monthly run does, and what it says of each."""
    matrix = pd.read_parquet(folder / "matrix.parquet")
    ranked = matrix["active"].fillna(False).astype(bool) & ~matrix["sole_trader"].fillna(False).astype(bool)
    matrix = matrix[ranked]
    known = [f for f in feature_columns() if f.name in matrix.columns and matrix[f.name].notna().any()]
    panel = Panel.of(matrix, known)
    model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
    nodes = pd.read_parquet(folder / "nodes.parquet")
    said = {month: model.assess(panel, month=month) for month in sorted(set(panel.month))}
    both = np.intersect1d(*(each.panel.org_number.astype(str) for each in said.values()))
    made: dict[str, Any] = {"names": np.array(panel.names), "blocks": blocks_of(model).astype(int)}
    for at, each in enumerate(said.values()):
        rows = np.searchsorted(each.panel.org_number.astype(str), both)
        nats = evidence(each.p_value) + model.structure(each, nodes).nats
        parts = np.asarray(sum(each.parts.values()))
        made |= {f"nats{at}": nats[rows], f"parts{at}": parts[rows].astype(np.float32)}
        made |= {
            f"z{at}": each.residuals[rows].astype(np.float32),
            "size": each.panel.groups["size_class"][rows].astype(str),
        }
    truth = pd.read_csv(folder / "truth" / "providers.csv", dtype=str).drop_duplicates("org_number")
    alike = pd.read_csv(folder / "truth" / "lookalikes.csv", dtype=str).drop_duplicates("org_number")
    orgs = pd.Series(both)
    return made | {
        "planted": orgs.isin(truth["org_number"]).to_numpy(),
        "scheme": orgs.map(truth.set_index("org_number")["scheme"]).fillna("").to_numpy(str),
        "alike": orgs.map(alike.set_index("org_number")["kind"]).fillna("").to_numpy(str),
    }  # fmt: skip
