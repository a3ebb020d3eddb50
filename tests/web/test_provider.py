"""The provider page: the same for both arms, rows of the visitor's boards only, every reading logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from valfardsbrott.review import database
from valfardsbrott.review.models import AuditEntry, Case, Outcome, ProviderEvent, State
from valfardsbrott.review.settings import ReviewSettings

Visitor = Any
GRANSBO, TALLVIK = "0029000015", "0029000023"
ROWS = f"/providers/{GRANSBO}/rows/duplicate_claims"


@pytest.fixture
def evidence(settings: ReviewSettings, app: FastAPI) -> Path:
    """Sixty claims of Gransbo, one of another board, one that a spreadsheet would run."""
    folder = settings.out / "2026-10" / "evidence"
    folder.mkdir()
    rows = [
        {
            "line_id": f"R{at:02d}", "org_number": GRANSBO, "board_id": "N02" if at == 59 else "N01",
            "amount_ore": 100 * at, "note": "=HYPERLINK(1)" if at == 7 else None, "source_table": "claim_line",
            "source_row_id": f"claim_line.csv:{at}",
        }
        for at in range(60)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), folder / "duplicate_claims.parquet")
    return folder


def test_who_it_is_and_what_cases_there_are(anna: Visitor) -> None:
    page = anna.get(f"/providers/{GRANSBO}").text
    assert "Gransbo Hemtjänst" in page
    assert "/cases/2" in page
    assert "n-2026-10-00000001" in page


def test_no_score_is_shown_while_a_case_waits_for_a_decision(
    app: FastAPI, anna: Visitor, settings: ReviewSettings
) -> None:
    scores = [{"org_number": org, "score": 0.4321} for org in (GRANSBO, TALLVIK)]
    pq.write_table(pa.Table.from_pylist(scores), settings.out / "2026-10" / "scores.parquet")
    for org in (GRANSBO, TALLVIK):
        assert "0,43" not in anna.get(f"/providers/{org}").text
    with database.work(app.state.make) as db:
        case = db.get(Case, 4)
        assert case is not None
        case.state, case.outcome, case.closed_at = State.CLOSED, Outcome.CLEARED, dt.datetime.now(dt.UTC)
    assert "0,43" in anna.get(f"/providers/{TALLVIK}").text
    assert "0,43" not in anna.get(f"/providers/{GRANSBO}").text


def test_rows_are_paged_sorted_and_searched(anna: Visitor, evidence: Path) -> None:
    first = anna.get(ROWS).text
    assert "60 av 60 rader" in first
    assert "R49" in first
    assert "R50" not in first
    assert "R50" in anna.get(ROWS, page=2).text
    largest = anna.get(ROWS, sort="-amount_ore").text
    assert largest.index("R59") < largest.index("R58")
    assert "R09" not in largest
    assert "1 av 60 rader" in anna.get(ROWS, find="claim_line.csv:33").text
    assert anna.get(ROWS, page="x").status_code == 422
    assert anna.get(f"/providers/{GRANSBO}/rows/..%2Fflags").status_code == 404


def test_rows_of_other_boards_are_counted_and_not_shown(visitor: Callable[[str], Visitor], evidence: Path) -> None:
    page = visitor("demo:norr").get(ROWS, sort="-line_id").text
    assert "R59" not in page
    assert "1 rader hör till andra nämnder" in page
    assert visitor("demo:soder").get(ROWS).status_code == 404


def test_the_export_runs_nothing_and_holds_what_the_page_may_show(
    visitor: Callable[[str], Visitor], evidence: Path
) -> None:
    answer = visitor("demo:norr").get(f"{ROWS}/csv", sort="-line_id")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("R58,")
    assert len(lines) == 60
    assert "'=HYPERLINK(1)" in answer.text
    assert "attachment" in answer.headers["content-disposition"]


def test_whose_rows_were_read_is_in_the_log(app: FastAPI, anna: Visitor, evidence: Path) -> None:
    anna.get(ROWS)
    with app.state.make() as db:
        (read,) = db.scalars(select(AuditEntry).where(AuditEntry.action == "read_rows"))
    assert (read.object_id, read.detail["feature"], read.detail["rows"]) == (GRANSBO, "duplicate_claims", 60)


def test_follow_up_and_deviations_are_on_one_line(app: FastAPI, visitor: Callable[[str], Visitor]) -> None:
    with database.work(app.state.make) as db:
        for at, (table, board) in enumerate((("contract_follow_up", "N01"), ("deviation", "N02")), 1):
            db.add(
                ProviderEvent(
                    org_number=GRANSBO,
                    date=dt.date(2026, at, 3),
                    source_table=table,
                    source_id=str(at),
                    kind="complaint" if table == "deviation" else "desk",
                    severity=1,
                    board_id=board,
                    detail={},
                )
            )
    both = visitor("demo:anna").get(f"/providers/{GRANSBO}").text
    assert "klagomål" in both
    assert "skrivbordsgranskning" in both
    assert 'class="event"' in both
    own = visitor("demo:norr").get(f"/providers/{GRANSBO}").text
    assert "klagomål" not in own
    assert "1 händelser hör till andra nämnder" in own
