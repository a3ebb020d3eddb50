"""The program from notebooks and pipelines: pandas frames, networkx graphs, scikit-learn estimators.

>>> from valfardsbrott.api import City
>>> City("runs").months
()

What is here stays as it is from version to version; other modules may change. docs/api.md has examples that run.
"""

from typing import TYPE_CHECKING

from valfardsbrott.api.city import City
from valfardsbrott.api.evaluation import compare, evaluate
from valfardsbrott.api.experiments import experiment
from valfardsbrott.domain import Failure, Month

if TYPE_CHECKING:
    from valfardsbrott.detectors.estimators import OutlierDetector

__all__ = ["City", "Failure", "Month", "OutlierDetector", "compare", "evaluate", "experiment"]


def __getattr__(name: str) -> object:
    """Estimators are read when they are asked for: scikit-learn takes seconds to import."""
    if name == "OutlierDetector":
        from valfardsbrott.detectors.estimators import OutlierDetector

        return OutlierDetector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
