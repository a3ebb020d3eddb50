"""Progress goes to stderr: bars for somebody at a terminal, one line a step for a log, nothing on stdout."""

from __future__ import annotations

import sys

import pytest

from valfardsbrott.cli.progress import progress_on_stderr


def test_a_log_gets_one_line_for_each_step(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on_stderr() as progress:
        for done in range(3):
            progress("ingest", done, 2)
        progress("networks", 0, 0)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "ingest\nnetworks\n")


def test_a_terminal_gets_bars(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_on_stderr() as progress:
        progress("ingest", 1, 2)
        progress("ingest", 2, 2)
        progress("networks", 0, 0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "ingest" in err
    assert "networks" in err
