"""What the list takes over from the stage `learning`: its order where that leads, who is held back, who is back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from valfardsbrott.domain import Month
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Learnt:
    """``leads``: the order is the learnt one, ``ranks`` by provider. ``held``: not listed, for they were decided on for
    just these reasons. ``back``: decided on before and listed again, with what has changed as ``earlier_sv``, ``_en``.
    """

    leads: bool = False
    ranks: Mapping[str, int] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    back: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def ordered(self, scores: pd.DataFrame) -> pd.DataFrame:
        """Scores with the learnt ranks where they lead; providers without one keep their order after the others."""
        if not self.leads:
            return scores
        after = scores["rank"] + len(self.ranks)
        ranks = scores["org_number"].map(self.ranks).fillna(after).astype("int64")
        return scores.assign(rank=ranks).sort_values("rank", ignore_index=True)


def read(workspace: Workspace, month: Month) -> Learnt:
    """What learning left of the month; nothing learnt where it has not run."""
    import pyarrow.parquet as pq

    report = workspace.stage("learning", month, "learning.json")
    if not report.exists():
        return Learnt()
    leads = bool(json.loads(report.read_text(encoding="utf-8"))["gate"]["leads"])
    ranking, held, back = (
        pq.read_table(workspace.stage("learning", month, f"{name}.parquet")).to_pylist()
        for name in ("ranking", "held", "back")
    )
    return Learnt(
        leads,
        {str(row["org_number"]): int(row["rank"]) for row in ranking} if leads else {},
        frozenset(str(row["org_number"]) for row in held),
        {str(row["org_number"]): {f"earlier_{code}": row[f"text_{code}"] for code in ("sv", "en")} for row in back},
    )
