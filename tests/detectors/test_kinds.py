"""What single detectors are for: a combination that no one feature shows, facts that contradict, made-up numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from valfardsbrott.detectors.contradictions import Contradictions
from valfardsbrott.detectors.digits import VIEWS, Digits
from valfardsbrott.detectors.mahalanobis import Mahalanobis
from valfardsbrott.detectors.panel import Floats, Measure, Panel
from valfardsbrott.detectors.residuals import Residuals
from valfardsbrott.features import feature_columns

COUNT = 300


def panel_of(values: Floats, features: Sequence[Measure]) -> Panel:
    n = len(values)
    same = np.full(n, "same", dtype=object)
    return Panel(
        np.array([f"p{at:04d}" for at in range(n)], dtype=object), np.full(n, "2026-10", dtype=object), values,
        tuple(features), dict.fromkeys(("service_code", "size_class", "visit_system"), same),
        dict.fromkeys(("performed_minutes", "visits", "billed_ore"), np.full(n, 1000.0)),
    )  # fmt: skip


def measures(count: int) -> list[Measure]:
    return [Measure(f"m{at}", f"v{at}", "z", "higher", "visits", (), False) for at in range(count)]


class TestMahalanobis:
    """Deviations, in noise units and widely spread, of which the first two always go together."""

    @pytest.fixture
    def values(self) -> Floats:
        rng = np.random.default_rng(1)
        both, other = np.exp(rng.normal(2, 1, COUNT)), np.exp(rng.normal(2, 1, COUNT))
        return np.column_stack([both, both * np.exp(rng.normal(0, 0.05, COUNT)), other])

    def test_what_does_not_go_together_counts_for_more_than_it_does_by_itself(self, values: Floats) -> None:
        values[0], values[1] = [60.0, 1.0, 7.0], [60.0, 60.0, 7.0]
        panel = panel_of(values, measures(3))
        fitted = Mahalanobis().fit(panel)
        score = fitted.score(panel)
        alone = (np.log1p(values[:2]) ** 2).sum(axis=1)
        assert score[0] / score[1] > 1.5 * alone[0] / alone[1], "than by the size of the deviations"
        assert fitted.explain(panel)[0].argmax() == 0

    def test_a_crowd_of_frauds_does_not_set_its_own_yardstick(self, values: Floats) -> None:
        """One in six deviates in one way: a plain covariance takes it for usual, the robust one does not."""
        crowd = np.arange(COUNT // 6)
        values[crowd] = [60.0, 1.0, 7.0] * np.exp(np.random.default_rng(2).normal(0, 0.05, (len(crowd), 3)))
        panel = panel_of(values, measures(3))
        score = Mahalanobis().fit(panel).score(panel)
        rows = np.log1p(values)
        plain = np.einsum("ij,jk,ik->i", rows, np.linalg.inv(np.cov(rows.T) + np.eye(3) * np.log(2) ** 2), rows)
        above = [(one[crowd].min() > one[len(crowd) :]).mean() for one in (score, plain)]
        assert above[0] > 0.9
        assert above[0] > above[1] + 0.1


class TestContradictions:
    FACT = Measure("overlap_minutes", "overlap", "minutes_per_1000_h", "higher", "visits", (), True)
    ODD = Measure("short_visits", "visits", "share", "higher", "visits", (), False)

    def test_facts_alone_count_however_many_do_it(self) -> None:
        rng = np.random.default_rng(3)
        values = np.column_stack([np.where(np.arange(COUNT) < 100, 3000.0, 0.0), rng.beta(2, 30, COUNT)])
        values[200, 1] = 0.9
        values[0, 0] = 30_000.0
        panel = panel_of(values, (self.FACT, self.ODD))
        deviations = Residuals().fit(panel).of(panel)
        detector = Contradictions().fit(deviations)
        score = detector.score(deviations)
        assert score.argmax() == 0
        assert score[200] == 0, "unusual is no contradiction"
        assert (deviations.values[:100, 0] > 0).all(), "a third does it, and it is still measured from nought"

    def test_every_contradiction_of_the_project_is_seen(self) -> None:
        facts = [feature.name for feature in feature_columns() if feature.contradiction]
        assert len(facts) >= 5
        assert [f.name for f in map(Measure.of, feature_columns()) if Contradictions().sees(f)] == facts


class TestDigits:
    @pytest.mark.parametrize(
        ("view", "unit", "honest", "made_up"),
        [
            ("benford_distance", "p_value", 0.4, 1e-12),
            ("round_amounts", "share", 0.05, 0.8),
            ("invoice_duplicates", "share", 0.0, 0.2),
            ("duplicate_claims", "share", 0.0, 0.1),
        ],
    )
    def test_made_up_numbers_and_the_same_claim_twice(
        self, view: str, unit: str, honest: float, made_up: float
    ) -> None:
        rng = np.random.default_rng(4)
        test = Measure("test", view, unit, "lower" if unit == "p_value" else "higher", "money", (), False)
        other = Measure("other", "visits", "share", "higher", "visits", (), False)
        spread = rng.uniform(0.02, 1, COUNT) if unit == "p_value" else honest * rng.uniform(0.5, 1.5, COUNT)
        values = np.column_stack([spread, rng.beta(2, 30, COUNT)])
        values[7, 0], values[8], values[9, 0] = made_up, [np.median(spread), 0.9], np.nan
        panel = panel_of(values, (test, other))
        deviations = Residuals().fit(panel).of(panel)
        score = Digits().fit(deviations).score(deviations)
        assert score.argmax() == 7
        assert score[7] > 3
        assert score[8] == score[9] == 0, "another kind of reason, and too few claims for a test"

    def test_its_views_are_those_of_the_project(self) -> None:
        there: dict[str, Any] = {feature.view: feature for feature in feature_columns()}
        assert sorted(view for view in VIEWS if view not in there) == [], "a view that was renamed is seen no more"
