"""The measures that experiments report: small cases that one can count by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

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
