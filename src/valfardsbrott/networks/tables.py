"""The tables of a month's networks on disk: columns, types and order are the same with no network at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.catalogue import NETWORK_NODE, NETWORK_TIE, readable
from valfardsbrott.networks.identity import Identity
from valfardsbrott.networks.nodes import NODE_FEATURES

_TEXT, _NUMBER, _COUNT, _DAY, _TEXTS = pa.string(), pa.float64(), pa.int64(), pa.date32(), pa.list_(pa.string())
_YES = pa.bool_()

SCHEMAS: dict[str, pa.Schema] = {
    "networks": pa.schema(
        {
            "network_id": _TEXT, "kind": _TEXT, "score": _NUMBER, "p_value": _NUMBER, "structure": _NUMBER,
            "e_value": _NUMBER, "q_value": _NUMBER, "permutations": _COUNT, "n_providers": _COUNT, "n_persons": _COUNT,
            "n_types": _COUNT, "inferred_group": _YES, "first_seen_month": _TEXT, "change": _TEXT,
            "gained": _COUNT, "lost": _COUNT,
            "parents": _TEXTS, "reasons": _TEXT, "discounts": _TEXT, "checks": _TEXT, "changes": _TEXT,
            "cross_type_e": _NUMBER, "across_types": _YES, "stability": _NUMBER, "without_strongest": _YES,
            "links_lost": _NUMBER, "other_seeds": _NUMBER, "amount_at_risk_sek": _NUMBER, "confirmed_members": _COUNT,
        }
    ),
    "members": pa.schema({"network_id": _TEXT, "node_type": _TEXT, "node_id": _TEXT, "role": _TEXT}),
    "links": pa.schema(
        {
            "network_id": _TEXT, "source_id": _TEXT, "target_id": _TEXT, "link_type": _TEXT, "weight": _NUMBER,
            "p_value": _NUMBER, "first_seen": _DAY, "last_seen": _DAY, "source_table": _TEXT, "source_rows": _TEXTS,
            "node_type": _TEXT, "n_rows": _COUNT, "used_by": _COUNT, "discounted": _TEXT,
        }
    ),
    "nodes": pa.schema(
        {"org_number": _TEXT, "network_id": _TEXT, "structure": _NUMBER, "e_value": _NUMBER}
        | dict.fromkeys(NODE_FEATURES, _NUMBER)
        | {"block_migration": _NUMBER, "exposure": _NUMBER}
    ),
    **{
        name: pa.schema({each.name: _NUMBER if each.type == "float" else _TEXT for each in readable()[name].columns})
        for name in (NETWORK_NODE, NETWORK_TIE)
    },
    "migrations": pa.schema(
        {
            "from_org_number": _TEXT, "to_org_number": _TEXT, "first_month": _DAY, "last_month": _DAY,
            **{f"{kind}_{name}": _NUMBER if name == "expected" else _COUNT
               for kind in ("staff", "recipient") for name in ("moved", "left", "expected")},
            "nats": _NUMBER, "p_value": _NUMBER, "q_value": _NUMBER, "new_company": _YES, "ties": _TEXTS,
            "explained": _TEXT, "outcome": _TEXT, "text_sv": _TEXT, "text_en": _TEXT,
        }
    ),
    "timeline": pa.schema(
        {
            "network_id": _TEXT, "month": _TEXT, "event": _TEXT, "n_providers": _COUNT, "members": _TEXTS,
            "gained": _TEXTS, "lost": _TEXTS, "parents": _TEXTS, "structure": _NUMBER, "e_value": _NUMBER,
        }
    ),
    "lead_times": pa.schema(
        {
            "network_id": _TEXT, "org_number": _TEXT, "outcome": _TEXT, "decided_on": _DAY, "first_month": _TEXT,
            "lead_days": _COUNT,
        }
    ),
    "history": pa.schema(
        {
            "org_number": _TEXT, "node_type": _TEXT, "node_id": _TEXT, "link_type": _TEXT, "first_seen": _DAY,
            "last_seen": _DAY, "n_rows": _COUNT, "source_table": _TEXT, "source_rows": _TEXTS,
        }
    ),
    "registry": pa.schema(
        {"network_id": _TEXT, "org_number": _TEXT, "first_seen_month": _TEXT, "last_seen_month": _TEXT}
    ),
}  # fmt: skip


def write(frame: pd.DataFrame, name: str, path: Path) -> None:
    """The frame's columns of SCHEMAS[name], in that order, as Parquet."""
    schema = SCHEMAS[name]
    pq.write_table(pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False), path)


def read_timeline(path: Path) -> pd.DataFrame:
    """The months before; lists are lists."""
    rows = pq.read_table(path).to_pylist()
    return pd.DataFrame(rows, columns=SCHEMAS["timeline"].names)


def read_links(path: Path) -> pd.DataFrame:
    """A table of links; days are timestamps, no column is an index."""
    frame: pd.DataFrame = pq.read_table(path, columns=SCHEMAS["history"].names).to_pandas()
    for name in ("first_seen", "last_seen"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame


def registry(known: dict[str, Identity]) -> pd.DataFrame:
    """A row for each provider of each network ever seen."""
    rows = [
        (each.network_id, org, each.first_seen_month, each.last_seen_month)
        for each in known.values()
        for org in sorted(each.orgs)
    ]
    return pd.DataFrame(rows, columns=SCHEMAS["registry"].names)


def read_registry(path: Path) -> dict[str, Identity]:
    """Networks by id, as they were last seen."""
    frame = pq.read_table(path).to_pandas()
    return {
        str(network_id): Identity(
            str(network_id),
            frozenset(rows["org_number"]),
            rows["first_seen_month"].iloc[0],
            rows["last_seen_month"].iloc[0],
        )
        for network_id, rows in frame.groupby("network_id")
    }
