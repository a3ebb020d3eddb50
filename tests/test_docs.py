"""The console blocks of the pages are run, in order, in an empty folder; what they print is what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command (after ``$``) with the output that the page shows under it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def pattern(shown: str) -> re.Pattern[str]:
    """The shown output, where ``...`` stands for anything; nothing shown means anything goes."""
    pieces = [re.escape(piece.strip("\n")) for piece in shown.split("...")]
    return re.compile(r"(?s)\s*" + r".*?".join(rf"\s*{piece}\s*" for piece in pieces) + r"\s*" if shown else r"(?s).*")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_the_console_blocks_of_a_page_do_what_it_shows(page: Path, tmp_path: Path) -> None:
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"XDG_CONFIG_HOME": str(tmp_path / ".config"), "VALFARDSBROTT_TRACKING": "false", "COLUMNS": "100"}
    environment = os.environ | own | {"PATH": scripts}
    for block in blocks(page):
        for command, shown in commands(block):
            done = subprocess.run(
                command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
            )
            assert done.returncode == 0, f"{command}\n{done.stderr}"
            assert pattern(shown).fullmatch(done.stdout), f"{command}\n{done.stdout}"


def test_dots_stand_for_anything_and_nothing_else_does() -> None:
    assert pattern("a...c\n").fullmatch("a\nb c\n")
    assert not pattern("a...c\n").fullmatch("a b\n")
    assert pattern("").fullmatch("whatever")
