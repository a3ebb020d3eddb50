"""Limits that are read from the query: no trait, no identifier but in counts and joins, no row of another part.

Each query is a view of the month's visits by worker, well but for the one thing that is planted.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.features import IN_ONE_PIECE, View, load_views
from valfardsbrott.features_lint import places
from valfardsbrott.features_lint.limits import Read, read, read_all
from valfardsbrott.rules import load_rules

SOURCES = ("visit", "visit_3m", "staff", "person", "provider", "contract", "contract_follow_up")


def view(sql: str, *, by: str = "staff_id", whole: tuple[str, ...] = ("person", "provider", "contract")) -> View:
    sources = tuple(name for name in SOURCES if f" {name} " in f"{sql} ")
    whole = tuple(name for name in whole if name in sources)
    return View("step", "staff", ("staff_id",), by, sources, {}, (), sql, Path("step.sql"), whole)


def problems(one: View) -> list[str]:
    return [f"{places.key(where)}: {message}" for where, message in read(one, {}).problems]


def test_every_view_and_rule_of_the_project_keeps_the_limits() -> None:
    known = read_all(load_views())
    assert {name: found.problems for name, found in known.items() if found.problems} == {}
    for rule in load_rules():
        found = read(replace(rule.view, partition_by=IN_ONE_PIECE), known).problems
        assert [message for where, message in found if where != "partition_by"] == [], rule.name


WELL = [
    "select staff_id, count(*) as n from visit group by staff_id",
    "select staff_id, started_at::date as day, count(*) as n from visit group by all",
    "select staff_id, lag(ended_at) over (partition by staff_id order by started_at, visit_id) as e from visit",
    "select staff_id, lag(ended_at) over w as e from visit window w as (partition by staff_id order by visit_id)",
    "select v.staff_id from visit v join staff s on s.staff_id = v.staff_id and s.org_number = v.org_number",
    "select v.staff_id from visit v semi join staff s on s.staff_id = v.staff_id",
    "select v.staff_id from visit v anti join staff s using (staff_id)",
    "select v.staff_id from visit v left join person p on p.person_id = v.recipient_id",
    "select p.person_id from person p join visit v on v.staff_id = p.person_id",
    "select staff_id from visit v where exists (select 1 from staff s where s.staff_id = v.staff_id)",
    "select staff_id from visit where (staff_id, org_number) in (select staff_id, org_number from staff )",
    "select staff_id, count(*) as n from (select staff_id from visit union all select staff_id from staff ) group by 1",
    "select distinct staff_id, org_number from visit",
    # A visit's own number tells whose it is.
    "select a.visit_id from visit a join visit_3m b using (visit_id) group by a.visit_id",
    "with s as (select visit_id, ended_at from visit ) select visit_id, max(ended_at) as e from s group by visit_id",
    "select coalesce(v.staff_id, s.staff_id) as staff_id, count(*) as n"
    " from visit v full join staff s on s.staff_id = v.staff_id group by all",
    "select v.staff_id, w.n from visit v cross join (select count(*) as n from contract ) w",
    "select distinct on (staff_id) staff_id, org_number from visit order by staff_id, visit_id",
    "select s from (select staff_id from visit ) as renamed(s) group by s",
    "select staff_id from visit cross join run_month r where started_at < r.first",
]


@pytest.mark.parametrize("sql", WELL)
def test_a_query_that_stays_within_its_part_is_well(sql: str) -> None:
    assert problems(view(sql)) == []


REACHES = [
    ("select org_number, count(*) as n from visit group by org_number", "groups rows of several parts"),
    ("select count(*) as n from visit", "adds up the rows of all parts"),
    ("select org_number, count(*) as n from visit group by all", "groups rows of several parts"),
    ("select staff_id, count(*) as n from visit group by rollup (staff_id)", "groups rows of several parts"),
    ("select staff_id, count(*) over () as n from visit", "looks over rows of several parts"),
    ("select staff_id, rank() over (partition by org_number order by visit_id) as n from visit", "looks over rows"),
    (
        "select staff_id, lag(ended_at) over w as e from visit window w as (partition by device_id order by visit_id)",
        "looks over rows of several parts",
    ),
    ("select v.staff_id from visit v join staff s on s.org_number = v.org_number", "joins rows of different parts"),
    ("select v.staff_id from visit v , staff s", "joins rows of different parts"),
    ("select v.staff_id from visit v cross join staff s", "joins rows of different parts"),
    ("select a.staff_id from visit a join visit_3m b on b.staff_id = a.recipient_id", "joins rows of different parts"),
    ("select v.staff_id from visit v semi join staff s using (org_number)", "joins rows of different parts"),
    ("select v.staff_id from visit v anti join staff s using (org_number)", "joins rows of different parts"),
    (
        "select v.staff_id from visit v where exists (select 1 from staff s where s.org_number = v.org_number)",
        "asks the rows of other parts",
    ),
    ("select staff_id from visit where org_number in (select org_number from staff )", "asks the rows of other parts"),
    ("select staff_id, (select max(ended_at) from visit_3m ) as e from visit", "looks a value up in all rows"),
    ("select distinct org_number from visit", "tells rows of all parts apart"),
    ("select org_number from visit union select org_number from staff", "compares rows of all parts"),
    ("select staff_id from visit union all select person_id from person", "adds rows that every part sees"),
    ("select p.person_id from person p left join visit v on v.staff_id = p.person_id", "keeps, in every part"),
    ("select v.staff_id from visit v full join person p on p.person_id = v.staff_id", "keeps, in every part"),
    ("select person_id from person p anti join visit v on v.staff_id = p.person_id", "keeps, in every part"),
    ("select staff_id from visit order by started_at limit 10", "takes some of all rows"),
    ("select staff_id from visit qualify row_number() over (order by visit_id) < 9", "looks over rows"),
    ("select staff_id from visit order by rank() over (partition by org_number order by visit_id)", "looks over rows"),
    ("select distinct on (org_number) staff_id from visit", "distinct without the key"),
    # Without its partner a row of a left or full join has no key.
    (
        "select s.staff_id, count(*) as n from visit v left join staff s on s.staff_id = v.staff_id group by all",
        "groups rows of several parts",
    ),
    (
        "select s.staff_id, count(*) as n from visit v full join staff s on s.staff_id = v.staff_id group by all",
        "groups rows of several parts",
    ),
    ("select case when org_number = 'a' then staff_id end as s, count(*) as n from visit group by all", "groups rows"),
    ("select person_id from person", "no row belongs to one staff_id"),
]


@pytest.mark.parametrize(("sql", "said"), REACHES)
def test_a_query_that_needs_the_rows_of_another_part_is_named(sql: str, said: str) -> None:
    assert any(said in problem for problem in problems(view(sql))), problems(view(sql))


def test_a_source_without_the_key_is_named_as_whole_and_visits_are_never_read_whole() -> None:
    joined = "select v.staff_id from visit v left join person p on p.person_id = v.recipient_id"
    assert problems(view(joined, whole=())) == [
        "whole: person has no staff_id: name it here if every part may see all of it"
    ]
    counted = "select v.staff_id, w.n from visit v cross join (select count(*) as n from visit_3m ) w"
    assert any("reads visit_3m in one piece" in problem for problem in problems(view(counted, whole=("visit_3m",))))
    alone = view("select count(*) as n from visit", by="none")
    assert any("reads visit in one piece" in problem for problem in problems(alone))
    assert problems(view("select law, count(*) as n from contract group by law", by="none")) == []


APART = [
    "select staff_id, left(recipient_id, 6) as born from visit",
    "select staff_id, substr(recipient_id, 11, 1) as sex from visit",
    "select staff_id, recipient_id[3:6] as year from visit",
    "select staff_id, recipient_id::bigint as n from visit",
    "select staff_id, length(recipient_id) as n from visit",
    "select staff_id, recipient_id like '19%' as old from visit",
    "select staff_id from visit where recipient_id > 'p8'",
    "select staff_id from visit where regexp_matches(recipient_id, '^p')",
    "select staff_id, hash(recipient_id) as h from visit",
    "select staff_id from visit v join person p on left(p.person_id, 8) = v.postal_code",
    # It does not help to hand it on first.
    "with s as (select staff_id, coalesce(recipient_id, staff_id) as x from visit ) select upper(x) as y from s",
    "with s as (select staff_id, max(recipient_id) as x from visit group by 1) select right(x, 1) as y from s",
    "select staff_id, list_sum([ascii(recipient_id)]) as y from visit",
    "select s, upper(x) as y from (select staff_id, recipient_id from visit ) as renamed(s, x)",
    "with a as (select staff_id, recipient_id from visit ) select s, upper(x) as y from a as renamed(s, x)",
    "with s as (select staff_id from staff union all by name select staff_id, recipient_id as x from visit )"
    " select staff_id, upper(x) as y from s",
]


@pytest.mark.parametrize("sql", APART)
def test_a_persons_identifier_is_only_counted_and_joined(sql: str) -> None:
    assert any("takes a person's identifier apart" in problem for problem in problems(view(sql))), problems(view(sql))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select staff_id from visit v where to_json(v) like '%19%'", "hands on a whole row (name the columns): v"),
        ("select staff_id, visit::varchar as r from visit", "hands on a whole row (name the columns): visit"),
        ("select p.a from visit as p(a, b)", "renames a table's columns by their place"),
    ],
)
def test_a_column_is_not_hidden_in_a_whole_row_or_behind_its_place(sql: str, said: str) -> None:
    assert any(said in problem for problem in problems(view(sql))), problems(view(sql))


@pytest.mark.parametrize("chosen", ["recipient_id = 'p12'", "recipient_id in ('p12', 'p13')"])
def test_nobody_is_picked_out_by_number(chosen: str) -> None:
    (said,) = problems(view(f"select staff_id from visit where {chosen}"))
    assert "compares a person's identifier with a constant" in said


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("select person_id from person where protected_registration", "person.protected_registration"),
        ("select person_id from person p where p.secrecy_marked", "person.secrecy_marked"),
        ("select org_number, length(name) as n from provider", "provider.name"),
        ("select org_number, provider.name as title from provider", "provider.name"),
        ("with s as (select org_number, name as t from provider ) select org_number, t from s", "provider.name"),
        ("select person_id, birth_date from person", "birth_date"),
        ("select person_id, p.gender from person p", "gender"),
        ("select person_id from person where household_income < 1000", "household_income"),
        ("select person_id from person where is_coordination_number", "is_coordination_number"),
        ("select person_id, surname_origin from person", "surname_origin"),
        ("select person_id from person where exists (select 1 from provider where name = 'a')", "provider.name"),
    ],
)
def test_what_says_who_somebody_is_is_never_read(sql: str, column: str) -> None:
    assert f"query: reads {column}, which is never a feature" in problems(view(sql, by="none"))


def provider_view(sql: str, sources: tuple[str, ...]) -> View:
    spare = next(each for each in load_views() if each.name == "manual_receipts")
    feature = replace(spare.features[0], name="n")
    return View("late", "provider", ("org_number",), "org_number", sources, {"n": feature}, (), sql, Path("late.sql"))


def test_a_providers_number_is_no_persons_identifier_and_shows_no_name() -> None:
    worst = provider_view("select org_number, max(staff_id) as n from visit group by org_number", ("visit",))
    assert problems(worst) == ["columns.n: holds a person's identifier; only counts and joins may use it"]
    counted = provider_view("select org_number, count(distinct staff_id) as n from visit group by all", ("visit",))
    assert problems(counted) == []
    known: dict[str, Read] = read_all(load_views())
    named = provider_view("select org_number, length(name) as n from provider_spine", ("provider_spine",))
    found = [message for _, message in read(named, known).problems]
    assert "reads provider.name, which is never a feature" in found
    assert "comes from provider.name, which is never a feature" in found


@pytest.mark.parametrize(
    "planted",
    [
        {"where": "left(recipient_id, 3) = 'p19'"},
        {"measure": "max(length(recipient_id))"},
        {"per": "max(length(recipient_id))"},
        {"of": "staff", "per": "max(length(staff_id))"},
        {"source": "visit", "source_where": "left(recipient_id, 3) = 'p19'"},
    ],
)
def test_the_filters_and_measures_of_the_evidence_keep_the_limits_too(planted: dict[str, Any]) -> None:
    one = provider_view("select org_number, count(*) as n from visit group by org_number", ("visit",))
    (feature,) = one.features
    plain: dict[str, Any] = {"view": "visit", "where": "true", "measure": "count(*)", "per": "count(*)"}
    born = replace(feature, evidence=replace(feature.evidence, **(plain | planted)))
    (said,) = problems(replace(one, columns={"n": born}))
    assert said.startswith("columns.n.evidence: takes a person's identifier apart")
