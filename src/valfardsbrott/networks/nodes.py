"""What the provider model reads of the graph: one row for each provider."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from valfardsbrott.networks.links import LINK_TYPES, City
from valfardsbrott.networks.projection import Projection

#: Columns of nodes.parquet after org_number, network_id, structure and e_value.
NODE_FEATURES = (
    "degree", "strength", "triangles", "n_types", "neighbour_degree", "neighbour_strength",
    *(f"strength_{name}" for name in LINK_TYPES),
)  # fmt: skip


def node_features(city: City, projection: Projection) -> pd.DataFrame:
    """A row for each provider, sorted by org_number; 0 for one without neighbours.

    degree: providers that it shares enough with (kept pairs). strength: nats over them, also by link type. triangles:
    pairs of its neighbours that are neighbours. n_types: link types in any of its pairs. neighbour_*: means over its
    neighbours.
    """
    n = city.size
    ends = np.concatenate([projection.i, projection.j])
    others = np.concatenate([projection.j, projection.i])
    typed = np.vstack([projection.surprise, projection.surprise])
    degree = np.bincount(ends, minlength=n).astype(float)
    by_type = np.column_stack([np.bincount(ends, weights=column, minlength=n) for column in typed.T])
    strength = by_type.sum(axis=1)
    adjacency = sparse.csr_array((np.ones(len(ends)), (ends, others)), shape=(n, n))
    triangles = np.asarray((adjacency @ adjacency).multiply(adjacency).sum(axis=1)).ravel() / 2
    per = np.maximum(degree, 1)
    out = {
        "org_number": city.orgs,
        "degree": degree,
        "strength": strength,
        "triangles": triangles,
        "n_types": (by_type > 0).sum(axis=1).astype(float),
        "neighbour_degree": np.bincount(ends, weights=degree[others], minlength=n) / per,
        "neighbour_strength": np.bincount(ends, weights=strength[others], minlength=n) / per,
    }
    return pd.DataFrame(out | {f"strength_{name}": by_type[:, at] for at, name in enumerate(LINK_TYPES)})
