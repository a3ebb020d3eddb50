"""A city whose October is published, with both fitted models in the store: what is logged in each tracking test."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import tracking
from valfardsbrott.detectors import storage
from valfardsbrott.detectors.definition import load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Measure, Panel
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings

OCTOBER = Month(2026, 10)
PERSON = "p" + "0a" * 16
FEATURES = [
    Measure("micro_visits", "visits", "share", "higher", "visits", ("service_code",), False),
    Measure("round_amounts", "amounts", "share", "higher", "money", (), False),
]


NAMES = {"champion": "provider_champion", "challenger": "provider_challenger"}


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


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    panel = Panel.of(matrix(), FEATURES)
    for name in NAMES.values():
        storage.save(ProviderModel(load(name), fingerprint="f" * 64, seed=1).fit(panel), folder / f"{name}.skops")
    return folder


def publish(out: Path, models: Path) -> Settings:
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
        stats={"ranked": 39, "size_correlation": {"visits": 0.02},
               "model": {"name": "provider_champion", "version": 1, "fingerprint": "m" * 16, "experiment": "detection"},
               "challenger": {"name": "provider_challenger", "version": 1, "fingerprint": "n" * 16,
                              "experiment": "detection", "overlap_at_budget": 0.8}},
    ),
    "flag": Manifest("flag", "2026-10", "e" * 64, stats={"risk": 20, "control": 3}),
}  # fmt: skip


@pytest.fixture(scope="session")
def feature_frame() -> pd.DataFrame:
    """The month's matrix as a model reads it: numbers as floats."""
    frame = matrix()
    return frame.astype(dict.fromkeys(("visits", "billed_ore", "performed_minutes"), float))


@pytest.fixture(scope="session")
def manifests() -> dict[str, Manifest]:
    return MANIFESTS


@pytest.fixture(scope="session")
def city_at(models: Path) -> Callable[[Path], Settings]:
    """``city_at(folder)``: the published city, laid down in a folder of its own."""
    return lambda out: publish(out, models)


@pytest.fixture(scope="session")
def logged(tmp_path_factory: pytest.TempPathFactory, city_at: Callable[[Path], Settings]) -> Settings:
    """The city logged in SQLite in its own store."""
    os.environ.pop(tracking.URI, None)
    settings = city_at(tmp_path_factory.mktemp("city") / "runs")
    tracking.log_run(OCTOBER, settings, MANIFESTS)
    return settings
