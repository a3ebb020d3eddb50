"""Runs of the command on either engine, and whether two published folders are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Run = Callable[..., Path]
MONTH = "2026-10"
#: What a run costs, and when it was, differs from run to run.
VARIES = {"run.json"}


def command(deliveries: Path, out: Path, *words: str) -> list[str]:
    return [
        sys.executable, "-m", "valfardsbrott", "run", "--month", MONTH, "--deliveries", str(deliveries),
        "--out", str(out), "--permutations", "5", "--capacity", "6", "--control", "2", "--no-tracking", *words,
    ]  # fmt: skip


@pytest.fixture
def run_city(tmp_path: Path) -> Run:
    """``run_city(deliveries, "out", "--engine", "spark", env={...})``: the published folder."""

    def run(deliveries: Path, out: str, *words: str, env: Mapping[str, str] | None = None) -> Path:
        own = {**os.environ, "XDG_CONFIG_HOME": str(deliveries.parent.parent / "config"), **(env or {})}
        done = subprocess.run(
            command(deliveries, tmp_path / out, *words), capture_output=True, text=True, check=False, env=own
        )
        assert done.returncode == 0, done.stderr
        return tmp_path / out / MONTH

    return run


@pytest.fixture
def start_run(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """The same, begun and not waited for."""

    def start(deliveries: Path, out: str, *words: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        own = {**os.environ, "XDG_CONFIG_HOME": str(deliveries.parent.parent / "config"), **env}
        return subprocess.Popen(command(deliveries, tmp_path / out, *words), env=own)

    return start


@pytest.fixture
def differing() -> Callable[[Path, Path], set[str]]:
    """The files of two published folders that are not the same bytes, or are in one only."""

    def compare(one: Path, other: Path) -> set[str]:
        first, second = (
            {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            for root in (one, other)
        )
        assert len(first) > 20
        return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} - VARIES

    return compare
