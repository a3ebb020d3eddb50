"""The re-ranker owes what detectors owe: additive, finite, a row by itself, the same bits; and it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors import storage
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.reranking import CLIP, FEWEST, Evidence, RerankedModel, Reranker, of_tables

NAMES = ("overlap", "micro_visits", "billed_over", "new_owner")


def evidence_of(rng: np.random.Generator, count: int) -> Evidence:
    """Parts of four features in nats; a fifth of the deviations are missing."""
    parts = rng.exponential(1.0, (count, len(NAMES))) * (rng.random((count, len(NAMES))) < 0.4)
    residuals = np.where(rng.random(parts.shape) < 0.2, np.nan, parts + rng.normal(0, 1, parts.shape))
    return Evidence(NAMES, parts.sum(axis=1) + rng.exponential(0.2, count), parts, residuals)


@pytest.fixture(scope="module")
def read() -> Evidence:
    return evidence_of(np.random.default_rng(1), 400)


@pytest.fixture(scope="module")
def outcome(read: Evidence) -> np.ndarray:
    """The sixty with most evidence were looked at: overlap was always confirmed, micro visits never."""
    found = np.full(400, np.nan)
    top = np.argsort(-read.nats)[:60]
    found[top] = (read.parts[top, 0] > read.parts[top, 1]).astype(float)
    return found


@pytest.fixture(scope="module")
def fitted(read: Evidence, outcome: np.ndarray) -> Reranker:
    return Reranker().fit(read, outcome, np.ones(400))


def test_parts_sum_to_the_score_and_all_is_finite(fitted: Reranker, read: Evidence) -> None:
    extreme = Evidence(NAMES, read.nats * 1e9, read.parts * 1e9, read.residuals * 1e9)
    for rows in (read, extreme):
        parts = fitted.explain(rows)
        assert parts.shape == (400, len(NAMES) + 1)
        assert np.allclose(parts.sum(axis=1) + fitted.baseline, fitted.score(rows))
        assert np.isfinite(parts).all()


def test_a_row_is_scored_alike_whoever_stands_beside_it(fitted: Reranker, read: Evidence) -> None:
    some = np.array([3, 77, 5])
    assert np.array_equal(fitted.score(read.rows(some)), fitted.score(read)[some])


def test_fitting_twice_gives_the_same_bits(fitted: Reranker, read: Evidence, outcome: np.ndarray) -> None:
    assert np.array_equal(Reranker().fit(read, outcome, np.ones(400)).score(read), fitted.score(read))


def test_what_was_confirmed_moves_up_and_what_was_cleared_down(fitted: Reranker, read: Evidence) -> None:
    assert fitted.learnt
    assert fitted.of_parts[0] > fitted.of_parts[1]
    twins = Evidence(NAMES, np.full(2, 4.0), np.array([[4.0, 0, 0, 0], [0, 4.0, 0, 0]]), np.full((2, 4), np.nan))
    overlap, micro = fitted.score(twins)
    assert overlap > micro


@pytest.mark.parametrize("confirmed", [0, FEWEST - 1])
def test_with_too_few_cases_the_evidence_alone_decides(read: Evidence, confirmed: int) -> None:
    found = np.full(400, np.nan)
    found[:confirmed], found[confirmed : confirmed + 40] = 1, 0
    model = Reranker().fit(read, found, np.ones(400))
    assert not model.learnt
    assert np.array_equal(np.argsort(model.score(read), kind="stable"), np.argsort(read.nats, kind="stable"))


def test_what_is_missing_has_no_part(fitted: Reranker) -> None:
    nothing = Evidence(NAMES, np.zeros(2), np.zeros((2, 4)), np.full((2, 4), np.nan))
    assert (fitted.explain(nothing) == 0).all()
    unknown = Evidence(("unheard_of",), np.zeros(1), np.ones((1, 1)), np.ones((1, 1)))
    assert (fitted.explain(unknown)[:, :4] == 0).all()


def test_features_are_known_by_name_and_not_by_place(fitted: Reranker, read: Evidence) -> None:
    turned = Evidence(NAMES[::-1], read.nats, read.parts[:, ::-1], read.residuals[:, ::-1])
    assert np.allclose(fitted.score(turned), fitted.score(read))


def test_one_draw_never_outweighs_a_year_of_the_list(read: Evidence, outcome: np.ndarray) -> None:
    weight = np.ones(400)
    weight[np.argsort(-read.nats)[59]] = 1e6
    clipped = np.minimum(weight, CLIP)
    one, other = (Reranker().fit(read, outcome, each) for each in (weight, clipped))
    assert np.array_equal(one.score(read), other.score(read))


def test_tables_of_a_month_become_evidence() -> None:
    import pandas as pd

    scores = pd.DataFrame(
        {"org_number": ["b", "a", "idle"], "p_value": [1.0, np.exp(-3.0), 1.0], "peer_group": ["x", "x", None]}
    )
    parts = pd.DataFrame(
        {
            "org_number": ["a", "a"],
            "feature": ["overlap", "network_structure"],
            "contribution": [2.0, 1.0],
            "z": [4.0, np.nan],
        }
    )
    orgs, found = of_tables(scores, parts, ("overlap", "micro_visits"))
    assert list(orgs) == ["a", "b"], "who was not ranked is not there"
    assert found.nats == pytest.approx([3.0, 0.0])
    assert found.parts.tolist() == [[2.0, 0.0], [0.0, 0.0]]
    assert np.isnan(found.residuals[1]).all()


def test_the_stored_model_scores_a_frame_without_pickle(fitted: Reranker, simulate_city: Any, tmp_path: Path) -> None:
    city = simulate_city(2, providers=60, months=3)
    base = ProviderModel(load("provider_champion"), seed=1).fit(city.panel)
    model = RerankedModel(base, fitted)
    storage.save(model, tmp_path / "model.skops")
    again = storage.load(tmp_path / "model.skops")
    scores = again.predict(city.matrix)
    assert np.array_equal(scores, model.predict(city.matrix))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert again.input_columns == base.input_columns
    assert again.predict(city.matrix.iloc[::-1]).tolist() == scores[::-1].tolist()
