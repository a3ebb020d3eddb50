"""The same calls against SQLite, PostgreSQL and a real server; and a registered model served by MLflow's own server."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from valfardsbrott import tracking
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import place

OCTOBER = Month(2026, 10)
CityAt = Callable[[Path], Settings]


@contextmanager
def _process(*words: str, log: Path) -> Iterator[str]:
    """An mlflow process on a free port of the loopback, up; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}
    own |= {"PATH": scripts}
    command = [sys.executable, "-m", "mlflow", *words, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=out, env=own, start_new_session=True, cwd=log.parent)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, running, log)
        yield address
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:  # on a busy machine
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(30)


def _wait(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        assert running.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A tracking server that keeps runs, registry and artefacts, and lends nobody its disk."""
    folder = tmp_path_factory.mktemp("server")
    backend = ["--backend-store-uri", f"sqlite:///{folder / 'server.db'}", "--artifacts-destination", str(folder)]
    with _process("server", *backend, log=folder / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def postgresql(postgres_server: str) -> str:
    """A database of its own on the one server of the tests."""
    address = re.sub("^postgresql:", "postgresql+psycopg:", postgres_server)
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE tracking"))
    engine.dispose()
    return address.replace("/postgres?", "/tracking?")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql", "server"])
def test_a_month_is_logged_registered_and_read_back_as_on_sqlite(
    kind: str,
    request: pytest.FixtureRequest,
    city_at: CityAt,
    manifests: dict[str, Manifest],
    logged: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    feature_frame: pd.DataFrame,
) -> None:
    here = tracking.versions(logged)
    scores = tracking.load(logged, "champion").predict(feature_frame)
    monkeypatch.setenv(tracking.URI, request.getfixturevalue(kind))
    settings = city_at(tmp_path / "runs")
    said = tracking.log_run(OCTOBER, settings, manifests)
    assert tracking.log_run(OCTOBER, settings, manifests) == said
    assert "postgres:" not in said
    (run,) = tracking.runs(settings)
    assert run["run_id"] == "2026-10-0123456789ab"
    there = tracking.versions(settings)
    told = ("version", "aliases", "name", "month", "fingerprint", "feature_fingerprint", "experiment", "run_id")
    assert [{key: each[key] for key in told} for each in there] == [{key: each[key] for key in told} for each in here]
    np.testing.assert_array_equal(tracking.load(settings, "champion").predict(feature_frame), scores)
    tracking.point(settings, {"champion": 2, "challenger": 1}, {"by": "A. Analyst", "why": "a trial", "at": "now"})
    moved = {each["version"]: each for each in tracking.versions(settings)}
    assert moved[2]["aliases"] == ["champion"]
    assert moved[2]["promoted"] == {"by": "A. Analyst", "why": "a trial", "at": "now"}
    with place.client(settings) as client:
        model = client.get_logged_model(moved[1]["model_id"])
    assert {metric.key for metric in model.metrics or ()} >= {"detect.size_correlation.visits"}
    assert not list(settings.store_path.rglob("mlflow.db"))


@pytest.mark.slow
def test_a_registered_model_is_served_with_equal_scores(
    logged: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, feature_frame: pd.DataFrame
) -> None:
    monkeypatch.setenv(tracking.URI, place.place(logged))
    uri = f"models:/{tracking.REGISTERED}@champion"
    with _process("models", "serve", "-m", uri, "--env-manager", "local", log=tmp_path / "serve.log") as address:
        # json.dumps writes a float whole; DataFrame.to_json rounds it, and a score may turn on the last bit.
        body = json.dumps({"dataframe_split": feature_frame.to_dict(orient="split")})
        asked = urllib.request.Request(
            f"{address}/invocations", body.encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            given = json.load(answer)["predictions"]
        broken = urllib.request.Request(
            f"{address}/invocations", b'{"dataframe_records": [{"month": "2026-10"}]}',
            {"Content-Type": "application/json"}, method="POST",
        )  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(broken, timeout=60)
    assert refused.value.code == 400
    refused.value.close()
    np.testing.assert_array_equal(given, tracking.load(logged, "champion").predict(feature_frame))
