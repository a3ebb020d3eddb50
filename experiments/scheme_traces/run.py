"""A table scheme x feature: how far planted providers lie from honest ones, and how often look-alikes do the same.

nice -n 15 python experiments/scheme_traces/run.py [--work DIR] [--seeds 401 402] [--summary]

Each seed is one city, kept as `values/<seed>.json` in the work folder: a seed that is there is not made again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy.stats import mannwhitneyu

from valfardsbrott.domain import Month
from valfardsbrott.features import feature_columns
from valfardsbrott.settings import Settings
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.stages import entities, features, ingest, network_features, networks
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate, planting
from valfardsbrott.synthetic.companies import ASSISTANCE
from valfardsbrott.synthetic.sizes import SIZES, Size

HERE = Path(__file__).resolve().parent
LAST = Month(2026, 10)
KEY = "ab" * 32
NAMES = [feature.name for feature in feature_columns()]
#: Stands for a difference without spread: every planted provider has one value, every honest one another.
WHOLLY_APART = 10.0


def main() -> None:
    config = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=HERE / "work")
    every = [*config["seeds"], *config["asked_seeds"]]
    parser.add_argument("--seeds", type=int, nargs="*", default=every)
    parser.add_argument("--summary", action="store_true", help="only add up the cities that are there")
    options = parser.parse_args()
    (options.work / "values").mkdir(parents=True, exist_ok=True)
    for seed in () if options.summary else options.seeds:
        kept = options.work / "values" / f"{seed}.json"
        if not kept.exists():
            _city(seed, config, options.work).to_json(kept, orient="records")
    cities = [_read(options.work / "values" / f"{seed}.json", seed) for seed in every]
    found = pd.concat([city for city in cities if city is not None], ignore_index=True)
    drawn = _summary(found[found["seed"].isin(config["seeds"])], config)
    told = ("schemes_with_a_trace_meant_for_them", "traced_by_those_meant_for_it")
    summary = _summary(found, config) | {"without_the_cities_asked_for": {name: drawn[name] for name in told}}
    text = json.dumps(summary, indent=0, ensure_ascii=False)
    (HERE / "results.json").write_text(text + "\n", encoding="utf-8")


def _read(path: Path, seed: int) -> pd.DataFrame | None:
    return pd.read_json(path, dtype={"org_number": str}).assign(seed=seed) if path.exists() else None


def _city(seed: int, config: dict[str, Any], work: Path) -> pd.DataFrame:
    """One row for each active provider: its features, schemes and look-alike kinds (text, may be empty)."""
    asked = seed in config["asked_seeds"]
    city = config["cities"]["asked" if asked else "odd" if seed % 2 else "even"]
    folder = work / f"city-{seed}"
    SIZES["TRACES"] = Size(
        "TRACES", city["providers"], city["recipients"], city["months"], city["districts"], city["singles"],
        city["rings"], (3, 3),
    )  # fmt: skip
    if asked:
        planting.SINGLE = {kind: ("S08",) if kind == ASSISTANCE else ("S11",) for kind in planting.SINGLE}
    generate(folder, size="TRACES", last=LAST, seed=seed, difficulty=config["difficulty"])
    settings = Settings(
        deliveries=folder / "deliveries", out=folder / "runs", key=KEY, tracking=False, threads=1,
        permutations=config["permutations"],
    )  # fmt: skip
    for stage in (ingest, entities, features, networks, network_features):
        stage.run(LAST, settings)
    rows = pd.read_parquet(Workspace(settings).stage("matrix", LAST, "matrix.parquet"))
    rows = rows.loc[rows["active"], ["org_number", *NAMES]]
    truth = pd.read_csv(folder / "truth" / "providers.csv", dtype=str)
    truth = truth[truth["from_month"] <= str(LAST)]
    alike = pd.read_csv(folder / "truth" / "lookalikes.csv", dtype=str)
    hide = Pseudonymiser(bytes.fromhex(KEY), LAST.last)
    rows["schemes"] = rows["org_number"].map(_joined(truth, "scheme", hide)).fillna("")
    rows["alike"] = rows["org_number"].map(_joined(alike, "kind", hide)).fillna("")
    shutil.rmtree(folder)
    return rows


def _joined(frame: pd.DataFrame, column: str, hide: Pseudonymiser) -> dict[str, str]:
    """Organisation number, as it is and as the pseudonym of a sole trader, to all that the truth says of it."""
    by_org = frame.groupby("org_number")[column].agg(lambda values: " ".join(sorted(set(values))))
    hidden = {str(hide.organisation(str(org)).value): text for org, text in by_org.items()}
    return {str(org): text for org, text in by_org.items()} | hidden


def _summary(found: pd.DataFrame, config: dict[str, Any]) -> dict[str, Any]:
    honest = found[found["schemes"] == ""]
    schemes = sorted({scheme for text in found["schemes"] for scheme in text.split()})
    kinds = sorted({kind for text in found["alike"] for kind in text.split()})
    table = {scheme: _scheme(scheme, found[_has(found["schemes"], scheme)], honest, config) for scheme in schemes}
    traced = {scheme: [name for name, one in row["features"].items() if one["trace"]] for scheme, row in table.items()}
    meant = {feature.name: feature.schemes for feature in feature_columns()}
    own = {scheme: [name for name in names if scheme in meant[name]] for scheme, names in traced.items()}
    return {
        "seeds": sorted({int(seed) for seed in found["seed"]}),
        "providers": {"honest": len(honest), "planted": int((found["schemes"] != "").sum()),
                      "alike": int(((found["schemes"] == "") & (found["alike"] != "")).sum())},
        "schemes_with_a_trace_meant_for_them": sum(bool(names) for names in own.values()),
        "schemes_with_any_trace": sum(bool(names) for names in traced.values()),
        "traced_by_those_meant_for_it": own,
        "traced": traced,
        "schemes": table,
        "lookalikes": {
            kind: _alike(honest, _has(honest["alike"], kind), config) for kind in kinds
        },
    }  # fmt: skip


def _has(column: pd.Series, word: str) -> pd.Series:
    return column.str.split().map(lambda words: word in words)


def _scheme(scheme: str, planted: pd.DataFrame, honest: pd.DataFrame, config: dict[str, Any]) -> dict[str, Any]:
    """By feature: the difference, and whether it is a trace.

    Few features are meant for a scheme and the others were not asked about before, so p is multiplied by how many there
    are of the one or of the other.
    """
    found = {feature.name: _difference(planted, honest, feature.name) for feature in feature_columns()}
    known = {name: one for name, one in found.items() if one is not None}
    meant = {feature.name for feature in feature_columns() if scheme in feature.schemes}
    for feature in feature_columns():
        one = known.get(feature.name)
        if one is not None:
            sign = {"higher": one["d"] > 0, "lower": one["d"] < 0, "both": True}[feature.direction]
            far = abs(one["d"]) >= config["least_d"]
            looked_at = len(meant & set(known)) if feature.name in meant else len(set(known) - meant)
            one["trace"] = bool(sign and far and one["p"] * looked_at < config["alpha"])
    return {"providers": len(planted), "cities": int(planted["seed"].nunique()), "features": known}


def _difference(planted: pd.DataFrame, honest: pd.DataFrame, name: str) -> dict[str, Any] | None:
    """Values less their city's honest median.

    d: difference of means over the pooled spread, at most `WHOLLY_APART` either way; auc: how often a planted provider
    lies above an honest one; p of Mann and Whitney, two-sided. None with fewer than three planted, or where all values
    are the same.
    """
    centre = honest.groupby("seed")[name].median()
    one, other = (
        (frame[name].astype(float) - frame["seed"].map(centre)).dropna().to_numpy() for frame in (planted, honest)
    )
    if len(one) < 3 or len(other) < 3:
        return None
    spread = float(np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))
    apart = float(one.mean() - other.mean())
    if spread == 0 and apart == 0:
        return None
    d = apart / spread if spread > 0 else np.sign(apart) * WHOLLY_APART
    test = mannwhitneyu(one, other)
    return {
        "n": len(one),
        "d": round(float(np.clip(d, -WHOLLY_APART, WHOLLY_APART)), 2),
        "auc": round(float(test.statistic / (len(one) * len(other))), 3),
        "p": float(f"{test.pvalue:.2g}"),
    }


def _alike(honest: pd.DataFrame, of_kind: pd.Series, config: dict[str, Any]) -> dict[str, Any]:
    """By feature: the share of look-alikes beyond the city's other honest providers, on the suspicious side."""
    alike, others = honest[of_kind], honest[~of_kind]
    rates = {}
    for feature in feature_columns():
        low, high = (others.groupby("seed")[feature.name].quantile(q) for q in (1 - config["beyond"], config["beyond"]))
        value, seed = alike[feature.name].astype(float), alike["seed"]
        above, below = value > seed.map(high), value < seed.map(low)
        hit = {"higher": above, "lower": below, "both": above | below}[feature.direction][value.notna()]
        if len(hit) >= 3:
            rates[feature.name] = round(float(hit.mean()), 3)
    return {"providers": len(alike), "false_rate": rates}


if __name__ == "__main__":
    main()
