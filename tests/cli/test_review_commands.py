"""The review application's commands: months become cases, tables go forth and back, errors are one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from valfardsbrott.cli.commands import app
from valfardsbrott.domain import Failure

Publish = Callable[..., Path]


def run(*words: str) -> str:
    return CliRunner().invoke(app, ["review", *words], catch_exceptions=False).stdout


def test_published_months_become_cases_once(tmp_path: Path, publish: Publish) -> None:
    publish(tmp_path)
    assert "2026-10 (2026-10-d): 4 cases opened" in run("import", "--out", str(tmp_path))
    assert "Nothing new" in run("import", "--out", str(tmp_path))
    assert json.loads(run("import", "-m", "2026-10", "--out", str(tmp_path), "--json"))[0]["unchanged"] is True


def test_tables_go_forth_and_back(tmp_path: Path) -> None:
    assert run("migrate", "--out", str(tmp_path)).startswith("base -> 0")
    assert run("migrate", "--out", str(tmp_path), "--to", "0001").strip().endswith("-> 0001")
    assert run("migrate", "--out", str(tmp_path), "--to", "base").strip() == "0001 -> base"


def test_a_revision_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no revision 9999"):
        run("migrate", "--out", str(tmp_path), "--to", "9999")


def test_a_variable_that_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALFARDSBROTT_IDLE_MINUTES", "soon")
    with pytest.raises(Failure, match="VALFARDSBROTT_IDLE_MINUTES"):
        run("import", "--out", str(tmp_path))


def test_it_does_not_serve_the_demo_to_others(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="this machine only"):
        CliRunner().invoke(app, ["serve", "--out", str(tmp_path), "--host", "0.0.0.0"], catch_exceptions=False)
