"""Invoice rules on the synthetic city: how much of what was planted is questioned, and how much of what is questioned.

python experiments/invoice_rules/run.py [--work DIR] [--only S] [--seeds 101 102]

The truth of each line is had by building the city again from its seed and comparing its lines before and after the
schemes (``Lines`` keep their order, what is added comes last). It is compared with the questions by provider, person,
service and month: an extra line and the one it repeats may be alike, so which of the two is asked about says nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.stages import claim_checks, ingest
from valfardsbrott.stages.workspace import Workspace
from valfardsbrott.synthetic import generate
from valfardsbrott.synthetic.absences import away
from valfardsbrott.synthetic.arrays import stream
from valfardsbrott.synthetic.billing import EXTRA, ORDINARY, Lines, corrections, honest_errors, honest_lines
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.planting import plant
from valfardsbrott.synthetic.schemes.money import billed
from valfardsbrott.synthetic.services import SERVICES
from valfardsbrott.synthetic.sizes import size_named
from valfardsbrott.synthetic.timeline import DAY, FIRST_DAY, month_at, month_index
from valfardsbrott.synthetic.world import City

HERE = Path(__file__).resolve().parent
LAST = Month(2026, 10)
KEY = "ab" * 32
#: Rules that ask who is to be paid, or whether an invoice came before: of whole invoices, not of what a line is for.
OF_PAYMENT = {"payee_other", "account_new", "account_unregistered", "duplicate_invoice", "near_duplicate_invoice"}
GROUP = ["org_number", "recipient_id", "service_code", "period"]


def main() -> None:
    config = yaml.safe_load((HERE / "experiment.yaml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("invoice_rules_work"))
    parser.add_argument("--only", choices=list(config["cities"]))
    parser.add_argument("--seeds", type=int, nargs="*", default=config["seeds"])
    options = parser.parse_args()
    path = HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cities": {}}
    for size, city in config["cities"].items():
        for seed in options.seeds if options.only in {None, size} else ():
            results["cities"][f"{size} {seed}"] = _measure(size, seed, city["months"], options.work)
            results["summary"] = {each: _summary(results["cities"], each) for each in config["cities"]}
            path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(size: str, seed: int, months: int, work: Path) -> dict[str, Any]:
    folder = work / f"{size}-{seed}"
    generate(folder, size=size, months=months, last=LAST, seed=seed, difficulty="medium")
    settings = Settings(deliveries=folder / "deliveries", out=folder / "runs", key=KEY, tracking=False)
    ingest.run(LAST, settings)
    started = time.perf_counter()
    manifest = claim_checks.run(LAST, settings)
    seconds = round(time.perf_counter() - started, 1)
    asked = pd.read_parquet(Workspace(settings).stage("claim_checks", LAST, "claim_checks.parquet"))
    lines = pd.read_parquet(Workspace(settings).table("claim_line", LAST))
    truth = _truth(size, seed)
    found = _compare(truth, asked, lines)
    shutil.rmtree(folder)
    return {**found, "lines": len(lines), "seconds": seconds, "rules_not_tried": list(manifest.stats["unavailable"])}


def _truth(size: str, seed: int) -> pd.DataFrame:
    """By provider, person, service and month: planted ore by kind, ore mistyped by honest hands, lines by kind."""
    month, chosen = month_index(LAST), size_named(size)
    city, _ = build(chosen, seed, lambda firms: plant(chosen, firms, seed, "medium", 0.04))
    rows = visits_of(city, month)
    clean = honest_lines(city, month, rows)
    typed = honest_errors(_copy(clean), stream(city.seed, "errors", month))
    schemed = billed(city, month, _copy(typed))
    final = corrections(city, month, _copy(schemed))
    count, before = len(typed), len(schemed)
    frame = _frame(final, city)
    added = np.zeros(len(final), dtype=np.int64)
    added[:count] = np.maximum(schemed.amount_ore[:count] - typed.amount_ore, 0)
    added[count:before] = np.where(schemed.kind[count:before] == EXTRA, schemed.amount_ore[count:before], 0)
    frame["S17"] = added
    frame["mistyped"] = 0
    frame.loc[: count - 1, "mistyped"] = typed.amount_ore - clean.amount_ore
    frame["S15"] = np.where(_without_permit(city, final), np.maximum(final.amount_ore, 0), 0)
    frame["billed_by_another"] = np.where(final.contract < 0, np.maximum(final.amount_ore, 0), 0)
    frame["corrected"] = (~np.isin(final.kind, (ORDINARY, EXTRA))).astype(int)
    frame["late"] = (final.period < month).astype(int)
    frame["S06"] = 0
    frame["planted_provider"] = np.isin(final.provider, _live(city, month))
    sums = frame.groupby(GROUP, dropna=False).agg(
        {"amount": "sum", "S17": "sum", "S15": "sum", "billed_by_another": "sum", "mistyped": "sum", "corrected": "sum",
         "late": "sum", "planted_provider": "max", "price": "median"}
    )  # fmt: skip
    gone = _gone_minutes(city, month, rows)
    sums["S06"] = (gone.reindex(sums.index).fillna(0) * sums["price"] / 60).round()
    kinds = ["S17", "S15", "S06", "billed_by_another"]
    sums["planted"] = np.minimum(sums[kinds].sum(axis=1), sums["amount"].clip(lower=0))
    return sums


def _copy(lines: Lines) -> Lines:
    return lines.take(np.arange(len(lines)))


def _live(city: City, month: int) -> list[int]:
    return [each.firm for each in city.planting.plants if each.month <= month]


def _people(city: City, who: np.ndarray) -> np.ndarray:
    """Pseudonyms as the store has them."""
    hide = Pseudonymiser(bytes.fromhex(KEY), LAST.last)
    distinct, place = np.unique(who, return_inverse=True)
    clear = city.people(distinct).to_pylist()
    return np.array([hide.person(str(number)).value for number in clear], dtype=object)[place]


def _orgs(city: City, firm: np.ndarray) -> np.ndarray:
    """Organisation numbers; a sole trader's is a pseudonym in the store, made from the person number."""
    hide = Pseudonymiser(bytes.fromhex(KEY), LAST.last)
    companies = [
        hide.organisation(str(org)).value if form == "E" else str(org)
        for org, form in zip(city.firms.org, city.firms.form, strict=True)
    ]
    return np.array(companies, dtype=object)[firm]


def _frame(lines: Lines, city: City) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "org_number": _orgs(city, lines.provider),
            "recipient_id": _people(city, lines.recipient),
            "service_code": np.array(SERVICES, dtype=object)[lines.service],
            "period": [month_at(int(each)).first for each in lines.period],
            "amount": lines.amount_ore,
            "price": lines.price_ore,
        }
    )


def _without_permit(city: City, lines: Lines) -> np.ndarray:
    """Lines for a month that began after the provider's permit ended."""
    end = np.full(len(city.firms), 10**6)
    end[city.permits.provider] = np.minimum(city.permits.until, city.permits.revoked)
    return end[lines.provider] < FIRST_DAY[lines.period]


def _gone_minutes(city: City, month: int, rows: Any) -> pd.Series:
    """Minutes that S06 logged at people who were dead, had left the country, or were inside an absence."""
    cheats = [each.firm for each in city.planting.plants if each.scheme == "S06" and each.month <= month]
    mine = rows.take(rows.done & np.isin(rows.provider, cheats))
    day = mine.start // DAY
    client = city.cases.recipient[city.decisions.spell[mine.decision]]
    first, last, _ = away(city, month)
    gone = (city.persons.gone_on[mine.recipient] < day) | ((first[client] < day) & (day < last[client]))
    mine = mine.take(gone)
    keys = pd.DataFrame(
        {
            "org_number": _orgs(city, mine.provider),
            "recipient_id": _people(city, mine.recipient),
            "service_code": np.array(SERVICES, dtype=object)[mine.service],
            "period": [month_at(int(np.searchsorted(FIRST_DAY, d, "right") - 1)).first for d in mine.start // DAY],
            "minutes": mine.minutes,
        }
    )
    return keys.groupby(GROUP)["minutes"].sum()


def _compare(truth: pd.DataFrame, asked: pd.DataFrame, lines: pd.DataFrame) -> dict[str, Any]:
    """Money of groups: the largest amount asked of each line, and of that what was planted in its group."""
    of_line = lines.set_index("line_id")[["recipient_id", "service_code"]]
    asked = asked.join(of_line, on="line_id")
    asked["ore"] = (asked["amount_sek"] * 100).round()
    certain = asked[asked["certainty"] == "contradiction"]
    group = truth.copy()
    of_claim = asked[~asked["rule"].isin(OF_PAYMENT)]
    for name, part in (("asked", asked), ("certain", certain), ("of_claim", of_claim)):
        once = part.groupby([*GROUP, "line_id"], dropna=False)["ore"].max().groupby(level=GROUP, dropna=False).sum()
        group = group.join(once.rename(name), how="outer")
    group = group.fillna(0)
    group["planted_provider"] = group["planted_provider"].astype(bool)
    hit = np.minimum(group["planted"], group["asked"])
    hit_certain = np.minimum(group["planted"], group["certain"])
    honest = group[(group["planted"] == 0) & (group["certain"] > 0)]
    clean = honest[honest["mistyped"] == 0]
    keys = set(clean.index)
    places = pd.MultiIndex.from_frame(certain[GROUP])
    rules = certain[np.array([place in keys for place in places], dtype=bool)]
    kinds = {kind: _kind(group, kind) for kind in ("S17", "S15", "S06", "billed_by_another")}
    return {
        "billed_sek": _sek(group["amount"].sum()),
        "planted_sek": _sek(group["planted"].sum()),
        "planted_questioned_sek": _sek(hit.sum()),
        "planted_certain_sek": _sek(hit_certain.sum()),
        "questioned_sek": _sek(group["asked"].sum()),
        "questioned_of_claim_sek": _sek(group["of_claim"].sum()),
        "questioned_of_claim_planted_sek": _sek(np.minimum(group["planted"], group["of_claim"]).sum()),
        "questioned_at_planted_providers_sek": _sek(group.loc[group["planted_provider"], "asked"].sum()),
        "certain_sek": _sek(group["certain"].sum()),
        "certain_planted_sek": _sek(hit_certain.sum()),
        "certain_at_planted_providers_sek": _sek(group.loc[group["planted_provider"], "certain"].sum()),
        "certain_on_honest_mistypes_sek": _sek(honest.loc[honest["mistyped"] != 0, "certain"].sum()),
        "certain_on_other_honest_sek": _sek(clean["certain"].sum()),
        "certain_on_other_honest_groups": len(clean),
        "certain_on_other_honest_rules": rules.groupby("rule")["amount_sek"].sum().round(2).to_dict(),
        "honest_dirt_groups": _dirt(group),
        "kinds": kinds,
        "asked_by_rule_sek": asked.groupby(["rule", "certainty"])["amount_sek"].sum().round().unstack().fillna(0)
        .to_dict("index"),
    }  # fmt: skip


def _kind(group: pd.DataFrame, kind: str) -> dict[str, float]:
    planted = np.minimum(group[kind], group["amount"].clip(lower=0))
    return {
        "planted_sek": _sek(planted.sum()),
        "questioned_sek": _sek(np.minimum(planted, group["asked"]).sum()),
        "certain_sek": _sek(np.minimum(planted, group["certain"]).sum()),
    }


def _dirt(group: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Groups with honest dirt and nothing planted: how many there are, and how many are questioned as certain."""
    honest = group[(group["planted"] == 0) & (group["mistyped"] == 0)]
    return {
        name: {"groups": int(dirty.sum()), "certain": int((dirty & (honest["certain"] > 0)).sum())}
        for name, dirty in ((name, honest[name] > 0) for name in ("late", "corrected"))
    }


def _sek(ore: float) -> float:
    return round(float(ore) / 100, 2)


def _summary(cities: dict[str, Any], size: str) -> dict[str, Any]:
    """Shares over all seeds of a size, of summed money."""
    own = [found for name, found in cities.items() if name.startswith(f"{size} ")]
    if not own:
        return {}

    def total(key: str) -> float:
        return sum(found[key] for found in own)

    def share(part: str, whole: str) -> float | None:
        return round(total(part) / total(whole), 4) if total(whole) else None

    kinds = {
        kind: {key: round(sum(found["kinds"][kind][key] for found in own)) for key in own[0]["kinds"][kind]}
        for kind in own[0]["kinds"]
    }
    return {
        "cities": len(own),
        "planted_questioned": share("planted_questioned_sek", "planted_sek"),
        "planted_certain": share("planted_certain_sek", "planted_sek"),
        "questioned_planted": share("planted_questioned_sek", "questioned_sek"),
        "questioned_of_claim_planted": share("questioned_of_claim_planted_sek", "questioned_of_claim_sek"),
        "questioned_at_planted_providers": share("questioned_at_planted_providers_sek", "questioned_sek"),
        "certain_planted": share("certain_planted_sek", "certain_sek"),
        "certain_at_planted_providers": share("certain_at_planted_providers_sek", "certain_sek"),
        "certain_on_honest_mistypes": share("certain_on_honest_mistypes_sek", "certain_sek"),
        "certain_on_other_honest": share("certain_on_other_honest_sek", "certain_sek"),
        "certain_on_other_honest_of_billed": share("certain_on_other_honest_sek", "billed_sek"),
        "kinds": kinds,
    }


if __name__ == "__main__":
    main()
