"""export, path and networks at the command line: short commands, one-line errors, both languages."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.cli import main, network_commands, network_output
from valfardsbrott.domain import EXIT_INPUT, EXIT_OK, EXIT_USAGE
from valfardsbrott.stages.language import language
from valfardsbrott.stages.paths import Entity, Evidence, Paths, Step

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["valfardsbrott", *words])
        code = main()
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("export", "N-1", "--format", "visio", "--out", "x"), EXIT_USAGE, "error: there is no format 'visio'"),
        (("export", "N-1", "--format", "gexf", "--out", "x"), EXIT_USAGE, "error: there is no network N-1"),
        (("export", "N-1", "--out", "x"), EXIT_USAGE, "error: Missing option '--format'"),
        (("path", "adams", "bolt"), EXIT_INPUT, "error: there are no links in runs/.store"),
        (("networks", "links.csv", "--out", "found"), EXIT_USAGE, "error: there is no file links.csv"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: tuple[str, ...], code: int, told: str, call: Call) -> None:
    got, out, err = call(*words)
    assert (got, out) == (code, "")
    assert err.startswith(told)
    assert err.count("\n") == 1


def test_a_list_of_links_with_its_own_columns(call: Call, tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("firm;holder\nadams;eva\nbolt;eva\ncura;\n")
    options = [
        "--source",
        "firm",
        "--target",
        "holder",
        "--permutations",
        "2",
        "--month",
        "2026-10",
        "--language",
        "en",
    ]
    code, out, _ = call("networks", "links.csv", "--out", "found", *options)
    assert code == EXIT_OK
    assert out.startswith("3 links of 2 sources, as they were in 2026-10: 0 networks and 0 pairs")
    assert "1 lines without both ends joined nobody." in out
    code, _, err = call("networks", "links.csv", "--out", "found", *options)
    assert (code, "is there already" in err) == (EXIT_USAGE, True)
    assert call("networks", "links.csv", "--out", "found", "--force", *options)[0] == EXIT_OK


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "en",
            "Adams AB (adams) – phone – phone 08-1\n      phone: day not known to 2026-10-31; provider provider.csv:7",
        ),
        (
            "sv",
            "Adams AB (adams) – telefon – telefon 08-1\n      telefon: okänd dag till 2026-10-31; provider ",
        ),
    ],
)
def test_a_way_is_told_step_by_step(code: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    adams, phone = Entity("provider", "adams", "Adams AB"), Entity("phone", "08-1", "")
    row = Evidence("phone", None, dt.date(2026, 10, 31), 1, "provider", ("provider.csv:7",))
    way = (Step(adams, phone, (row,)),)
    network_output.show_paths(Paths("2026-10", adams, phone, (way,)), language(code))
    assert told in capsys.readouterr().out


def test_no_way_and_a_way_to_oneself_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    adams, bolt = Entity("provider", "adams", ""), Entity("provider", "bolt", "")
    network_output.show_paths(Paths("2026-10", adams, bolt, ()), language("en"))
    network_output.show_paths(Paths("2026-10", adams, adams, ((),)), language("en"))
    out = capsys.readouterr().out
    assert out.startswith("Nothing joins provider adams and provider bolt in 2026-10.")
    assert out.endswith("provider adams is one and the same.\n")


def test_a_command_is_at_most_15_lines() -> None:
    tree = ast.parse(inspect.getsource(network_commands))
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        body = function.body[1:]
        assert (body[-1].end_lineno or 0) - body[0].lineno + 1 <= 15, function.name
