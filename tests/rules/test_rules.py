"""Invoice rules as definitions: what a header must say, versions by date, a city's own beside ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.definitions import folder
from valfardsbrott.domain import Failure
from valfardsbrott.features_lint import check_rules
from valfardsbrott.rules import Rule, load_rules

HEADER = """/* ---
name: too_dear
label: {sv: För dyrt, en: Too dear}
words:
  sv: "Raden kostar {line_ore}."
  en: "The line costs {line_ore}."
law: avtalet
certainty: doubt
severity: question
clears: {sv: Prislistan., en: The price list.}
innocent: {sv: Ny prislista., en: A new price list.}
valid_from: 2020-01-01
sources: [claim_open]
columns: {line_ore: what it costs}
--- */
select line_id, amount_ore, amount_ore as line_ore from claim_open where amount_ore > 100000
"""

Write = Callable[..., Path]


@pytest.fixture
def city_rule(tmp_path: Path) -> Write:
    """Write a rule of the city's own, with changes to its text; gives the folder."""

    def write(file: str = "too_dear.sql", **changes: str) -> Path:
        text = HEADER
        for old, new in changes.items():
            line = next(line for line in HEADER.splitlines() if line.strip().startswith(f"{old}:"))
            text = text.replace(line, new)
        (tmp_path / file).write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.path.stem)
def test_every_rule_has_cases_a_law_and_a_query_that_does_what_its_header_says(rule: Rule) -> None:
    assert rule.path.with_suffix(".cases.yaml").is_file()
    assert rule.law.strip()


def test_our_rules_are_well() -> None:
    assert check_rules(load_rules()) == []


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("left(recipient_id, 4) < '1950'", "takes a person's identifier apart"),
        ("line_id in (select line_id from claim_line where gender = 'K')", "reads gender, which is never a feature"),
        ("random() < 0.1", "may differ from run to run"),
    ],
)
def test_a_rule_of_the_citys_own_keeps_the_limits_of_all_queries(city_rule: Write, condition: str, told: str) -> None:
    place = city_rule()
    file = place / "too_dear.sql"
    file.write_text(HEADER.replace("where amount_ore", f"where\n {condition} and amount_ore"), encoding="utf-8")
    found = check_rules(rule for rule in load_rules(place) if rule.name == "too_dear")
    assert any(str(each).startswith(f"{file}:17: query: ") and told in each.message for each in found), found


def test_a_certain_rule_says_when_it_is_only_a_doubt() -> None:
    """Lateness and mistyping are everywhere: none of ours is certain whatever the circumstances."""
    assert [rule.name for rule in load_rules() if rule.certainty == "contradiction" and not rule.doubt_when] == []


def test_a_city_adds_a_rule_beside_ours(city_rule: Write) -> None:
    ours = {rule.name for rule in load_rules()}
    assert {rule.name for rule in load_rules(city_rule())} == ours | {"too_dear"}


def test_a_city_replaces_a_rule_of_the_same_name_with_all_its_versions(city_rule: Write) -> None:
    place = city_rule("no_permit.sql", name="name: no_permit")
    (found,) = [rule for rule in load_rules(place) if rule.name == "no_permit"]
    assert found.path == place / "no_permit.sql"


def test_versions_follow_on_each_other(city_rule: Write) -> None:
    city_rule("too_dear.sql", valid_from="valid_from: 2020-01-01\nvalid_to: 2026-09-30")
    place = city_rule("too_dear.2026-10.sql", valid_from="valid_from: 2026-10-01")
    versions = [rule for rule in load_rules(place) if rule.name == "too_dear"]
    assert [rule.valid_from.isoformat() for rule in versions] == ["2020-01-01", "2026-10-01"]
    assert len({rule.view.name for rule in versions}) == 2


def test_two_versions_in_force_on_one_day_are_refused(city_rule: Write) -> None:
    city_rule("too_dear.sql")
    with pytest.raises(Failure, match=r"too_dear\.2026\.sql: valid_from: too_dear\.sql is in force that day too"):
        load_rules(city_rule("too_dear.2026.sql", valid_from="valid_from: 2026-10-01"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "name: cheap"}, "the rule is named cheap"),
        ({"sources": "sources: [claim_opened]"}, "no table or view 'claim_opened'"),
        ({"sources": "sources: [contract_3m]"}, "is a register"),
        ({"label": "label: {sv: För dyrt}"}, "label: no text in en"),
        ({"en": '  en: "The line."'}, "line_ore stands in one language only"),
        ({"columns": "columns: {}"}, "do not hold line_ore"),
        ({"sv": '  sv: "{line_ore} kostar raden."'}, "begin with a word"),
        ({"certainty": "certainty: perhaps"}, "certainty"),
        ({"law": "lag: avtalet"}, "law|lag"),
        ({"severity": "severity: question\ndoubt_when: {sv: Ibland., en: At times.}"}, "is a doubt already"),
        ({"severity": "severity: question\noptional: [permit]"}, "not among the sources: permit"),
    ],
)
def test_what_is_wrong_in_a_header_is_told_with_file_and_key(
    city_rule: Write, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(Failure, match=told) as failure:
        load_rules(city_rule(**changes))
    assert "too_dear.sql" in str(failure.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no folder of rules"):
        load_rules(tmp_path / "none")


def test_only_sql_and_cases_lie_in_the_folder() -> None:
    assert {"".join(path.suffixes) for path in folder("rules").iterdir()} == {".sql", ".cases.yaml"}
