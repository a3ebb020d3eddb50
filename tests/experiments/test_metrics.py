"""The measures that experiments report: small cases that one can count by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

_FILE = Path(__file__).resolve().parents[2] / "experiments" / "metrics.py"


@pytest.fixture(scope="module")
def metrics() -> ModuleType:
    spec = importlib.util.spec_from_file_location("metrics", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_planted_network_counts_once_however_often_it_is_found(metrics: ModuleType) -> None:
    ring = {"a", "b", "c"}
    assert metrics.network_hits([{"a", "b"}, {"a", "b", "c"}, {"x", "y"}], [ring]) == [True, False, False]
    assert metrics.network_hits([{"a"}], [ring]) == [False]


def test_networks_that_were_never_found_are_misses(metrics: ModuleType) -> None:
    scores = metrics.network_scores([{"a", "b", "c"}], [{"a", "b", "c"}, {"d", "e", "f"}])
    assert scores == {"P@15": pytest.approx(1 / 15), "recall@30": 0.5}


def test_within_classes_size_alone_is_worth_nothing(metrics: ModuleType) -> None:
    """All frauds are large, and half of the large are frauds: among them size is as good as chance."""
    classes = pd.Series(["small"] * 6 + ["large"] * 6)
    truth = pd.Series([False] * 6 + [True, False] * 3)
    size = pd.Series([1.0] * 6 + [2.0] * 6)
    assert metrics.average_precision(truth, size) == pytest.approx(0.5)
    assert metrics.within_classes(truth, size, classes) == pytest.approx(0.5)
    assert metrics.within_classes(truth, truth.astype(float), classes) == 1.0
    assert pd.isna(metrics.within_classes(truth, size, classes, least=4))


def test_precision_at_k_of_fewer_than_k(metrics: ModuleType) -> None:
    assert metrics.precision_at(pd.Series([True, False]), pd.Series([2.0, 1.0]), 20) == 0.5
