"""docs/features.md does what it says: its view passes the check and its cases pass in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from valfardsbrott.features_lint import check

ROOT = Path(__file__).resolve().parents[2]
FILE = re.compile(r"^`(features/\S+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folders that features need, with the guide's files added."""
    for folder in ("src/valfardsbrott", "features", "rules", "tests/features"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    files = FILE.findall((ROOT / "docs" / "features.md").read_text(encoding="utf-8"))
    assert [Path(name).suffix for name, _ in files] == [".sql", ".yaml"]
    for name, text in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_guides_feature_is_well_and_its_cases_pass(checkout: Path) -> None:
    assert [str(problem) for problem in check(checkout / "features") if "late_registration" in str(problem)] == []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/features/test_cases.py", "-q", "-k", "late_registration"],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
