"""Backtest figures on lists that one can follow by eye: A is found early, B late, C never, D was cleared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.backtest_cases import known_cases
from valfardsbrott.stages.backtest_measures import cases_found, difference, reviews, stability, summary
from valfardsbrott.stages.workspace import Workspace

JULY, AUGUST, SEPTEMBER = Month(2026, 7), Month(2026, 8), Month(2026, 9)
#: Two places a month.
LISTS = {
    JULY: ["A", "D", "B", "C", "E"],
    AUGUST: ["A", "B", "C", "D", "E"],
    SEPTEMBER: ["B", "E", "A", "C", "D"],
}
CASES = pd.DataFrame(
    [
        ("A", dt.date(2026, 10, 31), "confirmed"), ("B", dt.date(2026, 9, 15), "confirmed"),
        ("C", dt.date(2026, 10, 1), "confirmed"), ("D", dt.date(2026, 8, 20), "cleared"),
        ("E", dt.date(2026, 7, 31), "confirmed"), ("X", dt.date(2026, 10, 1), "confirmed"),
    ],
    columns=["org_number", "decided_on", "outcome"],
)  # fmt: skip


def test_lead_time_runs_from_the_end_of_the_first_month_on_the_list_to_the_decision() -> None:
    found = cases_found(LISTS, CASES, 2).set_index("org_number")
    assert found["flagged_in"].dropna().to_dict() == {"A": "2026-07", "B": "2026-08", "D": "2026-07"}
    assert found.loc["A", "lead_months"] == pytest.approx(92 / 30.4375)
    assert found.loc["B", "lead_months"] == pytest.approx(15 / 30.4375)
    assert found["lead_months"].isna().to_dict() == {"A": False, "B": False, "C": True, "D": False}


def test_a_case_decided_before_any_list_or_never_ranked_is_no_ones_to_find() -> None:
    assert not {"E", "X"} & set(cases_found(LISTS, CASES, 5)["org_number"])


def test_nobody_is_reviewed_twice_in_half_a_year_or_after_the_decision() -> None:
    asked = reviews(LISTS, CASES, 2)
    assert list(asked.itertuples(index=False, name=None)) == [("2026-07", "A"), ("2026-07", "D"), ("2026-08", "B")]
    again = reviews({JULY: ["A"], Month(2027, 1): ["A"]}, CASES.head(0), 1)
    assert again["month"].tolist() == ["2026-07", "2027-01"]


def test_stability_is_over_those_ranked_in_both_months() -> None:
    first, second = stability(LISTS, 2)
    assert (first["month"], first["overlap_at_capacity"]) == ("2026-08", 0.5)
    assert second["overlap_at_capacity"] == 0.5
    gone = stability({JULY: ["A", "B", "C"], AUGUST: ["B", "C"]}, 2)
    assert gone[0]["overlap_at_capacity"] == 1.0


def test_the_summary_says_what_a_confirmed_case_costs() -> None:
    said = summary(LISTS, CASES, 2, 10_000.0, 1)
    assert (said["confirmed_cases"], said["found"], said["cleared_among_found"], said["reviews"]) == (3, 2, 1, 3)
    assert said["share_found"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert said["share_found"]["low"] < 2 / 3 < said["share_found"]["high"]
    assert (said["reviews_per_confirmed"], said["sek_per_confirmed"]) == (1.5, 15_000)
    assert said["confirmed_share_of_decided"]["value"] == pytest.approx(2 / 3, abs=1e-4)


def test_without_a_case_nothing_is_claimed() -> None:
    said = summary(LISTS, CASES.head(0), 2, 10_000.0, 1)
    assert said["found"] == 0
    assert [said[name] for name in ("share_found", "lead_months", "reviews_per_confirmed", "sek_per_confirmed")] == [
        None
    ] * 4


def test_two_rankings_are_compared_case_by_case() -> None:
    reverse = {month: orgs[::-1] for month, orgs in LISTS.items()}
    found = difference({"ours": LISTS, "theirs": reverse}, CASES, 2, 1)
    assert found["ours less theirs"]["value"] == pytest.approx((1 + 1 - 1) / 3, abs=1e-4)


def test_a_providers_first_confirmed_case_counts_else_its_last(tmp_path: Path) -> None:
    rows = [
        ("0029000015", "2026-03-01", "cleared"), ("0029000015", "2026-05-01", "confirmed"),
        ("0029000015", "2026-09-01", "confirmed"), ("0029000023", "2026-02-01", "cleared"),
        ("0029000023", "2026-04-01", "cleared"), ("198001019998", "2026-01-01", "confirmed"),
        ("8001019998", "2026-01-01", "confirmed"),
    ]  # fmt: skip
    pd.DataFrame(rows, columns=["org_number", "decided_on", "outcome"]).to_csv(tmp_path / "cases.csv", index=False)
    found = known_cases(Workspace(Settings(out=tmp_path)), tmp_path / "cases.csv")
    assert list(found.itertuples(index=False, name=None)) == [
        ("0029000015", dt.date(2026, 5, 1), "confirmed"), ("0029000023", dt.date(2026, 4, 1), "cleared"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("org_number,outcome\n0029000015,confirmed\n", "holds no cases"),
        ("org_number,decided_on,outcome\n0029000015,5/1/2026,confirmed\n", "holds no cases"),
        ("org_number,decided_on,outcome\n0029000015,2026-05-01,guilty\n", "outcomes that are none"),
    ],
)
def test_a_file_that_holds_no_cases_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "cases.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match=said):
        known_cases(Workspace(Settings(out=tmp_path)), tmp_path / "cases.csv")
    with pytest.raises(Failure, match="cannot be read"):
        known_cases(Workspace(Settings(out=tmp_path)), tmp_path / "none.csv")
