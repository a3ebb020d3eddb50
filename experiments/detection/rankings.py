"""Rankings that a control unit could have without ours, on the same features.

They get what they cannot have in use: no missing values (medians instead) and, the forest, 300 trees.
"""

from __future__ import annotations

import pandas as pd

from valfardsbrott.features import feature_columns
from valfardsbrott.stages.models_known import Known


def forest(known: Known) -> pd.Series:
    """A plain isolation forest: a library untouched."""
    from sklearn.ensemble import IsolationForest

    matrix = _filled(known.newest)
    model = IsolationForest(n_estimators=300, random_state=0).fit(matrix.to_numpy())
    return pd.Series(-model.score_samples(matrix.to_numpy()), index=matrix.index)


def sum_of_z(known: Known) -> pd.Series:
    """Sum over features of the robust z in the suspicious direction, clipped at 0 and 10."""
    return _towards_suspicion(known.newest).clip(0, 10).sum(axis=1)


def rank_consensus(known: Known) -> pd.Series:
    """The mean rank over four of PyOD's detectors at their defaults: what one gets by joining libraries."""
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD
    from pyod.models.hbos import HBOS
    from pyod.models.iforest import IForest

    matrix = _filled(known.newest)
    detectors = [ECOD(), COPOD(), HBOS(), IForest(n_estimators=300, random_state=0)]
    scores = [each.fit(matrix.to_numpy()).decision_scores_ for each in detectors]
    return pd.concat([pd.Series(each, index=matrix.index).rank() for each in scores], axis=1).mean(axis=1)


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    names = [feature.name for feature in feature_columns() if feature.name in rows]
    matrix = rows[names].astype(float)
    matrix = matrix.loc[:, matrix.notna().any()]
    return matrix.fillna(matrix.median())


def _towards_suspicion(rows: pd.DataFrame) -> pd.DataFrame:
    matrix = _filled(rows)
    spread = (matrix - matrix.median()).abs().median() * 1.4826
    z = (matrix - matrix.median()) / spread.where(spread > 0, matrix.std().replace(0, 1))
    sign = pd.Series({f.name: {"higher": 1, "lower": -1, "both": 0}[f.direction] for f in feature_columns()})
    return z * sign.reindex(z.columns) + z.abs() * (sign.reindex(z.columns) == 0)
