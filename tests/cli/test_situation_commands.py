"""The situational picture by one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from valfardsbrott.cli.commands import app
from valfardsbrott.domain import Failure


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["situation", *words], catch_exceptions=True)
    if isinstance(done.exception, Failure):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_one_command_makes_every_file_and_the_same_bytes_again(tmp_path: Path, publish: Callable[..., Path]) -> None:
    runs = tmp_path / "runs"
    publish(runs)
    assert CliRunner().invoke(app, ["review", "import", "--out", str(runs)]).exit_code == 0
    common = ("make", "--runs", str(runs), "--as-of", "2026-11-22", "--out")
    for folder in ("one", "two"):
        assert "lagesbild-2025-11-2026-10-1.pdf" in run(*common, str(tmp_path / folder))
    one, two = (
        {
            path.relative_to(tmp_path / each): path.read_bytes()
            for path in (tmp_path / each).rglob("*.*")
            if path.is_file()
        }
        for each in ("one", "two")
    )
    assert one == two
    assert {path.suffix for path in one} == {".pdf", ".docx", ".json", ".csv"}
    listed = json.loads(run("list", "--runs", str(runs), "--json"))
    assert [(each["first"], each["last"], each["number"]) for each in listed] == [("2025-11", "2026-10", 1)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--as-of", "i dag"), "not a day"),
        (("--first", "2026-01"), "last month is missing"),
        (("--last", "2026-13"), "not a month"),
        (("--first", "2026-07", "--last", "2026-10"), "is 4 months"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, publish: Callable[..., Path], words: tuple[str, ...], told: str
) -> None:
    publish(tmp_path / "runs")
    CliRunner().invoke(app, ["review", "import", "--out", str(tmp_path / "runs")])
    with pytest.raises(Failure, match=told):
        run("make", "--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out"), *words)
    assert not (tmp_path / "out").exists()


def test_without_a_case_database_there_is_a_hint(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no case database"):
        run("list", "--runs", str(tmp_path))
