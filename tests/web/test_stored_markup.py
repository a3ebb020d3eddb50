"""Whatever is stored is text: every free-text field of the case database holds markup and a formula, every page and
file is fetched, and nothing of it is markup in a page or a formula in a file."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from valfardsbrott.review import audit, database, files
from valfardsbrott.review.models import Base, utc_now
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web import policy

MARK = "=cmd()<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
BROKEN_OUT = ("<script>alert(1)", "<img src=x")
ORG, NETWORK, MONTH = "0029000015", "n-2026-10-00000001", "2026-10"
SHA = hashlib.sha256(MARK.encode()).hexdigest()
Row = dict[str, Any]

#: A row for each table that the small published month does not bring, where the database checks more than types.
ROWS: dict[str, Row] = {
    "innocence_check": {"feature": "duplicate_claims", "finding": "in_part"},
    "decision": {"kind": "confirm", "status": "reversed", "schemes": [], "enabling_factors": []},
    "approval": {"decision_id": 1, "proposed_by_id": 2},
    "second_review": {"kind": "confirm"},
    "task": {"done_by_id": None, "done_at": None},
    "comment": {},
    "stored_file": {"sha256": SHA, "media_type": "text/plain"},
    "case_file": {"sha256": SHA, "removed_at": None, "removed_by_id": None, "removal_reasons": None},
    "hearing": {"kind": "told", "answers_id": None},
    "correction": {"status": "corrected", "source_table": "claim_line", "source_row_id": "claim_line.csv:7"},
    "disclosure": {
        "kind": "referral", "status": "answered", "recipient": "police", "approved_by_id": 2, "categories": [],
        "answer_outcome": "opened", "purpose": "crime",
    },
    "reidentification": {"status": "approved", "decided_by_id": 2, "pseudonym": "p" + "0" * 32},
    "saved_filter": {},
    "graph_note": {"network_id": NETWORK, "target": "node", "target_id": f"provider:{ORG}", "removed_at": None},
    "log_review": {"month": MONTH, "signed_at": None, "signed_by_id": None, "first_seq": 1, "last_seq": 1},
    "log_review_item": {"month": MONTH, "pattern": "sample", "seqs": [1], "finding": "in_order"},
    "case_event": {"kind": "commented", "from_state": None, "to_state": None},
}  # fmt: skip
#: Rows that the month brings: their texts are overwritten.
BROUGHT = {"app_user", "board", "provider", "review_case"}
#: Free text that no user and no delivery writes, or whose pages have tests of their own.
ELSEWHERE = {"evidence_pack", "case_purpose", "graph_layout", "situation_edition", "plan_entry", "plan_version"}
#: Every route that gives a file, with what its path names (several: each in turn).
FILES: dict[str, list[dict[str, str]]] = {
    "lead_csv": [{"table": each} for each in ("people", "boards", "districts", "precision", "agreement")],
    "case_file": [{"file_id": "1"}],
    "provider_rows_csv": [{"feature": "duplicate_claims"}],
    "network_file": [{"form": each} for each in ("csv", "graphml", "cytoscape", "ftm", "gexf", "i2")],
    "log_export": [{"form": each} for each in ("csv", "json")],
    "disclosure_pack_file": [{"disclosure_id": "1", "pack_id": "1"}],
    "situation_file": [],
}


def free(column: sa.Column[Any]) -> bool:
    """Whether users or deliveries write the column's text as they like."""
    wide = isinstance(column.type, sa.String) and (column.type.length or 0) in {80}
    return isinstance(column.type, sa.Text) or wide


def filled(table: sa.Table) -> Row:
    """A row of case 2 with every free text marked; what is left is of the right type."""
    row: Row = {}
    for column in table.columns:
        target = next(iter(column.foreign_keys)).column.table.name if column.foreign_keys else ""
        if column.name in ROWS[table.name]:
            row[column.name] = ROWS[table.name][column.name]
        elif target:
            row[column.name] = {"review_case": 2}.get(target, 1)
        elif free(column):
            row[column.name] = MARK
        elif column.name != "id":
            row[column.name] = _value(column.type)
    return row


def _value(kind: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(kind, sa.JSON):
        return {"note": MARK}
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.Integer):
        return 1
    if isinstance(kind, sa.Date):
        return dt.date(2026, 10, 31)
    return "x" if isinstance(kind, sa.String) else utc_now() + dt.timedelta(hours=1)


@pytest.fixture
def marked(app: FastAPI, settings: ReviewSettings) -> FastAPI:
    """The application with the mark in every free text that there is."""
    with database.work(app.state.make) as db:
        for table in Base.metadata.sorted_tables:
            if table.name in ROWS:
                db.execute(table.insert().values(**filled(table)))
            elif table.name in BROUGHT:
                texts = {
                    column.name: MARK for column in table.columns if free(column) and column.name != "lasting_reason"
                }
                db.execute(table.update().values(**texts))
        flags = Base.metadata.tables["case_flag"]
        reason = {"feature": "duplicate_claims", "text_sv": MARK, "text_en": MARK, "value": 1.0, "contribution": 1.0}
        db.execute(flags.update().values(reasons=[reason]))
        audit.note(db, audit.Access(MARK, "read", "case", "2", detail={"note": MARK}))
    rows = [{"org_number": ORG, "board_id": "N01", "note": MARK, "source_table": MARK, "source_row_id": "v.csv:1"}]
    _write(settings.out / MONTH / "evidence" / "duplicate_claims.parquet", rows)
    with database.work(app.state.make) as db:
        files.keep(db, settings.files_folder, MARK.encode(), "text/plain")
    return app


def _write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_every_table_with_free_text_is_looked_at() -> None:
    texts = {table.name for table in Base.metadata.sorted_tables if any(free(column) for column in table.columns)}
    assert texts - set(ROWS) - BROUGHT - ELSEWHERE == set()


def test_every_export_is_looked_at() -> None:
    assert {name for name, rule in policy.POLICY.items() if rule.action == "export"} == set(FILES)


@pytest.mark.parametrize("subject", ["demo:lena", "demo:rut", "demo:dag"])
def test_nothing_stored_is_markup_on_any_page(marked: FastAPI, visitor: Callable[[str], Any], subject: str) -> None:
    someone = visitor(subject)
    if subject == "demo:lena":
        someone.get("/cases/2/open")
        someone.post("/cases/2/open", purpose="review", note=MARK)
    escaped = set()
    for route in policy.api_routes(marked):
        if "GET" not in (route.methods or ()):
            continue
        named = dict.fromkeys(route.param_convertors, "1") | {
            "case_id": "2", "org_number": ORG, "network_id": NETWORK, "feature": "duplicate_claims", "month": MONTH,
        }  # fmt: skip
        answer = someone.get(str(route.path_format).format_map(named))
        assert answer.status_code < 500, route.name
        if "html" in answer.headers["content-type"]:
            assert not any(mark in answer.text for mark in BROKEN_OUT), route.name
            if "&lt;script&gt;alert(1)" in answer.text:
                escaped.add(route.name)
    seen = {
        "demo:lena": {"case", "case_work", "case_disclosures", "case_persons", "provider", "provider_rows", "inbox"},
        "demo:rut": {"log", "log_review"},
        "demo:dag": set(),
    }
    assert seen[subject] <= escaped


def test_nothing_stored_is_a_formula_in_any_file(marked: FastAPI, visitor: Callable[[str], Any]) -> None:
    lena, rut, tables = visitor("demo:lena"), visitor("demo:rut"), 0
    lena.open(2)
    routes = {str(route.name): str(route.path_format) for route in policy.api_routes(marked)}
    for name, choices in FILES.items():
        someone = rut if name.startswith("log") else lena
        for named in choices:
            path = routes[name].format_map({"case_id": "2", "org_number": ORG, "network_id": NETWORK, **named})
            answer = someone.get(path)
            if answer.status_code == 200:
                assert "attachment" in answer.headers["content-disposition"], name
            if "csv" in answer.headers["content-type"]:
                tables += 1
                cells = [cell for row in csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))) for cell in row]
                assert not [cell for cell in cells if cell[:1] in {"=", "@", "\t", "\r"}], name
                assert not [cell for cell in cells if cell[:1] in {"+", "-"} and not _is_number(cell)], name
    assert tables >= 4


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
