"""Documentation made from the headers: every feature has its page, in both languages, and nothing stale stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.features import feature_columns, load_views
from valfardsbrott.features_lint.indicators import indicators
from valfardsbrott.rules import load_rules
from valfardsbrott.stages.documentation import _markdown_table, published, write


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("docs")
    write(out)
    return out


@pytest.mark.parametrize("code", ["sv", "en"])
def test_every_feature_has_a_page_with_its_innocent_explanations_and_how_to_check_them(pages: Path, code: str) -> None:
    for view in load_views():
        for feature in view.features:
            page = (pages / code / "features" / f"{feature.name}.md").read_text(encoding="utf-8")
            texts = (feature.label, feature.why, feature.innocent, feature.check, feature.missing)
            assert all(text[code] in page for text in texts), feature.name  # type: ignore[index]
            assert view.sql in page


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_dictionary_names_every_column_and_the_register_every_table_of_personal_data(
    pages: Path, code: str
) -> None:
    dictionary = (pages / code / "data-dictionary.md").read_text(encoding="utf-8")
    register, _ = (pages / code / "personal-data.md").read_text(encoding="utf-8").split("\n## ")
    for table in tables().values():
        assert f"## {table.name} " in dictionary
        assert all(f"| {column.name} |" in dictionary for column in table.columns)
        personal = any(column.personal_class in {"personal", "sensitive"} for column in table.columns)
        assert (f"| {table.label[code]} |" in register) == personal


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_register_names_all_that_reads_a_persons_data_and_every_legal_basis(pages: Path, code: str) -> None:
    register, bases = (pages / code / "personal-data.md").read_text(encoding="utf-8").split("\n## ")
    row = {line.split(" | ")[0].strip("| "): line for line in register.splitlines() if line.startswith("| ")}
    visits, roles = (row[tables()[name].label[code]] for name in ("visit", "provider_role"))
    assert ("staff_overlap_minutes" in visits, "recipient_deceased" in visits) == (True, True)
    through_networks = "nätverken" if code == "sv" else "the networks"
    assert ("shared_person" in roles, through_networks in roles) == (True, True)
    assert {name for name, line in row.items() if line.count("–") > 1} == set(), "read for no purpose"
    assert all(rule.name in bases for rule in load_rules())
    assert all(feature.name in bases for view in load_views() for feature in view.features)


@pytest.mark.parametrize("code", ["sv", "en"])
def test_a_page_names_the_sources_also_of_what_a_stage_has_made(pages: Path, code: str) -> None:
    for name in ("shared_phone", "mass_company_address", "staff_overlap_minutes"):
        lines = (pages / code / "features" / f"{name}.md").read_text(encoding="utf-8").splitlines()
        (sources,) = [line for line in lines if line.startswith(("| Källor", "| Sources"))]
        assert tables()["provider" if name != "staff_overlap_minutes" else "visit"].label[code] in sources


def test_a_page_of_a_feature_that_is_gone_is_removed(tmp_path: Path) -> None:
    gone = tmp_path / "sv" / "features" / "gone.md"
    gone.parent.mkdir(parents=True)
    gone.write_text("old", encoding="utf-8")
    assert gone not in write(tmp_path)
    assert not gone.exists()


@pytest.mark.parametrize("code", ["sv", "en"])
def test_every_rule_has_a_page_with_what_clears_it(pages: Path, code: str) -> None:
    for rule in load_rules():
        page = (pages / code / "rules" / f"{rule.path.stem}.md").read_text(encoding="utf-8")
        assert all(text[code] in page for text in (rule.label, rule.innocent, rule.clears))  # type: ignore[index]


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_index_leads_to_every_page(pages: Path, code: str) -> None:
    index = (pages / code / "README.md").read_text(encoding="utf-8")
    for page in (pages / code).glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
    for feature in (feature for view in load_views() for feature in view.features):
        assert f"(features/{feature.name}.md)" in index


def _undocumented(folder: Path) -> set[str]:
    """Columns of published files, as ``file: column``, that published.yaml and the headers do not describe."""
    measured = {feature.name for feature in feature_columns()}
    found = set()
    for path in sorted(folder.glob("*.parquet")):
        known = {*published()["files"].get(path.name, ()), *published()["everywhere"]}
        known |= measured if path.name == "features.parquet" else set()
        found |= {f"{path.name}: {name}" for name in set(pq.read_schema(path).names) - known}
    return found


def test_every_column_of_the_published_files_is_in_the_dictionary(published_city: Path) -> None:
    assert _undocumented(published_city) == set(), "say in published.yaml what they are"


def test_a_column_or_file_that_the_dictionary_lacks_is_named(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"org_number": ["a"], "mood": [1], "staff_overlap_minutes": [1.0]}), tmp_path / "features.parquet"
    )
    pq.write_table(pa.table({"org_number": ["a"], "staff_overlap_minutes": [1.0]}), tmp_path / "new.parquet")
    assert _undocumented(tmp_path) == {"features.parquet: mood", "new.parquet: staff_overlap_minutes"}


def test_a_feature_that_is_added_has_its_page_and_its_place_in_index_and_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing in a header fails the check; what is in it is on the pages without anybody's doing."""
    view = next(each for each in load_views() if each.name == "devices")
    added = replace(view.features[0], name="mood", view="devices")
    more = replace(view, columns={**view.columns, "mood": added})
    views = tuple(more if each is view else each for each in load_views())
    monkeypatch.setattr("valfardsbrott.stages.documentation.load_views", lambda: views)
    write(tmp_path)
    for code in ("sv", "en"):
        assert added.innocent[code] in (tmp_path / code / "features" / "mood.md").read_text(encoding="utf-8")
        assert "(features/mood.md)" in (tmp_path / code / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["sv", "en"])
def test_what_the_dictionary_says_is_said_in_both_languages(pages: Path, code: str) -> None:
    page = (pages / code / "published-files.md").read_text(encoding="utf-8")
    for columns in (published()["everywhere"], *published()["files"].values()):
        for name, said in columns.items():
            assert said[code].strip()
            assert name == "row" or f"| {name} | {said[code]} |" in page


def test_a_cases_table_says_whose_each_row_is_and_how_often_it_comes() -> None:
    rows: list[dict[str, object]] = [
        {"staff_id": "s{n}", "times": 3, "quantity": 2},
        {"org_number": "calm", "staff_id": None},
    ]
    assert _markdown_table(rows).splitlines() == [
        "| org_number | staff_id | quantity | × |",
        "| --- | --- | --- | --- |",
        "| acme | s1…3 | 2 | 3 |",
        "| calm | null |  |  |",
    ]


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_catalogue_names_every_indicator_and_leads_to_what_measures_it(pages: Path, code: str) -> None:
    page = (pages / code / "catalogue.md").read_text(encoding="utf-8")
    for each in indicators():
        assert f"| {each.name} |" in page
        assert all(f"(features/{feature.name}.md)" in page for feature in each.measured_by)
