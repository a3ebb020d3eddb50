"""A provider model: residuals from peers, detectors on them, and one p-value for each provider, with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from valfardsbrott.detectors.calibration import SMALLEST_P, Tail, evidence, unit_score
from valfardsbrott.detectors.definition import ModelDefinition, refuse_other
from valfardsbrott.detectors.ecod import Ecod
from valfardsbrott.detectors.isolation_forest import IsolationForest
from valfardsbrott.detectors.panel import PEER_KEYS, VOLUMES, Floats, Panel
from valfardsbrott.detectors.peers import PeerDeviation

if TYPE_CHECKING:
    import pandas as pd

RELATIONS = "relations"


@dataclass(frozen=True)
class Assessment:
    """What a model says of n provider-months.

    ``scores``: each detector's own score (n,). ``parts``: each detector's share of the evidence by feature (n, d), in
    nats, not negative; all parts of a row sum to ``-ln p_value``. ``p_behaviour`` leaves out features of the family
    *relations*, so that a network can be judged by what its members do and not once more by how they are tied.
    """

    panel: Panel
    scores: dict[str, Floats]
    parts: dict[str, Floats]
    residuals: Floats
    feature_p: Floats
    p_behaviour: Floats
    p_value: Floats


class ProviderModel:
    """Fits on pooled provider-months and assesses any of them. Every step keeps quantiles and medians, never rows."""

    def __init__(self, definition: ModelDefinition, *, fingerprint: str = "", seed: int = 0, threads: int = 1) -> None:
        self.name, self.version, self.fingerprint = definition.name, definition.version, fingerprint
        fusion = definition.fusion
        self.peers = PeerDeviation(
            threshold=fusion.threshold, correlation=fusion.correlation, shape=fusion.shape,
            smallest=definition.smallest_peer_group,
        )  # fmt: skip
        self.weights: dict[str, float] = {name: part.weight for name, part in definition.detectors.items()}
        own: dict[str, Any] = {name: part.parameters for name, part in definition.detectors.items()}
        self.on_residuals: dict[str, IsolationForest | Ecod] = {}
        if "isolation_forest" in own:
            mixed = int(np.random.SeedSequence([seed, definition.seed]).generate_state(1)[0])
            self.on_residuals["isolation_forest"] = IsolationForest(
                **own["isolation_forest"], seed=mixed, threads=threads
            )
        if "ecod" in own:
            self.on_residuals["ecod"] = Ecod(**own["ecod"])

    def fit(self, panel: Panel) -> Self:
        """Pool the panel's months. Features that no row has, or that never vary, carry no evidence."""
        self.peers.fit(panel)
        behaviour = self._behaviour(panel)
        for detector in self.on_residuals.values():
            detector.fit(behaviour)
        self.tails = {name: Tail.fit(score) for name, score in self._scores(panel).items()}
        parts = self._weighted(panel)
        self.behaviour_tail = Tail.fit(_total(parts, ~_relations(panel)))
        self.tail = Tail.fit(_total(parts))
        return self

    def assess(self, panel: Panel, *, fingerprint: str = "") -> Assessment:
        """Score and explain. Raises FeatureMismatch where the panel's features are not those of the fit."""
        refuse_other(self.name, self.fingerprint, fingerprint or self.fingerprint)
        parts = self._weighted(panel)
        p_value = self.tail.p(_total(parts))
        return Assessment(
            panel=panel,
            scores=self._scores(panel),
            parts=_scaled(parts, evidence(p_value)),
            residuals=self.peers.residuals(panel),
            feature_p=self.peers.p_values(panel),
            p_behaviour=self.behaviour_tail.p(_total(parts, ~_relations(panel))),
            p_value=np.clip(p_value, SMALLEST_P, 1.0),
        )

    @property
    def input_columns(self) -> dict[str, str]:
        """What ``predict`` reads: peer keys (string), volumes and features (double, null where not available)."""
        return (
            {"month": "string"}
            | dict.fromkeys(PEER_KEYS, "string")
            | dict.fromkeys(VOLUMES, "double")
            | {feature.name: "double" for feature in self.peers.features}
        )

    def predict(self, matrix: pd.DataFrame) -> Floats:
        """Scores from 0 to 1 (n,), in the matrix's order, without what networks add: for MLflow and notebooks."""
        numbered = matrix.assign(org_number=[f"{at:09d}" for at in range(len(matrix))])
        panel = Panel.of(numbered, self.peers.features)
        return unit_score(evidence(self.assess(panel).p_value))

    def _behaviour(self, panel: Panel) -> Panel:
        residuals = panel.with_values(self.peers.residuals(panel))
        return residuals.columns(np.flatnonzero(~_relations(panel)).tolist())

    def _scores(self, panel: Panel) -> dict[str, Floats]:
        behaviour = self._behaviour(panel)
        return {"peers": self.peers.score(panel)} | {
            name: detector.score(behaviour) for name, detector in self.on_residuals.items()
        }

    def _weighted(self, panel: Panel) -> dict[str, Floats]:
        """Each detector's evidence by feature (n, d), weighted: weights are relative and sum to one."""
        behaviour, relations = self._behaviour(panel), _relations(panel)
        whole = sum(self.weights.values())
        parts: dict[str, Floats] = {}
        if "peers" in self.weights:
            parts["peers"] = self.peers.explain(panel) * self.weights["peers"] / whole
        for name, detector in self.on_residuals.items():
            nats = evidence(self.tails[name].p(detector.score(behaviour)))
            parts[name] = np.zeros(panel.values.shape)
            parts[name][:, ~relations] = _spread(np.maximum(detector.explain(behaviour), 0), nats)
            parts[name] *= self.weights[name] / whole
        return parts


def _relations(panel: Panel) -> Any:
    return np.array([feature.family == RELATIONS for feature in panel.features], dtype=bool)


def _spread(parts: Floats, nats: Floats) -> Floats:
    """Share a row's evidence over its features as their positive parts are; nothing where no part is positive."""
    whole = parts.sum(axis=1)
    return parts * (nats / np.where(whole > 0, whole, 1.0))[:, None]


def _scaled(parts: dict[str, Floats], nats: Floats) -> dict[str, Floats]:
    whole = _total(parts)
    factor = (nats / np.where(whole > 0, whole, 1.0))[:, None]
    return {name: values * factor for name, values in parts.items()}


def _total(parts: dict[str, Floats], columns: Any = None) -> Floats:
    chosen = slice(None) if columns is None else columns
    total: Floats = sum(values[:, chosen].sum(axis=1) for values in parts.values())
    return total
