"""A row that comes in two deliveries counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import ingest
from valfardsbrott.stages.workspace import Workspace

HEAD = "visit_id,org_number,recipient_id,staff_id,service_code,started_at,ended_at"
OCTOBER = Month(2026, 10)
Put = Callable[[str, str], None]


def visit(name: str, start: str, minutes: int = 30, org: str = "0021000146") -> str:
    end = dt.datetime.fromisoformat(start) + dt.timedelta(minutes=minutes)
    return f"{name},{org},197506159818,198001019986,home_care,{start},{end}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", key="0f" * 32, tracking=False)


@pytest.fixture
def put(settings: Settings) -> Callable[..., None]:
    def write(month: str, *visits: str) -> None:
        path = settings.deliveries / month / "visit.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEAD, *visits]) + "\n")

    return write


def ids(settings: Settings, month: Month = OCTOBER) -> list[str]:
    found: list[str] = pq.read_table(Workspace(settings).table("visit", month))["visit_id"].to_pylist()
    return found


def counts(manifest: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = manifest.stats["tables"]["visit"]
    return found


def superseded(settings: Settings) -> Path:
    return settings.store_path / "superseded" / "visit" / "2026-10.parquet"


def test_the_same_row_again_is_dropped_and_counted(settings: Settings, put: Callable[..., None]) -> None:
    put("2026-08", visit("A", "2026-08-03 08:00"))
    put("2026-09", visit("B", "2026-09-03 08:00"))
    put("2026-10", visit("A", "2026-08-03 08:00"), visit("B", "2026-09-03 08:00"), visit("C", "2026-10-03 08:00"))
    found = counts(ingest.run(OCTOBER, settings))
    assert (found["rows_in"], found["accepted"], found["already_delivered"], found["quarantined"]) == (3, 1, 2, 0)
    assert ids(settings) == ["C"]
    assert not superseded(settings).exists()


def test_a_correction_stays_and_the_old_row_is_listed(settings: Settings, put: Callable[..., None]) -> None:
    put("2026-09", visit("A", "2026-09-29 08:00"), visit("B", "2026-09-30 08:00"))
    put("2026-10", visit("B", "2026-09-30 08:00", minutes=20))
    found = counts(ingest.run(OCTOBER, settings))
    assert ids(settings) == ["B"]
    assert ids(settings, Month(2026, 9)) == ["A", "B"]  # what was known in September
    assert found["warnings"] == {"visit_id:redelivered_changed": 1}
    assert pq.read_table(superseded(settings)).to_pylist() == [
        {"delivery_month": dt.date(2026, 9, 1), "source_file": "visit.csv", "source_row": 3}
    ]


@pytest.mark.parametrize("other", [visit("A", "2026-09-28 08:00"), visit("A", "2026-09-03 08:00", org="0022000251")])
def test_a_key_used_anew_is_another_visit(settings: Settings, put: Callable[..., None], other: str) -> None:
    put("2026-09", visit("A", "2026-09-03 08:00"))
    put("2026-10", other)
    assert counts(ingest.run(OCTOBER, settings))["warnings"] == {"visit_id:key_reused": 1}
    assert ids(settings) == ["A"]
    assert not superseded(settings).exists()


def test_numbering_that_begins_anew_each_month_is_not_compared(settings: Settings, put: Callable[..., None]) -> None:
    put("2026-09", visit("1", "2026-09-30 08:00"))
    put("2026-10", visit("1", "2026-10-01 08:00"))
    assert counts(ingest.run(OCTOBER, settings))["warnings"] == {}


def test_only_three_deliveries_back(settings: Settings, put: Callable[..., None]) -> None:
    for month in ("2026-06", "2026-07", "2026-08", "2026-09"):
        put(month, visit(f"V{month}", f"{month}-03 08:00"))
    put("2026-10", visit("V2026-06", "2026-06-03 08:00"), visit("V2026-07", "2026-07-03 08:00"))
    ingest.run(OCTOBER, settings)
    assert ids(settings) == ["V2026-06"]


def test_a_delivery_made_again_settles_the_later_ones_anew(settings: Settings, put: Callable[..., None]) -> None:
    put("2026-09", visit("A", "2026-09-03 08:00"), visit("B", "2026-09-04 08:00"))
    put("2026-10", visit("A", "2026-09-03 08:00"), visit("C", "2026-10-03 08:00"))
    ingest.run(OCTOBER, settings)
    assert ids(settings) == ["C"]
    put("2026-09", visit("B", "2026-09-04 08:00"))  # September is delivered again, without A
    assert not ingest.run(OCTOBER, settings).cached
    assert ids(settings) == ["A", "C"]
    assert ingest.run(OCTOBER, settings).cached
