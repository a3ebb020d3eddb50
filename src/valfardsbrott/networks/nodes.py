"""What the provider model reads of the graph: one row for each provider."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pandas as pd
from scipy import sparse

from valfardsbrott.networks.links import LINK_TYPES, SAID_BY, City, Floats
from valfardsbrott.networks.projection import Projection

#: Columns of nodes.parquet after org_number, network_id, structure and e_value.
NODE_FEATURES = (
    "degree", "strength", "triangles", "n_types", "neighbour_degree", "neighbour_strength",
    *(f"strength_{name}" for name in LINK_TYPES),
)  # fmt: skip


def common_neighbours(size: int, projection: Projection) -> Floats:
    """How many neighbours the two of each pair have in common."""
    ends, others = (np.concatenate(each) for each in ((projection.i, projection.j), (projection.j, projection.i)))
    adjacency = sparse.csr_array((np.ones(len(ends)), (ends, others)), shape=(size, size))
    paths = (adjacency @ adjacency).multiply(adjacency).tocoo()
    known, wanted = paths.row.astype(np.int64) * size + paths.col, projection.i * size + projection.j
    return np.asarray(pd.Series(paths.data, index=known).reindex(wanted).fillna(0.0), dtype=np.float64)


def known_nodes(nodes: pd.DataFrame, city: City, delivered: Set[str]) -> pd.DataFrame:
    """The nodes with null for what nobody knows: a type without any link in the city whose table was not delivered.

    Without links of any type all is null: with nothing to join them, providers are not known to be apart.
    """
    absent = [
        name
        for name in LINK_TYPES
        if name not in city.incidences and not (city.incidences and set(SAID_BY.get(name, ())) & delivered)
    ]
    unknown = [f"strength_{name}" for name in absent]
    if not city.incidences:
        unknown = [*NODE_FEATURES, "structure", "exposure"]
    return nodes.assign(**dict.fromkeys(unknown, np.nan))


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
    common = common_neighbours(n, projection)
    triangles = np.bincount(ends, weights=np.concatenate([common, common]), minlength=n) / 2
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
