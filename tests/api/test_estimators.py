"""The detectors as scikit-learn estimators: its own checks, missing values, directions, explanations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from valfardsbrott.api import OutlierDetector

#: Every detector, those that draw with few draws: the checks are of the interface.
CHECKED: dict[str, dict[str, int]] = {name: {} for name in OutlierDetector.detectors()} | {
    "loda": {"projections": 20},
    "isolation_forest": {"trees": 4},
    "inne": {"ensembles": 4},
}


#: Checks arrays of other libraries only where SCIPY_ARRAY_API is set before scipy is imported, for the whole process.
NOT_HERE = "check_array_api_input"


def _checks() -> list[Any]:
    found: list[Any] = []
    for name, own in CHECKED.items():
        for estimator, check in estimator_checks_generator(OutlierDetector(name, parameters=own)):
            label = check.func.__name__
            if label != NOT_HERE:
                found.append(pytest.param(estimator, check, id=f"{name}-{label}-{len(found)}"))
    return found


@pytest.mark.parametrize(("estimator", "check"), _checks())
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture
def rows() -> np.ndarray:
    made = np.random.default_rng(1).normal(size=(200, 4))
    made[7] = [2.0, 2.0, 9.0, 2.0]
    made[8, 1] = -9.0
    return made


@pytest.mark.parametrize("name", [name for name in OutlierDetector.detectors() if name != "hbos"])
def test_every_detector_finds_what_is_planted_and_says_where(name: str, rows: np.ndarray) -> None:
    """But for HBOS, whose bins one far value stretches, so that all lonely values count alike."""
    parameters = None if name == "inne" else CHECKED[name]
    fitted = OutlierDetector(name, direction="higher", contamination=0.05, parameters=parameters).fit(rows)
    assert fitted.predict(rows)[7] == -1
    assert np.argmax(fitted.explain(rows)[7]) == 2
    assert fitted.score_samples(rows)[7] <= np.sort(fitted.score_samples(rows))[9]


def test_the_direction_says_what_is_suspicious(rows: np.ndarray) -> None:
    low = OutlierDetector("peers", direction="lower").fit(rows).score_samples(rows)
    both = OutlierDetector("peers", direction="both").fit(rows).score_samples(rows)
    mixed = OutlierDetector("peers", direction=["lower", "lower", "higher", "lower"]).fit(rows).score_samples(rows)
    assert low.argmin() == 8
    assert {7, 8} == set(np.argsort(both)[:2])
    assert {7, 8} == set(np.argsort(mixed)[:2])


def test_a_missing_value_is_no_evidence(rows: np.ndarray) -> None:
    fitted = OutlierDetector("peers").fit(rows)
    without = rows.copy()
    without[7, 2] = np.nan
    assert fitted.explain(without)[7, 2] == 0
    assert fitted.score_samples(without)[7] > fitted.score_samples(rows)[7]


def test_the_order_of_rows_does_not_matter(rows: np.ndarray) -> None:
    order = np.random.default_rng(2).permutation(len(rows))
    one, other = (clone(OutlierDetector("isolation_forest", parameters={"trees": 5})) for _ in range(2))
    assert np.array_equal(one.fit(rows).score_samples(rows), other.fit(rows[order]).score_samples(rows))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"detector": "history"}, "detector is one of"),
        ({"contamination": 0}, "contamination is above 0"),
        ({"direction": "up"}, "direction is both"),
        ({"direction": ["higher"]}, "or 4 of them"),
    ],
)
def test_what_is_wrong_is_said_at_fit(wrong: dict[str, Any], told: str, rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match=told):
        OutlierDetector(**wrong).fit(rows)
