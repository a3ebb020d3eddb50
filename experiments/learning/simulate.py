"""Twelve months of decisions on a city: who is listed and drawn, what is decided (not always rightly) and learnt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from frames import City

from valfardsbrott.control_arm import Arm, Drawn
from valfardsbrott.detectors.reranking import Evidence, Reranker
from valfardsbrott.stages.learning_gate import Compared, Verdict, gate
from valfardsbrott.stages.learning_held import changed
from valfardsbrott.stages.learning_order import mixed

#: What is compared: the champion's list as it is; without those decided, whatever their reasons; with those held back
#: whose reasons have not changed; the same with the learnt order always, or only where the gate lets it.
WAYS = ("champion", "decided left out", "held back", "learned always", "learned by the gate")


@dataclass(frozen=True)
class Plan:
    """``wrong``: share of decisions that are; ``rest``: months that a decided case rests for unchanged reasons."""

    months: int
    capacity: int
    control: int
    wrong: float
    rest: int


@dataclass(frozen=True)
class Decision:
    """A provider's newest decision, the month that it was of, and how many its row stands for."""

    right: bool
    month: int
    weight: float


@dataclass
class Simulation:
    """One way's months on one city. ``found``: planted providers confirmed so far, after each month.

    ``truth``: planted among the listed and reviewed, those, planted among who was left, those.
    """

    city: City
    way: str
    plan: Plan
    seed: int
    found: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    truth: list[tuple[int, int, int, int]] = field(default_factory=list)
    decided: dict[int, Decision] = field(default_factory=dict)
    compared: list[Compared] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)

    def run(self) -> Simulation:
        """The months take the city's two in turn. Who decides errs ``plan.wrong`` of the time, each time anew."""
        rng = np.random.default_rng([self.seed, 7])
        for month in range(self.plan.months):
            self._month(month, rng)
        return self

    def learned(self, read: Evidence) -> np.ndarray:
        """The learnt scores of a month, from what is decided so far."""
        who = sorted(self.decided)
        past = [self._read(self.decided[at].month).rows([at]) for at in who]
        others = np.setdiff1d(np.arange(len(read.nats)), who)
        outcome = np.array([*(float(self.decided[at].right) for at in who), *np.full(len(others), np.nan)])
        weight = np.array([*(self.decided[at].weight for at in who), *np.ones(len(others))])
        return Reranker().fit(Evidence.joined([*past, read.rows(others)]), outcome, weight).score(read)

    def _month(self, month: int, rng: np.random.Generator) -> None:
        read, held = self._read(month), self._held(month)
        learned = self.learned(read) if self.way.startswith("learned") else read.nats
        free = np.setdiff1d(np.flatnonzero(read.nats > 0), held)
        listed = self._listed(free, read.nats, learned)
        left = np.setdiff1d(np.arange(len(read.nats)), [*listed, *held])
        drawn = rng.permutation(left)[: self.plan.control]
        # In the champion's own list one who was decided before takes up a place, and is not reviewed again.
        again = set(self.decided) if self.way == "champion" else set()
        reviewed = np.array([at for at in listed if at not in again], dtype=int)
        cases = np.concatenate([reviewed, drawn])
        right = self.city.planted[cases] ^ (rng.random(len(cases)) < self.plan.wrong)
        self.compared.append(Compared(str(month), read.nats[cases], learned[cases], right.astype(np.float64)))
        for place, (at, said) in enumerate(zip(cases.tolist(), right.tolist(), strict=True)):
            weight = 1.0 if place < len(reviewed) else len(left) / len(drawn)
            self.decided[at] = Decision(said, month, weight)
            if said and self.city.planted[at]:
                self.confirmed.add(at)
        self._count(month, reviewed, left, right, len(held))

    def _count(self, month: int, reviewed: np.ndarray, left: np.ndarray, right: np.ndarray, held: int) -> None:
        arms = [
            Arm(len(hits), int(hits.sum()), int((~hits).sum())) for hits in np.split(right, [len(reviewed)])
        ]  # fmt: skip
        self.drawn.append(Drawn(str(month), arms[0], len(left), arms[1]))
        planted = self.city.planted
        self.truth.append((int(planted[reviewed].sum()), len(reviewed), int(planted[left].sum()), len(left)))
        self.found.append(len(self.confirmed))
        self.held.append(held)

    def _listed(self, free: np.ndarray, nats: np.ndarray, learned: np.ndarray) -> np.ndarray:
        own = free[np.argsort(-nats[free], kind="stable")]
        if not self.way.startswith("learned"):
            return own[: self.plan.capacity]
        self.verdicts.append(gate(self.compared, seed=self.seed))
        if self.way != "learned always" and not self.verdicts[-1].takes_over:
            return own[: self.plan.capacity]
        taught = free[np.argsort(-learned[free], kind="stable")]
        order = mixed([str(at) for at in own], [str(at) for at in taught], self.plan.capacity)
        return np.array([int(at) for at in order[: self.plan.capacity]])

    def _held(self, month: int) -> list[int]:
        if self.way == "champion":
            return []
        if self.way == "decided left out":
            return sorted(self.decided)
        resting = [at for at, one in self.decided.items() if month - one.month <= self.plan.rest]
        now = self._read(month)
        return [
            at for at in sorted(resting)
            if not changed(self._rows(self._read(self.decided[at].month), at), self._rows(now, at))
        ]  # fmt: skip

    def _read(self, month: int) -> Evidence:
        return self.city.months[month % len(self.city.months)]

    def _rows(self, read: Evidence, at: int) -> list[dict[str, Any]]:
        """A provider's contributions, as `contributions.parquet` has them."""
        some = np.flatnonzero(read.parts[at] > 0)
        return [
            {"feature": read.names[j], "contribution": float(read.parts[at, j]), "block": int(self.city.blocks[j])}
            for j in some
        ]
