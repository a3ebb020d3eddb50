"""The check of header against query: each mistake, planted in a view that is otherwise well, is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.features_lint import check

VIEW = """/* ---
name: late
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit]
columns:
  late_share:
    label: {sv: Sena besök, en: Late visits}
    why: {sv: Varför., en: Why.}
    innocent: {sv: Trafik., en: Traffic.}
    check: {sv: Fråga., en: Ask.}
    unit: share
    direction: higher
    family: visits
    peers: [size_class]
    missing: {sv: Saknas, en: Missing}
    evidence: {view: visit, where: planned_start < started_at, measure: count(*), per: count(*)}
    legal_basis: KL 10:8
    schemes: [S01]
    needs: [visit.planned_start]
--- */
with timed as (select org_number, planned_start, started_at from visit)
select org_number, count(*) filter (planned_start < started_at) / count(*) as late_share
from timed
group by org_number
"""
CASES = """- name: one late
  month: 2026-10
  given: {visit: [{org_number: acme}]}
  expect: [{org_number: acme, late_share: 0.5}, {org_number: calm, late_share: 0.0}]
  absent: [{org_number: idle}]
"""


def put(root: Path, view: str = VIEW, cases: str | None = CASES, name: str = "late") -> Path:
    (root / "provider").mkdir(exist_ok=True)
    (root / "provider" / f"{name}.sql").write_text(view, encoding="utf-8")
    if cases is not None:
        (root / "provider" / f"{name}.cases.yaml").write_text(cases, encoding="utf-8")
    return root


def test_the_projects_features_are_well() -> None:
    assert [str(problem) for problem in check()] == []


def test_a_view_that_is_well_has_no_problems(tmp_path: Path) -> None:
    assert check(put(tmp_path)) == []


#: Where the check finds them, and the mistakes: what stands in the view, what takes its place, what is said of it.
PLANTED = {
    "sources": [
        ("from visit)", "from invoice)", "reads what is not named: invoice"),
        ("from visit)", "from invoice)", "does not read: visit"),
    ],
    "columns": [
        ("as late_share", "as late_part", "does not give late_share"),
        ("as late_share", "as late_part", "does not describe late_part"),
    ],
    "query": [
        ("select org_number, count", "select *, count", "select *"),
        ("select org_number, planned_start, started_at from visit", "select * from visit", "select *"),
        ("count(*) as", "sum(1 / 3) as", "sum of fractions"),
        ("count(*) as", "avg(1 / 3) as", "avg of fractions"),
        ("count(*) as", "stddev(length(org_number)) as", "stddev may differ"),
        ("count(*) as", "any_value(1) as", "any_value may differ"),
        ("count(*) as", "first(1) as", "first may differ"),
        ("count(*) as", "mode(1) as", "mode may differ"),
        ("count(*) as", "approx_count_distinct(org_number) as", "may differ from run to run"),
        ("count(*) as", "len(list(started_at)) as", "without order by"),
        ("count(*) as", "string_agg(org_number) as", "without order by"),
        (
            "planned_start, started_at from visit",
            "planned_start, started_at, row_number() over () as n from visit",
            "row_number without order by",
        ),
        ("count(*) as", "sum(sqrt(2)) as", "sum of fractions"),
        ("count(*) as", "median(1) + sum(ln(2)) as", "sum of fractions"),
        ("count(*) as", "random() as", "rand may differ"),
        ("from visit)", "from visit where extract(isodow from started_at) = 7)", "the calendar and run_month"),
        ("count(*) as", "arg_max(1, started_at) as", "without a tuple that settles ties"),
        ("from visit)", "from visit where started_at < now())", "the calendar and run_month tables serve"),
        ("from visit)", "from visit where started_at < current_date)", "the calendar and run_month tables"),
        ("from visit)", "from visit where isodow(started_at) = 7)", "the calendar and run_month tables serve"),
        ("from visit)", "from visit where gender = 1)", "reads gender, which is never a feature"),
        ("from visit)", "from visit where (started_at)", "is not SQL"),
    ],
    "innocent": [
        ("sv: Trafik.", 'sv: ""', "no text in sv"),
    ],
    "label": [
        (", en: Late visits", "", "no text in en"),
    ],
    "schemes": [
        ("schemes: [S01]", "schemes: [S99]", "there is no scheme S99"),
    ],
    "unit": [
        ("unit: share", "unit: days", "one count divided by another is a share or a ratio"),
        ("unit: share", "unit: minutes_per_1000_h", "but the evidence's scale is 1"),
        ("per: count(*)}", "per: count(*), scale: 60000}", "share, but the evidence's scale is 60000"),
    ],
    "needs": [
        ("visit.planned_start]", "visit.plan]", "there is no visit.plan"),
    ],
    "evidence.view": [
        ("{view: visit,", "{view: visits,", "there is no view or table visits"),
        ("{view: visit,", "{view: absence,", "absence has no org_number"),
    ],
    "evidence.where": [
        ("where: planned_start <", "where: plan <", "visit has no column plan"),
    ],
    "evidence.measure": [
        (", measure: count(*)", "", "say how the number is computed again"),
        ("measure: count(*)", "measure: sum(late)", "visit has no column late"),
        ("measure: count(*)", "measure: count(", "is not SQL"),
    ],
    "evidence.per": [
        ("per: count(*)", "of: payroll, per: sum(paid)", "payroll has no column paid"),
        ("per: count(*)", "of: pay, per: sum(paid)", "there is no view or table pay"),
    ],
    "evidence.source": [
        ("{view: visit,", "{source: visits, view: visit,", "no view or table visits"),
        (
            "{view: visit, where: planned_start < started_at",
            "{view: late, where: late_share > 0",
            "late does not say in which file and row its rows stand",
        ),
    ],
    "evidence.source_where": [
        ("{view: visit,", "{source: visit, source_where: plan > 1, view: visit,", "visit has no column plan"),
    ],
    "legal_basis": [
        ("legal_basis: KL 10:8", 'legal_basis: ""', "empty"),
    ],
}


@pytest.mark.parametrize(
    ("where", "old", "new", "said"), [(where, *each) for where, planted in PLANTED.items() for each in planted]
)
def test_a_planted_mistake_is_named(tmp_path: Path, where: str, old: str, new: str, said: str) -> None:
    assert old in VIEW
    problems = check(put(tmp_path, VIEW.replace(old, new, 1)))
    found = [(problem.where.removeprefix("columns.late_share."), problem.message) for problem in problems]
    assert any(at == where and said in message for at, message in found), problems


def test_cases_must_be_there_and_expect_every_feature(tmp_path: Path) -> None:
    problems = check(put(tmp_path, cases=None))
    assert {problem.message for problem in problems} == {
        "missing: write late.cases.yaml",
        "missing: no case runs late",
    }


def test_a_feature_that_no_case_expects_is_named(tmp_path: Path) -> None:
    (problem,) = check(put(tmp_path, cases=CASES.replace("late_share", "other")))
    assert problem.message == "no case expects a value of late_share"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  absent: [{org_number: idle}]\n", "", "no case shows when there is no late_share (null, or no row)"),
        ("late_share: 0.0", "late_share: 0.5", "no case shows late_share both ordinary and striking (two values)"),
        ("late_share: 0.0", "late_share: 40", "share, but a case expects 40"),
        ("late_share: 0.0", "late_share: null", "no case shows late_share both ordinary and striking (two values)"),
    ],
)
def test_cases_show_a_feature_ordinary_striking_and_not_there(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CASES
    assert [problem.message for problem in check(put(tmp_path, cases=CASES.replace(old, new)))] == [said]


def test_sums_that_are_rounded_or_ordered_are_stable(tmp_path: Path) -> None:
    for number, stable in enumerate(("sum(round(1 / 3)::bigint)", "sum(1 / 3 order by planned_start)", "sum(1)")):
        root = tmp_path / str(number)
        root.mkdir()
        assert check(put(root, VIEW.replace("count(*) as", f"{stable} as"))) == []


def test_a_problem_reads_as_one_line_with_the_file_first(tmp_path: Path) -> None:
    (problem,) = check(put(tmp_path, VIEW.replace("S01", "S77")))
    said = "columns.late_share.schemes: there is no scheme S77 (S01-S21)"
    assert str(problem) == f"{tmp_path}/provider/late.sql:20: {said}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schemes: [S01]", "schemes: [S99]"),
        ("sv: Trafik.", 'sv: ""'),
        ("from timed", "from timed where gender = 1"),
        ("as late_share\n", "+ first(1) as late_share\n"),
        ("count(*) filter", "rank() over (order by org_number) + count(*) filter"),
        ("    unit: share", "    unit: parsec"),
        ("group by org_number", "group by by org_number"),
    ],
)
def test_the_line_is_that_of_the_mistake(tmp_path: Path, old: str, new: str) -> None:
    planted = VIEW.replace(old, new, 1)
    here = 1 + next(at for at, line in enumerate(planted.splitlines()) if new.strip() in line)
    try:
        (found,) = {str(problem) for problem in check(put(tmp_path, planted))}
    except Failure as error:
        found = str(error)
    assert found.startswith(f"{tmp_path}/provider/late.sql:{here}: ")
