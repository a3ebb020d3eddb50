"""Judges doubtful records against known ones with Splink, and joins only what is strong and unrivalled.

Fellegi and Sunter (1969): the match weight is log2 of the odds that two records are the same, the sum of the prior and
of each finding's log2(m / u). Parameters are fixed (`model`), so a judgement is the same with any number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from valfardsbrott.entities.model import Model

if TYPE_CHECKING:
    import pyarrow as pa

#: joined; weak: below the threshold; rival: two candidates too close; lacks: strong, but without any finding that a
#: join needs; nobody: no known record is like it.
Verdict = Literal["joined", "weak", "rival", "lacks", "nobody"]
#: Pairs below this many bits are not looked at: they can neither join nor rival.
_FLOOR = -40.0


@dataclass(frozen=True)
class Finding:
    """What was compared, which level it reached, and its bits for (positive) or against the two being the same."""

    column: str
    level: str
    bits: float


@dataclass(frozen=True)
class Judgement:
    """What became of a doubtful record. ``nearest``: its best candidate, joined or not; None where there is none."""

    record: str
    nearest: str | None
    weight: float | None
    probability: float | None
    verdict: Verdict
    findings: tuple[Finding, ...] = ()

    @property
    def entity(self) -> str | None:
        """The known record that it is joined to, or None."""
        return self.nearest if self.verdict == "joined" else None


def judge(
    model: Model, known: pa.Table, doubtful: pa.Table, api: Any, candidates: float | None = None
) -> list[Judgement]:
    """A judgement for each row of ``doubtful``, in its order. Both tables have ``unique_id`` and the model's columns.

    ``api``: a `splink.DuckDBAPI` (`engines.linkage.linking`). ``candidates``: how many known records a doubtful one may
    be (default: all of them). Without known or doubtful records nothing is run.
    """
    records: list[str] = doubtful["unique_id"].to_pylist() if len(doubtful) else []
    pairs: dict[str, list[dict[str, Any]]] = {record: [] for record in records}
    among = len(known) if candidates is None else candidates
    if len(known) and records:
        rows = scored(model, known, doubtful, api, among).to_arrow_table().to_pylist()
        for pair in rows:
            pairs[pair["unique_id_r"]].append(pair)
    return [_decided(model, record, pairs[record], among) for record in records]


def scored(model: Model, known: pa.Table, doubtful: pa.Table, api: Any, candidates: float) -> Any:
    """Every pair that blocking finds, as a DuckDB relation: ids, match_weight, and the level of each comparison.

    l is known and r doubtful: Splink orders by the names of the data sets.
    """
    from splink import Linker

    inputs = [api.register(known, dataset_display_name=f"a_known_{model.kind}"),
              api.register(doubtful, dataset_display_name=f"b_doubtful_{model.kind}")]  # fmt: skip
    linker = Linker(inputs, model.settings(candidates), log_level=None, validate_settings=False)
    found = linker.inference.predict(threshold_match_weight=_FLOOR, warning_mode="never")
    columns = ["unique_id_l", "unique_id_r", "match_weight", *(f"gamma_{name}" for name in model.comparisons)]
    return found.as_duckdbpyrelation().select(*columns)


def _decided(model: Model, record: str, pairs: list[dict[str, Any]], candidates: float) -> Judgement:
    """The best candidate, and whether it is good enough. Bits are rounded, so that ties are ties on every machine."""
    if not pairs:
        return Judgement(record, None, None, None, "nobody")
    ranked = sorted(pairs, key=lambda pair: (-round(pair["match_weight"], 6), pair["unique_id_l"]))
    best, weight = ranked[0], round(ranked[0]["match_weight"], 3)
    found = _findings(model, best, candidates)
    second = ranked[1]["match_weight"] if len(ranked) > 1 else -math.inf
    verdict: Verdict = "joined"
    if weight < model.threshold:
        verdict = "weak"
    elif not {(each.column, each.level) for each in found}.intersection(model.needs):
        verdict = "lacks"
    elif weight - second < model.margin:
        verdict = "rival"
    probability = round(1 / (1 + 2.0 ** -best["match_weight"]), 6)
    return Judgement(record, best["unique_id_l"], weight, probability, verdict, found)


def _findings(model: Model, pair: Mapping[str, Any], candidates: float) -> tuple[Finding, ...]:
    """The prior and every comparison with its bits; they add up to the match weight."""
    prior = model.prior(candidates)
    found = [Finding("prior", "", round(math.log2(prior / (1 - prior)), 2))]
    for column in model.comparisons:
        level = model.level(column, pair[f"gamma_{column}"])
        bits = 0.0 if level.m is None or level.u is None else math.log2(level.m / level.u)
        found.append(Finding(column, level.name, round(bits, 2)))
    return tuple(found)
