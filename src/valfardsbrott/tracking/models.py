"""Fitted models in MLflow: logged without pickle or code, with signature and example; read only where they are ours."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Failure
from valfardsbrott.settings import Settings
from valfardsbrott.tracking import place
from valfardsbrott.tracking.flavor import Scorer, _load_pyfunc

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.model import ProviderModel

#: One registered model; its versions' aliases say which one decides and which one is tried beside it.
REGISTERED = "valfardsbrott-provider"
LOADER = "valfardsbrott.tracking.flavor"
#: Files of a model that would run somebody's code when it is loaded.
_RUNS_CODE = {".pkl", ".pickle", ".joblib", ".cloudpickle", ".py", ".pyc", ".so", ".pt", ".npy"}


def log(name: str, file: Path, tags: Mapping[str, str]) -> Any:
    """Log the fitted model in ``file`` under the active run; MLflow's ModelInfo. No row of any city goes with it."""
    import mlflow.pyfunc

    from valfardsbrott.detectors import storage

    model = storage.load(file)
    return mlflow.pyfunc.log_model(
        name=name,
        loader_module=LOADER,
        data_path=str(file),
        signature=signature(model),
        input_example=example(model),
        pip_requirements=requirements(),
        model_type="anomaly ranking",
        tags=dict(tags),
        metadata=dict(tags),
    )


def load(settings: Settings, which: str) -> Scorer:
    """The registered version that ``which`` names: an alias ("champion") or a number.

    Only data is read, by our own code. Raises Failure where there is no such version, or where it is not a model that
    this program logged: MLflow itself would run whatever such a folder asks for.
    """
    with place.client(settings) as client, tempfile.TemporaryDirectory() as folder:
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        try:
            found = (
                client.get_model_version(REGISTERED, which)
                if which.isdigit()
                else client.get_model_version_by_alias(REGISTERED, which)
            )
            local = download_artifacts(artifact_uri=f"models:/{REGISTERED}/{found.version}", dst_path=folder)
        except (MlflowException, OSError) as error:
            hint = "See the registered versions and aliases with: valfardsbrott models list"
            raise Failure(f"there is no registered model '{which}' that can be read", hint) from error
        return read(Path(local))


def read(folder: Path) -> Scorer:
    """A model from its downloaded folder. Raises Failure where anything but our own data format is in it."""
    import yaml

    refused = Failure(
        f"the model in {folder.name} is not one of this program's and is not loaded",
        "It asks for code or a pickle of its own; let the run log the model anew, and see who wrote to the model store",
    )
    try:
        flavors = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))["flavors"]
        ours = flavors["python_function"]
        data = (folder / ours["data"]).resolve()
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise refused from error
    files = [path for path in folder.rglob("*") if path.is_file()]
    if (
        set(flavors) != {"python_function"}
        or ours.get("loader_module") != LOADER
        or ours.get("code")
        or not data.is_relative_to(folder.resolve())
        or any(path.suffix in _RUNS_CODE for path in files)
    ):
        raise refused
    return _load_pyfunc(str(data))


def signature(model: ProviderModel) -> Any:
    """What a frame has to hold, what it may hold, and the score that comes out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    kinds = {"string": DataType.string, "double": DataType.double}
    asked: list[Any] = [
        ColSpec(kinds[kind], name, required=kind == "string") for name, kind in model.input_columns.items()
    ]
    welcome: list[Any] = [ColSpec(kinds[kind], name, required=False) for name, kind in model.OPTIONAL_COLUMNS.items()]
    return ModelSignature(Schema(asked + welcome), Schema([ColSpec(DataType.double, "score")]))


def example(model: ProviderModel) -> pd.DataFrame:
    """Two made-up providers over two months: no number of anybody, no value from any city."""
    import pandas as pd

    rows = [(f"example-{who}", f"2000-0{month}") for who in "ab" for month in (1, 2)]
    made: dict[str, Any] = dict.fromkeys(model.input_columns | model.OPTIONAL_COLUMNS)
    for name, kind in (model.input_columns | model.OPTIONAL_COLUMNS).items():
        made[name] = ["unknown"] * 4 if kind == "string" else [0.0, 0.1, 0.2, 0.3]
    return pd.DataFrame(made | {"org_number": [who for who, _ in rows], "month": [month for _, month in rows]})


def requirements() -> list[str]:
    """What a scoring process has to install: this program and what its model file was written with."""
    from importlib.metadata import version

    return [f"{name}=={version(name)}" for name in ("valfardsbrott", "scikit-learn", "skops", "numpy", "pandas")]
