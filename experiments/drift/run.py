"""How often does an honest month give a false alarm, and is a planted change found and named? See README.md.

python experiments/drift/run.py [--work DIR] [--seeds 601 602]

Each city is kept as ``<seed>.json`` in the work folder: one that is there is not run again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from planting import LAST, plant

from valfardsbrott import drift
from valfardsbrott.domain import Month
from valfardsbrott.measures import binomial_interval
from valfardsbrott.settings import Settings
from valfardsbrott.stages import detect, features, ingest
from valfardsbrott.stages.drift import Looked, look
from valfardsbrott.stages.drift_profile import profile
from valfardsbrott.stages.drift_words import texts
from valfardsbrott.stages.experiment_results import commit
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate

HERE = Path(__file__).resolve().parent
AREAS = ("delivery", "feature", "score", "list")
KEY = "ab" * 32


def main() -> None:
    plan = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("drift_work"))
    parser.add_argument("--seeds", type=int, nargs="*", default=plan["seeds"])
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    cities = {}
    for seed in chosen.seeds:
        kept = chosen.work / f"{seed}{'-whole' if seed in plan['whole'] else ''}.json"
        if not kept.exists():
            kept.write_text(json.dumps(_city(chosen.work / kept.stem, seed, plan)), encoding="utf-8")
        cities[str(seed)] = json.loads(kept.read_text(encoding="utf-8"))
    print(json.dumps(summary(cities, plan), indent=1))
    if chosen.seeds == plan["seeds"]:
        document = {"commit": commit(HERE), "plan": plan, "summary": summary(cities, plan), "cities": cities}
        (HERE / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _city(folder: Path, seed: int, plan: dict[str, Any]) -> dict[str, Any]:
    settings = _made(folder, seed, plan["city"], whole=seed in plan["whole"])
    months = sorted(LAST.back(plan["city"]["months"]))
    return {
        "whole": seed in plan["whole"],
        "honest": {str(month): _honest(month, settings, months, plan["taken"]) for month in months[drift.ENOUGH :]},
        "planted": {name: _planted(name, wanted, settings, months) for name, wanted in plan["planted"].items()},
    }


def _made(folder: Path, seed: int, city: dict[str, Any], *, whole: bool) -> Settings:
    """The city's deliveries and readings; of a whole one the matrices, and the models of the months that are judged."""
    settings = _settings(folder)
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(folder, last=LAST, seed=seed, **city)
        ingest.run(LAST, settings)
        if whole:
            features.run(LAST, settings)
            for month in sorted(LAST.back(city["months"]))[drift.ENOUGH :]:
                detect.run(month, settings)
        (folder / "made").touch()
    return settings


def _settings(folder: Path) -> Settings:
    return Settings(deliveries=folder / "deliveries", out=folder / "runs", tracking=False, threads=1, key=KEY)


def _looked(month: Month, settings: Settings, months: list[Month]) -> list[Looked]:
    """As the stage looks at the month, with the months before it that were delivered."""
    store = Workspace(settings)
    return look(
        month, store, {each: profile(each, store) for each in months if month.plus(-drift.LONGEST) < each <= month}
    )


def _honest(month: Month, settings: Settings, months: list[Month], taken: dict[str, Any]) -> dict[str, Any]:
    """How many figures were judged, the false alarms by area, of which figures and what they say; whether what was
    taken alarmed.
    """
    looked = _looked(month, settings, months)
    alarms = [at for at, one in enumerate(looked) if one.said.alarm]
    true = [at for at in alarms if str(month) in taken["months"] and _is(looked[at], taken)]
    false = [at for at in alarms if at not in true]
    said = texts(month, looked, {})
    return {
        "judged": sum(not np.isnan(one.said.p_value) for one in looked),
        "false": {area: sum(looked[at].area == area for at in false) for area in AREAS},
        "figures": [".".join(filter(None, looked[at].place.key)) for at in false],
        "texts": [said[at]["en"] for at in false if at in said],
        "taken_found": bool(true),
    }


def _planted(name: str, wanted: dict[str, str], settings: Settings, months: list[Month]) -> dict[str, Any]:
    """Whether the changed figure alarmed, and whether a text of it names the source that was changed.

    Readings are made again where a delivery has changed; indicators and scores stay as they are in the honest city.
    """
    folder = settings.deliveries.parent
    copy = folder.with_name(f"{folder.name}-{name}")
    source = plant(name, folder, copy)
    changed = _settings(copy)
    ingest.run(LAST, changed)
    looked = _looked(LAST, changed, months)
    said = texts(LAST, looked, {})
    hits = [at for at, one in enumerate(looked) if one.said.alarm and _is(one, wanted)]
    told = [said[at]["en"] for at in hits if at in said]
    shutil.rmtree(copy)
    alarms = {f"{one.place.table}.{one.place.what}" for one in looked if one.said.alarm}
    return {
        "found": bool(hits), "named": any(source in text for text in told), "texts": told,
        "others": sorted(alarms - {f"{wanted['table']}.{wanted['what']}"}),
    }  # fmt: skip


def _is(one: Looked, wanted: dict[str, Any]) -> bool:
    return all(getattr(one.place, key) == wanted[key] for key in ("table", "what", "column") if key in wanted)


def summary(cities: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """False alarms by month, with exact intervals, and how many of each planted change were found and named."""
    months = {(seed, month): said for seed, city in cities.items() for month, said in city["honest"].items()}
    whole = [said for (seed, _), said in months.items() if cities[seed]["whole"]]
    taken = [said["taken_found"] for (_, month), said in months.items() if month in plan["taken"]["months"]]
    planted = {name: [city["planted"][name] for city in cities.values()] for name in plan["planted"]}
    return {
        "cities": len(cities),
        "cities_with_a_false_alarm": len({seed for (seed, _), said in months.items() if any(said["false"].values())}),
        "figures_a_month": round(float(np.mean([said["judged"] for said in months.values()]))),
        "months_with_a_new_false_alarm": _falsely([len(new) for city in cities.values() for new in _new(city)]),
        "delivery": _falsely([said["false"]["delivery"] for said in months.values()]),
        "whole": {
            "figures_a_month": round(float(np.mean([said["judged"] for said in whole]))) if whole else 0,
            "any": _falsely([sum(said["false"].values()) for said in whole]),
        }
        | {area: _falsely([said["false"][area] for said in whole]) for area in AREAS},
        "taken": {"found": sum(taken), "of": len(taken)},
        "planted": {
            name: {"found": sum(one["found"] for one in of), "named": sum(one["named"] for one in of), "of": len(of)}
            for name, of in planted.items()
        },
    }


def _new(city: dict[str, Any]) -> Iterator[set[str]]:
    """By month: the figures that alarmed falsely and had not done so in the months before."""
    told: set[str] = set()
    for said in city["honest"].values():
        yield set(said["figures"]) - told
        told |= set(said["figures"])


def _falsely(alarms: list[int]) -> dict[str, Any]:
    """Of how many months one or more alarms are false, with the exact interval of the share; no interval of none."""
    hits = sum(each > 0 for each in alarms)
    ends = binomial_interval(hits, len(alarms)) if alarms else ()
    return {"months": hits, "of": len(alarms), "interval": [round(end, 3) for end in ends]}


if __name__ == "__main__":
    main()
