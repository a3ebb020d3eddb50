"""Average precision of the provider ranking with and without features of the graph, and with and without networks.

python experiments/network_alternatives/graph_features.py DIR hard-407 hard-408 medium-407

DIR holds cities as experiments/detection/cities.py keeps them. The features are made of the kept nodes as the views
`network_ties` and `shared_values` make them; earlier months have none.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Panel
from valfardsbrott.features import feature_columns
from valfardsbrott.measures import average_precision

#: Feature -> columns of the nodes that it is the sum of.
MADE_OF = {
    "network_degree": ["degree"], "network_strength": ["strength"], "network_kinds": ["n_types"],
    "network_triangles": ["triangles"], "network_neighbours": ["neighbour_strength"], "network_per_link": ["structure"],
    "shared_person": ["strength_owner"], "shared_phone": ["strength_phone"], "shared_email": ["strength_email"],
    "shared_address": ["strength_address"], "shared_device_ties": ["strength_device"],
    "block_migration": ["block_migration"], "shared_account": ["strength_account", "strength_payee"],
    "staff_pool": ["strength_staff", "strength_overlap"],
}  # fmt: skip


def city(folder: Path) -> dict[str, float]:
    """Average precision against what was planted, by what the ranking was given."""
    matrix, nodes = pd.read_parquet(folder / "matrix.parquet"), pd.read_parquet(folder / "nodes.parquet")
    ranked = matrix["active"].fillna(False).astype(bool) & ~matrix["sole_trader"].fillna(False).astype(bool)
    plain = matrix[ranked]
    planted = sorted(set(pd.read_csv(folder / "truth" / "providers.csv", dtype=str)["org_number"]))
    found: dict[str, float] = {}
    for name, rows in (("without graph features", plain), ("with graph features", with_graph(plain, nodes))):
        chosen = [f for f in feature_columns() if f.name in rows.columns and rows[f.name].notna().any()]
        panel = Panel.of(rows, chosen)
        model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
        said = model.assess(panel, month=max(panel.month))
        truth, nats = pd.Series(np.isin(said.panel.org_number, planted)), evidence(said.p_value)
        found[f"{name}, networks left out"] = average_precision(truth, pd.Series(nats))
        joined = nats + model.structure(said, nodes).nats
        found[f"{name}, networks counted"] = average_precision(truth, pd.Series(joined))
    return {name: round(value, 3) for name, value in found.items()}


def with_graph(matrix: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    at, out = nodes.set_index("org_number"), matrix.copy()
    earlier = (matrix["month"].astype(str) != matrix["month"].astype(str).max()).to_numpy()
    for feature, columns in MADE_OF.items():
        values = at[columns].sum(axis=1, min_count=1).reindex(matrix["org_number"])
        out[feature] = (values.fillna(0.0) if feature == "network_per_link" else values).to_numpy()
    out.loc[earlier, list(MADE_OF)] = np.nan
    return out


if __name__ == "__main__":
    print(json.dumps({name: city(Path(sys.argv[1]) / name) for name in sys.argv[2:]}, indent=1))
