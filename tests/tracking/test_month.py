"""Tracking: a published month is logged once, in one place, and nothing about a person gets there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from valfardsbrott import tracking
from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import month as tracked_month
from valfardsbrott.tracking import place

OCTOBER = Month(2026, 10)
PERSON = "p" + "0a" * 16
Manifests = dict[str, Manifest]


def test_a_run_is_logged_with_what_it_read_and_how_it_judged(logged: Settings) -> None:
    (run,) = tracking.runs(logged)
    assert run["month"] == "2026-10"
    assert run["parameters"] | {
        "seed": "7", "feature_fingerprint": "f" * 64, "model.name": "provider_champion", "settings.capacity": "20"
    } == run["parameters"]  # fmt: skip
    assert run["metrics"] | {
        "rows.in": 100, "rows.quarantined": 2, "seconds.detect": 1.5, "flag.risk": 20, "detect.ranked": 39,
        "detect.size_correlation.visits": 0.02, "detect.challenger.overlap_at_budget": 0.8, "peak_memory_mb": 300,
    } == run["metrics"]  # fmt: skip


def test_the_input_is_known_by_its_digest(logged: Settings) -> None:
    with place.client(logged) as client:
        (run,) = tracking.runs(logged)
        inputs = client.get_run(run["mlflow_run"]).inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert given.dataset.digest == ("a" * 64)[:36]
    assert str(logged.out) not in given.dataset.source


def test_logging_again_changes_nothing(logged: Settings, manifests: Manifests) -> None:
    first = tracking.log_run(OCTOBER, logged, manifests)
    assert tracking.log_run(OCTOBER, logged, manifests) == first
    assert len(tracking.runs(logged)) == 1
    assert len(tracking.versions(logged)) == 2


def test_both_models_are_registered_under_their_alias(logged: Settings) -> None:
    found = {model["name"]: model for model in tracking.versions(logged)}
    assert found["provider_champion"]["aliases"] == ["champion"]
    assert found["provider_challenger"]["aliases"] == ["challenger"]
    assert found["provider_champion"]["feature_fingerprint"] == "f" * 64
    assert found["provider_champion"]["run_id"] == "2026-10-0123456789ab"


def test_nothing_about_a_person_or_a_provider_is_logged(logged: Settings, feature_frame: pd.DataFrame) -> None:
    known = [PERSON, *feature_frame["org_number"].head(39)]
    kept = [logged.store_path / "mlflow.db", *(logged.store_path / "mlflow").rglob("*")]
    files = [path for path in kept if path.is_file()]
    assert any(path.suffix == ".skops" for path in files)
    for path in files:
        for content in _contents(path):
            assert not [name for name in known if name.encode() in content], path.name
            assert not re.search(rb"(?<![0-9a-f.])(19|20)\d{6}9[89]\d{2}(?!\d)", content), path.name


def _contents(path: Path) -> Iterator[bytes]:
    if path.suffix != ".skops":
        yield path.read_bytes()
        return
    import zipfile

    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield archive.read(name)


def test_it_says_nothing_and_leaves_the_environment_as_it_was(
    logged: Settings, manifests: Manifests, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = dict(os.environ)
    tracking.log_run(OCTOBER, logged, manifests)
    assert capfd.readouterr() == ("", "")
    assert dict(os.environ) == before


def test_two_cities_in_folders_of_one_name_are_two_experiments(tmp_path: Path) -> None:
    names = {tracking.experiment_name(Settings(out=tmp_path / city / "runs")) for city in ("norr", "soder")}
    assert len(names) == 2
    assert all(name.startswith("runs-") for name in names)


def test_before_the_first_run_there_is_nothing_and_no_database_is_made(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv(tracking.URI, raising=False)
    settings = Settings(out=tmp_path)
    assert tracking.runs(settings) == []
    assert tracking.versions(settings) == []
    assert not list(tmp_path.rglob("mlflow.db"))


def test_only_what_is_published_is_logged(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"run\.json cannot be read"):
        tracking.log_run(OCTOBER, Settings(out=tmp_path), {})


def test_a_run_that_failed_half_way_is_logged_anew(
    city_at: Callable[[Path], Settings], tmp_path: Path, manifests: Manifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = city_at(tmp_path / "runs")

    def broken(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.delenv(tracking.URI, raising=False)
        patch.setattr(tracked_month, "_log_model", broken)
        with pytest.raises(OSError, match="disk full"):
            tracking.log_run(OCTOBER, settings, manifests)
    assert "2026-10 " in tracking.log_run(OCTOBER, settings, manifests)
