"""Explanations agree with the ranking: the top reason's loss costs most, seeds do not turn them, words are true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.counterfactual import blocks_of, without_reasons
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel


def by_block(model: ProviderModel, parts: Any) -> Any:
    blocks = blocks_of(model).astype(int)
    return np.column_stack([parts[:, blocks == block].sum(axis=1) for block in range(blocks.max() + 1)])


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_removing_the_top_reason_lowers_the_score_more_than_a_lower_one(
    simulate_city: Callable[..., Any], seed: int
) -> None:
    """Of every two reasons of the twenty most suspicious that differ by a tenth of the evidence."""
    panel = simulate_city(seed).panel
    model = ProviderModel(load("provider_champion"), seed=1).fit(panel)
    said = model.assess(panel, month="2026-10")
    shares = dict(zip(said.panel.org_number, by_block(model, sum(said.parts.values())), strict=True))
    tried = without_reasons(model, said, np.zeros(len(said.panel)), 20)
    left: dict[str, dict[int, float]] = {}
    for org, block, alone, p in zip(tried.org_number, tried.block, tried.alone, tried.p_value, strict=True):
        if alone:
            left.setdefault(org, {})[int(block)] = float(evidence(np.array([p]))[0])
    agree = []
    for org, nats in left.items():
        whole = shares[org].sum()
        for one in nats:
            for other in nats:
                if shares[org][one] - shares[org][other] > 0.1 * whole:
                    agree.append(nats[one] <= nats[other] + 1e-9)
    assert len(agree) >= 5
    assert np.mean(agree) >= 0.95
    firsts = [min(nats, key=lambda block: nats[block]) == int(np.argmax(shares[org])) for org, nats in left.items()]
    assert np.mean(firsts) >= 0.9


def test_no_reason_is_left_where_all_are_removed(city: Any) -> None:
    model = ProviderModel(load("provider_champion"), seed=1).fit(city.panel)
    said = model.assess(city.panel, month="2026-10")
    tried = without_reasons(model, said, np.zeros(len(said.panel)), 10)
    together = {
        (org, at): p
        for at, (org, alone, p) in enumerate(zip(tried.org_number, tried.alone, tried.p_value, strict=True))
        if not alone
    }
    for org in set(tried.org_number):
        p = [value for (who, _), value in together.items() if who == org]
        assert (np.diff(p) >= -1e-12).all(), "each further reason removed leaves less"


def test_the_network_stays_where_a_reason_is_removed(city: Any) -> None:
    model = ProviderModel(load("provider_champion"), seed=1).fit(city.panel)
    said = model.assess(city.panel, month="2026-10")
    without = without_reasons(model, said, np.zeros(len(said.panel)), len(said.panel))
    tied = without_reasons(model, said, np.full(len(said.panel), 2.0), len(said.panel))

    def order(tried: Any) -> list[tuple[Any, ...]]:
        return sorted(zip(tried.org_number, tried.block, tried.alone, tried.p_value, strict=True))

    for (*one, p), (*other, q) in zip(order(without), order(tied), strict=True):
        assert one == other
        assert q == pytest.approx(max(p * np.exp(-2.0), 1e-15))


def test_reasons_are_steady_under_seeds(city: Any) -> None:
    """Two seeds of the forest and the projections: the flagged have the same first reason."""
    first = []
    for seed in (1, 2):
        model = ProviderModel(load("provider_champion"), seed=seed).fit(city.panel)
        said = model.assess(city.panel, month="2026-10")
        top = np.argsort(said.p_value)[:6]
        parts: Any = sum(said.parts.values())
        first.append({said.panel.org_number[at]: int(np.argmax(parts[at])) for at in top})
    both = set(first[0]) & set(first[1])
    assert len(both) >= 5
    assert np.mean([first[0][org] == first[1][org] for org in both]) >= 0.8


def test_only_what_deviates_towards_suspicion_is_a_reason(city: Any) -> None:
    model = ProviderModel(load("provider_champion"), seed=1).fit(city.panel)
    said = model.assess(city.panel, month="2026-10")
    parts: Any = sum(said.parts.values())
    assert (said.residuals[parts > 1e-12] > 0).all(), "a value that equals its peers' is no reason"
