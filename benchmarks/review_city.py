"""A made-up case database and published months of a large city, for `review_load.py`: no person, no company is real.

36 months, 30 000 providers, 10 000 cases with their hits, history, decisions and second reviews, 300 networks (one of
300 nodes and 2 000 links), a million entries in the audit log. Rows go in by COPY.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from valfardsbrott.domain import Month
from valfardsbrott.features import feature_columns

LAST = Month(2026, 10)
SERVICES = ("home_care", "personal_assistance", "housing_support", "household", "escort")
NETWORKS, LARGE = 300, "n-2026-10-00000000"
START = dt.datetime(2023, 11, 5, 8, tzinfo=dt.UTC)


class City:
    """Sizes and the draws that files and tables share."""

    def __init__(
        self, months: int = 36, providers: int = 30_000, cases: int = 10_000, entries: int = 1_000_000
    ) -> None:
        self.months = [str(LAST.plus(-back)) for back in range(months - 1, -1, -1)]
        self.cases, self.entries = cases, entries
        self.rng = np.random.default_rng(20261122)
        self.orgs = [f"00{at:08d}" for at in range(providers)]
        self.boards = self.rng.integers(1, 13, providers)
        self.services = self.rng.integers(0, len(SERVICES), providers)
        self.sizes = self.rng.choice(["xs", "s", "m", "l", "xl"], providers)
        self.billed = (self.rng.lognormal(11, 1.2, providers) * 100).astype(np.int64)
        self.members = {
            f"n-2026-10-{at:08d}": self.rng.choice(providers, 40 if at == 0 else 8, replace=False).tolist()
            for at in range(NETWORKS)
        }

    def board(self, at: int) -> str:
        return f"N{self.boards[at]:02d}"

    def district(self, at: int) -> str:
        return f"Stadsdel {self.boards[at] % 10}"


def publish(city: City, out: Path) -> None:
    """The published months: features, scores and run.json of each, networks of the last."""
    for month in city.months:
        folder = out / month
        if (folder / "run.json").exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        rng, count = np.random.default_rng(int(month.replace("-", ""))), len(city.orgs)
        columns: dict[str, Any] = {
            "org_number": city.orgs, "month": [month] * count, "name": [f"Bolag {org}" for org in city.orgs],
            "active": [True] * count, "sole_trader": [False] * count,
            "service_code": [SERVICES[at] for at in city.services], "size_class": city.sizes,
            "visit_system": ["Stegvis"] * count, "board_id": [city.board(at) for at in range(count)],
            "district": [city.district(at) for at in range(count)], "billed_ore": city.billed,
        }  # fmt: skip
        for feature in feature_columns():
            columns.setdefault(feature.name, np.round(rng.exponential(0.2, count), 3))
        pq.write_table(pa.table(columns), folder / "features.parquet", compression="zstd")
        scores = {"org_number": city.orgs, "score": np.round(rng.random(count), 4)}
        pq.write_table(pa.table(scores), folder / "scores.parquet", compression="zstd")
        if month == city.months[-1]:
            _networks(city, folder)
        (folder / "run.json").write_text(json.dumps({"run_id": f"{month}-b", "month": month}), encoding="utf-8")


def _networks(city: City, folder: Path) -> None:
    cards, members, links = [], [], []
    for name, providers in city.members.items():
        others, ties = (260, 2000) if name == LARGE else (12, 30)
        people = [f"p{name[-8:]}{at:024d}" for at in range(others)]
        orgs = [city.orgs[at] for at in providers]
        cards.append({
            "network_id": name, "kind": "group", "score": 0.5, "p_value": 0.05, "structure": 20.0, "e_value": 0.01,
            "q_value": 0.01, "permutations": 20, "n_providers": len(orgs), "n_persons": others, "n_types": 2,
            "first_seen_month": str(LAST), "change": "new", "gained": 0, "lost": 0, "parents": [], "reasons": "[]",
            "discounts": "[]", "checks": "[]", "changes": "[]",
        })  # fmt: skip
        members += [{"network_id": name, "node_type": "provider", "node_id": one, "role": "member"} for one in orgs]
        members += [{"network_id": name, "node_type": "person", "node_id": one, "role": "staff"} for one in people]
        pairs = sorted({(int(one), int(two)) for one, two in zip(
            city.rng.integers(0, len(orgs), ties), city.rng.integers(0, others, ties), strict=True)})  # fmt: skip
        links += [{
            "network_id": name, "source_id": orgs[one], "target_id": people[two], "link_type": "staff", "weight": 1.5,
            "p_value": 0.01, "first_seen": dt.date(2025, 1, 1), "last_seen": dt.date(2026, 10, 31),
            "source_table": "visit", "source_rows": ["visit.parquet:2"], "node_type": "person", "n_rows": 3,
            "used_by": 2, "discounted": None,
        } for one, two in pairs]  # fmt: skip
    for table, rows in (("networks", cards), ("network_members", members), ("network_links", links)):
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{table}.parquet", compression="zstd")


def fill(city: City, engine: Engine) -> None:
    """The tables, by COPY, on a migrated database that has the demo's users and nothing else."""
    raw = engine.raw_connection()
    cursor = raw.driver_connection.cursor()  # type: ignore[union-attr]
    for table, columns, rows in _rows(city):
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    raw.commit()
    raw.close()
    with engine.begin() as connection:
        for table in ("review_case", "case_flag", "case_event", "decision", "provider_event"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _rows(city: City) -> Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    yield "board", ("board_id", "name"), ((f"N{at:02d}", f"Nämnd {at}") for at in range(1, 13))
    yield (
        "imported_run",
        ("month", "run_id", "facts", "counts", "imported_at"),
        ((month, f"{month}-b", "{}", "{}", START) for month in city.months),
    )
    yield "provider", (
        "org_number", "name", "month", "board_id", "district", "service_code", "size_class", "sole_trader",
        "billed_ore",
    ), (
        (org, f"Bolag {org}", str(LAST), city.board(at), city.district(at), SERVICES[city.services[at]],
         str(city.sizes[at]), False, int(city.billed[at])) for at, org in enumerate(city.orgs)
    )  # fmt: skip
    yield "provider_board", ("org_number", "board_id"), ((org, city.board(at)) for at, org in enumerate(city.orgs))
    yield (
        "network_provider",
        ("network_id", "month", "org_number"),
        ((name, str(LAST), city.orgs[at]) for name, members in city.members.items() for at in members),
    )
    yield "provider_event", (
        "id", "org_number", "date", "source_table", "source_id", "kind", "board_id", "detail"), (
        (at * 4 + turn + 1, org, dt.date(2024 + turn % 3, 1 + at % 12, 5), "deviation", f"D{at}-{turn}", "missed_visit",
         city.board(at), "{}") for at, org in enumerate(city.orgs) for turn in range(4)
    )  # fmt: skip
    yield from _cases(city)
    yield "audit_entry", (
        "seq", "at", "user_id", "actor", "action", "object_kind", "object_id", "granted", "detail", "previous", "hash",
    ), (
        (seq, START + dt.timedelta(minutes=seq), 1, "demo:anna", "read", "case", str(seq % city.cases + 1), True, "{}",
         f"{seq - 1:064x}", f"{seq:064x}") for seq in range(1, city.entries + 1)
    )  # fmt: skip


def _cases(city: City) -> Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]:
    """A case to about each third provider; those of the last six months are open, the others decided."""
    cases, flags, events, decisions, seconds = [], [], [], [], []
    reasons = [feature.name for feature in feature_columns()][:6]
    told = json.dumps([{"feature": name, "value": 0.4, "peer_median": 0.1, "contribution": 1.0, "peer_count": 99.0,
                        "text_sv": "Avviker.", "text_en": "Deviates."} for name in reasons])  # fmt: skip
    names = list(city.members)
    for number in range(1, city.cases + 1):
        month_at = (number - 1) * len(city.months) // city.cases
        month, open_ = city.months[month_at], month_at >= len(city.months) - 6
        at, network = number * 3 % len(city.orgs), number > city.cases - NETWORKS
        if network:
            at = city.members[names[number % NETWORKS]][0]
        entity = names[number % NETWORKS] if network else city.orgs[at]
        kind = ("confirm", "clear", "clear", "insufficient")[number % 4]
        outcome = {"confirm": "confirmed", "clear": "cleared", "insufficient": "insufficient"}[kind]
        state = ("hit", "initial_review", "in_depth_review")[number % 3] if open_ else "closed"
        opened = START + dt.timedelta(days=30 * month_at)
        arm = "control" if number % 5 == 0 else "risk"
        cases.append((
            number, f"{month[:4]}-{number:05d}", "network" if network else "provider", entity, f"Bolag {entity}", state,
            None if open_ else outcome, arm, month, month, number % 300 + 1, int(city.billed[at]), city.board(at),
            city.district(at), SERVICES[city.services[at]], 1 + number % 3 if state != "hit" else None,
            opened.date() + dt.timedelta(days=30), opened, opened, None if open_ else opened, 1,
        ))  # fmt: skip
        flags.append((number, number, month, f"{month}-b", number % 300 + 1, number % 300 + 1, arm, 0.5, 0.01,
                      int(city.billed[at]), told, False))  # fmt: skip
        events += [(number * 8 + turn, number, opened, 1, "moved", "Text.", "{}") for turn in range(8)]
        if not open_:
            decisions.append((number, number, kind, "decided", "Skäl.", "[]", "[]", arm, 1, 1, opened,
                              opened + dt.timedelta(days=20), "{}"))  # fmt: skip
            if number % 20 == 0:
                seconds.append((number, 2, ("clear", "confirm")[number % 3 == 0], "Skäl.", opened))
    yield "review_case", (
        "id", "number", "entity_type", "entity_id", "name", "state", "outcome", "arm", "first_month", "month",
        "position", "amount_ore", "board_id", "district", "service_code", "assignee_id", "deadline", "opened_at",
        "changed_at", "closed_at", "version",
    ), cases  # fmt: skip
    yield "case_board", ("case_id", "board_id"), ((row[0], row[12]) for row in cases)
    yield "case_flag", (
        "id", "case_id", "month", "run_id", "rank", "position", "arm", "score", "p_value", "amount_ore", "reasons",
        "silenced",
    ), flags  # fmt: skip
    yield "case_event", ("id", "case_id", "at", "user_id", "kind", "text", "detail"), events
    yield "decision", (
        "id", "case_id", "kind", "status", "reasons", "schemes", "enabling_factors", "arm", "case_version",
        "proposed_by_id", "proposed_at", "decided_at", "detail",
    ), decisions  # fmt: skip
    yield "second_review", ("case_id", "user_id", "kind", "reasons", "at"), seconds
