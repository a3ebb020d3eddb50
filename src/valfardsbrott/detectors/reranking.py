"""Re-ranking: what investigators found, confirmed or cleared, moves the order that the champion's evidence gives.

A logistic regression on the champion's evidence, each feature's part of it and the deviations from peers. Few are ever
decided and hardly any by chance, so it is semi-supervised: decided cases count by how many they stand for, the others
as mostly honest (Elkan and Noto 2008), and all coefficients but that of the evidence itself are held near nought. With
nothing to learn from it is the champion's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from valfardsbrott.detectors.calibration import evidence
from valfardsbrott.detectors.panel import Floats

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.model import ProviderModel

#: How far a feature may move the order: the inverse of the penalty on its coefficients.
FREEDOM = 0.03
#: The evidence itself is scaled by this, so that the penalty hardly holds it back.
EVIDENCE = 20.0
#: What a provider that nobody has looked at weighs against a decided one.
UNLABELLED = 0.02
#: A decided case stands for so many at most: one draw of the control sample would else outweigh a year of the list.
CLIP = 10.0
#: Deviations in noise units count up to this; the root keeps one extreme from deciding alone.
FURTHEST, OF_RESIDUALS = 8.0, 0.3
#: Fewer confirmed or cleared cases than this teach nothing.
FEWEST = 5


@dataclass(frozen=True)
class Evidence:
    """What the re-ranker reads of n providers: the champion's evidence in nats (n,), with the networks' part; the parts
    (n, d) that features have in it, not negative; and the deviations from peers (n, d), NaN where not available."""

    names: tuple[str, ...]
    nats: Floats
    parts: Floats
    residuals: Floats

    def rows(self, chosen: Any) -> Evidence:
        return Evidence(self.names, self.nats[chosen], self.parts[chosen], self.residuals[chosen])

    @classmethod
    def joined(cls, each: list[Evidence]) -> Evidence:
        """Rows of several, under the names of the first; features that another lacks carry no evidence there."""
        names = each[0].names
        aligned = [one if one.names == names else one.named(names) for one in each]
        return cls(names, *(np.concatenate([getattr(one, part) for one in aligned])
                            for part in ("nats", "parts", "residuals")))  # fmt: skip

    def named(self, names: tuple[str, ...]) -> Evidence:
        """The same providers with the features ``names``: unknown ones have no part and no deviation."""
        at = {name: place for place, name in enumerate(self.names)}
        parts = np.zeros((len(self.nats), len(names)))
        residuals = np.full(parts.shape, np.nan)
        for column, name in enumerate(names):
            if name in at:
                parts[:, column], residuals[:, column] = self.parts[:, at[name]], self.residuals[:, at[name]]
        return Evidence(names, self.nats, parts, residuals)


class Reranker:
    """Fits on decided and undecided providers; scores in log-odds (higher = more suspicious), explained by feature."""

    name: ClassVar[str] = "reranker"

    def __init__(self, *, freedom: float = FREEDOM, unlabelled: float = UNLABELLED) -> None:
        self.freedom, self.unlabelled = freedom, unlabelled
        self.names: tuple[str, ...] = ()
        self.of_evidence, self.baseline = 1.0, 0.0
        self.of_parts = self.of_residuals = np.empty(0)
        self.learnt = False

    def fit(self, read: Evidence, outcome: Floats, weight: Floats) -> Self:
        """``outcome`` (n,): 1 confirmed, 0 cleared, NaN not looked at; ``weight`` (n,): how many a decided row stands
        for (1 / chance of being chosen), cut at CLIP; of others it is not read.

        Under FEWEST confirmed or cleared rows the evidence alone decides. An undecided row counts as confirmed by the
        chance that Elkan and Noto's (2008, eq. 6) give it from a first fit that takes all of them for honest.
        """
        self.names = read.names
        self.of_evidence, self.baseline = 1.0 / EVIDENCE, 0.0
        self.of_parts, self.of_residuals, self.learnt = np.zeros(len(read.names)), np.zeros(len(read.names)), False
        right, cleared, open_ = outcome == 1, outcome == 0, np.isnan(outcome)
        if min(right.sum(), cleared.sum()) < FEWEST:
            return self
        columns = _columns(read)
        known = np.where(open_, self.unlabelled, np.clip(np.nan_to_num(weight, nan=1.0), 0, CLIP))
        first = self._solved(columns, right, known)
        share = 1 / (1 + np.exp(-np.clip(columns @ first[1:] + first[0], -30, 30)))
        labelled = float(np.average(share[right], weights=known[right]))
        chance = np.clip((1 - labelled) / labelled * share / (1 - share), 0, 1)[open_]
        rows = np.concatenate([columns, columns[open_]])
        twice = np.concatenate([right, np.ones(int(open_.sum()), dtype=bool)])
        honest = known.copy()
        honest[open_] *= 1 - chance
        solved = self._solved(rows, twice, np.concatenate([honest, known[open_] * chance]))
        self.baseline, self.of_evidence = float(solved[0]), float(solved[1])
        self.of_parts, self.of_residuals = np.split(solved[2:], 2)
        self.learnt = True
        return self

    def score(self, read: Evidence) -> Floats:
        """Log-odds (n,), finite, the same for a row whoever stands beside it."""
        return self.baseline + np.asarray(self.explain(read).sum(axis=1))

    def explain(self, read: Evidence) -> Floats:
        """Each feature's part (n, d + 1), the last column what no feature has (networks): sums to score less baseline.

        The evidence's own share is laid on the features as the champion's parts are. A part may be negative: cleared
        cases have taught that this reason has mostly had an ordinary explanation.
        """
        read = read if read.names == self.names else read.named(self.names)
        columns = _columns(read)
        count = len(self.names)
        own = columns[:, 1 : 1 + count] * self.of_parts + columns[:, 1 + count :] * self.of_residuals
        rest = np.maximum(read.nats - read.parts.sum(axis=1), 0)
        shares = np.column_stack([read.parts, rest])
        whole = shares.sum(axis=1, keepdims=True)
        spread = shares / np.where(whole > 0, whole, 1.0) * (columns[:, :1] * self.of_evidence)
        spread[:, :count] += own
        return np.asarray(spread, dtype=np.float64)

    def _solved(self, columns: Floats, right: Any, weight: Floats) -> Floats:
        """Intercept and coefficients (1 + k,)."""
        from sklearn.linear_model import LogisticRegression

        used = weight > 0
        model = LogisticRegression(C=self.freedom, max_iter=1000, tol=1e-6)
        model.fit(columns[used], right[used], sample_weight=weight[used])
        return np.concatenate([model.intercept_, model.coef_[0]])


class RerankedModel:
    """The champion as fitted, and the re-ranker on what it says: one model that scores a frame anywhere.

    ``predict`` and ``input_columns`` are as `ProviderModel`'s; scores are the log-odds from 0 to 1, no probability.
    """

    def __init__(self, base: ProviderModel, reranker: Reranker) -> None:
        self.base, self.reranker = base, reranker
        self.name, self.fingerprint = "provider_reranked", base.fingerprint

    @property
    def input_columns(self) -> dict[str, str]:
        return self.base.input_columns

    @property
    def OPTIONAL_COLUMNS(self) -> dict[str, str]:
        return self.base.OPTIONAL_COLUMNS

    def predict(self, matrix: pd.DataFrame) -> Floats:
        """Scores from 0 to 1 (n,), in the matrix's order."""
        said, nats, rows = self.base.judged(matrix)
        read = Evidence(said.panel.names, nats, np.asarray(sum(said.parts.values())), said.residuals)
        scores = np.empty(len(matrix))
        scores[rows] = 1 / (1 + np.exp(-np.clip(self.reranker.score(read), -700, 700)))
        return scores


def of_tables(scores: pd.DataFrame, contributions: pd.DataFrame, names: tuple[str, ...]) -> tuple[Floats, Evidence]:
    """From a month's scores and contributions: org_number (n,) of those ranked, by number, and their evidence.

    A feature that a provider has not got has no part and no deviation.
    """
    ranked = scores[scores["peer_group"].notna()].sort_values("org_number")
    orgs = ranked["org_number"].to_numpy(object)
    parts, residuals = (
        contributions.pivot(index="org_number", columns="feature", values=value)
        .reindex(index=orgs, columns=list(names))
        .to_numpy(dtype=np.float64)
        for value in ("contribution", "z")
    )
    nats = evidence(ranked["p_value"].to_numpy(np.float64))
    return orgs, Evidence(names, nats, np.nan_to_num(parts), residuals)


def _columns(read: Evidence) -> Floats:
    """(n, 1 + 2 d): evidence, parts and deviations towards suspicion, each bent so that extremes count less."""
    far = np.clip(np.nan_to_num(read.residuals), 0, FURTHEST)
    bent = np.column_stack([np.sqrt(np.maximum(read.parts, 0)), OF_RESIDUALS * np.sqrt(far)])
    return np.column_stack([EVIDENCE * np.log1p(np.maximum(read.nats, 0)), bent])
