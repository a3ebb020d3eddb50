"""A store whose stages have finished for one month, by hand and small: what publish, report and explain read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.detectors.capacity import Curve
from valfardsbrott.detectors.chance import Chance
from valfardsbrott.domain import Month
from valfardsbrott.features import feature_columns
from valfardsbrott.networks.tables import SCHEMAS
from valfardsbrott.settings import Settings
from valfardsbrott.stages.drift import COLUMNS
from valfardsbrott.stages.workspace import Workspace

OCTOBER = Month(2026, 10)
ALMA, BEDA, CARL = "0029000015", "0029000023", "0029000031"
OWNER = "p" + "0a" * 16

_TYPES = {"string": pa.string(), "float64": pa.float64(), "int64": pa.int64()}

MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def make(**changes: Any) -> Settings:
        defaults: dict[str, Any] = {"deliveries": tmp_path / "deliveries", "out": tmp_path / "runs", "tracking": False}
        return Settings(**(defaults | changes))

    return make


@pytest.fixture
def finished_store(make_settings: MakeSettings) -> Settings:
    """Ten home care providers; ALMA is flagged for overlap, ALMA and BEDA share an account, CARL is the control."""
    settings = make_settings()
    store = Workspace(settings)
    for month, overlap in ((OCTOBER.plus(-1), 0.05), (OCTOBER, 1.38)):
        _put(store.stage("matrix", month, "matrix.parquet"), _matrix(month, overlap))
    _put(store.stage("flag", OCTOBER, "flags.parquet"), _flags())
    _put(store.stage("flag", OCTOBER, "evidence/billed_over_performed.parquet"), _evidence())
    _put(store.stage("flag", OCTOBER, "capacity.parquet"), _capacity())
    _put(store.stage("flag", OCTOBER, "control_reasons.parquet"), _control_reasons())
    _put(store.stage("detect", OCTOBER, "scores.parquet"), _scores())
    _put(store.stage("learning", OCTOBER, "held.parquet"), _held_back())
    store.stage("learning", OCTOBER, "learning.json").write_text(json.dumps(_learned()), encoding="utf-8")
    _put(store.stage("networks", OCTOBER, "networks.parquet"), _networks())
    _put(store.stage("flag", OCTOBER, "networks.parquet"), _networks())
    _put(store.stage("networks", OCTOBER, "members.parquet"), _members())
    _put(store.stage("networks", OCTOBER, "links.parquet"), _links())
    for name, rows in _over_time().items():
        schema = SCHEMAS[name]
        full = [{column: row.get(column) for column in schema.names} for row in rows]
        _put(store.stage("networks", OCTOBER, f"{name}.parquet"), pa.Table.from_pylist(full, schema=schema))
    _put(store.stage("claim_checks", OCTOBER, "claim_checks.parquet"), _claim_checks())
    _put(store.stage("entities", OCTOBER, "joined.parquet"), _joined())
    _put(
        store.stage("drift", OCTOBER, "drift.parquet"),
        pa.table({name: pa.array([], _TYPES[kind]) for name, kind in COLUMNS.items()}),
    )
    _put(store.stage("quarantine", OCTOBER, "quarantine.parquet"), _quarantine())
    for stage, stats in _stats().items():
        store.run_once(stage, OCTOBER, f"{stage}-fingerprint", lambda stats=stats: ([], stats))  # type: ignore[misc]
    return settings


def _put(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def _joined() -> pa.Table:
    """ALMA stands in the ledger under a mistyped number too."""
    said = {"text_sv": "0029000016 bedöms vara Alma", "text_en": "0029000016 is judged to be Alma", "compared": "[]"}
    judged = {"kind": "organisation", "raw": "0029000016", "canonical_id": ALMA}
    return pa.Table.from_pylist([judged | {"match_weight": 12.5, "match_probability": 0.9998} | said])


def _matrix(month: Month, overlap: float) -> pa.Table:
    orgs = [ALMA, BEDA, CARL, *(f"00290001{n:02d}" for n in range(7))]
    spine: dict[str, Any] = {
        "org_number": orgs,
        "month": [month.first] * 10,
        "name": ["Alma Omsorg AB", "Beda Hemtjänst AB", "Carl Care AB", *(f"Granne {n} AB" for n in range(7))],
        "active": [True] * 10,
        "sole_trader": [False] * 10,
        "service_code": ["home_care"] * 10,
        "size_class": ["s"] * 10,
        "visit_system": ["phoniro"] * 10,
        "billed_ore": [41_230_050 + 1000 * n for n in range(10)],
        "performed_minutes": [60_000 + n for n in range(10)],
    }
    features: dict[str, Any] = {f.name: pa.array([None] * 10, pa.float64()) for f in feature_columns()}
    features["billed_over_performed"] = [overlap, *(n / 100 for n in range(9))]
    return pa.table(spine | features)


def _capacity() -> pa.Table:
    curve = Curve.of(Chance.of(np.array([1e-5, 0.02, 0.6])), np.full(3, 1000.0))
    return pa.Table.from_pandas(curve.table(), preserve_index=False)


def _flags() -> pa.Table:
    reason = {
        "feature": "billed_over_performed",
        "value": 1.38,
        "peer_median": 0.04,
        "contribution": 6.5,
        "peer_count": 10,
        "text_sv": "Fakturerad tid utöver utförd: 1,38. Medianen hos 10 jämförbara utförare är 0,04.",
        "text_en": "Billed time beyond performed: 1.38. The median of 10 comparable providers is 0.04.",
    }
    shared = {
        "feature": "network_account",
        "value": None,
        "peer_median": None,
        "contribution": 9.0,
        "text_sv": "Två leverantörer har samma betalkonto.",
        "text_en": "Two providers share a payment account.",
    }
    return pa.table(
        {
            "rank": pa.array([1, 2, 1], pa.int64()),
            "entity_type": ["provider", "network", "provider"],
            "entity_id": [ALMA, "N-7f3a", CARL],
            "score": [0.97, 0.91, 0.12],
            "p_value": [0.00004, 0.01, 0.6],
            "arm": ["risk", "risk", "control"],
            "amount_at_risk_sek": [41_230.5, 9_000.0, 0.0],
            "reasons": [json.dumps([reason], ensure_ascii=False), json.dumps([shared], ensure_ascii=False), "[]"],
        }
    )


def _control_reasons() -> pa.Table:
    return pa.table({"entity_id": [CARL], "amount_at_risk_sek": [1_200.0], "reasons": ["[]"]})


def _evidence() -> pa.Table:
    return pa.table(
        {
            "org_number": [ALMA, ALMA],
            "staff_id": [OWNER, OWNER],
            "started_at": [dt.datetime(2026, 10, 2, 8), dt.datetime(2026, 10, 2, 9)],
            "billed_minutes": [25, 31],
            "source_table": ["visit", "visit"],
            "source_row_id": ["visit.csv:17", "visit.csv:32"],
        }
    )


def _scores() -> pa.Table:
    orgs = [ALMA, BEDA, CARL]
    return pa.table({"org_number": orgs, "score": [0.97, 0.5, 0.12], "rank": [1, 2, 3], "p_value": [0.00004, 0.3, 0.6]})


def _held_back() -> pa.Table:
    """BEDA was cleared in September for a reason that lasts."""
    text = {"text_sv": "Hålls tillbaka till 2027-09-14: avskrevs 2026-09-14.", "text_en": "Held back until 2027-09-14."}
    days = {"decided_on": dt.date(2026, 9, 14), "until": dt.date(2027, 9, 14)}
    of = {"org_number": BEDA, "outcome": "cleared", "case_number": "2026-0007", "listed_in": "2026-08", "reasons": "[]"}
    return pa.Table.from_pylist([days | of | text])


def _learned() -> dict[str, Any]:
    arm = {"chosen": 3, "confirmed": 0, "cleared": 1, "insufficient": 0, "open": 2}
    share = {"value": 0.25, "low": 0.1, "high": 0.5}
    return {
        "decisions": {"confirmed": 0, "cleared": 1, "insufficient": 0},
        "estimates": {"listed": arm, "control": arm}
        | dict.fromkeys(("precision", "missed", "prevalence", "recall"), share),
        "gate": {"leads": False, "why_sv": "För få prövade fall.", "why_en": "Too few decided cases."},
        "held_back": {"all": 1, "near_the_top": 1, "back": 0},
        "list": {"alarms": []},
    }


def _over_time() -> dict[str, list[dict[str, Any]]]:
    """ALMA and BEDA were seen together in August; BEDA's case was decided in October; CARL's people went to BEDA."""
    seen = {"network_id": "N-7f3a", "members": [ALMA, BEDA], "n_providers": 2, "lost": [], "parents": []}
    return {
        "timeline": [
            seen | {"month": "2026-08", "event": "new", "gained": [ALMA, BEDA]},
            seen | {"month": "2026-10", "event": "unchanged", "gained": []},
        ],
        "lead_times": [
            {"network_id": "N-7f3a", "org_number": BEDA, "outcome": "confirmed", "decided_on": dt.date(2026, 10, 15),
             "first_month": "2026-08", "lead_days": 45},
        ],
        "migrations": [
            {"from_org_number": CARL, "to_org_number": BEDA, "first_month": dt.date(2026, 9, 1),
             "last_month": dt.date(2026, 9, 1), "nats": 12.0, "outcome": "successor",
             "text_sv": "Till det andra bolaget gick 5 av 6.", "text_en": "To the other went 5 of 6 workers."},
        ],
    }  # fmt: skip


def _networks() -> pa.Table:
    return pa.table(
        {
            "network_id": ["N-7f3a"], "score": [0.91], "p_value": [0.01], "n_providers": [2], "n_persons": [1],
            "first_seen_month": ["2026-10"], "change": ["new"], "parents": [[]],
            "discounts": [json.dumps([{"text_sv": "Räknas inte: samma revisor.", "text_en": "Not counted: auditor."}])],
            "checks": [json.dumps([{"text_sv": "Samma koncern? Nej.", "text_en": "One group? No."}])],
        }
    )  # fmt: skip


def _members() -> pa.Table:
    return pa.table(
        {
            "network_id": ["N-7f3a"] * 4, "node_type": ["provider", "provider", "person", "account"],
            "node_id": [ALMA, BEDA, OWNER, "bankgiro 9912346"],
            "role": ["member", "member", "shared_owner", "shared_account"],
        }
    )  # fmt: skip


def _links() -> pa.Table:
    ends = [(ALMA, "bankgiro 9912346", "account"), (BEDA, "bankgiro 9912346", "account")]
    ends += [(ALMA, OWNER, "owner"), (BEDA, OWNER, "owner")]
    return pa.table(
        {
            "network_id": ["N-7f3a"] * 4, "source_id": [source for source, _, _ in ends],
            "target_id": [target for _, target, _ in ends], "link_type": [kind for _, _, kind in ends],
            "weight": [9.0, 9.0, 4.0, 4.0], "p_value": [0.0001, 0.0001, 0.02, 0.02],
            "first_seen": [OCTOBER.first] * 4, "last_seen": [OCTOBER.first] * 4,
            "source_table": ["payment_account"] * 2 + ["provider_role"] * 2,
            "source_rows": [["payment_account.csv:3"], ["payment_account.csv:4"], ["provider_role.csv:7"], []],
            "node_type": ["account", "account", "person", "person"], "n_rows": [1, 1, 1, 1], "used_by": [2, 2, 2, 2],
            "discounted": pa.array([None] * 4, pa.string()),
        }
    )  # fmt: skip


def _quarantine() -> pa.Table:
    return pa.table(
        {
            "table": ["visit"], "file": ["visit.csv"], "line": [9], "column": ["started_at"], "rule": ["type"],
            "value": ["=cmd|' /C calc'!A0"],
        }
    )  # fmt: skip


def _claim_checks() -> pa.Table:
    asked: dict[str, Any] = {
        "severity": "hold",
        "clears_sv": "Beslutet.",
        "clears_en": "The decision.",
        "law": "KL 10:8",
    }
    asked |= {
        "law": "KL 10:8",
        "period": OCTOBER.first,
        "source_table": "claim_line",
        "source_row_id": "claim_line.csv:5",
    }
    line = {"line_id": "R-1", "invoice_id": "F-1", "org_number": ALMA, "board_id": "N01"}
    return pa.Table.from_pylist(
        [
            {**line, "rule": "no_decision", "certainty": "contradiction", "amount_sek": 800.0,
             "text_sv": "Raden har inget beslut.", "text_en": "The line has no decision."} | asked,
            {**line, "rule": "no_visit", "certainty": "doubt", "amount_sek": 1000.0,
             "text_sv": "Raden har inget besök.", "text_en": "The line has no visit."} | asked,
        ]
    )  # fmt: skip


def _stats() -> dict[str, dict[str, Any]]:
    visit = {
        "files": ["visit.csv"],
        "rows_in": 1200,
        "accepted": 1199,
        "quarantined": 1,
        "warnings": {"staff_id:luhn": 4},
    }
    return {
        "ingest": {"tables": {"visit": visit}, "input_sha256": {"visit.csv": "ab" * 32}, "findings": []},
        "entities": {"kinds": {"organisation": {"joined": 1}, "address": {"joined": 0}}},
        "features": {
            "fingerprint": "cd" * 32,
            "features": [f.name for f in feature_columns()],
            "unavailable": {"benford_distance": {"needs": ["claim_line"], "sv": "Inga rader.", "en": "No lines."}},
        },
        "claim_checks": {"unavailable": {"no_permit": {"needs": ["permit"], "sv": "Tillstånd", "en": "Permit"}}},
        "networks": {"not_delivered": ["staff"]},
        "learning": _learned(),
        "detect": {"model": {"name": "provider_champion", "version": "1", "fingerprint": "ef" * 32}},
        "flag": {},
        "drift": {"months": 12, "enough": True, "judged": 40, "texts": []},
    }
