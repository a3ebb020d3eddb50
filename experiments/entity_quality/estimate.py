"""Estimates the m and u probabilities of features/entities.yaml from labelled pairs of generated cities.

python experiments/entity_quality/estimate.py --work /tmp/entity_quality
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from cities import make, month, resolved, truth
from labels import labels

from valfardsbrott.engines.linkage import linking
from valfardsbrott.entities.linkage import scored
from valfardsbrott.entities.model import EntityKind, Model, models
from valfardsbrott.settings import Settings
from valfardsbrott.stages.entities import records
from valfardsbrott.stages.views import Deliveries
from valfardsbrott.stages.workspace import Workspace

_HERE = Path(__file__).parent


#: Known records that every doubtful one is compared with, beside the one that it is: enough for chances of 1e-5.
_SAMPLE = 2_000


def counted(
    model: Model, records: tuple[Any, Any], same: set[tuple[str, str]], settings: Settings
) -> Iterator[tuple[str, str, bool, int]]:
    """Column, level, whether the two are the same, and how many pairs, over all that the model may look at.

    Persons have no candidates but those a keystroke away; of other kinds a sample of all pairs is looked at.
    """
    known, doubtful = records
    every = model if model.kind == "person" else replace(model, blocking=("1=1",))
    if model.kind != "person":
        wanted, step = {one for one, _ in same}, max(1, len(known) // _SAMPLE)
        kept = [at for at, each in enumerate(known["unique_id"].to_pylist()) if at % step == 0 or each in wanted]
        known = known.take(kept)
    with linking(settings) as api:
        pairs = scored(every, known, doubtful, api, 1)
        listed = ", ".join("'" + "~".join(pair).replace("'", "''") + "'" for pair in sorted(same)) or "''"
        pairs = pairs.select(f"*, (unique_id_l || '~' || unique_id_r) in ({listed}) as is_same")
        for column in model.comparisons:
            rows = pairs.aggregate(f"gamma_{column} as gamma, is_same, count(*) as n", f"gamma_{column}, is_same")
            for gamma, is_same, number in rows.fetchall():
                yield column, model.level(column, gamma).name, is_same, number


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    chosen = yaml.safe_load((_HERE / "experiment.yaml").read_text(encoding="utf-8"))["estimate"]
    work = parser.parse_args().work
    counts: dict[EntityKind, Counter[tuple[str, str, bool]]] = {kind: Counter() for kind in models()}
    shares: dict[EntityKind, list[float]] = {kind: [] for kind in models()}
    for size, entry in chosen.items():
        for seed in entry["seeds"]:
            out = work / f"{size}{seed}"
            make(size, seed, out, visits=entry["visits"])
            settings = resolved(out)
            found = records(month(), Deliveries(Workspace(settings)))
            for kind in entry["kinds"]:
                known, doubtful = found.of(kind)
                same = labels(kind, truth(out), known, doubtful)
                shares[kind].append(len(same) / max(1, len(doubtful)))
                for column, level, is_same, number in counted(models()[kind], (known, doubtful), same, settings):
                    counts[kind][column, level, is_same] += number
    for kind, model in models().items():
        _show(model, counts[kind], sum(shares[kind]) / max(1, len(shares[kind])))


def _show(model: Model, counts: Counter[tuple[str, str, bool]], share: float) -> None:
    print(f"{model.kind}: share {share:.2f}")
    for column, levels in model.comparisons.items():
        for is_same in (True, False):
            total = sum(counts[column, level.name, is_same] + 0.5 for level in levels if level.m is not None)
            said = [
                f"{level.name} {(counts[column, level.name, is_same] + 0.5) / total:.3g}"
                for level in levels
                if level.m is not None
            ]
            print(f"  {column} {'m' if is_same else 'u'} (n {total:.0f}): {', '.join(said)}")


if __name__ == "__main__":
    sys.exit(main())
