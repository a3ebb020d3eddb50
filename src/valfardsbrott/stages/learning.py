"""learning: what decisions say of the list, whom they hold back, and an order learnt from them where it is better."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.control_arm import estimate
from valfardsbrott.domain import Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import learning_fit, learning_gate, learning_labels, learning_order, learning_resting
from valfardsbrott.stages.learning_fit import Past
from valfardsbrott.stages.learning_labels import Known
from valfardsbrott.stages.workspace import Workspace, code_digest, definitions_digest, digest, replacing

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from valfardsbrott.detectors.definition import LearnedDefinition

MODEL = "provider_reranked"
#: Months of lists and draws that the estimates and the learning look back on.
_MONTHS = 24


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Write ``learning/<month>/``: the learnt order beside the champion's, who is held back and who is back, what the
    control sample says (learning.json), and the model where there was something to learn from.

    Reads decisions delivered and made by the end of the month (`learning_labels.known`), and what detect and flag left
    of it and of earlier months. ``stats`` is the learning.json without its texts, so that its figures are logged.
    """
    workspace = Workspace(settings)
    earlier = [each for each in month.back(_MONTHS) if each < month and learning_labels.chosen(workspace, each)]
    decisions = learning_labels.known(workspace, month)
    fingerprint = digest(
        code_digest("stages/learning.py", "stages/learning_fit.py", "stages/learning_gate.py",
                    "stages/learning_held.py", "stages/learning_labels.py", "stages/learning_order.py",
                    "stages/learning_resting.py", "detectors/reranking.py", "control_arm.py", "measures.py"),
        definitions_digest("models"), settings.capacity, settings.rest_months, settings.wrong_decisions, settings.learn,
        settings.seed, decisions,
        *(getattr(workspace.manifest("detect", each), "fingerprint", "") for each in (month, *earlier)),
        *(getattr(workspace.manifest("flag", each), "fingerprint", "") for each in earlier),
    )  # fmt: skip
    work = _Work(workspace, month, decisions, earlier)
    return workspace.run_once("learning", month, fingerprint, lambda: work.done(progress))


class _Work:
    """One month's learning."""

    def __init__(
        self, workspace: Workspace, month: Month, decisions: Sequence[Known], earlier: Sequence[Month]
    ) -> None:
        self.workspace, self.settings, self.month, self.decisions = workspace, workspace.settings, month, decisions
        chosen = {each: learning_labels.chosen(workspace, each) for each in earlier}
        self.past = Past(workspace, {each: found for each, found in chosen.items() if found is not None})

    def done(self, progress: Progress) -> tuple[list[Path], dict[str, Any]]:
        from valfardsbrott.detectors.definition import LearnedDefinition, load
        from valfardsbrott.features import feature_columns

        definition = load(MODEL)
        assert isinstance(definition, LearnedDefinition)  # noqa: S101 - its file says what it reranks
        progress("learning", 0, 3)
        features = {feature.name: feature for feature in feature_columns()}
        newest = learning_labels.newest(self.decisions)
        held, back = learning_resting.resting(self.past, self.month, newest, self.settings.rest_months, features)
        progress("learning", 1, 3)
        verdict = self._verdict(definition)
        ranking, paths = self._ranked(definition, verdict.takes_over, set(held["org_number"].to_pylist()))
        progress("learning", 2, 3)
        report = self._report(verdict, ranking, held, back, newest)
        paths += [self._write(name, table) for name, table in (("held", held), ("back", back))]
        out = self.workspace.stage("learning", self.month, "learning.json")
        with replacing(out) as path:
            path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        progress("learning", 3, 3)
        return [*paths, out], report

    def _verdict(self, definition: LearnedDefinition) -> learning_gate.Verdict:
        def then(month: Month) -> list[Known]:
            return learning_labels.known(self.workspace, month)

        tried = learning_fit.tried(self.past, self.decisions, then, definition) if self.decisions else []
        return learning_gate.gate(tried, seed=self.settings.seed)

    def _ranked(
        self, definition: LearnedDefinition, takes_over: bool, held: set[str]
    ) -> tuple[pd.DataFrame, list[Path]]:
        """Every ranked provider with both ranks, and the one in force: the learnt one only where it takes over."""
        import pandas as pd

        orgs, read = self.past.evidence(self.month)
        model = learning_fit.fitted(self.past, self.month, self.decisions, definition)
        rows = pd.DataFrame({"org_number": orgs, "nats": read.nats, "learned_score": model.score(read)})
        rows["why"] = _strongest(model.explain(read), (*model.names, "network_structure"))
        rows = rows.sort_values(["nats", "org_number"], ascending=[False, True], ignore_index=True)
        rows["champion_rank"] = np.arange(1, len(rows) + 1)
        rows["learned_rank"] = rows["learned_score"].rank(method="first", ascending=False).astype("int64")
        free = rows[~rows["org_number"].isin(held)]
        taught = free.sort_values(["learned_rank"])["org_number"].tolist()
        order = learning_order.mixed(free["org_number"].tolist(), taught, self.settings.capacity)
        mixed = [*order, *rows.loc[rows["org_number"].isin(held), "org_number"]]
        places = dict(zip(mixed, range(1, len(mixed) + 1), strict=True))
        leads = takes_over and self.settings.learn
        rows["rank"] = rows["org_number"].map(places) if leads else rows["champion_rank"]
        rows = rows.drop(columns="nats")
        path = self.workspace.stage("learning", self.month, "ranking.parquet")
        with replacing(path) as temporary:
            rows.to_parquet(temporary, index=False)
        return rows, [path, *self._stored(definition, model)]

    def _stored(self, definition: LearnedDefinition, model: Any) -> list[Path]:
        """The champion as fitted with the re-ranker on it, for the registry; nothing where nothing was learnt."""
        from valfardsbrott.detectors import storage
        from valfardsbrott.detectors.reranking import RerankedModel

        made = self.workspace.manifest("detect", self.month)
        champion = made.stats["model"]["name"] if made else definition.reranks  # whichever decides in this city
        base = self.workspace.stage("detect", self.month, f"{champion}.skops")
        if not model.learnt or not base.exists():
            return []
        path = self.workspace.stage("learning", self.month, f"{MODEL}.skops")
        with replacing(path) as temporary:
            storage.save(RerankedModel(storage.load(base), model), temporary)
        return [path]

    def _report(
        self, verdict: learning_gate.Verdict, ranking: pd.DataFrame, held: pa.Table, back: pa.Table,
        newest: Mapping[str, Known],
    ) -> dict[str, Any]:  # fmt: skip
        counted = learning_labels.once(self.past.months.values(), self.decisions)
        drawn = [learning_labels.drawn(of, self.decisions) for of in counted]
        resting, capacity = set(held["org_number"].to_pylist()), self.settings.capacity
        free = ranking[~ranking["org_number"].isin(resting)]
        own = free.sort_values("champion_rank")["org_number"].tolist()[:capacity]
        listed = free.sort_values("rank")["org_number"].tolist()[:capacity]
        why = {
            str(org): str(names[0]) for org, names in zip(free["org_number"], free["why"], strict=True) if len(names)
        }
        guard = learning_order.varied(listed, own, set(newest), why)
        outcomes = [one.outcome for one in self.decisions]
        near = ranking.loc[ranking["champion_rank"] <= capacity, "org_number"]
        return {
            "month": str(self.month),
            "decisions": {name: outcomes.count(name) for name in ("confirmed", "cleared", "insufficient")},
            "estimates": estimate(drawn, wrong_decisions=self.settings.wrong_decisions).as_json(),
            "gate": verdict.as_json() | {"leads": bool(verdict.takes_over and self.settings.learn)},
            "held_back": {"all": len(resting), "near_the_top": int(near.isin(resting).sum()), "back": back.num_rows},
            "list": guard.as_json(),
            "model": _identity(self.past.workspace, self.month),
        }

    def _write(self, name: str, table: pa.Table) -> Path:
        import pyarrow.parquet as pq

        path = self.workspace.stage("learning", self.month, f"{name}.parquet")
        with replacing(path) as temporary:
            pq.write_table(table, temporary)
        return path


def _identity(workspace: Workspace, month: Month) -> dict[str, Any]:
    """What is said of the model wherever it is logged: as of those that detect fits."""
    from valfardsbrott.detectors.definition import load

    definition = load(MODEL)
    manifest = workspace.manifest("features", month)
    return {
        "name": MODEL, "version": definition.version, "fingerprint": digest(definition.model_dump_json())[:16],
        "feature_fingerprint": manifest.stats.get("fingerprint", "") if manifest else "",
        "experiment": definition.experiment,
    }  # fmt: skip


def _strongest(parts: Any, names: tuple[str, ...]) -> list[list[str]]:
    """Each row's three features that carry most of its learnt score; fewer where fewer speak for it."""
    order = np.argsort(-parts, axis=1, kind="stable")[:, :3]
    return [[names[at] for at in row if parts[number, at] > 0] for number, row in enumerate(order)]
