"""Over whole generated cities: each number, computed again from the rows that are its evidence, is the number."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Month
from valfardsbrott.engines.macros import MACROS
from valfardsbrott.features import DENOMINATOR, Feature, feature_columns
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features, ingest, network_features, networks
from valfardsbrott.stages.evidence import evidence, recomputed
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate

LAST = Month.parse("2026-10")
FEATURES = feature_columns()


@cache
def _store(seed: int) -> tuple[TemporaryDirectory[str], Workspace]:
    """A city of ten providers, three months, read and computed; kept for the months that are drawn."""
    folder = TemporaryDirectory()
    generate(Path(folder.name), size="XS", months=3, last=LAST, seed=seed, fraud_share=0.3)
    own = Settings(
        deliveries=Path(folder.name) / "deliveries", out=Path(folder.name) / "runs", key="ab" * 32, threads=1,
        permutations=2,
    )  # fmt: skip
    for stage in (ingest, features, networks, network_features):
        stage.run(LAST, own)
    return folder, Workspace(own)


@settings(max_examples=3, deadline=None, derandomize=True)
@given(seed=st.sampled_from([31, 32]), back=st.integers(0, 2))
def test_every_number_comes_again_from_its_evidence(seed: int, back: int) -> None:
    workspace, month = _store(seed)[1], LAST.plus(-back)
    values = _values(month, workspace)
    known = [name for name in values if any(value is not None for value in values[name].values())]
    assert len(known) > 0.75 * len(FEATURES)
    for feature in FEATURES:
        again, nothing = recomputed(feature, month, workspace), None if feature.evidence.per else 0
        for org, value in values[feature.name].items():
            if value is not None:
                assert again.get(org, nothing) == pytest.approx(value, rel=1e-9, abs=1e-12), (feature.name, org)


def test_the_rows_that_are_published_are_enough() -> None:
    """From the evidence as it is written for flagged providers, with its denominator and nothing else."""
    workspace = _store(31)[1]
    values, compared = _values(LAST, workspace), set()
    for feature in FEATURES:
        orgs = sorted(org for org, value in values[feature.name].items() if value is not None)
        table = evidence(feature, orgs, LAST, workspace)
        for org, again in _from_rows(feature, table).items():
            assert again == pytest.approx(values[feature.name][org], rel=1e-9, abs=1e-12), (feature.name, org)
            compared.add(feature.name)
    assert len(compared) > 0.6 * len(FEATURES)


def _values(month: Month, workspace: Workspace) -> dict[str, dict[str, float | None]]:
    """Feature to organisation number to the matrix's value."""
    rows = pq.read_table(workspace.stage("matrix", month, "matrix.parquet")).to_pylist()
    return {feature.name: {row["org_number"]: row[feature.name] for row in rows} for feature in FEATURES}


def _from_rows(feature: Feature, table: Any) -> dict[str, float]:
    """scale * measure / denominator of the rows; one that comes once for each row that it adds up counts once."""
    behind = feature.evidence
    kept = "distinct * exclude (source_table, source_row_id)" if behind.source else "*"
    with duckdb.connect() as db:
        for macro in MACROS:
            db.execute(macro)
        db.register("shown", table)
        query = (
            f"select org_number, {behind.scale} * ({behind.measure}) / max({DENOMINATOR}) as value"
            f" from (select {kept} from shown) group by org_number"
        )
        return dict(db.execute(query).fetchall())
