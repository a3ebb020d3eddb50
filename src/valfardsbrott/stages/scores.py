"""The detect stage's tables: final evidence with the networks' part, scores, contributions, behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.detectors.calibration import SMALLEST_P, evidence, unit_score
from valfardsbrott.detectors.counterfactual import blocks_of, without_reasons
from valfardsbrott.detectors.panel import PEER_KEYS, Floats
from valfardsbrott.detectors.peer_groups import group_names
from valfardsbrott.detectors.structure import NODES
from valfardsbrott.stages.workspace import digest

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.chance import Chance
    from valfardsbrott.detectors.definition import ModelDefinition
    from valfardsbrott.detectors.model import Assessment, ProviderModel

#: The contribution of a provider's network; it is no feature of the matrix.
NETWORK = "network_structure"


@dataclass(frozen=True)
class Final:
    """For each provider (n,): its network's structure score where gated (else 0), its nats, and the final p-value."""

    structure: Floats
    structure_nats: Floats
    p_value: Floats


def nodes(path: Path) -> pd.DataFrame:
    """The networks stage's providers; none where the stage has not run."""
    import pandas as pd

    columns = ["org_number", *NODES]
    return pd.read_parquet(path, columns=columns) if path.exists() else pd.DataFrame(columns=columns)


def with_structure(model: ProviderModel, assessment: Assessment, nodes: pd.DataFrame) -> Final:
    """Add the evidence of a gated network to that of its members (detectors/structure.py)."""
    found = model.structure(assessment, nodes)
    return Final(found.ties, found.nats, np.clip(assessment.p_value * np.exp(-found.nats), SMALLEST_P, 1.0))


def score_table(newest: pd.DataFrame, assessment: Assessment, final: Final) -> pd.DataFrame:
    """One row for each provider that may be scored, by rank. Inactive ones follow with score 0, p 1 and no detector's.

    Sole traders that are not ranked have no row: nobody's score is kept of a natural person.
    """
    import pandas as pd

    panel = assessment.panel
    ranked = pd.DataFrame(
        {
            "org_number": panel.org_number,
            "score": unit_score(evidence(final.p_value)),
            "p_value": final.p_value,
            "p_behaviour": assessment.p_behaviour,
            **{f"{name}_score": score for name, score in assessment.scores.items()},
            "structure_score": final.structure,
            "peer_group": group_names(panel, PEER_KEYS),
            "size_class": panel.groups["size_class"],
        }
    ).sort_values(["p_value", "org_number"])
    known = newest[["active", "sole_trader"]].fillna(False).astype(bool)
    inactive = newest[~known["active"] & ~known["sole_trader"]]
    rest = pd.DataFrame(
        {"org_number": sorted(inactive["org_number"]), "score": 0.0, "p_value": 1.0, "p_behaviour": 1.0}
    )
    table = pd.concat([ranked, rest.astype({"org_number": object})], ignore_index=True) if len(rest) else ranked
    return table.assign(rank=np.arange(1, len(table) + 1))[["org_number", "score", "rank", *ranked.columns[2:]]]


def contributions(assessment: Assessment, model: ProviderModel, final: Final) -> pd.DataFrame:
    """Long table: one row for each provider and feature that it has, strongest first within the provider.

    ``contribution`` is in nats and sums to ``-ln p_value`` of the provider; ``detector`` is the one that carries most
    of it, and each detector's own part follows. Features of one ``block`` move together and are one reason. ``z`` is
    the deviation from peers in noise units, towards suspicion, over the months that the model remembers; ``z_month``
    that of the month alone.
    """
    import pandas as pd

    panel = assessment.panel
    parts = {name: values.ravel() for name, values in assessment.parts.items()}
    peers = model.residuals.peers(panel)
    table = pd.DataFrame(
        {
            "org_number": np.repeat(panel.org_number, len(panel.features)),
            "feature": np.tile(np.array(panel.names, dtype=object), len(panel)),
            "value": panel.values.ravel(),
            "peer_median": np.column_stack([each.median for each in peers]).ravel() if peers else [],
            "peer_count": np.column_stack([each.count for each in peers]).ravel().astype("int64") if peers else [],
            "peer_group": np.column_stack([each.group for each in peers]).ravel() if peers else [],
            "z": assessment.residuals.ravel(),
            "z_month": assessment.this_month.ravel(),
            "p_value": assessment.feature_p.ravel(),
            "contribution": sum(parts.values()),
            "block": np.tile(blocks_of(model).astype("int64"), len(panel)),
            "detector": np.array(list(parts), dtype=object)[np.argmax(list(parts.values()), axis=0)],
            **{f"{name}_contribution": values for name, values in parts.items()},
        }
    )
    table = table[table["value"].notna()]
    tied = _ties(assessment, final)
    table = pd.concat([table, tied], ignore_index=True) if len(tied) else table
    order = ["org_number", "contribution", "feature"]
    return table.sort_values(order, ascending=[True, False, True]).reset_index(drop=True)


def behaviour(assessment: Assessment) -> pd.DataFrame:
    """``org_number, p_behaviour``: calibrated from what providers do, without any feature of how they are tied."""
    import pandas as pd

    return pd.DataFrame({"org_number": assessment.panel.org_number, "p_behaviour": assessment.p_behaviour})


def by_chance(assessment: Assessment, chance: Chance) -> pd.DataFrame:
    """``org_number, expected, fewest, most``: honest providers expected to be ranked as high (detectors/chance.py)."""
    import pandas as pd

    bounds = {"expected": chance.expected, "fewest": chance.fewest, "most": chance.most}
    return pd.DataFrame({"org_number": assessment.panel.org_number, **bounds})


def counterfactuals(model: ProviderModel, assessment: Assessment, final: Final, first: int) -> pd.DataFrame:
    """The p-values that the ``first`` most suspicious providers had left without their strongest reasons: one row for
    each reason ``alone``, and one for it with all stronger ones."""
    import pandas as pd

    tried = without_reasons(model, assessment, final.structure_nats, first)
    return pd.DataFrame(
        {
            "org_number": tried.org_number,
            "block": tried.block.astype("int64"),
            "alone": tried.alone.astype(bool),
            "p_value": tried.p_value,
        }
    )


def _ties(assessment: Assessment, final: Final) -> pd.DataFrame:
    import pandas as pd

    some = final.structure_nats > 0
    return pd.DataFrame(
        {
            "org_number": assessment.panel.org_number[some],
            "feature": NETWORK,
            "value": final.structure[some],
            "peer_count": 0,
            "peer_group": "",
            "contribution": final.structure_nats[some],
            "block": -1,
            "detector": "networks",
        }
    )


def identity(definition: ModelDefinition, model: ProviderModel) -> dict[str, Any]:
    """What run.json says of a model: name, version, and the fingerprints of its definition and of its features."""
    return {
        "name": definition.name,
        "version": definition.version,
        "fingerprint": digest(definition.model_dump_json())[:16],
        "feature_fingerprint": model.fingerprint,
        "experiment": definition.experiment,
    }


def size_correlation(assessment: Assessment, final: Final) -> dict[str, float]:
    """Rank correlation of the score with size: near zero where neither giants nor the tiniest fill the list."""
    nats, volumes = evidence(final.p_value), assessment.panel.volumes
    return {name: rank_correlation(nats, volumes[name]) for name in ("billed_ore", "visits")}


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's, to four decimals; 0 where either does not vary."""
    from scipy.stats import spearmanr

    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return round(float(spearmanr(one, other).statistic), 4)
