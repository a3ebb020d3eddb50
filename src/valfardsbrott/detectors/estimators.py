"""The detectors as scikit-learn estimators, for any table of numbers: in pipelines, searches and notebooks."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from valfardsbrott.detectors import BY_NAME
from valfardsbrott.detectors.panel import PEER_KEYS, VOLUMES, Floats, Measure, Panel

#: Detectors that need to know more of a column than its numbers: months, contradictions, tests of digits, units.
NOT_FOR_ANY_TABLE = ("history", "contradictions", "digits", "typed_forest")


class OutlierDetector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """One of our detectors on the columns' robust deviations, with scikit-learn's signs: lower is more suspicious.

    Each column less its median, over 1.4826 times its median absolute deviation (over its standard deviation where that
    is zero, and zero where it never varies), as learnt in ``fit``. A missing value (NaN) is no evidence; it is not
    filled.

    Parameters
    ----------
    detector : one of ``OutlierDetector.detectors()``.
    direction : "both" (either way is suspicious), or "higher" or "lower"; or one of these for each column.
    contamination : share of the fitted rows that ``predict`` calls outliers; above 0, at most .5.
    random_state : of detectors that draw; None is 0, so that two fits are alike.
    parameters : the detector's own, such as ``{"trees": 100}``.

    Attributes
    ----------
    offset_ : ``decision_function`` is ``score_samples`` less this.
    n_features_in_, feature_names_in_ : as scikit-learn has them.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.vstack([np.random.default_rng(0).normal(size=(60, 3)), [[9, 0, 0]]])
    >>> OutlierDetector("knn", contamination=0.01).fit(rows).predict(rows)[-1]
    np.int64(-1)
    """

    def __init__(
        self, detector: str = "isolation_forest", *, direction: Any = "both", contamination: float = 0.1,
        random_state: Any = None, parameters: Any = None,
    ) -> None:  # fmt: skip
        self.detector = detector
        self.direction = direction
        self.contamination = contamination
        self.random_state = random_state
        self.parameters = parameters

    @staticmethod
    def detectors() -> tuple[str, ...]:
        """The names that ``detector`` may have."""
        return tuple(name for name in BY_NAME if name not in NOT_FOR_ANY_TABLE)

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - pipelines give it
        """Learn from rows (n, d). ``y`` is not looked at. Raises ValueError for parameters or input that are wrong."""
        rows = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2)
        if self.detector not in self.detectors():
            raise ValueError(f"detector is one of {', '.join(self.detectors())}")
        if not 0 < self.contamination <= 0.5:
            raise ValueError("contamination is above 0 and at most 0.5")
        self._sides = self._directions(rows.shape[1])
        rows = rows[np.lexsort(rows.T[::-1])]  # what is learnt does not turn on the rows' order
        self._centre, self._spread = _robust(rows)
        self._kind = self._made()
        panel = self._panel(rows)
        self._kind.fit(panel)
        self.offset_ = float(np.percentile(-self._kind.score(panel), 100 * self.contamination))
        return self

    def score_samples(self, X: Any) -> Floats:
        """Minus the detector's score (n,): lower is more suspicious."""
        check_is_fitted(self, "offset_")
        rows = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return np.asarray(-self._kind.score(self._panel(rows)), dtype=np.float64)

    def decision_function(self, X: Any) -> Floats:
        """Below zero: an outlier (n,)."""
        return np.asarray(self.score_samples(X) - self.offset_, dtype=np.float64)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """-1 for outliers, 1 for others (n,)."""
        decision = self.decision_function(X)
        return np.where(decision < 0, -1, 1)

    def explain(self, X: Any) -> Floats:
        """Each column's part (n, d) of the detector's score: higher is more suspicious; a missing value's is 0."""
        check_is_fitted(self, "offset_")
        rows = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return np.asarray(self._kind.explain(self._panel(rows)), dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _directions(self, columns: int) -> tuple[str, ...]:
        given = (self.direction,) * columns if isinstance(self.direction, str) else tuple(self.direction)
        if len(given) != columns or set(given) - {"both", "higher", "lower"}:
            raise ValueError(f"direction is both, higher or lower, or {columns} of them")
        return given

    def _made(self) -> Any:
        from inspect import signature

        from sklearn.utils import check_random_state

        kind, given = BY_NAME[self.detector], dict(self.parameters or {})
        if "seed" in signature(kind).parameters:
            state = self.random_state
            drawn = state if isinstance(state, int) else check_random_state(state or 0).randint(2**31 - 1)
            given = {"seed": int(drawn)} | given
        return kind(**given)

    def _panel(self, rows: Floats) -> Panel:
        count, nobody = len(rows), np.full(len(rows), "", dtype=object)
        values = (rows - self._centre) / self._spread
        for at, side in enumerate(self._sides):
            values[:, at] = {"both": np.abs, "higher": np.positive, "lower": np.negative}[side](values[:, at])
        measures = tuple(
            Measure(f"x{at:05d}", f"x{at:05d}", "z", "higher", "", (), False) for at in range(rows.shape[1])
        )
        return Panel(
            np.array([f"{at:09d}" for at in range(count)], dtype=object), np.full(count, "2000-01", dtype=object),
            values, measures, dict.fromkeys(PEER_KEYS, nobody), dict.fromkeys(VOLUMES, np.ones(count)),
        )  # fmt: skip


def _robust(rows: Floats) -> tuple[Floats, Floats]:
    """Median and spread of each column; 0 and 1 of a column without values."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without a value has no median: nobody deviates in it
        centre = np.nan_to_num(np.nanmedian(rows, axis=0))
        spread = 1.4826 * np.nan_to_num(np.nanmedian(np.abs(rows - centre), axis=0))
        deviation = np.nan_to_num(np.nanstd(rows, axis=0))
    spread = np.where(spread > 0, spread, deviation)
    return centre, np.where(spread > 0, spread, 1.0)
