"""From delivery to published result with the real stages, in processes of their own, and what can go wrong there."""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from valfardsbrott.domain import EXIT_SYSTEM
from valfardsbrott.stages.pipeline import STAGES

MONTH = "2026-10"
Run = Callable[..., subprocess.CompletedProcess[str]]

KILLED_AND_RESUMED = """
import os, signal, sys
from valfardsbrott.cli import main
from valfardsbrott.stages import network_features, swap
from valfardsbrott.stages.pipeline import STAGES
from valfardsbrott.stages.workspace import Workspace

import duckdb, pandas, pyod.models.iforest  # once for all children

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def killing(stage, real=Workspace.run_once):
    def run_once(self, name, month, fingerprint, work):
        def killed():
            work()
            kill()
        return real(self, name, month, fingerprint, killed if name == stage else work)
    return run_once

for stage in (*STAGES, ""):
    child = os.fork()
    if child == 0:
        Workspace.run_once = killing(stage)
        if stage == "publish":
            swap._take_place = kill
        if stage == "network_features":  # the features' own work again, so it is killed when that has been done
            network_features.run = lambda *given, real=network_features.run: (real(*given), kill())
        os._exit(main())
    print(stage or "resumed", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def run(city: Path, tmp_path: Path) -> Run:
    def start(
        *words: str, out: Path | None = None, code: str = "", limit: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        program = ["-c", code] if code else ["-m", "valfardsbrott"]
        options = ["--month", MONTH, "--deliveries", str(city / "deliveries"), "--out", str(out or tmp_path / "runs")]
        options += ["--permutations", "5", "--capacity", "6", "--control", "2", "--no-tracking"]
        return subprocess.run(
            [sys.executable, *program, "run", *options, *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"XDG_CONFIG_HOME": str(city.parent / "config")},
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
        )

    return start


def contents(folder: Path) -> dict[str, bytes]:
    """Every published byte; of run.json all but what the run cost."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    record = json.loads(found["run.json"])
    found["run.json"] = json.dumps(
        {k: v for k, v in record.items() if k not in {"durations", "peak_memory_mb"}}
    ).encode()
    return found


def test_the_flags_have_reasons_evidence_and_places_in_the_report(published_city: Path) -> None:
    with (published_city / "flags.csv").open(encoding="utf-8", newline="") as file:
        flags = list(csv.DictReader(file))
    risk = [flag for flag in flags if flag["arm"] == "risk"]
    assert risk
    assert sum(flag["arm"] == "control" for flag in flags) == 2
    page = (published_city / "report.html").read_text("utf-8")
    for flag in flags:
        assert f'id="{flag["entity_type"]}-{flag["entity_id"]}"' in page
    for reason in (reason for flag in risk for reason in json.loads(flag["reasons"])):
        assert {"feature", "value", "peer_median", "contribution", "text_sv", "text_en"} <= set(reason)
    assert list((published_city / "evidence").glob("*.parquet"))


def test_no_person_number_is_published(published_city: Path) -> None:
    for path in published_city.rglob("*"):
        if path.suffix in {".csv", ".json", ".html"}:
            assert not re.search(r"(?<!\d)(19|20)\d{6}-?9[89]\d\d(?!\d)", path.read_text("utf-8")), path.name


def test_each_flag_can_be_explained_for_people_and_machines(published_city: Path) -> None:
    with (published_city / "flags.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    command = [
        sys.executable,
        "-m",
        "valfardsbrott",
        "explain",
        first["entity_id"],
        "--out",
        str(published_city.parent),
    ]
    told = subprocess.run([*command, "--language", "en"], capture_output=True, text=True, check=True)
    assert "Go through the ordinary explanations first" in told.stdout
    found = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert found["flag"]["rank"] == 1


def test_killed_at_every_stage_and_resumed_on_one_thread_the_bytes_are_the_same(
    run: Run, published_city: Path, tmp_path: Path
) -> None:
    last = tmp_path / "runs" / MONTH
    last.mkdir(parents=True)
    (last / "run.json").write_text("{}")
    done = run("--threads", "1", code=KILLED_AND_RESUMED)
    told = [line.split() for line in done.stdout.splitlines() if line.split(" ")[0] in {*STAGES, "resumed"}]
    assert told == [*([stage, str(-signal.SIGKILL)] for stage in STAGES), ["resumed", "0"]], done.stderr
    assert contents(last) == contents(published_city)
    lacking = json.loads((last / "run.json").read_text("utf-8"))["unavailable_features"]
    assert f"kunde beräknas: {len(lacking)} (" in done.stdout
    assert not list((tmp_path / "runs").glob(".*.tmp"))


def test_a_full_disk_is_told_and_the_last_result_is_intact(run: Run, published_city: Path, tmp_path: Path) -> None:
    shutil.copytree(published_city, tmp_path / "runs" / MONTH)
    done = run(limit=20_000)
    assert done.returncode == EXIT_SYSTEM
    assert re.match(r"error: no room left on the disk .*Free some space", done.stderr.splitlines()[-1])
    assert contents(tmp_path / "runs" / MONTH) == contents(published_city)


def test_a_folder_that_may_not_be_written_is_told(run: Run, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    if os.access(closed, os.W_OK):
        closed = Path("/sys")  # root may write anywhere but there
        if not closed.is_dir():
            pytest.skip("run as root, and there is no folder that refuses it; run as another user")
    done = run(out=closed / "runs")
    assert done.returncode == EXIT_SYSTEM
    assert done.stderr.splitlines()[-1].startswith("error: no permission for ")


def test_two_runs_at_once_the_second_says_so(run: Run, published_city: Path, tmp_path: Path) -> None:
    from valfardsbrott.stages.lock import only_run

    with only_run((tmp_path / "runs",), "the run of 2026-09"):
        done = run()
    assert done.returncode == EXIT_SYSTEM
    assert f"process {os.getpid()}, the run of 2026-09" in done.stderr
    assert not (tmp_path / "runs" / MONTH).exists()
