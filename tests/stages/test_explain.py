"""explain: from the published folder alone, for flagged, control, unflagged and unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import EXIT_USAGE, Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import publish
from valfardsbrott.stages.explain import explain, feature_named, published, runs

OCTOBER = Month(2026, 10)


@pytest.fixture
def result(finished_store: Settings) -> Settings:
    publish.run(OCTOBER, finished_store)
    return finished_store.model_copy(update={"language": "en"})


def test_a_flagged_provider_has_value_peers_explanations_and_rows(result: Settings) -> None:
    found = explain("002900-0015", result, rows=1)
    assert (found.name, found.month, found.flag and found.flag.arm) == ("Alma Omsorg AB", "2026-10", "risk")
    why = found.reasons[0]
    assert why.reason.figures == "1.38; the median of 10 comparable providers is 0.04."
    assert why.reason.innocent
    assert why.reason.check
    assert (len(why.peers), why.evidence_total, len(why.evidence_rows)) == (9, 2, 1)
    assert why.evidence_rows[0]["source_row_id"] == "visit.csv:17"
    assert found.judged == ("0029000016 is judged to be Alma",)
    json.dumps(found.as_json(), default=str)


def test_a_network_is_explained_tie_by_tie(result: Settings) -> None:
    found = explain("N-7f3a", result, rows=1)
    assert found.providers == ("0029000015 Alma Omsorg AB", "0029000023 Beda Hemtjänst AB")
    assert found.judged == ("0029000016 is judged to be Alma",)
    assert [(tie.link_type, tie.values, tie.p_value) for tie in found.ties] == [
        ("account", 1, 0.0001),
        ("owner", 1, 0.02),
    ]
    assert found.ties[0].rows == ("payment_account payment_account.csv:3",)
    assert found.checks == ("One group? No.", "Not counted: auditor.")
    assert found.history == (
        "2026-08: new, 2 providers. New: Alma Omsorg AB, Beda Hemtjänst AB.",
        "2026-10: unchanged, 2 providers.",
        "Beda Hemtjänst AB: confirmed 2026-10-15, 45 days after the month (2026-08) in which the provider was first"
        " seen in the network.",
    )


def test_a_provider_that_is_not_flagged_has_a_rank_and_no_reasons(result: Settings) -> None:
    found = explain("0029000023", result)
    assert (found.flag, found.rank, found.total, found.reasons) == (None, 2, 3, ())


def test_the_newest_month_is_explained_unless_another_is_named(result: Settings) -> None:
    assert published(result.out) == [OCTOBER]
    assert [run["month"] for run in runs(result.out)] == ["2026-10"]
    with pytest.raises(Failure, match="no published result for 2026-09") as told:
        explain("0029000015", result, Month(2026, 9))
    assert told.value.hint == "Published months: 2026-10"


def test_an_unknown_id_says_where_the_ids_are(result: Settings) -> None:
    with pytest.raises(Failure, match="0029999999 is neither") as told:
        explain("0029999999", result)
    assert told.value.exit_code == EXIT_USAGE
    assert "flags.csv" in told.value.hint


@pytest.fixture
def city_result(published_city: Path) -> Settings:
    return Settings(out=published_city.parent, language="en")


def test_any_indicator_of_any_provider_comes_with_the_rows_that_give_its_value(city_result: Settings) -> None:
    flagged = {flag["entity_id"] for flag in pq.read_table(city_result.out / "2026-10/flags.parquet").to_pylist()}
    features = pq.read_table(city_result.out / "2026-10/features.parquet").to_pylist()
    org, value = next(
        (row["org_number"], row["manual_receipt_share"])
        for row in features
        if row["manual_receipt_share"] and row["org_number"] not in flagged
    )
    found = explain(org, city_result, OCTOBER, rows=100_000, feature="manual_receipt_share")
    (why,) = found.reasons
    assert (found.flag, why.reason.value) == (None, value)
    assert len(why.evidence_rows) == why.evidence_total > 0
    manual = sum(row["manual_receipts"] for row in why.evidence_rows)
    assert manual / why.evidence_rows[0]["denominator"] == pytest.approx(value)
    assert f"; the median of {len(why.peers)} comparable providers is " in why.reason.figures


def test_an_indicator_that_is_not_available_says_so_and_shows_no_peers(city_result: Settings) -> None:
    features = pq.read_table(city_result.out / "2026-10/features.parquet").to_pylist()
    org = next(row["org_number"] for row in features if row["staff_overlap_minutes"] is None)
    (why,) = explain(org, city_result, OCTOBER, feature="staff_overlap_minutes").reasons
    assert (why.reason.value, why.peers, why.evidence_total) == (None, (), 0)
    assert why.reason.figures.startswith("not available. ")


@pytest.mark.parametrize(
    ("entity", "feature", "told"),
    [
        ("provider", "undue_influence_reports", "for the designated controller only"),
        ("provider", "manual_receipt", "no indicator named 'manual_receipt'"),
        ("network", "manual_receipt_share", "is a network, and an indicator is a provider's"),
    ],
)
def test_an_indicator_that_cannot_be_shown_is_told(result: Settings, entity: str, feature: str, told: str) -> None:
    with pytest.raises(Failure, match=told):
        explain({"provider": "0029000015", "network": "N-7f3a"}[entity], result, feature=feature)


def test_somebody_who_was_protected_since_is_not_in_the_rows_that_are_shown(
    result: Settings, put_table: Callable[..., Path]
) -> None:
    (before,) = explain("0029000015", result, rows=1).reasons[0].evidence_rows
    shown = {name for name, value in before.items() if value == before["staff_id"]}
    put_table(
        result.store_path, "person", "2026-11", [{"person_id": before["staff_id"], "protected_registration": True}]
    )
    (after,) = explain("0029000015", result, rows=1).reasons[0].evidence_rows
    assert after == before | dict.fromkeys(shown)


def test_without_any_result_it_says_what_to_run(finished_store: Settings) -> None:
    with pytest.raises(Failure, match="no published result in"):
        explain("0029000015", finished_store)


def test_an_unknown_indicator_suggests_the_nearest() -> None:
    with pytest.raises(Failure) as told:
        feature_named("billed_over_perform")
    assert "billed_over_performed" in told.value.hint
