"""The models as they are on the features of a generated city: which reason is the first is not a matter of taste."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.counterfactual import blocks_of, without_reasons
from valfardsbrott.detectors.definition import load
from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import detect
from valfardsbrott.stages.models_known import Known

OCTOBER = Month(2026, 10)


@pytest.fixture(scope="module")
def known(published_city: Path) -> Known:
    return Known(OCTOBER, Settings(out=published_city.parent, tracking=False))


def judged(name: str, known: Known, seed: int = 0) -> Any:
    definition = load(name)
    return detect.judge(
        definition.model_copy(update={"seed": definition.seed + seed}), known.matrix, OCTOBER, known.workspace
    )


def by_block(model: Any, parts: Any) -> Any:
    """Nats of each reason (n, blocks)."""
    blocks = blocks_of(model).astype(int)
    return np.column_stack([parts[:, blocks == block].sum(axis=1) for block in range(blocks.max() + 1)])


@pytest.mark.parametrize("name", ["provider_champion", "provider_challenger"])
def test_removing_the_top_reason_costs_more_than_removing_a_lower_one(name: str, known: Known) -> None:
    """Of every two reasons of a provider that differ by a tenth of its evidence."""
    found = judged(name, known)
    said = found.assessment
    assert len(said.panel.features) > 60
    shares = dict(zip(said.panel.org_number, by_block(found.model, sum(said.parts.values())), strict=True))
    tried = without_reasons(found.model, said, np.zeros(len(said.panel)), 20)
    left: dict[str, dict[int, float]] = defaultdict(dict)
    for org, block, alone, p in zip(tried.org_number, tried.block, tried.alone, tried.p_value, strict=True):
        if alone:
            left[org][int(block)] = float(evidence(np.array([p]))[0])
    agree = [
        left[org][one] <= left[org][other] + 1e-9
        for org in left
        for one in left[org]
        for other in left[org]
        if shares[org][one] - shares[org][other] > 0.1 * shares[org].sum()
    ]
    assert len(agree) >= 20
    assert np.mean(agree) >= 0.95


def test_another_seed_leaves_the_first_reason_of_those_who_stand_out(known: Known) -> None:
    firsts = []
    for seed in (0, 1):
        found = judged("provider_champion", known, seed)
        nats = by_block(found.model, sum(found.assessment.parts.values()))
        top = np.argsort(found.assessment.p_value)[:6]
        names = [{found.assessment.panel.names[at] for at in block} for block in found.model.peers.blocks]
        firsts.append({found.assessment.panel.org_number[at]: names[int(nats[at].argmax())] for at in top})
    both = firsts[0].keys() & firsts[1].keys()
    assert len(both) >= 5, "the list is the same but for one"
    assert sum(firsts[0][org] == firsts[1][org] for org in both) >= len(both) - 1
