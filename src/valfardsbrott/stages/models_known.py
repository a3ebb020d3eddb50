"""What was known in a month, and rankings of it: of a model fitted then, or of simple rules to compare with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import detect, scores
from valfardsbrott.stages.pipeline import STAGES
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.definition import LearnedDefinition, ModelDefinition
    from valfardsbrott.detectors.model import ProviderModel

#: What a month goes through before it can be ranked.
BEFORE_DETECT = tuple(stage for stage in STAGES[: STAGES.index("detect")] if stage != "claim_checks")


@dataclass(frozen=True)
class Known:
    """A month's matrices, this one's and earlier ones', and its networks. A ranking may read this and nothing else.

    The months' matrices are those that their own runs left: what was delivered later is not in them.
    """

    month: Month
    settings: Settings

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace(self.settings)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The pooled provider-months with ``ranked``, newest month first. Raises Failure where the month has none."""
        return detect.matrices(self.workspace, self.month)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """The networks' providers: ``org_number, network_id, structure, e_value``; no rows where there are none."""
        return scores.nodes(self.workspace.stage("networks", self.month, "nodes.parquet"))

    @cached_property
    def newest(self) -> pd.DataFrame:
        """The month's own ranked providers, by org_number."""
        mine = (self.matrix["month"].astype(str).str[:7] == str(self.month)) & self.matrix["ranked"]
        return self.matrix[mine].set_index("org_number").sort_index()

    def frame(self) -> pd.DataFrame:
        """What a registered model reads: every ranked provider-month, numbers as floats, networks' columns beside.

        Its scores of the month's rows are the published ones.
        """
        rows = self.matrix[self.matrix["ranked"]].drop(columns=["ranked"])
        rows = rows.assign(month=rows["month"].astype(str).str[:7])
        numbers = rows.select_dtypes(include=["number"]).columns
        rows = rows.astype(dict.fromkeys(numbers, "float64"))
        own = self.nodes.assign(month=str(self.month))
        return rows.merge(own, on=["org_number", "month"], how="left").astype({"structure": float, "e_value": float})


@dataclass(frozen=True)
class Ranking:
    """The month's providers by suspicion: ``score`` by org_number (higher = more suspicious), seconds, and the model
    where one was fitted."""

    score: pd.Series[float]
    seconds: dict[str, float]
    model: ProviderModel | None = None


Ranker = Callable[[Known], Ranking]


def by_name(model: str) -> Ranker:
    """The ranking of a folder of models. Raises Failure where there is no such folder."""
    from valfardsbrott.detectors.definition import LearnedDefinition, load

    definition = load(model)
    return by_learning(definition) if isinstance(definition, LearnedDefinition) else by_definition(definition)


def by_definition(definition: ModelDefinition) -> Ranker:
    """Fitted on what was known in the month and nothing later, networks' part included: as the monthly run does."""

    def rank(known: Known) -> Ranking:
        import pandas as pd

        from valfardsbrott.detectors.calibration import evidence

        started = time.perf_counter()
        judged = detect.judge(definition, known.matrix, known.month, known.workspace)
        final = scores.with_structure(judged.model, judged.assessment, known.nodes)
        # Evidence and not the score, which rounds to one where p is tiny; ties then fall by org_number, as published.
        found = pd.Series(evidence(final.p_value), index=judged.assessment.panel.org_number, name="score")
        return Ranking(found, {"fit_and_score": time.perf_counter() - started}, judged.model)

    return rank


def by_learning(definition: LearnedDefinition) -> Ranker:
    """The champion's order of a month learnt anew from the decisions that were known at its end.

    Reads what the months' own runs left of evidence and lists. Raises Failure where the month has not been scored.
    """

    def rank(known: Known) -> Ranking:
        import pandas as pd

        from valfardsbrott.stages import learning_fit, learning_labels

        started = time.perf_counter()
        if not known.workspace.stage("detect", known.month, "contributions.parquet").exists():
            raise Failure(
                f"{known.month} has not been scored", f"Run it first: valfardsbrott run --month {known.month}"
            )
        chosen = {each: learning_labels.chosen(known.workspace, each) for each in known.month.back(24)}
        earlier = {each: found for each, found in chosen.items() if found is not None and each < known.month}
        past = learning_fit.Past(known.workspace, earlier)
        decisions = learning_labels.known(known.workspace, known.month)
        model = learning_fit.fitted(past, known.month, decisions, definition)
        orgs, read = past.evidence(known.month)
        found = pd.Series(model.score(read), index=orgs, name="score")
        return Ranking(found.sort_index(), {"fit_and_score": time.perf_counter() - started})

    return rank


def by_model(predict: Callable[[pd.DataFrame], Any]) -> Ranker:
    """A model that is fitted already, such as a registered version."""

    def rank(known: Known) -> Ranking:
        import pandas as pd

        started = time.perf_counter()
        frame = known.frame()
        found = pd.Series(np.asarray(predict(frame)), index=frame["org_number"], name="score")
        mine = (frame["month"] == str(known.month)).to_numpy()
        return Ranking(found[mine].sort_index(), {"fit_and_score": time.perf_counter() - started})

    return rank


def by_column(name: str, *, seed: int = 0) -> Ranker:
    """Simple rules: sorting by a column of the matrix ("billed_ore"), or "random" order; missing values come last.

    Raises Failure where the column holds no numbers.
    """

    def rank(known: Known) -> Ranking:
        import pandas as pd

        rows = known.newest
        if name == "random":
            draw = np.random.default_rng([seed, known.month.year, known.month.number])
            return Ranking(pd.Series(draw.random(len(rows)), index=rows.index), {"fit_and_score": 0.0})
        try:
            values = rows[name].astype(float)
        except (TypeError, ValueError) as error:
            raise Failure(
                f"{name} holds no numbers to rank by", "Name a model, random, or a column of numbers"
            ) from error
        return Ranking(values.fillna(float("-inf")), {"fit_and_score": 0.0})

    return rank
