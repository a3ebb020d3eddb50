"""MLflow: runs, models, aliases and experiments. The only importer of mlflow.

Nothing about a person or a row is logged: figures of whole months, names of features, fingerprints, and models that
hold medians, quantiles and trees. `place` says where, `month` logs a published month, `models` and `registry` keep
fitted models, `nested` the trials of an experiment, `evaluation` has measures for MLflow's own reports.
"""

from valfardsbrott.tracking.evaluation import ranking_metrics
from valfardsbrott.tracking.machine import Sample, watch
from valfardsbrott.tracking.models import REGISTERED, load
from valfardsbrott.tracking.month import log_run, runs
from valfardsbrott.tracking.nested import Data, Record, log_nested
from valfardsbrott.tracking.place import URI, experiment_name
from valfardsbrott.tracking.registry import CHALLENGER, CHAMPION, point, versions

__all__ = [
    "CHALLENGER", "CHAMPION", "REGISTERED", "URI", "Data", "Record", "Sample", "experiment_name", "load", "log_nested",
    "log_run", "point", "ranking_metrics", "runs", "versions", "watch",
]  # fmt: skip
