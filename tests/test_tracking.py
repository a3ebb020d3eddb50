"""Tracking: a published month is logged once, in one place, and nothing about a person gets there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import tracking
from valfardsbrott.detectors import storage
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Measure, Panel
from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.settings import Settings

OCTOBER = Month(2026, 10)
PERSON = "p" + "0a" * 16
FEATURES = [
    Measure("micro_visits", "visits", "share", "higher", "visits", ("service_code",), False),
    Measure("round_amounts", "amounts", "share", "higher", "money", (), False),
]


def matrix() -> pd.DataFrame:
    """Forty providers; the last is a sole trader's pseudonym, which must not reach an artefact."""
    rng = np.random.default_rng(1)
    org = [f"00300{at:05d}" for at in range(39)] + [PERSON]
    spine = {
        "service_code": "home_care",
        "size_class": "m",
        "visit_system": "nimbus",
        "visits": 500,
        "billed_ore": 10**7,
    }
    values = {"micro_visits": rng.beta(2, 30, 40), "round_amounts": rng.beta(3, 20, 40)}
    return pd.DataFrame({"org_number": org, "month": "2026-10", "performed_minutes": 15_000} | spine | values)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    panel = Panel.of(matrix(), FEATURES)
    for name in tracking.ALIASES:
        storage.save(ProviderModel(load(name), fingerprint="f" * 64, seed=1).fit(panel), folder / f"{name}.skops")
    return folder


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    """A city whose October is published, with the fitted models in the store."""
    out = tmp_path_factory.mktemp("city") / "runs"
    settings = Settings(out=out, deliveries=out.parent / "deliveries")
    (out / "2026-10").mkdir(parents=True)
    facts = {
        "run_id": "2026-10-0123456789ab", "purpose": {"code": "KL 10:8"}, "input_fingerprint": "a" * 64, "seed": 7,
        "code": {"version": "0.1.0", "digest": "c" * 64}, "feature_fingerprint": "f" * 64,
        "model": {"name": "provider_champion", "version": 1, "fingerprint": "m" * 16}, "settings": {"capacity": 20},
        "rows": {"visit": {"rows_in": 100, "accepted": 98, "quarantined": 2}}, "features": ["micro_visits"],
        "unavailable_features": {}, "durations": {"detect": 1.5}, "peak_memory_mb": 300.0,
    }  # fmt: skip
    (out / "2026-10" / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    kept = settings.store_path / "detect" / "2026-10"
    kept.mkdir(parents=True)
    for file in models.iterdir():
        (kept / file.name).write_bytes(file.read_bytes())
    return settings


MANIFESTS = {
    "detect": Manifest(
        "detect", "2026-10", "d" * 64,
        stats={"ranked": 39, "size_correlation": {"visits": 0.02}, "model": {"experiment": "detection"},
               "challenger": {"experiment": "detection", "overlap_at_budget": 0.8}},
    ),
    "flag": Manifest("flag", "2026-10", "e" * 64, stats={"risk": 20, "control": 3}),
}  # fmt: skip


@pytest.fixture(scope="module")
def logged(published: Settings) -> Settings:
    os.environ.pop(tracking.URI, None)
    tracking.log_run(OCTOBER, published, MANIFESTS)
    return published


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
    with tracking._client(logged) as client:
        (run,) = tracking.runs(logged)
        inputs = client.get_run(run["mlflow_run"]).inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert given.dataset.digest == ("a" * 64)[:36]
    assert str(logged.out) not in given.dataset.source


def test_logging_again_changes_nothing(logged: Settings) -> None:
    first = tracking.log_run(OCTOBER, logged, MANIFESTS)
    assert tracking.log_run(OCTOBER, logged, MANIFESTS) == first
    assert len(tracking.runs(logged)) == 1
    assert len(tracking.models(logged)) == 2


def test_both_models_are_registered_under_their_alias(logged: Settings) -> None:
    found = {model["name"]: model for model in tracking.models(logged)}
    assert found["provider_champion"]["aliases"] == ["champion"]
    assert found["provider_challenger"]["aliases"] == ["challenger"]
    assert found["provider_champion"]["feature_fingerprint"] == "f" * 64
    assert found["provider_champion"]["run_id"] == "2026-10-0123456789ab"


def test_a_registered_model_scores_a_feature_frame_and_asks_for_its_columns(logged: Settings) -> None:
    with tracking._client(logged):
        import mlflow.pyfunc

        model = mlflow.pyfunc.load_model(f"models:/{tracking.REGISTERED}@champion")
    asked = model.metadata.signature.inputs.input_names()
    assert {"micro_visits", "service_code", "visits"} <= set(asked)
    assert "org_number" not in asked
    frame = matrix().drop(columns="org_number")
    frame = frame.astype(dict.fromkeys(("visits", "billed_ore", "performed_minutes"), float))
    scores = model.predict(frame)
    assert scores.shape == (40,)
    assert ((scores >= 0) & (scores < 1)).all()


def test_nothing_about_a_person_or_a_provider_is_logged(logged: Settings) -> None:
    known = [PERSON, *matrix()["org_number"].head(39)]
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
    logged: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = dict(os.environ)
    tracking.log_run(OCTOBER, logged, MANIFESTS)
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
    assert tracking.models(settings) == []
    assert not list(tmp_path.rglob("mlflow.db"))


def test_only_what_is_published_is_logged(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"run\.json cannot be read"):
        tracking.log_run(OCTOBER, Settings(out=tmp_path), {})


def test_a_run_that_failed_half_way_is_logged_anew(logged: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = logged.out / "2026-10" / "run.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(facts | {"run_id": "2026-10-ffffffffffff"}), encoding="utf-8")

    def broken(*_: Any) -> None:
        raise OSError("disk full")

    try:
        with monkeypatch.context() as patch:
            patch.setattr(tracking, "_log_model", broken)
            with pytest.raises(OSError, match="disk full"):
                tracking.log_run(OCTOBER, logged, MANIFESTS)
        assert "2026-10 " in tracking.log_run(OCTOBER, logged, MANIFESTS)
    finally:
        path.write_text(json.dumps(facts), encoding="utf-8")
