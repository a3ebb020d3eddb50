"""The features stage: the matrix, what is not available, and that a further month costs that month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.features import feature_columns
from valfardsbrott.settings import Settings
from valfardsbrott.stages import features
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]
SEPTEMBER, OCTOBER = Month.parse("2026-09"), Month.parse("2026-10")


def visit(key: str, org: str, month: str, day: int, **rest: object) -> dict[str, Any]:
    at = f"{month}-{day:02d} 10:"
    return {
        "visit_id": key, "org_number": org, "recipient_id": "pberit", "staff_id": "panna", "service_code": "HT",
        "started_at": f"{at}00", "ended_at": f"{at}30", "started_at_utc": f"{at}00", "ended_at_utc": f"{at}30", **rest,
    }  # fmt: skip


def deliver(store: Path, month: str, put_table: PutTable) -> None:
    put_table(store, "visit", month, [visit(f"{month}-{day}", "acme", month, day) for day in range(1, 4)])
    put_table(store, "provider", month, [{"org_number": "bolaget", "name": "Bolaget"}])


def run(month: Month, store: Path, threads: int = 2) -> Manifest:
    return features.run(month, Settings(store=store, threads=threads))


def matrix(store: Path, month: Month) -> pa.Table:
    return pq.read_table(store / "matrix" / str(month) / "matrix.parquet")


def test_one_row_for_each_provider_and_one_column_for_each_feature(tmp_path: Path, put_table: PutTable) -> None:
    deliver(tmp_path, "2026-10", put_table)
    manifest = run(OCTOBER, tmp_path)
    table = matrix(tmp_path, OCTOBER)
    names = [feature.name for feature in feature_columns()]
    assert table["org_number"].to_pylist() == ["acme", "bolaget"]
    assert table.column_names[:4] == ["org_number", "month", "name", "active"]
    assert table.column_names[-len(names) :] == names
    assert {str(table.schema.field(name).type) for name in names} == {"double"}
    assert table["staff_overlap_minutes"].to_pylist() == [0.0, None]
    assert manifest.outputs == ["matrix/2026-10/matrix.parquet"]
    assert manifest.stats["features"] == names


def test_what_cannot_be_computed_is_reported_and_null_never_zero(tmp_path: Path, put_table: PutTable) -> None:
    deliver(tmp_path, "2026-10", put_table)
    unavailable = run(OCTOBER, tmp_path).stats["unavailable"]
    assert unavailable["worked_over_paid"]["needs"] == ["payroll"]
    assert unavailable["worked_over_paid"]["sv"] == "Uppgift om avlönad tid saknas"
    assert unavailable["visit_during_absence"]["needs"] == ["absence"]
    assert unavailable["too_perfect"]["needs"] == ["visit.planned_start", "visit.planned_end"]
    assert unavailable["follow_up_severity"]["needs"] == ["contract", "contract_follow_up"]
    assert "staff_overlap_minutes" not in unavailable
    table = matrix(tmp_path, OCTOBER)
    names = [feature.name for feature in feature_columns()]
    assert {name for name in names if table[name].null_count == table.num_rows} == set(unavailable)
    assert unavailable["growth_shock"]["needs"] == ["claim_line"]


def test_an_indicator_with_too_little_of_its_data_for_any_provider_is_reported_too(
    tmp_path: Path, put_table: PutTable
) -> None:
    deliver(tmp_path, "2026-10", put_table)
    unavailable = run(OCTOBER, tmp_path).stats["unavailable"]
    assert {name for name, why in unavailable.items() if not why["needs"]} >= {"too_perfect_start_entropy"}
    assert all(why["sv"] and why["en"] for why in unavailable.values())


def test_a_column_that_ingest_found_empty_is_not_asked_again(tmp_path: Path, put_table: PutTable) -> None:
    put_table(tmp_path, "visit", "2026-10", [visit("v", "acme", "2026-10", 1, device_id="phone", tag_id="tag")])
    said = {"tables": {"visit": {"columns_present": ["visit_id", "device_id"]}}}
    Workspace(Settings(store=tmp_path)).run_once("ingest", OCTOBER, "delivered", lambda: ([], said))
    unavailable = run(OCTOBER, tmp_path).stats["unavailable"]
    assert unavailable["tag_burst"]["needs"] == ["visit.tag_id"]
    assert "shared_device" not in unavailable


def test_a_further_month_costs_that_month_and_changes_no_earlier_one(tmp_path: Path, put_table: PutTable) -> None:
    deliver(tmp_path, "2026-09", put_table)
    run(SEPTEMBER, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("2026-09*") if path.is_file()}
    first = matrix(tmp_path, SEPTEMBER)
    deliver(tmp_path, "2026-10", put_table)
    assert not run(OCTOBER, tmp_path).cached
    assert run(OCTOBER, tmp_path).cached
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert run(SEPTEMBER, tmp_path).cached
    assert matrix(tmp_path, SEPTEMBER).equals(first)


def test_a_delivery_that_changes_is_computed_again(tmp_path: Path, put_table: PutTable) -> None:
    deliver(tmp_path, "2026-10", put_table)
    run(OCTOBER, tmp_path)
    put_table(tmp_path, "visit", "2026-10", [visit("other", "cirkeln", "2026-10", 1)])
    run(OCTOBER, tmp_path)
    assert matrix(tmp_path, OCTOBER)["org_number"].to_pylist() == ["bolaget", "cirkeln"]


def test_the_same_bytes_with_any_number_of_threads(tmp_path: Path, put_table: PutTable) -> None:
    bytes_of = []
    for threads in (1, 3):
        store = tmp_path / str(threads)
        deliver(store, "2026-10", put_table)
        run(OCTOBER, store, threads)
        bytes_of.append(
            {
                path.relative_to(store): path.read_bytes()
                for path in store.rglob("*.parquet")
                if "tables" not in path.parts
            }
        )
    assert bytes_of[0] == bytes_of[1]


def test_a_month_that_was_not_delivered_is_refused(tmp_path: Path, put_table: PutTable) -> None:
    deliver(tmp_path, "2026-10", put_table)
    with pytest.raises(Failure, match="there is no delivery for 2026-09"):
        run(SEPTEMBER, tmp_path)


def test_a_row_that_a_later_delivery_corrects_counts_once_in_windows(tmp_path: Path, put_table: PutTable) -> None:
    line = {"line_id": "l1", "invoice_id": "i1", "org_number": "acme", "period": "2026-09-01", "quantity": 1}
    line |= {"unit_code": "HUR", "unit_price_ore": 45000}
    old = pa.table({"delivery_month": [SEPTEMBER.first], "source_file": ["claim_line.csv"], "source_row": [2]})
    for store in (tmp_path / "both", tmp_path / "once"):
        put_table(store, "claim_line", "2026-09", [line | {"amount_ore": 45000}])
        put_table(store, "claim_line", "2026-10", [line | {"amount_ore": 40000}])
    list_of = tmp_path / "once" / "superseded" / "claim_line"
    list_of.mkdir(parents=True)
    pq.write_table(old, list_of / "2026-10.parquet")
    for name, billed in (("both", 85000), ("once", 40000)):
        run(OCTOBER, tmp_path / name)
        assert matrix(tmp_path / name, OCTOBER)["billed_3m_ore"].to_pylist() == [billed]


def test_a_month_made_anew_is_as_it_was_known_whatever_was_delivered_later(tmp_path: Path, put_table: PutTable) -> None:
    """A correction, a decision and a register of October's delivery do not reach September, so nor does a backtest."""
    then, later = tmp_path / "then", tmp_path / "later"
    line = {"line_id": "l1", "invoice_id": "i1", "org_number": "acme", "period": "2026-09-01", "quantity": 1}
    line |= {"unit_code": "HUR", "unit_price_ore": 45000, "amount_ore": 45000}
    leader = {"role": "ceo", "person_id": "panna"}
    for store in (then, later):
        deliver(store, "2026-09", put_table)
        put_table(store, "claim_line", "2026-09", [line])
        put_table(store, "provider_role", "2026-09", [leader | {"org_number": org} for org in ("acme", "bolaget")])
        put_table(
            store, "known_case", "2026-09", [{"org_number": "other", "outcome": "cleared", "decided_on": "2026-09-01"}]
        )
    deliver(later, "2026-10", put_table)
    put_table(later, "claim_line", "2026-10", [line | {"amount_ore": 90_000}])
    gone = pa.table({"delivery_month": [SEPTEMBER.first], "source_file": ["claim_line.csv"], "source_row": [2]})
    (later / "superseded" / "claim_line").mkdir(parents=True)
    pq.write_table(gone, later / "superseded" / "claim_line" / "2026-10.parquet")
    decided = {"org_number": "bolaget", "outcome": "confirmed"}
    put_table(later, "known_case", "2026-10", [decided | {"decided_on": day} for day in ("2026-09-20", "2026-10-20")])
    for store in (then, later):
        run(SEPTEMBER, store)
    assert matrix(then, SEPTEMBER).equals(matrix(later, SEPTEMBER))
    run(OCTOBER, later)
    rows = {row["org_number"]: row for row in matrix(later, OCTOBER).to_pylist()}
    assert rows["acme"]["prior_failure_path"] == 1, "October does know the decision on the other company of its leader"
    assert rows["acme"]["billed_3m_ore"] == 90_000, "and the correction"


def test_invoices_alone_give_what_can_be_said_of_invoices(tmp_path: Path, put_table: PutTable) -> None:
    put_table(
        tmp_path,
        "invoice",
        "2026-10",
        [
            {"invoice_id": str(number), "org_number": "acme", "invoice_number": str(number), "issue_date": "2026-10-01",
             "total_ore": 10_000 * number, "source": "ledger"}
            for number in range(1, 40)
        ],
    )  # fmt: skip
    unavailable = run(OCTOBER, tmp_path).stats["unavailable"]
    families = {feature.name: feature.family for feature in feature_columns()}
    assert {name for name, family in families.items() if family == "visits"} <= set(unavailable)
    assert "duplicate_invoices" not in unavailable
    row = matrix(tmp_path, OCTOBER).to_pylist()[0]
    assert (row["org_number"], row["billed_ore"], row["visits"]) == ("acme", 7_800_000, 0)
    assert row["duplicate_invoices"] == 0.0
