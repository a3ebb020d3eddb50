"""Two experiments, or two variants, side by side: differences paired by data set, with intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.stages.experiment import COMPARED
from valfardsbrott.stages.experiment_results import paired


def compare(folder: Path, one: str, other: str) -> dict[str, Any]:
    """``one`` less ``other``, each "experiment" (its first variant) or "experiment:variant", below ``folder``.

    Only data sets of the same name in both count, for the ``means`` too. ``changed``: those that the two saw in
    different states, since the generator or the features were another, or that lack a digest to know it by: the
    difference is then of code and variant together. Raises Failure where there are no such results, or no data set in
    common.
    """
    sides = [_side(folder, said) for said in (one, other)]
    found = paired(sides[0]["variant"], sides[1]["variant"], _measures(sides))
    if not found:
        hint = "Run both on the same kinds of city and seeds"
        raise Failure(f"{one} and {other} have no data set in common", hint, EXIT_USAGE)
    return {
        "one": sides[0]["name"], "other": sides[1]["name"], "measures": found, "changed": _changed(*sides),
        "means": {name: _means(name, *(side["variant"]["by_data"] for side in sides)) for name in found},
    }  # fmt: skip


def _changed(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The data sets of both that are not known to be the same; an experiment's variants see the same ones."""
    if one["experiment"] == other["experiment"]:
        return []
    digests = [{each["name"]: each.get("digest") for each in side["data"]} for side in (one, other)]
    shared = set(one["variant"]["by_data"]) & set(other["variant"]["by_data"])
    same = {name for name in shared if digests[0].get(name) and digests[0][name] == digests[1].get(name)}
    return sorted(shared - same)


def _means(measure: str, *sides: Mapping[str, Mapping[str, Any]]) -> list[float]:
    """Each side's mean over the data sets that the difference is of."""
    pairs = [[side[name].get(measure) for side in sides] for name in sides[0] if name in sides[1]]
    known = [pair for pair in pairs if None not in pair]
    return [round(sum(values) / len(known), 4) for values in zip(*known, strict=True)]


def _side(folder: Path, said: str) -> dict[str, Any]:
    name, _, variant = said.partition(":")
    path = folder / name / "results.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{path} cannot be read", f"Run it: valfardsbrott experiment run {name}", EXIT_USAGE) from error
    found = document.get("variants") if isinstance(document, dict) else None
    if not found:
        hint = "Its own script answers another question: see its README"
        raise Failure(f"{name} has no variants to compare", hint, EXIT_USAGE)
    chosen = variant or next(iter(found))
    if chosen not in found:
        raise Failure(f"{name} has no variant '{chosen}'", f"There are: {', '.join(found)}", EXIT_USAGE)
    return {"experiment": name, "name": f"{name}: {chosen}", "variant": found[chosen], "data": document.get("data", [])}


def _measures(sides: list[dict[str, Any]]) -> list[str]:
    """Those that matter first, then whatever else both have."""
    both = [name for name in sides[0]["variant"]["summary"] if name in sides[1]["variant"]["summary"]]
    return [*(name for name in COMPARED if name in both), *(name for name in both if name not in COMPARED)]
