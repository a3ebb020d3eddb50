"""Commands for models, backtests and experiments: what they print, and one line where something is wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.cli import main
from valfardsbrott.domain import EXIT_INPUT, EXIT_OK, EXIT_USAGE

Call = Callable[..., tuple[int, str, str]]
SAID = ("--by", "A. Analyst", "--why", "Finds two more of ten known cases")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["valfardsbrott", *words])
        code = main()
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_promotion_is_told_kept_and_undone(call: Call, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path))
    assert "Deciding: provider_champion" in call("models", *out)[1]
    code, said, _ = call("models", "promote", "provider_challenger", *SAID, *out)
    assert code == EXIT_OK
    assert said.startswith("From the next run on provider_challenger decides")
    assert "Deciding: provider_challenger" in call("models", "list", *out)[1]
    assert call("models", "rollback", *SAID, *out)[0] == EXIT_OK
    code, told, _ = call("models", "history", "--json", *out)
    assert [entry["action"] for entry in json.loads(told)] == ["promote", "rollback"]
    assert "A. Analyst" in call("models", "history", *out)[1]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("models", "promote", "winner", *SAID), EXIT_INPUT, "there is no model 'winner'"),
        (("models", "promote", "provider_challenger", "--by", "A. Analyst"), EXIT_USAGE, "Missing option '--why'"),
        (("models", "shadow", "--month", "2026-10"), EXIT_INPUT, "no challenger has been scored for 2026-10"),
        (("models", "card", "winner"), EXIT_INPUT, "there is no card of 'winner'"),
        (("backtest", "--to", "2026-10"), EXIT_USAGE, "Missing option '--from'"),
        (("backtest", "amount", "--from", "2026-09", "--to", "2026-08"), EXIT_USAGE, "2026-09 is after 2026-08"),
        (("experiment", "run", "winner"), EXIT_USAGE, "there is no experiment 'winner'"),
        (("experiment", "compare", "winner", "loser"), EXIT_USAGE, "cannot be read"),
        (("experiment", "list"), EXIT_USAGE, "there is no experiment in experiments"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    got, _, err = call(*words)
    assert (got, err.count("\n")) == (code, 1)
    assert told in err


def test_a_models_card_is_shown(call: Call) -> None:
    code, out, _ = call("models", "card", "provider_champion")
    assert code == EXIT_OK
    assert out.startswith("# provider_champion")
    assert "Must not be used for" in out
