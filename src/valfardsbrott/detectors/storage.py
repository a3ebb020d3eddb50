"""Fitted models as files that can be read without running anybody's code: skops, with the types it may hold named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import Failure

if TYPE_CHECKING:
    from valfardsbrott.detectors import Detector
    from valfardsbrott.detectors.model import ProviderModel
    from valfardsbrott.detectors.reranking import RerankedModel

_PACKAGE = "valfardsbrott.detectors"
#: Everything in a stored model that skops does not know by itself.
TRUSTED = (
    *(
        f"{_PACKAGE}.{name}"
        for name in (
            "calibration.Tail", "contradictions.Contradictions", "copod.Copod", "curves.Curves", "digits.Digits",
            "ecod.Ecod", "hbos.Hbos", "history.History", "inne.Inne", "isolation_forest.IsolationForest", "knn.Knn",
            "level.Level", "loda.Loda", "lof.Lof", "mahalanobis.Mahalanobis", "model.ProviderModel", "noise.Noise",
            "panel.Measure", "peer_groups.PeerMedians", "peers.PeerDeviation", "reranking.RerankedModel",
            "reranking.Reranker", "residuals.Residuals", "typed_forest.TypedForest",
        )
    ),
    "sklearn.tree._tree.Tree",
)  # fmt: skip


def save(model: ProviderModel | RerankedModel | Detector, path: Path) -> None:
    """Write a fitted model or detector: medians, noise, tails, curves and trees, and no organisation number.

    kNN, LOF and INNE keep reference rows of residuals, sorted by value, without whose they are or when.
    """
    import skops.io

    skops.io.dump(model, path)


def load(path: Path) -> ProviderModel:
    """Read a fitted model. Raises Failure where the file is none, or holds a type that is not ours."""
    from zipfile import BadZipFile

    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        model: ProviderModel = skops.io.load(path, trusted=list(TRUSTED))
    except (OSError, ValueError, KeyError, BadZipFile, UntrustedTypesFoundException) as error:
        raise Failure(f"{path} is no model of ours", "Run the month again to fit it anew") from error
    return model
