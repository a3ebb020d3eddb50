"""Over a whole generated city: each number, computed again from the rows that are its evidence, is the number."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Month
from valfardsbrott.features import Feature, feature_columns
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features, ingest
from valfardsbrott.stages.evidence import recomputed
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate

LAST = Month.parse("2026-10")
MEASURED = [feature for feature in feature_columns() if feature.evidence.measure]
#: These compare with others, with earlier months or with chance: no sum of the own rows gives them.
WITHOUT_MEASURE = {
    "below_threshold_awards", "benford_distance", "benford_z", "board_churn", "certifier_concentration",
    "company_age_at_contract", "concentration", "concentration_hhi", "credit_and_late_share", "deviation_rate",
    "deviation_rate_complaint", "deviation_rate_serious", "deviation_rate_tip_off", "duration_heaping",
    "enforcement_debt", "exit_pattern", "follow_up_severity", "grant_inflation", "growth_shock",
    "invoice_number_pattern", "late_edit_minutes_one_editor", "low_wage_ratio", "micro_visits", "new_and_growing",
    "over_contract_value", "round_amounts", "round_amounts_surprise", "small_then_large", "steering",
    "tax_status_gap", "too_perfect_duration_entropy", "too_perfect_start_entropy", "unseen_recipients",
    "workforce_impossibility",
}  # fmt: skip


@cache
def _store(seed: int) -> tuple[TemporaryDirectory[str], Workspace]:
    """A city of ten providers, three months, read and computed; kept for the months that are drawn."""
    folder = TemporaryDirectory()
    generate(Path(folder.name), size="XS", months=3, last=LAST, seed=seed, fraud_share=0.3)
    own = Settings(
        deliveries=Path(folder.name) / "deliveries", out=Path(folder.name) / "runs", key="ab" * 32, threads=1
    )
    ingest.run(LAST, own)
    features.run(LAST, own)
    return folder, Workspace(own)


def test_a_feature_has_a_measure_or_is_known_to_have_none() -> None:
    assert {feature.name for feature in feature_columns()} - {feature.name for feature in MEASURED} == WITHOUT_MEASURE


@settings(max_examples=3, deadline=None, derandomize=True)
@given(seed=st.sampled_from([31, 32]), back=st.integers(0, 2))
def test_every_measured_number_comes_again_from_its_evidence(seed: int, back: int) -> None:
    workspace, month = _store(seed)[1], LAST.plus(-back)
    rows = pq.read_table(workspace.stage("matrix", month, "matrix.parquet")).to_pylist()
    known = 0
    for feature in MEASURED:
        again = recomputed(feature, month, workspace)
        known += _agree(feature, {row["org_number"]: row[feature.name] for row in rows}, again)
    assert known > 10 * len(MEASURED) / 2


def _agree(feature: Feature, values: dict[str, float | None], again: dict[str, float | None]) -> int:
    """How many providers have a value; each is the one computed again, where no rows are a measure of nought."""
    nothing = None if feature.evidence.per else 0
    found = {org: value for org, value in values.items() if value is not None}
    for org, value in found.items():
        assert again.get(org, nothing) == pytest.approx(value, rel=1e-9, abs=1e-12), (feature.name, org)
    return len(found)
