"""Disposal: what is past its retention goes with all that was made of it; a record stays and the month is closed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features, ingest
from valfardsbrott.stages.disposal import dispose, disposed
from valfardsbrott.stages.pipeline import ingest_month, run_month
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]
#: Visits are kept 25 months, invoices and claims 60.
RUN = Month.parse("2026-10")
LAST_KEPT, PAST = RUN.plus(-24), RUN.plus(-25)


def visits(month: Month) -> list[dict[str, Any]]:
    at = f"{month}-05 10:"
    return [{
        "visit_id": f"v{month}", "org_number": "acme", "recipient_id": "pberit", "staff_id": "panna",
        "service_code": "HT", "started_at": f"{at}00", "ended_at": f"{at}30", "started_at_utc": f"{at}00",
        "ended_at_utc": f"{at}30",
    }]  # fmt: skip


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("computed") / "store"


@pytest.fixture
def settings(computed: Path, tmp_path: Path, put_table: PutTable) -> Settings:
    """Visits and contracts of two old months and of the run's, read and computed (once, and copied for each test)."""
    if not computed.exists():
        workspace = Workspace(Settings(store=computed, threads=1))
        for month in (PAST, LAST_KEPT, RUN):
            put_table(computed, "visit", str(month), visits(month))
            put_table(computed, "contract", str(month), [{"contract_id": "c", "org_number": "acme"}])
            workspace.run_once("ingest", month, f"read {month}", lambda: ([], {}))
        features.run(RUN, workspace.settings)
    shutil.copytree(computed, tmp_path / "store")
    return Settings(store=tmp_path / "store", out=tmp_path / "runs", deliveries=tmp_path / "deliveries", threads=1)


def files(settings: Settings, pattern: str) -> set[str]:
    return {path.relative_to(settings.store_path).as_posix() for path in settings.store_path.glob(pattern)}


def record(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((settings.store_path / "disposal" / f"{RUN}.json").read_text(encoding="utf-8"))
    return found


def test_the_delivery_past_its_retention_goes_and_the_last_within_it_stays(settings: Settings) -> None:
    found = dispose(RUN, settings)
    assert [(gone.table, gone.month, gone.rows) for gone in found.tables] == [("visit", str(PAST), 1)]
    assert files(settings, "tables/visit/*") == {f"tables/visit/{month}.parquet" for month in (LAST_KEPT, RUN)}
    assert f"tables/contract/{PAST}.parquet" in files(settings, "tables/contract/*")


def test_what_was_made_of_it_goes_and_what_was_made_of_the_rest_stays(settings: Settings) -> None:
    store = settings.store_path
    for place in ("flag", "networks"):
        (store / place / str(PAST) / "evidence").mkdir(parents=True)
        (store / place / str(PAST) / "evidence" / "x.parquet").write_bytes(b"rows")
    dispose(RUN, settings)
    assert files(settings, f"views/visit_fact/{PAST}*") == files(settings, f"views/staff_overlap/{PAST}*") == set()
    assert files(settings, f"matrix/{PAST}/*") == files(settings, f"flag/{PAST}/**/*") == set()
    assert not (store / "networks" / str(PAST)).exists()
    assert len(files(settings, f"views/over_contract_value/{PAST}*")) == 1
    assert len(files(settings, f"views/visit_fact/{LAST_KEPT}*")) == 1


def test_refused_rows_of_the_table_go_and_those_of_others_stay(settings: Settings) -> None:
    path = Workspace(settings).stage("quarantine", PAST, "quarantine.parquet")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"table": ["visit", "contract"], "value": ["a", "b"]}), path)
    dispose(RUN, settings)
    assert pq.read_table(path).to_pylist() == [{"table": "contract", "value": "b"}]


def test_the_record_says_what_went_by_which_rule_when_and_who(settings: Settings) -> None:
    sha = dispose(RUN, settings).tables[0].sha256
    (one,) = record(settings)["tables"]
    assert one.pop("who")
    assert one == {
        "table": "visit",
        "month": str(PAST),
        "rows": 1,
        "sha256": sha,
        "rule": "features/sources.yaml: visit.retention_months: 25",
    }
    assert record(settings)["month"] == str(RUN)
    assert f"views/visit_fact/{PAST}.parquet" in record(settings)["derived"]


def test_a_dry_run_says_the_same_and_deletes_nothing(settings: Settings) -> None:
    before = files(settings, "[!.]*/**/*")
    found = dispose(RUN, settings, dry_run=True)
    assert files(settings, "[!.]*/**/*") == before
    assert dispose(RUN, settings) == found


@pytest.fixture
def published_results(settings: Settings) -> Path:
    """Reports with evidence of the three months."""
    for month in (PAST, LAST_KEPT, RUN):
        (settings.out / str(month) / "evidence").mkdir(parents=True)
        (settings.out / str(month) / "evidence" / "manual_receipt_share.parquet").write_text("rows")
        (settings.out / str(month) / "run.json").write_text(json.dumps({"run_id": f"{month}-abc"}))
    return settings.out


def test_published_results_stay_until_the_city_says_and_those_of_disposed_months_are_named(
    settings: Settings, published_results: Path
) -> None:
    assert dispose(RUN, settings).left == (str(PAST),)
    assert dispose(RUN, settings).left == (str(PAST),), "also when nothing more is past its retention"
    assert {path.name for path in published_results.iterdir()} == {str(each) for each in (PAST, LAST_KEPT, RUN)}


def test_published_results_go_whole_after_the_months_that_the_city_gives(
    settings: Settings, published_results: Path
) -> None:
    planned = dispose(RUN, settings, dry_run=True, published=25)
    assert (published_results / str(PAST)).is_dir()
    assert [(one.month, one.run_id, one.files) for one in planned.results] == [(str(PAST), f"{PAST}-abc", 2)]
    assert dispose(RUN, settings, published=25) == planned
    assert {path.name for path in published_results.iterdir()} == {str(LAST_KEPT), str(RUN)}
    (one,) = record(settings)["results"]
    assert (one["month"], one["rule"], bool(one["who"])) == (str(PAST), "dispose --published 25", True)
    assert dispose(RUN, settings, published=25).results == ()
    assert record(settings)["results"] == [one]


def test_twice_is_once_and_later_months_add_their_own_record(settings: Settings) -> None:
    dispose(RUN, settings)
    first = record(settings)
    assert dispose(RUN, settings).tables == ()
    assert record(settings) == first
    assert [gone.month for gone in dispose(RUN.plus(1), settings).tables] == [str(LAST_KEPT)]
    assert disposed(Workspace(settings)) == {PAST: frozenset({"visit"}), LAST_KEPT: frozenset({"visit"})}
    everything = {gone.table for gone in dispose(RUN.plus(100), settings).tables}
    assert everything == {"visit", "contract"}
    assert files(settings, "tables/**/*.parquet") == set()


def test_a_broken_disposal_is_finished_by_the_next(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr("valfardsbrott.stages.disposal._delete", broken)
        with pytest.raises(OSError, match="disk"):
            dispose(RUN, settings)
    assert len(record(settings)["tables"]) == 1
    dispose(RUN, settings)
    assert len(record(settings)["tables"]) == 1
    assert f"tables/visit/{PAST}.parquet" not in files(settings, "tables/visit/*")


def test_the_months_after_it_keep_what_they_were_computed_to(settings: Settings) -> None:
    def matrices() -> dict[str, bytes]:
        return {path.parent.name: path.read_bytes() for path in settings.store_path.glob("matrix/*/*")}

    before = matrices()
    dispose(RUN, settings)
    assert features.run(RUN, settings).cached
    assert matrices() == {month: held for month, held in before.items() if month != str(PAST)}


def test_a_disposed_month_is_not_read_again_and_its_run_cannot_be_repeated(tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "store", out=tmp_path / "runs", deliveries=tmp_path / "in", threads=1)
    for month in (PAST, RUN):
        folder = tmp_path / "in" / str(month)
        folder.mkdir(parents=True)
        (folder / "absence.csv").write_text(
            f"recipient_id,kind,from_date,to_date\n189101019802,travel,{month}-01,{month}-09\n", encoding="utf-8"
        )
    assert ingest.run(RUN, settings).stats["tables"]["absence"]["accepted"] == 1
    dispose(RUN, settings)
    (tmp_path / "in" / str(PAST) / "absence.csv").write_text("recipient_id,kind,from_date,to_date\n", encoding="utf-8")
    assert ingest.run(RUN, settings).stats["not_read_again"] == [str(PAST)]
    assert not Workspace(settings).table("absence", PAST).exists()
    for again in (ingest_month, run_month):
        with pytest.raises(Failure, match="cannot be repeated: the store has disposed of absence after 25 months"):
            again(PAST, settings)


def test_without_a_store_there_is_nothing_to_dispose_of(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="there is no store in"):
        dispose(RUN, Settings(store=tmp_path / "nowhere"))


def test_every_table_says_how_long_it_is_kept() -> None:
    assert all(0 < table.retention_months <= 120 for table in tables().values())
