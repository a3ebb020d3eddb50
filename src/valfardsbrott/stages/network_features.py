"""network_features: features of the graph, once the month's networks are known; they join the others in the matrix."""

from __future__ import annotations

from valfardsbrott.domain import Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """The views that read the networks' tables, and the matrix with them; the manifest of `features`.

    Nothing goes in a circle: networks read views that no network is in, and only views that read networks are computed
    anew. Before the networks of a month are known its features of the graph are null, and so they stay where the stage
    networks has not run.
    """
    return features.run(month, settings, progress)
