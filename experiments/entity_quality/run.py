"""Measures false and missed joins in generated cities against the truth, beside plainer ways to join.

python experiments/entity_quality/run.py --work /tmp/entity_quality [--only N]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from cities import Truth, make, month, resolved, truth
from labels import mistyped

from valfardsbrott.entities import names
from valfardsbrott.entities.addresses import parse
from valfardsbrott.entities.records import deletions
from valfardsbrott.entities.text import plain
from valfardsbrott.identifiers import normalise
from valfardsbrott.stages.workspace import Workspace

_HERE = Path(__file__).parent
Counts = Counter[str]
#: What a method makes of a record; None: it joins it to nothing else.
Method = Callable[[str], str | None]


def judged(records: Mapping[str, str | None], method: Method) -> Counts:
    """Counts over records with what they are (None: nobody else).

    records; joined; false: joined to another than what it is; due: those that are somebody else's; missed: of those,
    not joined to it.
    """
    counts: Counts = Counter(records=len(records))
    for record, meant in records.items():
        found = method(record)
        counts["joined"] += found is not None
        counts["false"] += found is not None and found != meant
        counts["due"] += meant is not None
        counts["missed"] += meant is not None and found != meant
    return counts


def organisations(said: Truth, rows: list[dict[str, Any]], store: Path) -> dict[str, Counts]:
    """Wrong numbers of the company register."""
    register = pq.read_table(store / "tables" / "provider" / f"{month()}.parquet").to_pylist()
    there = {row["org_number"]: row for row in register}
    right = {org for org in there if normalise(org, "org").kind == "org" and normalise(org, "org").valid}
    by_name, near = defaultdict(set), defaultdict(set)
    for org in right:
        by_name[names.parse(there[org]["name"]).core].add(org)
        for each in deletions(org):
            near[each].add(org)
    meant = {row["record"]: row["entity"] or None for row in said.of("organisation") if row["record"] in there}
    final = {row["raw"]: row["canonical_id"] for row in rows if row["kind"] == "organisation"}

    def keystroke(org: str) -> str | None:
        return _only({each for part in deletions(org) for each in near[part]})

    return {
        "exact number": judged(meant, lambda _: None),
        "same name, in normal form": judged(meant, lambda org: _only(by_name[names.parse(there[org]["name"]).core])),
        "one keystroke from a number": judged(meant, keystroke),
        "resolved": judged(meant, lambda org: final[org] if final.get(org, org) != org else None),
    }


def _only(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def addresses(said: Truth, rows: list[dict[str, Any]], store: Path) -> dict[str, Counts]:
    """Every address as written; it is due to be joined where it is not written as in the register of addresses."""
    register = pq.read_table(store / "tables" / "provider" / f"{month()}.parquet").to_pylist()
    written = {"|".join(row[name] or "" for name in ("street", "postal_code", "city")) for row in register}
    key = {row["record"]: _key(row["entity"]) for row in said.of("address") if row["record"] in written}
    clean = {row["record"]: row["entity"] for row in said.of("address")}
    entities = set(key.values())
    final = {row["raw"]: row["canonical_id"] for row in rows if row["kind"] == "address"}

    def counts(found: Callable[[str], str | None], own: Callable[[str], str], method_moves: bool = False) -> Counts:
        """``false``: takes it for another that is there, or moves it to what it is not; ``missed``: not found."""
        made: Counts = Counter(records=len(key))
        for record, meant in key.items():
            got = found(record)
            moved = method_moves and got != parse(*record.split("|")).key
            made["due"] += own(record) != record
            made["missed"] += got != meant
            made["false"] += got != meant and (moved or got in entities)
            made["joined"] += got == meant and own(record) != record
        return made

    def own(record: str) -> str:
        return f"{clean[record]}|{record.rpartition('|')[2]}"

    exact = {own(record): meant for record, meant in key.items()}
    return {
        "exact text": counts(exact.get, own),
        "small letters, single blanks": counts(_plainly(exact), own),
        "normal form": counts(lambda record: parse(*record.split("|")).key, own),
        "resolved": counts(final.get, own, method_moves=True),
    }


def _plainly(exact: Mapping[str, str]) -> Method:
    small = {plain(text): meant for text, meant in exact.items()}
    return lambda record: small.get(plain(record))


def _key(entity: str) -> str:
    street, code = entity.rsplit("|", 1)
    return parse(street, code).key or ""


def persons(said: Truth, rows: list[dict[str, Any]], store: Path) -> dict[str, Counts]:
    """Wrong person numbers that the delivery names, as pseudonyms."""
    right = mistyped(said)
    doubtful = pq.read_table(store / "ingest" / str(month()) / "doubtful.parquet").to_pylist()
    near = {row["person_id"]: row["near"] for row in doubtful}
    meant = {who: right[who] if right.get(who) in others else None for who, others in near.items()}
    final = {row["raw"]: row["canonical_id"] for row in rows if row["kind"] == "person"}
    return {
        "exact number": judged(meant, lambda _: None),
        "one keystroke from a number": judged(meant, lambda who: _only(set(near[who]))),
        "resolved": judged(meant, lambda who: final[who] if final.get(who, who) != who else None),
    }


def links(said: Truth, rows: list[dict[str, Any]], store: Path) -> dict[str, Counts]:
    """Pairs of companies that share an address, a telephone or an account: those that are, found, lost and false."""
    register = pq.read_table(store / "tables" / "provider" / f"{month()}.parquet").to_pylist()
    accounts = pq.read_table(store / "tables" / "payment_account" / f"{month()}.parquet").to_pylist()
    company = {row["record"]: row["entity"] for row in said.of("organisation") if row["entity"]}
    meant = {row["record"]: _key(row["entity"]) for row in said.of("address")}
    phones = {}
    for row in said.of("phone"):
        phones[row["record"]] = ["".join(filter(str.isdigit, each)) for each in row["entity"].split(" ")]
    stored = {_stored(text): each for text, each in phones.items()}
    final: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row["canonical_id"]:
            final[row["kind"], row["raw"]].append(row["canonical_id"])

    def pairs(
        org: Callable[[str], str], address: Callable[[str], list[str]], phone: Callable[[str], list[str]]
    ) -> set[Any]:
        users = defaultdict(set)
        for row in register:
            raw = "|".join(row[name] or "" for name in ("street", "postal_code", "city"))
            for value in address(raw):
                users["address", value].add(org(row["org_number"]))
            for value in phone(row["phone"] or ""):
                users["phone", value].add(org(row["org_number"]))
        for row in accounts:
            users["account", row["account_number"]].add(org(row["org_number"]))
        return {
            (kind, *two) for (kind, _), who in users.items() if len(who) <= 25 for two in combinations(sorted(who), 2)
        }

    true = pairs(
        lambda o: company.get(o, o),
        lambda a: [meant.get(a) or parse(*a.split("|")).key or a],
        lambda p: stored.get(p, [p] if p else []),
    )
    ways = {
        "exact text": pairs(lambda o: o, lambda a: [a], lambda p: [p] if p else []),
        "normal form": pairs(lambda o: o, lambda a: [parse(*a.split("|")).key or a], lambda p: final["phone", p]),
        "resolved": pairs(
            lambda o: (final["organisation", o] or [o])[0], lambda a: final["address", a], lambda p: final["phone", p]
        ),
    }
    return {
        name: Counter(records=len(true), due=len(true), joined=len(found & true), missed=len(true - found),
                      false=len(found - true))
        for name, found in ways.items()
    }  # fmt: skip


def _stored(text: str) -> str:
    """A telephone cell as ingest keeps it."""
    from valfardsbrott.entities.phones import numbers

    return ", ".join(each.canonical for each in numbers(text))


KINDS = {"address": addresses, "organisation": organisations, "person": persons, "links": links}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    chosen = yaml.safe_load((_HERE / "experiment.yaml").read_text(encoding="utf-8"))["measure"]
    path = _HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for size, entry in chosen.items():
        if asked.only in ("", size):
            results[size] = _measured(size, entry, asked.work)
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _measured(size: str, entry: dict[str, Any], work: Path) -> dict[str, Any]:
    total: dict[str, dict[str, Counts]] = {kind: defaultdict(Counter) for kind in KINDS}
    seconds, by_seed = [], []
    for seed in entry["seeds"]:
        out = work / f"{size}{seed}"
        make(size, seed, out, visits=entry["visits"])
        begun = time.perf_counter()
        store = resolved(out).store_path
        rows = pq.read_table(store / "entities" / str(month()) / "entity.parquet").to_pylist()
        manifest = Workspace(resolved(out)).manifest("entities", month())
        seconds.append(manifest.seconds if manifest else time.perf_counter() - begun)
        for kind, measure in KINDS.items():
            for name, counts in measure(truth(out), rows, store).items():
                total[kind][name] += counts
                if name == "resolved":
                    by_seed.append({"seed": seed, "kind": kind, **counts})
        print(size, seed, json.dumps({kind: total[kind]["resolved"] for kind in KINDS}), flush=True)
    return {
        "seeds": entry["seeds"], "seconds_of_the_stage": seconds, "by_seed": by_seed,
        "sums": {kind: {name: dict(counts) for name, counts in ways.items()} for kind, ways in total.items()},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
