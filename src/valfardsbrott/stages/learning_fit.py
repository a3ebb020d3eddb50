"""The re-ranker of a month: fitted on what was decided by then, and tried on earlier months as they were known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.domain import Month
from valfardsbrott.measures import Floats
from valfardsbrott.stages.learning_gate import Compared
from valfardsbrott.stages.learning_labels import Chosen, Known, decided_since, once
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    from valfardsbrott.detectors.definition import LearnedDefinition
    from valfardsbrott.detectors.reranking import Evidence, Reranker

#: What says how much of a provider's evidence its network is; it is no feature.
_NETWORK = "network_structure"
_OUTCOMES = {"confirmed": 1.0, "cleared": 0.0}


@dataclass
class Past:
    """The months that have been ranked, with their lists; each month's tables are read once."""

    workspace: Workspace
    months: dict[Month, Chosen]
    read: dict[Month, tuple[list[str], Evidence]] = field(default_factory=dict)

    def evidence(self, month: Month) -> tuple[list[str], Evidence]:
        """Whom the champion ranked in the month, by number, and its evidence."""
        if month not in self.read:
            self.read[month] = tables(self.workspace, month)
        return self.read[month]

    def before(self, one: Known) -> Month | None:
        """The month whose figures a decision was on: the last one that chose the provider, else the last one that
        ranked it, of those that had ended by then; None where none had."""
        ended = [month for month in sorted(self.months) if month.last < one.decided_on]
        ranked = [month for month in ended if one.org_number in self.months[month].ranked]
        picked = [m for m in ranked if one.org_number in self.months[m].listed | self.months[m].drawn]
        return next(reversed(picked or ranked), None)

    def weight(self, one: Known, month: Month) -> float:
        """How many a decided case stands for: of the control sample, those it was drawn from by those drawn."""
        of = self.months[month]
        drawn = one.org_number in of.drawn and one.org_number not in of.listed
        return of.left / len(of.drawn) if drawn else 1.0


def tables(workspace: Workspace, month: Month) -> tuple[list[str], Evidence]:
    """What detect left of the month. The features are those that any provider has, by name."""
    import pandas as pd

    from valfardsbrott.detectors.reranking import of_tables

    scores = pd.read_parquet(workspace.stage("detect", month, "scores.parquet"))
    columns = ["org_number", "feature", "contribution", "z"]
    parts = pd.read_parquet(workspace.stage("detect", month, "contributions.parquet"), columns=columns)
    names = tuple(sorted(set(parts["feature"]) - {_NETWORK}))
    orgs, read = of_tables(scores, parts, names)
    return [str(org) for org in orgs], read


def fitted(past: Past, month: Month, decisions: Sequence[Known], definition: LearnedDefinition) -> Reranker:
    """On the decisions and, as not looked at, everybody whom the month ranks and nobody has decided on."""
    from valfardsbrott.detectors.reranking import Evidence, Reranker

    orgs, read = past.evidence(month)
    decided = {one.org_number for one in decisions}
    open_ = np.array([org not in decided for org in orgs], dtype=bool)
    rows, outcome, weight = [read.rows(open_)], [np.full(int(open_.sum()), np.nan)], [np.ones(int(open_.sum()))]
    for one in decisions:
        then = past.before(one)
        if one.outcome in _OUTCOMES and then is not None:
            there, evidence = past.evidence(then)
            rows.append(evidence.rows([there.index(one.org_number)]))
            outcome.append(np.array([_OUTCOMES[one.outcome]]))
            weight.append(np.array([past.weight(one, then)]))
    model = Reranker(freedom=definition.freedom, unlabelled=definition.unlabelled)
    return model.fit(Evidence.joined(rows), np.concatenate(outcome), np.concatenate(weight))


def tried(past: Past, now: Sequence[Known], known_then: Any, definition: LearnedDefinition) -> list[Compared]:
    """Every earlier month's chosen cases that are decided by now, with both scores as they were when it was listed.

    ``known_then(month)``: the decisions that were known at its end. ``now``: those known today.
    """
    found = []
    for of in once(past.months.values(), now):
        month = of.month
        since = {org: one for org, one in decided_since(of, now).items() if one.outcome in _OUTCOMES}
        orgs, read = past.evidence(month)
        cases = [at for at, org in enumerate(orgs) if org in since]
        if cases:
            learned = fitted(past, month, known_then(month), definition).score(read)
            right = np.array([_OUTCOMES[since[orgs[at]].outcome] for at in cases])
            found.append(Compared(str(month), read.nats[cases], _scores(learned, cases), right))
    return found


def _scores(learned: Floats, cases: list[int]) -> Floats:
    return np.asarray(learned[cases], dtype=np.float64)
