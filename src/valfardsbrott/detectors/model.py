"""A provider model: residuals from peers, detectors on them, and one p-value for each provider, with its reasons.

Interface, stable for MLflow, backtests and notebooks:

- ``ProviderModel(definition, fingerprint=..., seed=..., threads=...).fit(panel)`` on the pooled provider-months,
- ``.assess(panel, month="2026-10")``: scores, parts and p-values of a month, with the other months as its memory,
- ``.predict(frame)``: the published scores of any matrix frame, memory and networks' part included (see there),
- ``.input_columns``: what ``predict`` reads, required and optional,
- ``storage.save(model, path)`` and ``storage.load(path)``: a file of skops, that runs no code when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.detectors import BY_NAME
from valfardsbrott.detectors.calibration import SMALLEST_P, Tail, evidence, unit_score
from valfardsbrott.detectors.chance import Chance, Honest, Ranked, by_chance
from valfardsbrott.detectors.definition import Fusion, ModelDefinition, refuse_other
from valfardsbrott.detectors.level import Level, log_size
from valfardsbrott.detectors.memory import remember
from valfardsbrott.detectors.panel import PEER_KEYS, VOLUMES, Floats, Panel
from valfardsbrott.detectors.peers import PeerDeviation
from valfardsbrott.detectors.residuals import Residuals
from valfardsbrott.detectors.screening import unsuspected
from valfardsbrott.detectors.structure import NODES, Structure, Ties, structure

if TYPE_CHECKING:
    import pandas as pd

RELATIONS = "relations"
#: The share of providers that all features together may catch rightly: base rates are 3 to 5 percent, up to 10.
_ALLOWED = 0.1


@dataclass(frozen=True)
class Assessment:
    """What a model says of n provider-months.

    ``scores``: each detector's own score (n,). ``parts``: each detector's share of the evidence by feature (n, d), in
    nats, not negative; all parts of a row sum to ``-ln p_value``. ``p_behaviour`` leaves out features of the family
    *relations*, so that a network can be judged by what its members do and not once more by how they are tied.
    ``residuals`` are the deviations from peers, meant over the months remembered; ``this_month`` the month's alone.
    ``reasons`` (n, blocks) is the evidence of each block of features before it is calibrated, and ``excess`` (n,) its
    sum above the level of the provider's size: what ``p_value`` is read off from.
    """

    panel: Panel
    scores: dict[str, Floats]
    parts: dict[str, Floats]
    residuals: Floats
    this_month: Floats
    feature_p: Floats
    p_behaviour: Floats
    p_value: Floats
    reasons: Floats
    excess: Floats

    @property
    def lasting(self) -> Panel:
        """The panel with the residuals that the detectors read."""
        return self.panel.with_values(self.residuals)


class ProviderModel:
    """Fits on pooled provider-months and assesses any of them. Every step keeps quantiles and medians, never rows."""

    def __init__(self, definition: ModelDefinition, *, fingerprint: str = "", seed: int = 0, threads: int = 1) -> None:
        self.name, self.version, self.fingerprint = definition.name, definition.version, fingerprint
        self.memory = definition.memory
        self.residuals = Residuals(definition.smallest_peer_group)
        self.weights = {str(name): part.weight for name, part in definition.detectors.items()}
        self.shape = definition.fusion.shape
        self.fusion = definition.fusion.model_dump()
        mixed = int(np.random.SeedSequence([seed, definition.seed]).generate_state(1)[0])
        fusion = definition.fusion
        self.peers = PeerDeviation(
            threshold=fusion.threshold, correlation=fusion.correlation, shape=fusion.shape,
            fact_weight=fusion.fact_weight,
        )  # fmt: skip
        self.calibration: dict[str, tuple[Level, Tail]] = {}
        self.others: dict[str, Any] = {
            str(name): _made(str(name), part.parameters, mixed, threads)
            for name, part in definition.detectors.items()
            if name != PeerDeviation.name
        }

    def fit(self, panel: Panel) -> Self:
        """Pool the panel's months. Features that no row has, or that never vary, carry no evidence.

        What is usual is learnt three times, each time without those whose other reasons were too many (screening.py);
        the first two looks are wary of a scheme that many share.
        """
        kept = np.ones(panel.values.shape, dtype=bool)
        for wary in (True, True, False):
            self.residuals.fit(_only(panel, kept), upper=0.75 if wary else 0.9)
            lasting = remember(self.residuals.of(panel), self.memory)
            self.peers.fit(_only(lasting, kept), wary=wary)
            kept = unsuspected(self.peers.explain(lasting), self.peers.blocks) if wary else kept
        for detector in self.others.values():
            detector.fit(_behaviour(panel if detector.reads != "residuals" else lasting))
        explained = self._explained(lasting, panel)
        self.tails = {
            name: Tail.fit(score, shape=self.shape, allowed=_ALLOWED) for name, (score, _) in explained.items()
        }
        parts = self._weighted(explained)
        for scope, columns in (("behaviour", ~_relations(panel)), ("all", slice(None))):
            nats = _total(parts, columns)
            level = Level.fit(nats, panel)
            self.calibration[scope] = (level, Tail.fit(level.off(nats, panel), shape=self.shape, allowed=_ALLOWED))
        return self

    def assess(self, panel: Panel, *, month: str = "", fingerprint: str = "") -> Assessment:
        """Score and explain the panel's rows, or those of ``month`` with the others as its memory.

        Raises FeatureMismatch where the panel's features are not those of the fit.
        """
        refuse_other(self.name, self.fingerprint, fingerprint or self.fingerprint)
        alone = self.residuals.of(panel)
        lasting = remember(alone, self.memory)
        chosen = panel.month == month if month else np.ones(len(panel), dtype=bool)
        explained = self._explained(lasting, panel, chosen)
        lasting, alone, panel = (each.rows(chosen) for each in (lasting, alone, panel))
        parts = self._weighted(explained)
        nats = _total(parts)
        p_value = self._calibrated("all", nats, panel)
        return Assessment(
            panel=panel,
            scores={name: score for name, (score, _) in explained.items()},
            parts=_scaled(parts, evidence(p_value)),
            residuals=lasting.values,
            this_month=alone.values,
            feature_p=self.peers.p_values(lasting),
            p_behaviour=self._calibrated("behaviour", _total(parts, ~_relations(panel)), panel),
            p_value=p_value,
            reasons=np.column_stack([np.empty((len(panel), 0)), *(_total(parts, list(b)) for b in self.peers.blocks)]),
            excess=self.calibration["all"][0].off(nats, panel),
        )

    def reassessed(self, lasting: Panel, panel: Panel) -> Floats:
        """P-values (n,) of rows whose deviations or values were changed; a history keeps what it was without them."""
        return self._calibrated("all", _total(self._weighted(self._explained(lasting, panel))), panel)

    @property
    def input_columns(self) -> dict[str, str]:
        """What ``predict`` has to find: month and peer keys (string), volumes and features (double, may be null)."""
        return (
            {"month": "string"}
            | dict.fromkeys(PEER_KEYS, "string")
            | dict.fromkeys(VOLUMES, "double")
            | {feature.name: "double" for feature in self.residuals.features}
        )

    #: What ``predict`` uses where it is there: who a row is of, and the networks stage's nodes joined to the matrix.
    OPTIONAL_COLUMNS: ClassVar[dict[str, str]] = {
        "org_number": "string", "network_id": "string", "structure": "double", "e_value": "double",
    }  # fmt: skip

    def predict(self, matrix: pd.DataFrame) -> Floats:
        """Scores from 0 to 1 (n,), in the matrix's order: the published ones, where the frame has what they rest on.

        With ``org_number`` the rows of a provider's earlier months are its memory (``memory`` months count); without
        it each row is a provider by itself. With ``network_id``, ``structure`` and ``e_value`` (the networks stage's
        nodes; null outside networks) the networks' part is added, from the members that are in the frame.
        """
        _, nats, rows = self.judged(matrix)
        scores = np.empty(len(matrix))
        scores[rows] = unit_score(evidence(np.exp(-nats)))
        return scores

    def judged(self, matrix: pd.DataFrame) -> tuple[Assessment, Floats, NDArray[np.int64]]:
        """The frame's rows assessed, their evidence in nats with the networks' part (n,), and where each stands in it
        (n,): as `predict` reads it."""
        known = "org_number" in matrix
        who = matrix["org_number"].astype(str) if known else [f"{at:09d}" for at in range(len(matrix))]
        numbered = matrix.assign(org_number=who, _row=np.arange(len(matrix)))
        numbered = numbered.assign(month=numbered["month"].astype(str).str[:7])
        numbered = numbered.sort_values(["org_number", "month"], kind="stable")
        said = self.assess(Panel.of(numbered, self.residuals.features))
        nats = evidence(said.p_value) + self.structure(said, numbered).nats
        return said, nats, numbered["_row"].to_numpy()

    def structure(self, said: Assessment, nodes: pd.DataFrame) -> Structure:
        """What networks add to the assessed rows; nothing where ``nodes`` lacks the networks' columns."""
        nothing = np.zeros(len(said.panel))
        if not {"org_number", *NODES} <= set(nodes.columns):
            return Structure(nothing, nothing)
        return structure(said.panel.org_number, said.panel.month, said.p_behaviour, nodes, Fusion(**self.fusion))

    def by_chance(self, said: Assessment, nodes: pd.DataFrame) -> Chance:
        """How many honest providers would be ranked as high as each of one month's assessed rows (detectors/chance.py).

        ``nodes``: as `structure` reads them."""
        fusion, behaviour = Fusion(**self.fusion), evidence(said.p_value)
        there = nodes if {"org_number", *NODES} <= set(nodes.columns) else nodes.assign(**dict.fromkeys(NODES))[:0]
        ties = Ties.of(said.panel.org_number, said.panel.month, there)
        nats = behaviour + ties.nats(said.p_behaviour, fusion)
        honest = Honest.fit(said.reasons, said.excess, log_size(said.panel))
        return by_chance(
            honest,
            Ranked(nats, behaviour, said.excess, ties.network >= 0),
            lambda pick: behaviour[pick] + ties.nats(said.p_behaviour[pick], fusion),
        )

    def _explained(
        self, lasting: Panel, panel: Panel, chosen: NDArray[np.bool_] | None = None
    ) -> dict[str, tuple[Floats, Floats]]:
        """Each detector's scores (n,) and parts (n, d) of the chosen rows, default all."""
        rows = np.ones(len(panel), dtype=bool) if chosen is None else chosen
        read = {"residuals": lasting.rows(rows), "values": panel.rows(rows), "history": panel}
        parts = self.peers.explain(read["residuals"])
        found = {PeerDeviation.name: (parts.sum(axis=1), parts)}
        columns = ~_relations(lasting)
        for name, detector in self.others.items():
            whole = np.zeros(parts.shape)
            own = detector.explain(_behaviour(read[detector.reads]))
            whole[:, columns] = own[rows] if detector.reads == "history" else own
            found[name] = (detector.baseline + whole.sum(axis=1), whole)
        return found

    def _weighted(self, explained: dict[str, tuple[Floats, Floats]]) -> dict[str, Floats]:
        """Each detector's evidence by feature (n, d), weighted: weights are relative and sum to one."""
        whole = sum(self.weights.values())
        parts: dict[str, Floats] = {}
        for name, weight in self.weights.items():
            score, own = explained[name]
            nats = own if name == "peers" else _spread(np.maximum(own, 0), evidence(self.tails[name].p(score)))
            parts[name] = nats * weight / whole
        return parts

    def _calibrated(self, scope: str, nats: Floats, panel: Panel) -> Floats:
        level, tail = self.calibration[scope]
        return np.where(nats > 0, np.clip(tail.p(level.off(nats, panel)), SMALLEST_P, 1.0), 1.0)


def _made(name: str, parameters: Mapping[str, Any], seed: int, threads: int) -> Any:
    """The detector with its own parameters, and seed and threads where it takes them."""
    kind = BY_NAME[name]
    takes = signature(kind).parameters
    given = {key: value for key, value in (("seed", seed), ("threads", threads)) if key in takes}
    return kind(**given | dict(parameters))


def _only(panel: Panel, kept: NDArray[np.bool_]) -> Panel:
    return panel.with_values(np.where(kept, panel.values, np.nan))


def _behaviour(panel: Panel) -> Panel:
    """Without the features of how providers are tied."""
    return panel.columns(np.flatnonzero(~_relations(panel)).tolist())


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
