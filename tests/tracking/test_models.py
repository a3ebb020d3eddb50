"""A logged model: its frame and its scores, its links to run and metrics, and what is not loaded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from valfardsbrott import tracking
from valfardsbrott.detectors import storage
from valfardsbrott.domain import Failure
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import models, place


@pytest.fixture(scope="module")
def folder(logged: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The champion's folder as a data scientist would download it."""
    from mlflow.artifacts import download_artifacts

    with place.client(logged):
        uri = f"models:/{tracking.REGISTERED}@champion"
        return Path(download_artifacts(artifact_uri=uri, dst_path=str(tmp_path_factory.mktemp("champion"))))


def test_it_scores_a_feature_frame_through_mlflow_as_the_model_does(
    logged: Settings, feature_frame: pd.DataFrame
) -> None:
    with place.client(logged):
        import mlflow.pyfunc

        loaded = mlflow.pyfunc.load_model(f"models:/{tracking.REGISTERED}@champion")
        given = loaded.predict(feature_frame)
    fitted = storage.load(logged.store_path / "detect" / "2026-10" / "provider_champion.skops")
    np.testing.assert_array_equal(given, fitted.predict(feature_frame))
    np.testing.assert_array_equal(given, tracking.load(logged, "champion").predict(feature_frame))
    assert len(set(given)) > 10


def test_the_signature_says_what_a_frame_must_and_may_hold(folder: Path) -> None:
    import json

    asked = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))["signature"]["inputs"]
    required = {column["name"]: column.get("required", True) for column in json.loads(asked)}
    assert required["service_code"]
    assert required["month"]
    assert not any(required[name] for name in ("micro_visits", "org_number", "network_id", "structure", "e_value"))


def test_the_example_is_made_up(folder: Path) -> None:
    text = (folder / "input_example.json").read_text("utf-8")
    assert "example-a" in text
    assert "00300" not in text


def test_run_model_and_metrics_lead_to_one_another(logged: Settings) -> None:
    (run,) = tracking.runs(logged)
    with place.client(logged) as client:
        outputs = client.get_run(run["mlflow_run"]).outputs
        assert outputs is not None
        by_name = {client.get_logged_model(each.model_id).name: each.model_id for each in outputs.model_outputs}
        champion = client.get_logged_model(by_name["provider_champion"])
        challenger = client.get_logged_model(by_name["provider_challenger"])
    assert champion.source_run_id == run["mlflow_run"]
    linked = {metric.key: metric for metric in champion.metrics or ()}
    assert linked["detect.size_correlation.visits"].value == 0.02
    assert linked["detect.size_correlation.visits"].dataset_digest == ("a" * 64)[:36]
    assert [metric.key for metric in challenger.metrics or ()] == ["detect.challenger.overlap_at_budget"]
    assert challenger.tags["definition"] == "provider_challenger"
    assert "provider_champion" not in (challenger.params or {}).values(), "the run's parameters name the other one"
    assert {each["model_id"] for each in tracking.versions(logged)} == set(by_name.values())


def test_a_version_says_what_it_is(logged: Settings) -> None:
    champion = next(each for each in tracking.versions(logged) if each["aliases"] == ["champion"])
    assert (champion["name"], champion["fingerprint"], champion["experiment"]) == (
        "provider_champion", "m" * 16, "detection",
    )  # fmt: skip
    with place.client(logged) as client:
        described = client.get_model_version(tracking.REGISTERED, str(champion["version"])).description
    assert (described or "").startswith("# provider_champion")


def _other_loader(folder: Path) -> None:
    _changed(folder, loader_module="mlflow.pyfunc.model")


def _own_code(folder: Path) -> None:
    (folder / "code").mkdir()
    (folder / "code" / "valfardsbrott.py").write_text("raise SystemExit", encoding="utf-8")


def _pickle(folder: Path) -> None:
    (folder / "python_model.pkl").write_bytes(b"\x80\x04.")


def _data_elsewhere(folder: Path) -> None:
    _changed(folder, data="../../elsewhere.skops")


def _no_model(folder: Path) -> None:
    (folder / "MLmodel").write_text("just: text", encoding="utf-8")


def _foreign_type(folder: Path) -> None:
    import skops.io
    from sklearn.linear_model import LinearRegression

    data = next((folder / "data").glob("*.skops")) if (folder / "data").is_dir() else next(folder.glob("*.skops"))
    skops.io.dump({"function": np.sin, "model": LinearRegression(), "path": Path("x")}, data)


def _changed(folder: Path, **keys: Any) -> None:
    said = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    said["flavors"]["python_function"] |= keys
    (folder / "MLmodel").write_text(yaml.safe_dump(said), encoding="utf-8")


@pytest.mark.parametrize(
    "spoilt", [_other_loader, _own_code, _pickle, _data_elsewhere, _no_model, _foreign_type], ids=lambda f: f.__name__
)
def test_what_would_run_code_is_not_loaded(folder: Path, tmp_path: Path, spoilt: Any) -> None:
    shutil.copytree(folder, tmp_path / "champion")
    assert models.read(tmp_path / "champion")
    spoilt(tmp_path / "champion")
    with pytest.raises(Failure, match=r"is not loaded|is no model of ours"):
        models.read(tmp_path / "champion")


def test_mlflow_itself_reads_no_pickle_here(logged: Settings, tmp_path: Path) -> None:
    import mlflow.pyfunc
    from mlflow.exceptions import MlflowException

    class Foreign(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined, misc]
        def predict(self, context: Any, model_input: list[str], params: Any = None) -> list[str]:
            return model_input

    with place.client(logged):
        mlflow.pyfunc.save_model(tmp_path / "foreign", python_model=Foreign(), pip_requirements=[])
        with pytest.raises(MlflowException, match="pickle"):
            mlflow.pyfunc.load_model(str(tmp_path / "foreign"))


def test_a_version_that_is_not_there_is_named(logged: Settings) -> None:
    for which in ("99", "winner"):
        with pytest.raises(Failure, match=f"no registered model '{which}'"):
            tracking.load(logged, which)
