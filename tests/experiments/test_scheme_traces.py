"""What was measured of schemes and features: each scheme that leaves a trace moves a feature, and the page says so."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
import yaml

from valfardsbrott.features import feature_columns

HERE = Path(__file__).resolve().parents[2] / "experiments" / "scheme_traces"
SCHEMES = [f"S{number:02}" for number in range(1, 22)]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scheme_traces_run", HERE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _values(*values: float | None) -> pd.DataFrame:
    return pd.DataFrame({"seed": 1, "permit_gap": values})


@pytest.mark.parametrize(
    ("planted", "honest", "d"),
    [
        ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), 10.0),  # wholly apart, though neither side has any spread
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), None),
        ((1.0, 1.0, None), (0.0, 0.0, 0.0), None),  # two values say nothing
        ((2.0, 3.0, 4.0), (0.0, 1.0, 2.0), 2.0),
        ((0.0, 1.0, 2.0), (2.0, 3.0, 4.0), -2.0),
    ],
)
def test_a_difference_is_counted_in_spreads(
    run: ModuleType, planted: tuple[float | None, ...], honest: tuple[float | None, ...], d: float | None
) -> None:
    found = run._difference(_values(*planted), _values(*honest), "permit_gap")
    assert (found["d"] if found else None) == d


def test_ten_cities_are_measured(results: dict[str, Any], config: dict[str, Any]) -> None:
    assert results["seeds"] == [*config["seeds"], *config["asked_seeds"]]
    assert (len(config["seeds"]), len(config["asked_seeds"])) == (10, 10)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_moves_a_feature_that_is_meant_for_it_or_is_said_to_leave_no_trace(
    scheme: str, results: dict[str, Any], config: dict[str, Any]
) -> None:
    traced = results["traced_by_those_meant_for_it"].get(scheme, [])
    if scheme in config["without_trace"]:
        assert traced == [], f"{scheme} has a trace: take it from without_trace"
        assert scheme in (HERE / "README.md").read_text(encoding="utf-8")
        return
    assert traced, f"{scheme} moves no feature that is meant for it"
    meant = {feature.name for feature in feature_columns() if scheme in feature.schemes}
    for name in traced:
        assert name in meant
        assert abs(results["schemes"][scheme]["features"][name]["d"]) >= config["least_d"]


def test_what_holds_without_the_cities_asked_for_is_said(results: dict[str, Any]) -> None:
    alone = results["without_the_cities_asked_for"]
    page = " ".join((HERE / "README.md").read_text(encoding="utf-8").split())
    lacking = [scheme for scheme, names in alone["traced_by_those_meant_for_it"].items() if not names]
    assert f"In the ten cities alone, without the ten that plant {' and '.join(lacking)}," in page
    assert f" {alone['schemes_with_a_trace_meant_for_them']} have:" in page
    for scheme, row in results["schemes"].items():
        assert f"| {scheme} | {row['providers']} | {row['cities']} |" in page


def test_every_look_alike_has_its_false_rates_beside(results: dict[str, Any]) -> None:
    traced = {name for names in results["traced"].values() for name in names}
    assert len(results["lookalikes"]) >= 8
    for kind, row in results["lookalikes"].items():
        known = row["false_rate"]
        assert all(0 <= rate <= 1 for rate in known.values()), kind
        assert row["providers"] < 3 or len(traced & set(known)) > len(traced) / 2, kind
