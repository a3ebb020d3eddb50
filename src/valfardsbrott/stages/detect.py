"""detect: score every active provider of the month against the pooled provider-months before it, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import EXIT_USAGE, Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages.models_roles import Roles, roles
from valfardsbrott.stages.workspace import Workspace, code_digest, definitions_digest, digest, replacing

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.definition import ModelDefinition
    from valfardsbrott.detectors.model import Assessment, ProviderModel


#: For so many of the most suspicious providers the model is asked again without their reasons.
TRIED_FIRST = 200


@dataclass(frozen=True)
class Judged:
    """A fitted model and what it says of the month's providers."""

    definition: ModelDefinition
    model: ProviderModel
    assessment: Assessment


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Write ``detect/<month>/``: scores, contributions, p_behaviour by provider, honest providers expected by chance,
    where the challenger differs (shadow), and the fitted models.

    Reads this month's matrix and up to ``history_months`` - 1 earlier ones, and the networks stage's nodes where it
    has run. ``stats`` names the model, counts who was ranked and who was not, and compares the challenger.
    Raises Failure where the month has no matrix, or where sole traders are to be ranked without a legal basis.
    """
    if settings.rank_sole_traders and not settings.sole_trader_legal_basis.strip():
        raise Failure(
            "sole traders are natural persons and are not ranked without a legal basis",
            "Set VALFARDSBROTT_SOLE_TRADER_LEGAL_BASIS to the provision and decision, or leave them out",
            EXIT_USAGE,
        )
    workspace = Workspace(settings)
    read = history(workspace, month)
    held = roles(settings)
    fingerprint = digest(
        code_digest("detectors", "stages/detect.py", "stages/scores.py", "stages/models_shadow.py", "measures.py"),
        definitions_digest("models"), held.champion, held.challenger,
        settings.seed, settings.rank_sole_traders, settings.sole_trader_legal_basis,
        *(getattr(workspace.manifest("features", each), "fingerprint", "") for each in read),
        getattr(workspace.manifest("networks", month), "fingerprint", ""),
    )  # fmt: skip
    return workspace.run_once("detect", month, fingerprint, lambda: _work(month, workspace, held, progress))


def history(workspace: Workspace, month: Month) -> list[Month]:
    """The months to pool, newest first: those that have a matrix. Raises Failure where the newest has none."""
    months = [
        each
        for each in month.back(workspace.settings.history_months)
        if workspace.stage("matrix", each, "matrix.parquet").exists()
    ]
    if months[:1] != [month]:
        raise Failure(
            f"there is no feature matrix for {month}", f"Run the month first: valfardsbrott run --month {month}"
        )
    return months


def _work(month: Month, workspace: Workspace, held: Roles, progress: Progress) -> tuple[list[Path], dict[str, Any]]:
    from valfardsbrott.detectors import storage
    from valfardsbrott.detectors.definition import load
    from valfardsbrott.stages import models_shadow, scores

    matrix = matrices(workspace, month)
    nodes = scores.nodes(workspace.stage("networks", month, "nodes.parquet"))
    judged = {}
    for done, name in enumerate((held.champion, held.challenger)):
        progress("detect", done, 3)
        judged[name] = judge(load(name), matrix, month, workspace)
    champion, challenger = judged[held.champion], judged[held.challenger]
    final, beside = (scores.with_structure(each.model, each.assessment, nodes) for each in (champion, challenger))
    sides = (champion.assessment, final), (challenger.assessment, beside), champion.definition.alert_budget
    progress("detect", 2, 3)
    newest = matrix[matrix["month"].astype(str).str[:7] == str(month)]
    tables = {
        "scores": scores.score_table(newest, champion.assessment, final),
        "contributions": scores.contributions(champion.assessment, champion.model, final),
        "behaviour": scores.behaviour(champion.assessment),
        "chance": scores.by_chance(champion.assessment, champion.model.by_chance(champion.assessment, nodes)),
        "counterfactuals": scores.counterfactuals(champion.model, champion.assessment, final, TRIED_FIRST),
        "shadow": models_shadow.table(*sides[:2]),
    }
    outputs = [_write(table, workspace.stage("detect", month, f"{name}.parquet")) for name, table in tables.items()]
    for name, each in judged.items():
        with replacing(workspace.stage("detect", month, f"{name}.skops")) as path:
            storage.save(each.model, path)
        outputs.append(workspace.stage("detect", month, f"{name}.skops"))
    progress("detect", 3, 3)
    identity = scores.identity(challenger.definition, challenger.model)
    stats = _stats(newest, champion, final, matrix["month"].nunique())
    return outputs, stats | {"challenger": identity | models_shadow.summary(*sides)}


def matrices(workspace: Workspace, month: Month) -> pd.DataFrame:
    """The feature matrices to pool for the month, one after the other; ``ranked`` says who is compared and ranked."""
    import pandas as pd

    read = history(workspace, month)
    matrix = pd.concat([pd.read_parquet(workspace.stage("matrix", each, "matrix.parquet")) for each in read])
    return matrix.assign(ranked=who_is_ranked(matrix, workspace.settings))


def who_is_ranked(matrix: pd.DataFrame, settings: Settings) -> pd.Series[bool]:
    """Who is compared and ranked: active providers that are no natural person, unless the city has a legal basis."""
    active = matrix["active"].fillna(False).astype(bool)
    return active & (settings.rank_sole_traders | ~matrix["sole_trader"].fillna(False).astype(bool))


def judge(definition: ModelDefinition, matrix: pd.DataFrame, month: Month, workspace: Workspace) -> Judged:
    """Fit the model on the pooled matrices and assess the month's ranked providers."""
    from valfardsbrott.detectors.model import ProviderModel
    from valfardsbrott.detectors.panel import Panel
    from valfardsbrott.features import feature_columns

    fingerprint = (workspace.manifest("features", month) or Manifest("", "", "")).stats.get("fingerprint", "")
    known = [feature for feature in feature_columns() if feature.name in matrix.columns]
    chosen = [feature for feature in definition.chosen(known, fingerprint) if matrix[feature.name].notna().any()]
    panel = Panel.of(matrix[matrix["ranked"]], chosen)
    settings = workspace.settings
    model = ProviderModel(definition, fingerprint=fingerprint, seed=settings.seed, threads=settings.threads)
    model.fit(panel)
    return Judged(definition, model, model.assess(panel, month=str(month), fingerprint=fingerprint))


def _write(frame: pd.DataFrame, out: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with replacing(out) as path:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None), path)
    return out


def _stats(newest: pd.DataFrame, champion: Judged, final: Any, pooled: int) -> dict[str, Any]:
    from valfardsbrott.stages import scores

    inactive = ~newest["active"].fillna(False).astype(bool)
    return {
        "model": scores.identity(champion.definition, champion.model),
        "months_pooled": pooled,
        "ranked": int(newest["ranked"].sum()),
        "inactive": int(inactive.sum()),
        "sole_traders_not_ranked": int((~newest["ranked"] & ~inactive).sum()),
        "features_used": len(champion.assessment.panel.features),
        "size_correlation": scores.size_correlation(champion.assessment, final),
    }
