"""Who is never shown in what a run publishes; the rules themselves are `networks.hidden`, which pages share."""

from __future__ import annotations

from valfardsbrott.domain import Month
from valfardsbrott.networks.hidden import hidden_in, unplaced, veiled
from valfardsbrott.stages.workspace import Workspace

__all__ = ["hidden", "known_in", "unplaced", "veiled"]


def hidden(store: Workspace) -> frozenset[str]:
    """Everybody who is protected by what is known today; see `hidden_in`."""
    return hidden_in(store.root)


def known_in(store: Workspace, month: Month) -> frozenset[str]:
    """Pseudonyms of everybody marked as protected in a delivery up to ``month``; empty where it has not been read."""
    import pyarrow.parquet as pq

    path = store.stage("ingest", month, "protected.parquet")
    return frozenset(pq.read_table(path)["person_id"].to_pylist()) if path.is_file() else frozenset()
