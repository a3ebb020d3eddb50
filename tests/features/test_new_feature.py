"""A new feature: two files are laid down, the check names each text to fill, then it is well. No other is edited."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.features import load_views
from valfardsbrott.features_lint import check
from valfardsbrott.stages.new_feature import lay_down

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("src/valfardsbrott", "features", "rules", "tests/features"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def of(root: Path, name: str) -> list[str]:
    return [f"{each.where}: {each.message}" for each in check(root / "features") if each.path.stem == name]


def test_a_feature_is_laid_down_filled_and_well(checkout: Path) -> None:
    sql, cases = lay_down("provider/empty_visits", checkout / "features")
    assert (sql.name, cases.name) == ("empty_visits.sql", "empty_visits.cases.yaml")
    said = of(checkout, "empty_visits")
    assert len(said) == 11
    assert {message.rsplit(": ", 1)[1] for message in said} == {"no text in sv", "no text in en", "empty"}
    sql.write_text(re.sub('""', '"Ord."', sql.read_text(encoding="utf-8")), encoding="utf-8")
    load_views.cache_clear()
    view = lay_down("visit/long_visit", checkout / "features")[0]
    assert view.parent.name == "visit"
    assert of(checkout, "empty_visits") == of(checkout, "long_visit") == []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/features/test_cases.py", "-q", "-k", "empty_visits or long_visit"],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("path", ["late", "person/late", "provider/Late", "provider/../late", "/tmp/late", "provider/"])
def test_what_is_no_place_of_a_view_is_refused(path: str) -> None:
    with pytest.raises(Failure, match="is not the place of a view"):
        lay_down(path)


@pytest.mark.parametrize("name", ["staff_overlap", "staff_overlap_minutes"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(Failure, match="already"):
        lay_down(f"provider/{name}")
