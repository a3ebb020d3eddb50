"""Planted changes in a store's last month: each is told with table, column and source; an honest month is quiet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from valfardsbrott.domain import Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import drift, drift_page
from valfardsbrott.stages.drift_profile import pattern, profile
from valfardsbrott.stages.workspace import Workspace

LAST = Month(2026, 10)
BOARDS = ("N01", "N02", "N03")
Change = Callable[[pd.DataFrame], pd.DataFrame]


def visits(month: Month, rng: np.random.Generator) -> pd.DataFrame:
    count = 900 + int(rng.integers(-20, 20))
    started = pd.Timestamp(month.first) + pd.to_timedelta(rng.integers(0, month.days * 24 * 60, count), unit="min")
    return pd.DataFrame({
        "started_at": started,
        "source_system": rng.choice(["nimbus", "stella"], count),
        "device_id": pd.Series("d1", index=range(count)).where(rng.random(count) >= 0.05),
        "start_receipt": rng.choice(["nfc", "gps", "manual"], count, p=[0.8, 0.15, 0.05]),
        "source_file": f"visit_{month}.csv",
    })  # fmt: skip


def invoices(month: Month, rng: np.random.Generator) -> pd.DataFrame:
    boards = np.repeat(BOARDS, np.array([200, 150, 120]) + rng.integers(-8, 8, 3))
    return pd.DataFrame({
        "issue_date": pd.Timestamp(month.last),
        "board_id": boards,
        "total_ore": rng.lognormal(13, 0.3, len(boards)).astype("int64"),
        "source_file": [f"ledger_{board}.csv" for board in boards],
    }).astype({"issue_date": "datetime64[s]"})  # fmt: skip


def matrix(month: Month, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame({
        "org_number": [f"00{at:08d}" for at in range(60)], "month": pd.Timestamp(month.first), "active": True,
        "sole_trader": False, "board_id": "N01", "service_code": "home_care", "size_class": "m",
        "manual_receipt_share": rng.beta(2, 20, 60),
    })  # fmt: skip


TABLES: dict[str, Callable[[Month, np.random.Generator], pd.DataFrame]] = {"visit": visits, "invoice": invoices}


def write(root: Path, months: int, changes: dict[str, Change] | None = None) -> Settings:
    """A store of honest months; of the last one the tables are changed as ``changes`` says."""
    settings = Settings(deliveries=root / "deliveries", out=root / "runs")
    store = Workspace(settings)
    rng = np.random.default_rng(7)
    for month in sorted(LAST.back(months)):
        read: dict[str, Any] = {}
        for name, make in TABLES.items():
            rows = make(month, rng)
            if month == LAST and changes and name in changes:
                rows = changes[name](rows)
            path = store.table(name, month)
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.to_parquet(path, index=False)
            files = sorted(set(rows["source_file"]))
            read[name] = {"files": files, "rows_in": len(rows), "quarantined": 0, "doubted": 3}
        store.record(Manifest("ingest", str(month), f"read {month}", [], {"tables": read}))
        path = store.stage("matrix", month, "matrix.parquet")
        path.parent.mkdir(parents=True)
        matrix(month, rng).to_parquet(path, index=False)
    return settings


def without_board(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["board_id"] != "N02"]


def in_ore(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(total_ore=rows["total_ore"] * 100)


def one_board_in_ore(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(total_ore=rows["total_ore"].where(rows["board_id"] != "N03", rows["total_ore"] * 100))


def late(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows, visits(LAST.plus(-1), np.random.default_rng(8))], ignore_index=True)


def cut(rows: pd.DataFrame) -> pd.DataFrame:
    early: NDArray[np.bool_] = (rows["started_at"].dt.day <= 21).to_numpy()
    return rows[early]


def no_device(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(device_id=rows["device_id"].where(rows["source_system"] != "stella"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"invoice": in_ore}, ["column total_ore", "a hundred times", "kronor and ore"]),
        ({"invoice": one_board_in_ore}, ["column total_ore", "N03", "a hundred times"]),
        ({"invoice": without_board}, ["invoice", "N02", "(0, usually", "a file missing"]),
        ({"visit": late}, ["visit", "of earlier months", "late delivery"]),
        ({"visit": cut}, ["visit", "no rows from the last 10 days"]),
        ({"visit": no_device}, ["column device_id", "the system stella", "no longer give"]),
    ],
    ids=["in_ore", "one_board_in_ore", "without_board", "late", "cut", "no_device"],
)
def test_a_planted_change_is_told_with_its_source(tmp_path: Path, changes: dict[str, Change], told: list[str]) -> None:
    found = drift.run(LAST, write(tmp_path, 10, changes)).stats
    english = [text["en"] for text in found["texts"]]
    assert any(all(word in text for word in told) for text in english), english
    assert all(f"Delivery {LAST}" in text for text in english if "visit" in text or "invoice" in text)
    assert all(text["sv"] != text["en"] for text in found["texts"])


def test_an_honest_month_is_quiet(tmp_path: Path) -> None:
    found = drift.run(LAST, write(tmp_path, 14)).stats
    assert found["texts"] == []
    assert found["enough"]
    assert found["judged"] > 20


def test_the_first_months_have_not_enough_history(tmp_path: Path) -> None:
    settings = write(tmp_path, 4, {"invoice": in_ore})
    found = drift.run(LAST, settings).stats
    assert (found["enough"], found["months"], found["judged"], found["texts"]) == (False, 3, 0, [])
    rows = pd.read_parquet(Workspace(settings).stage("drift", LAST, "drift.parquet"))
    assert set(rows["status"]) <= {"not_enough_history", "not_available"}
    assert rows[["usual", "low", "high", "p_value"]].isna().all().all()


def test_a_table_that_does_not_come_is_no_rows(tmp_path: Path) -> None:
    settings = write(tmp_path, 10)
    Workspace(settings).table("invoice", LAST).unlink()
    english = " ".join(text["en"] for text in drift.run(LAST, settings).stats["texts"])
    assert "invoice" in english
    assert "0 rows" in english


def test_the_same_store_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, 8, {"visit": cut}) for name in ("one", "two"))
    told = [drift.run(LAST, each).stats for each in (first, second)]
    files = [Workspace(each).stage("drift", LAST, "drift.parquet").read_bytes() for each in (first, second)]
    assert told[0] == told[1]
    assert files[0] == files[1]


def test_a_month_costs_that_month(tmp_path: Path) -> None:
    settings = write(tmp_path, 8)
    drift.run(LAST, settings)
    assert drift.run(LAST, settings).cached
    stamps = [path.stat().st_mtime_ns for path in _profiles(settings)]
    drift.run(LAST.plus(-1), settings)
    assert [path.stat().st_mtime_ns for path in _profiles(settings)] == stamps


def _profiles(settings: Settings) -> Iterator[Path]:
    return iter(sorted(settings.store_path.glob("profile/*/profile.json")))


def test_what_is_kept_of_a_month_names_nobody(tmp_path: Path) -> None:
    settings = write(tmp_path, 1)
    figures = profile(LAST, Workspace(settings))
    kept = json.dumps([vars(each) for each in figures])
    assert "00000000" not in kept
    assert {each.group for each in figures if each.dimension == "board_id"} == set(BOARDS)


def test_a_month_that_was_disposed_of_keeps_its_figures(tmp_path: Path) -> None:
    settings = write(tmp_path, 2)
    store = Workspace(settings)
    before = profile(LAST, store)
    for name in TABLES:
        store.table(name, LAST).unlink()
    assert profile(LAST, store) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("visit_2026-10.csv", "visit_2026-09.parquet"),
        ("peppol/1.xml", "peppol/2.xml"),
        ("a/20261001.csv.gz", "a/20260901.csv"),
    ],
)
def test_a_file_is_the_same_in_every_month(one: str, other: str) -> None:
    assert pattern(one) == pattern(other)


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_page_tells_the_alarms_and_the_method_in_either_language(tmp_path: Path, code: str) -> None:
    settings = write(tmp_path, 10, {"invoice": without_board}).model_copy(update={"language": code})
    manifest = drift.run(LAST, settings)
    facts = {"month": str(LAST), "purpose": {code: "KL", "code": "KL"}, "run_id": "r"}
    page = drift_page.render(Workspace(settings).stage("drift", LAST), facts, Workspace(settings))
    assert f'<html lang="{code}">' in page
    assert all(text[code] in page for text in manifest.stats["texts"])
    assert not re.search(r"\b(None|nan)\b", page)


def test_deliveries_are_judged_where_no_features_were_computed(tmp_path: Path) -> None:
    settings = write(tmp_path, 8, {"visit": cut})
    for matrix in settings.store_path.glob("matrix/*/matrix.parquet"):
        matrix.unlink()
    found = drift.run(LAST, settings).stats
    assert any("visit" in text["en"] for text in found["texts"])
    assert (found["alarms"]["feature"], found["alarms"]["list"]) == (0, 0)
