"""Champion and challenger side by side, every month: who is on one list and not on the other, and for which reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.domain import Failure, Month
from valfardsbrott.measures import overlap, rank_biased_overlap
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.detectors.model import Assessment
    from valfardsbrott.detectors.panel import Floats
    from valfardsbrott.settings import Settings
    from valfardsbrott.stages.scores import Final

    Side = tuple[Assessment, Final]

_REASONS = 3


def table(champion: Side, challenger: Side) -> pd.DataFrame:
    """Every ranked provider, in the champion's order, as each side sees it.

    ``org_number``, and of each side ``rank`` (from 1), ``p_value`` and ``reasons`` (JSON: its strongest features with
    their nats). Networks' part is in both.
    """
    import pandas as pd

    sides = {"champion": champion, "challenger": challenger}
    columns: dict[str, Any] = {"org_number": champion[0].panel.org_number}
    for name, (assessment, final) in sides.items():
        if not np.array_equal(assessment.panel.org_number, columns["org_number"]):
            raise ValueError("champion and challenger have assessed different providers")
        columns[f"{name}_rank"] = _ranks(assessment.panel.org_number, final.p_value)
        columns[f"{name}_p_value"] = final.p_value
        columns[f"{name}_reasons"] = _reasons(assessment)
    return pd.DataFrame(columns).sort_values("champion_rank", ignore_index=True)


def summary(champion: Side, challenger: Side, budget: int) -> dict[str, float]:
    """How far the challenger would have chosen otherwise, in figures: overlap of the two lists of ``budget``,
    rank-biased overlap of the whole order, rank correlation, and how many would come and go."""
    from valfardsbrott.stages.scores import rank_correlation

    orders = [_order(side[0].panel.org_number, side[1].p_value) for side in (champion, challenger)]
    exchanged = len(set(orders[1][:budget]) - set(orders[0][:budget]))
    return {
        "overlap_at_budget": round(overlap(orders[0], orders[1], budget), 4),
        "rank_biased_overlap": round(rank_biased_overlap(orders[0], orders[1]), 4),
        "rank_correlation": rank_correlation(champion[1].p_value, challenger[1].p_value),
        "would_be_exchanged": exchanged,
    }


def report(month: Month, settings: Settings, capacity: int | None = None) -> dict[str, Any]:
    """Where champion and challenger differ in a month's list: both models, the figures, and a row for each provider on
    either list, with ``on_list`` (both, champion, challenger).

    The list is ``capacity`` long, or as long as the month was published with, or as the settings say if it was not.

    Raises Failure where the month has not been scored.
    """
    import pandas as pd

    workspace = Workspace(settings)
    path, manifest = workspace.stage("detect", month, "shadow.parquet"), workspace.manifest("detect", month)
    if manifest is None or not path.exists():
        raise Failure(f"no challenger has been scored for {month}", f"Run the month: valfardsbrott run --month {month}")
    rows = pd.read_parquet(path)
    length = capacity or _published_capacity(settings.out / str(month) / "run.json") or settings.capacity
    first, second = (rows[f"{side}_rank"] <= length for side in ("champion", "challenger"))
    rows.insert(1, "on_list", np.select([first & second, first, second], ["both", "champion", "challenger"], ""))
    rows = rows[rows["on_list"] != ""].copy()
    for side in ("champion", "challenger"):
        rows[f"{side}_reasons"] = rows[f"{side}_reasons"].map(json.loads)
    return {
        "month": str(month),
        "capacity": length,
        "exchanged": int((rows["on_list"] == "challenger").sum()),
        "champion": manifest.stats.get("model", {}),
        "challenger": manifest.stats.get("challenger", {}),
        "rows": rows.to_dict("records"),
    }


def _published_capacity(path: Path) -> int | None:
    return int(json.loads(path.read_text(encoding="utf-8"))["settings"]["capacity"]) if path.is_file() else None


def _order(org_number: Any, p_value: Floats) -> list[str]:
    return [str(org_number[at]) for at in np.lexsort((org_number, p_value))]


def _ranks(org_number: Any, p_value: Floats) -> Any:
    ranks = np.empty(len(p_value), dtype="int64")
    ranks[np.lexsort((org_number, p_value))] = np.arange(1, len(p_value) + 1)
    return ranks


def _reasons(assessment: Assessment) -> list[str]:
    """For each row its strongest features, with nats to two decimals."""
    whole = np.asarray(sum(assessment.parts.values()))
    names = assessment.panel.names
    found = []
    for row in whole:
        strongest = [int(at) for at in np.argsort(-row, kind="stable")[:_REASONS] if row[at] > 0]
        found.append(json.dumps([[names[at], round(float(row[at]), 2)] for at in strongest]))
    return found
