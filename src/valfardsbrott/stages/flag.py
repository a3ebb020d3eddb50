"""flag: choose what the control unit can review this month, draw the control sample, and say why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.chance import Chance
from valfardsbrott.domain import EXIT_SYSTEM, Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages import choice, counterfactual, learning_apply, reasons
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.features import Feature


#: Stages that flags rest on.
_READS = ("features", "networks", "detect", "learning")


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Write ``flag/<month>/``: flags.parquet and, for each feature among the reasons, the source rows behind it.

    ``stats`` counts the flags by kind and arm. Raises Failure where detect or features have not run.
    """
    workspace = Workspace(settings)
    fingerprint = digest(
        code_digest(
            "stages/flag.py", "stages/choice.py", "stages/reasons.py", "stages/counterfactual.py", "stages/evidence.py",
            "detectors/capacity.py", "networks", "stages/learning_apply.py",
        ),
        settings.capacity, settings.control, settings.seed,
        *(getattr(workspace.manifest(stage, month), "fingerprint", "") for stage in _READS),
    )  # fmt: skip
    return workspace.run_once("flag", month, fingerprint, lambda: _work(month, workspace, progress))


@dataclass(frozen=True)
class Material:
    """What flags are made of: contributions and billed SEK by provider, networks by id, and their providers."""

    features: Mapping[str, Feature]
    contributions: Mapping[str, list[reasons.Row]]
    billed: Mapping[str, float]
    networks: Mapping[str, reasons.Row]
    members: choice.Members
    tries: Mapping[str, list[reasons.Row]] = field(default_factory=dict)
    limit: float = 1.0
    back: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def strongest(self, org_number: str) -> list[reasons.Row]:
        return reasons.strongest(self.contributions.get(org_number, []))

    def amount(self, org_number: str) -> float:
        return reasons.amount_at_risk(self.strongest(org_number), self.features, self.billed.get(org_number, 0.0))


def _work(month: Month, workspace: Workspace, progress: Progress) -> tuple[list[Path], dict[str, Any]]:
    import pandas as pd

    settings = workspace.settings
    scores = pd.read_parquet(_there(workspace.stage("detect", month, "scores.parquet")))
    behaviour = pd.read_parquet(_there(workspace.stage("detect", month, "behaviour.parquet")))
    networks, members = choice.networks(workspace.stage("networks", month), behaviour)
    contributions = pd.read_parquet(_there(workspace.stage("detect", month, "contributions.parquet")))
    exposed = choice.exposed(contributions)
    learnt = learning_apply.read(workspace, month)
    curved, scores = scores, learnt.ordered(scores)
    chosen = choice.choose(scores, networks, settings.capacity, settings.control, exposed | learnt.held)
    control = choice.control(
        scores, chosen, members, settings.control, seed=settings.seed, month=month, held=learnt.held
    )
    material = _material(workspace, month, networks, members)
    material = replace(material, limit=_limit(chosen), back=learnt.back)
    if learnt.leads:  # a reason less no longer tells who would be on the list: that also is learnt
        material = replace(material, tries={})
    rows = [_row(flag, material) for flag in pd.concat([chosen, control]).to_dict("records")]
    out = _write(rows, workspace.stage("flag", month, "flags.parquet"))
    drawn = [_of_control(str(org), material) for org in control["entity_id"]]
    apart = _write_control(drawn, workspace.stage("flag", month, "control_reasons.parquet"))
    chance = pd.read_parquet(_there(workspace.stage("detect", month, "chance.parquet")))
    curve = _curve(curved, chance, material)
    with replacing(workspace.stage("flag", month, "capacity.parquet")) as path:
        curve.to_parquet(path, index=False)
    ranked = _ranked(networks, workspace, month)
    evidence = _evidence([*rows, *drawn], material.features, month, workspace, progress)
    return [out, apart, workspace.stage("flag", month, "capacity.parquet"), *ranked, *evidence], {
        "risk": len(chosen),
        "control": len(control),
        "networks": int((chosen["entity_type"] == "network").sum()),
        "networks_gated": len(networks),
        "held_back": len(learnt.held),
        "back": sum(bool(row["earlier_sv"]) for row in rows),
        "expected": _expected(curve, int((chosen["entity_type"] == "provider").sum())),
        "amount_at_risk_sek": round(sum(row["amount_at_risk_sek"] or 0.0 for row in rows), 2),
    }


def _ranked(networks: pd.DataFrame, workspace: Workspace, month: Month) -> list[Path]:
    """Every network of the month, as published: with the score that its members' behaviour is part of.

    One that chance explains (not gated) has score 0 and no rank: below the gate nothing counts. None without networks.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = workspace.stage("networks", month, "networks.parquet")
    if not found.exists():
        return []
    every = pq.read_table(found)
    joined = networks.set_index("network_id").reindex(every["network_id"].to_pylist())
    every = every.drop_columns([name for name in ("score",) if name in every.column_names])
    every = every.append_column("score", pa.array(joined["score"].fillna(0.0), pa.float64()))
    every = every.append_column("rank", pa.array(joined["rank"].astype("Int64"), pa.int64()))
    every = every.append_column("p_behaviour", pa.array(joined["p_behaviour"], pa.float64()))
    path = workspace.stage("flag", month, "networks.parquet")
    with replacing(path) as temporary:
        pq.write_table(every, temporary, compression="zstd")
    return [path]


def _limit(chosen: pd.DataFrame) -> float:
    """The p-value of the last provider in the risk arm: with a higher one it is not there. 1 where there is none."""
    providers = chosen.loc[chosen["entity_type"] == "provider", "p_value"]
    return float(providers.max()) if len(providers) else 1.0


def _curve(scores: pd.DataFrame, chance: pd.DataFrame, material: Material) -> pd.DataFrame:
    """What a list of any length is expected to bring, over all ranked providers (detectors/capacity.py)."""
    ranked = scores[scores["peer_group"].notna()].sort_values("rank")
    amounts = np.array([material.amount(org) for org in ranked["org_number"]], dtype=np.float64)
    known = chance.set_index("org_number").loc[ranked["org_number"], ["expected", "fewest", "most"]]
    return Curve.of(Chance(*known.to_numpy(np.float64).T), amounts).table()


def _row(flag: Mapping[Any, Any], material: Material) -> dict[str, Any]:
    """A flag with its amount and reasons. A network's amount is its members' sum, each of them counted once.

    The control arm has neither in the list, where it would be told from the risk arm by them: see `_of_control`.
    """
    entity, amount, listed = flag["entity_id"], None, []
    words = {"counterfactual_sv": "", "counterfactual_en": ""}
    if flag["arm"] == "risk" and flag["entity_type"] == "network":
        amount = sum(material.amount(org) for org in material.members[entity])
        listed = reasons.of_network(material.networks[entity])
    elif flag["arm"] == "risk":
        amount, strongest = material.amount(entity), material.strongest(entity)
        listed = [reasons.reason(row, material.features.get(row["feature"])) for row in strongest]
        words = counterfactual.told(material.tries.get(entity, []), strongest, material.features, material.limit)
    text = json.dumps(listed, ensure_ascii=False, allow_nan=False)
    said = {f"earlier_{code}": "" for code in ("sv", "en")}
    if flag["arm"] == "risk" and flag["entity_type"] == "provider":
        said |= material.back.get(entity, {})
    return {
        **flag,
        "amount_at_risk_sek": None if amount is None else round(amount, 2),
        "reasons": text,
        **words,
        **said,
    }


def _of_control(org_number: str, material: Material) -> dict[str, Any]:
    """What a control hit's strongest figures are and the amount they concern, as if it were ranked.

    Reviewed blind, both arms must look alike, so the review application needs the same of either.
    """
    listed = [reasons.reason(row, material.features.get(row["feature"])) for row in material.strongest(org_number)]
    text = json.dumps(listed, ensure_ascii=False, allow_nan=False)
    return {"entity_id": org_number, "amount_at_risk_sek": round(material.amount(org_number), 2), "reasons": text}


def _material(workspace: Workspace, month: Month, networks: pd.DataFrame, members: choice.Members) -> Material:
    from valfardsbrott.features import feature_columns

    records: list[reasons.Row] = networks.to_dict("records")  # type: ignore[assignment]
    return Material(
        features={feature.name: feature for feature in feature_columns()},
        contributions=_contributions(workspace, month),
        billed=_billed(workspace, month),
        networks={str(row["network_id"]): dict(row.items()) for row in records},
        members=members,
        tries=_by_provider(workspace.stage("detect", month, "counterfactuals.parquet")),
    )


def _expected(curve: pd.DataFrame, capacity: int) -> dict[str, float]:
    """The curve at the list's own length, for run.json and MLflow; nothing where nobody is ranked."""
    if not len(curve):
        return {}
    row = curve.iloc[max(min(capacity, len(curve)), 1) - 1]
    return {str(name): round(float(value), 4) for name, value in row.items()}


def _by_provider(path: Path) -> dict[str, list[reasons.Row]]:
    import pandas as pd

    table = pd.read_parquet(_there(path))
    return {str(org): rows.to_dict("records") for org, rows in table.groupby("org_number")}  # type: ignore[misc]


def _contributions(workspace: Workspace, month: Month) -> dict[str, list[reasons.Row]]:
    """The rows that carry evidence, by provider."""
    import pandas as pd

    table = pd.read_parquet(_there(workspace.stage("detect", month, "contributions.parquet")))
    table = table[table["contribution"] > 0]
    return {str(org): rows.to_dict("records") for org, rows in table.groupby("org_number")}  # type: ignore[misc]


def _billed(workspace: Workspace, month: Month) -> dict[str, float]:
    import pandas as pd

    path = _there(workspace.stage("matrix", month, "matrix.parquet"))
    matrix = pd.read_parquet(path, columns=["org_number", "billed_ore"])
    return dict(zip(matrix["org_number"], matrix["billed_ore"].fillna(0).astype(float) / 100, strict=True))


def _evidence(
    rows: Sequence[Mapping[str, Any]],
    features: Mapping[str, Feature],
    month: Month,
    workspace: Workspace,
    progress: Progress,
) -> list[Path]:
    """The source rows behind each flagged value, a file for each feature that is among the providers' reasons."""
    import pyarrow.parquet as pq

    from valfardsbrott.stages.evidence import opened, rows_behind

    behind: dict[str, list[str]] = {}
    for row in rows:
        for each in json.loads(row["reasons"]):
            if each["feature"] in features:
                behind.setdefault(each["feature"], []).append(row["entity_id"])
    folder = workspace.stage("flag", month, "evidence")
    for old in folder.glob("*.parquet"):
        old.unlink()
    written = []
    everybody = sorted({org for orgs in behind.values() for org in orgs})
    with opened(month, workspace, everybody) as views:
        for done, (name, orgs) in enumerate(sorted(behind.items())):
            progress("evidence", done, len(behind))
            with replacing(folder / f"{name}.parquet") as path:
                pq.write_table(rows_behind(features[name], sorted(orgs), views), path, compression="zstd")
            written.append(folder / f"{name}.parquet")
    progress("evidence", len(behind), len(behind))
    return written


def _write(rows: list[dict[str, Any]], out: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("rank", pa.int64()), ("entity_type", pa.string()), ("entity_id", pa.string()), ("score", pa.float64()),
            ("p_value", pa.float64()), ("arm", pa.string()), ("amount_at_risk_sek", pa.float64()),
            ("reasons", pa.string()), ("counterfactual_sv", pa.string()), ("counterfactual_en", pa.string()),
            ("earlier_sv", pa.string()), ("earlier_en", pa.string()),
        ]
    )  # fmt: skip
    with replacing(out) as path:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return out


def _write_control(rows: list[dict[str, Any]], out: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("entity_id", pa.string()), ("amount_at_risk_sek", pa.float64()), ("reasons", pa.string())])
    with replacing(out) as path:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return out


def _there(path: Path) -> Path:
    if not path.exists():
        raise Failure(
            f"{path} is missing", "Run the month again: it takes up after the last finished stage", EXIT_SYSTEM
        )
    return path
