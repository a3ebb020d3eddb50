"""A store of three months by hand: who was scored, why, who was listed and drawn, and what was decided when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.workspace import Workspace

#: A provider's reasons: nats by feature.
Reasons = Mapping[str, float]
Flags = Mapping[str, Sequence[str]]


@pytest.fixture
def store(tmp_path: Path) -> Workspace:
    return Workspace(Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", tracking=False, capacity=3))


@pytest.fixture
def score(store: Workspace) -> Callable[[Month, Mapping[str, Reasons]], None]:
    """What detect leaves of a month: a provider's evidence is the sum of its reasons, each feature its own block."""

    def put(month: Month, providers: Mapping[str, Reasons]) -> None:
        nats = {org: sum(reasons.values()) for org, reasons in providers.items()}
        order = sorted(nats, key=lambda org: (-nats[org], org))
        scores = pd.DataFrame({"org_number": order, "p_value": [np.exp(-nats[org]) for org in order]})
        scores = scores.assign(score=0.5, rank=np.arange(1, len(order) + 1), peer_group="home_care", size_class="s")
        names = sorted({name for reasons in providers.values() for name in reasons})
        rows = [
            {"org_number": org, "feature": name, "contribution": nats, "z": nats, "block": names.index(name)}
            for org, reasons in providers.items()
            for name, nats in reasons.items()
        ]
        _write(store.stage("detect", month, "scores.parquet"), pa.Table.from_pandas(scores, preserve_index=False))
        _write(store.stage("detect", month, "contributions.parquet"), pa.Table.from_pylist(rows))

    return put


@pytest.fixture
def choose(store: Workspace) -> Callable[[Month, Flags], None]:
    """What flag leaves of a month: providers by arm, and networks as ``n-1: [members]``."""

    def put(month: Month, flags: Flags) -> None:
        networks = {name: members for name, members in flags.items() if name.startswith("n-")}
        rows = [
            {"entity_type": "provider", "entity_id": org, "arm": arm}
            for arm in ("risk", "control")
            for org in flags.get(arm, ())
        ]
        rows += [{"entity_type": "network", "entity_id": name, "arm": "risk"} for name in networks]
        members = [
            {"network_id": name, "node_type": "provider", "node_id": org, "role": "member"}
            for name, orgs in networks.items()
            for org in orgs
        ]
        _write(store.stage("flag", month, "flags.parquet"), pa.Table.from_pylist(rows))
        if members:
            _write(store.stage("networks", month, "members.parquet"), pa.Table.from_pylist(members))

    return put


@pytest.fixture
def decide(store: Workspace) -> Callable[..., None]:
    """What a delivery brought of decisions: (provider, day, outcome, source, case, lasting)."""

    def put(month: Month, *rows: tuple[str, str, str, str, str, bool]) -> None:
        names = ("org_number", "decided_on", "outcome", "source", "case_number", "lasting")
        made = [dict(zip(names, row, strict=True)) | {"lasting_until": None} for row in rows]
        schema = pa.schema(
            [("org_number", pa.string()), ("decided_on", pa.date32()), ("outcome", pa.string()),
             ("source", pa.string()),
             ("case_number", pa.string()), ("lasting", pa.bool_()), ("lasting_until", pa.date32())]
        )  # fmt: skip
        days: list[dict[str, Any]] = [
            row | {"decided_on": dt.date.fromisoformat(str(row["decided_on"]))} for row in made
        ]
        _write(store.root / "tables" / "known_case" / f"{month}.parquet", pa.Table.from_pylist(days, schema=schema))

    return put


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
