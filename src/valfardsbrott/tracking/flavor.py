"""How a logged model is read: by installed code, from a file of skops that runs nothing.

MLflow imports this module by the name in the model's ``MLmodel`` file and calls `_load_pyfunc`; the file's own folder
holds data only, no code and no pickle. It imports no mlflow, so that it serves any version of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.model import ProviderModel
    from valfardsbrott.detectors.panel import Floats


class Scorer:
    """A fitted model behind MLflow's interface: ``predict(frame)`` gives scores from 0 to 1 (n,), in the frame's order.

    With a provider's earlier months and its network's columns in the frame they are the published scores; what is not
    there is simply not known (ProviderModel.predict).
    """

    def __init__(self, model: ProviderModel) -> None:
        self.model = model

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Floats:
        """``params`` is MLflow's; there are none."""
        del params
        return self.model.predict(model_input)


def _load_pyfunc(path: str) -> Scorer:
    from valfardsbrott.detectors import storage

    place = Path(path)
    return Scorer(storage.load(place / "model.skops" if place.is_dir() else place))
