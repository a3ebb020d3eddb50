"""Documentation made from the headers: every feature has its page, in both languages, and nothing stale stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.catalogue import tables
from valfardsbrott.features import load_views
from valfardsbrott.stages.documentation import write


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
    register = (pages / code / "personal-data.md").read_text(encoding="utf-8")
    for table in tables().values():
        assert f"## {table.name} " in dictionary
        assert all(f"| {column.name} |" in dictionary for column in table.columns)
        personal = any(column.personal_class in {"personal", "sensitive"} for column in table.columns)
        assert (f"| {table.label[code]} |" in register) == personal


def test_a_page_of_a_feature_that_is_gone_is_removed(tmp_path: Path) -> None:
    gone = tmp_path / "sv" / "features" / "gone.md"
    gone.parent.mkdir(parents=True)
    gone.write_text("old", encoding="utf-8")
    assert gone not in write(tmp_path)
    assert not gone.exists()
