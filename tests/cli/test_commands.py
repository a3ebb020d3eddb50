"""The command line as a user and a machine meet it: help, exit codes, one-line errors, what is printed."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.cli import commands, main
from valfardsbrott.domain import EXIT_INPUT, EXIT_OK, EXIT_USAGE, Failure

Call = Callable[..., tuple[int, str, str]]
COMMANDS = ("generate", "ingest", "run", "explain", "features", "models", "runs")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command in this process: its exit code, what it printed and what it told on stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["valfardsbrott", *words])
        code = main()
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_help_names_every_command(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == EXIT_OK
    assert all(command in out for command in COMMANDS)


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "features"])
def test_the_help_of_each_command_teaches_with_an_example(call: Call, command: str) -> None:
    code, out, _ = call(command, "--help")
    assert code == EXIT_OK
    assert f"Example:  valfardsbrott {command}" in " ".join(out.replace("│", " ").split()).replace(
        "Example: ", "Example:  "
    )


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    code, out, err = call()
    assert code == EXIT_USAGE
    assert "Usage: valfardsbrott" in out + err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run",), "error: Missing option '--month'"),
        (("run", "--month", "oktober"), "error: 'oktober' is not a month. Write it as YYYY-MM"),
        (("run", "--month", "2026-10", "--capacity", "0"), "error: Invalid value for '--capacity'"),
        (("run", "--month", "2026-10", "--language", "fi"), "error: --language: "),
        (("rnu",), "error: No such command 'rnu'"),
        (("features", "show", "benford"), "error: there is no indicator named 'benford'. Did you mean"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(call: Call, words: tuple[str, ...], told: str) -> None:
    code, out, err = call(*words)
    assert code == EXIT_USAGE
    assert out == ""
    assert err.startswith(told)
    assert err.count("\n") == 1


def test_wrong_environment_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALFARDSBROTT_CAPACITY", "many")
    code, _, err = call("runs")
    assert code == EXIT_USAGE
    assert err.startswith("error: the variable VALFARDSBROTT_CAPACITY: ")


def test_a_month_or_folder_that_is_not_there_is_exit_code_3(call: Call, tmp_path: Path) -> None:
    code, _, err = call(
        "run", "--month", "2026-10", "--deliveries", str(tmp_path / "none"), "--out", str(tmp_path / "out")
    )
    assert code == EXIT_INPUT
    assert err.startswith("error: there is no folder ")
    (tmp_path / "empty").mkdir()
    code, _, err = call(
        "run", "--month", "2026-10", "--deliveries", str(tmp_path / "empty"), "--out", str(tmp_path / "out")
    )
    assert code == EXIT_INPUT
    assert "it holds no month at all" in err
    assert not (tmp_path / "out").exists()


def test_an_unforeseen_error_is_one_line_with_its_log(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda name: tmp_path)
    monkeypatch.setattr("valfardsbrott.stages.explain.runs", lambda out: 1 / 0)
    code, _, err = call("runs")
    assert code == 5
    assert err.startswith("error: unexpected ZeroDivisionError during the command runs. The stack")
    assert len(list(tmp_path.glob("*.log"))) == 1


def test_a_failure_without_a_hint_is_told_alone(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(out: Path) -> None:
        raise Failure("it is so")

    monkeypatch.setattr("valfardsbrott.stages.explain.runs", fail)
    assert call("runs") == (EXIT_INPUT, "", "error: it is so\n")


def test_features_are_listed_and_shown_for_people_and_machines(call: Call) -> None:
    _, out, _ = call("features", "list", "--language", "en")
    assert "billed_over_performed" in out
    _, out, _ = call("features", "list", "--json")
    names = [feature["name"] for feature in json.loads(out)]
    assert len(names) == len(set(names)) >= 25
    _, out, _ = call("features", "show", "billed_over_performed", "--language", "en")
    assert "innocent: " in out
    assert "select" in out


@pytest.mark.parametrize(("problems", "code"), [([], EXIT_OK), (["a.sql: query: select *"], EXIT_INPUT)])
def test_the_check_of_features_fails_where_there_are_problems(
    call: Call, monkeypatch: pytest.MonkeyPatch, problems: list[str], code: int
) -> None:
    monkeypatch.setattr("valfardsbrott.features_lint.check", lambda folder: problems)
    monkeypatch.setattr("valfardsbrott.features_lint.check_rules", lambda rules: [])
    told, out, _ = call("features", "check")
    assert told == code
    assert all(problem in out for problem in problems)


def test_completion_is_offered_for_the_shell(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_VALFARDSBROTT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "valfardsbrott ru")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        call()


def test_a_command_is_at_most_15_lines() -> None:
    tree = ast.parse(inspect.getsource(commands))
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        assert (body[-1].end_lineno or 0) - body[0].lineno + 1 <= 15, function.name
