"""A run: one at a time, resumed after a kill at any stage, every failure one line with what to do."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from valfardsbrott.domain import EXIT_INPUT, EXIT_SYSTEM, Failure, Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import pipeline
from valfardsbrott.stages.failures import as_failure, write_log
from valfardsbrott.stages.lock import only_run
from valfardsbrott.stages.models_roles import promote, record_file
from valfardsbrott.stages.pipeline import STAGES, run_month

OCTOBER = Month(2026, 10)
Stage = Callable[..., Manifest]


@pytest.fixture
def delivered(make_settings: Callable[..., Settings]) -> Settings:
    settings = make_settings()
    (settings.deliveries / "2026-10").mkdir(parents=True)
    return settings


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stage]:
    """Stages that only say that they ran; a test replaces the one it is about."""
    made: dict[str, Stage] = {
        name: lambda month, *_, name=name: Manifest(name, str(month), f"{name}-done") for name in STAGES
    }

    def import_module(name: str) -> ModuleType:
        module = ModuleType(name)
        module.run = made[name.rsplit(".", 1)[1]]  # type: ignore[attr-defined]
        return module

    monkeypatch.setattr(pipeline, "import_module", import_module)
    return made


def test_stages_run_in_order_and_the_result_names_the_run(delivered: Settings, stages: dict[str, Stage]) -> None:
    done = run_month(OCTOBER, delivered)
    assert tuple(done.manifests) == STAGES
    assert (done.run_id, done.folder) == ("publish-done", delivered.out / "2026-10")


def test_a_month_without_delivery_names_those_there_are_and_makes_nothing(delivered: Settings) -> None:
    with pytest.raises(Failure, match=r"no delivery for 2026-12 in .*: it holds 2026-10 to 2026-10") as told:
        run_month(Month(2026, 12), delivered)
    assert told.value.exit_code == EXIT_INPUT
    assert not delivered.out.exists()


def test_a_changed_record_of_promotions_stops_the_run_before_its_work(
    delivered: Settings, stages: dict[str, Stage]
) -> None:
    delivered = delivered.model_copy(update={"tracking": False})
    promote(delivered, "provider_challenger", "A. Analyst", "Finds two more of ten known cases")
    record = record_file(delivered)
    record.write_text(record.read_text("utf-8").replace("A. Analyst", "Nobody"), encoding="utf-8")
    began: list[Month] = []

    def ingest(month: Month, *_: object) -> Manifest:
        began.append(month)
        return Manifest("ingest", str(month), "done")

    stages["ingest"] = ingest
    with pytest.raises(Failure, match="record of promotions has been changed"):
        run_month(OCTOBER, delivered)
    assert began == []


def test_a_folder_that_is_not_there_is_named(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(Failure, match=r"there is no folder .*deliveries"):
        run_month(OCTOBER, make_settings())


def test_deliveries_that_may_not_be_read_are_named(delivered: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may read anything
    with pytest.raises(Failure, match=r"no permission to read .*deliveries") as failure:
        run_month(OCTOBER, delivered)
    assert failure.value.exit_code == EXIT_SYSTEM


def test_two_runs_at_once_the_second_is_told_who_holds_the_store(delivered: Settings, stages: dict[str, Stage]) -> None:
    with only_run((delivered.store_path,), "the run of 2026-09"), pytest.raises(Failure) as told:
        in_thread(lambda: run_month(OCTOBER, delivered))
    assert f"process {os.getpid()}, the run of 2026-09" in told.value.message
    assert ".lock" in told.value.message
    assert told.value.exit_code == EXIT_SYSTEM
    run_month(OCTOBER, delivered)


def in_thread(work: Callable[[], Any]) -> None:
    """Run in another thread, where the lock is not held already, and pass its error on."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    for error in errors:
        raise error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/a.parquet"),
            "no room left on the disk for /data/a.parquet",
        ),
        (OSError(errno.EFBIG, "File too large"), "no room left on the disk"),
        (RuntimeError("IO Error: Could not write: No space left on device"), "no room left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), "no permission for /data"),
        (OSError(errno.EROFS, "Read-only file system", "/data"), "no permission for /data"),
        (
            NotADirectoryError(errno.ENOTDIR, "Not a directory", "/data"),
            "a file lies where a folder is needed for /data",
        ),
    ],
)
def test_the_disks_trouble_is_told_by_name(
    delivered: Settings, stages: dict[str, Stage], error: Exception, told: str
) -> None:
    stages["detect"] = raising(error)
    with pytest.raises(Failure, match=told) as failure:
        run_month(OCTOBER, delivered)
    assert "during the stage detect" in failure.value.message
    assert failure.value.exit_code == EXIT_SYSTEM
    assert not (delivered.store_path / "logs").exists()


def raising(error: Exception) -> Stage:
    def stage(*_: object) -> Manifest:
        raise error

    return stage


def test_an_unforeseen_error_leaves_a_log_of_frames_without_data(delivered: Settings, stages: dict[str, Stage]) -> None:
    secret = "19811218-9876"

    def broken(*_: object) -> Manifest:
        raise ValueError(f"could not convert {secret}")

    stages["features"] = broken
    with pytest.raises(Failure, match="unexpected ValueError during the stage features") as told:
        run_month(OCTOBER, delivered)
    (log,) = (delivered.store_path / "logs").glob("*.log")
    text = log.read_text("utf-8")
    assert str(log) in told.value.hint
    assert "in broken" in text
    assert secret not in text
    assert secret not in str(told.value)


def test_a_log_names_causes_too(tmp_path: Path) -> None:
    try:
        try:
            raise KeyError("a")
        except KeyError as cause:
            raise TypeError("b") from cause
    except TypeError as error:
        text = write_log(error, tmp_path, "a test").read_text("utf-8")
    assert text.index("builtins.TypeError") < text.index("builtins.KeyError")


def test_a_failure_is_passed_on_as_it_is(tmp_path: Path) -> None:
    failure = Failure("a", "b")
    assert as_failure(failure, tmp_path, "a test") is failure


def test_trouble_with_the_tracking_never_loses_the_result(
    delivered: Settings, stages: dict[str, Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ModuleType("valfardsbrott.tracking")
    monkeypatch.setitem(sys.modules, "valfardsbrott.tracking", broken)
    monkeypatch.setattr("valfardsbrott.tracking", broken, raising=False)
    done = run_month(OCTOBER, delivered.model_copy(update={"tracking": True}))
    assert done.run_id == "publish-done"
    assert done.tracked == ""
    assert "unexpected AttributeError during the logging in MLflow" in done.tracking_error


@pytest.fixture
def killed() -> Iterator[Callable[[Settings, str], int]]:
    """Run the pipeline in a process of its own that is killed (-9) in the named stage."""
    script = (
        "import os, signal, sys\n"
        "from importlib import import_module as real\n"
        "from pathlib import Path\n"
        "from types import ModuleType\n"
        "from valfardsbrott.domain import Manifest, Month\n"
        "from valfardsbrott.settings import Settings\n"
        "from valfardsbrott.stages import pipeline\n"
        "def run(*_):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "def stage(name):\n"
        "    module = ModuleType(name)\n"
        "    done = lambda month, *_: Manifest(name, str(month), name)\n"
        "    module.run = run if name.endswith('.' + sys.argv[3]) else done\n"
        "    return module\n"
        "pipeline.import_module = stage\n"
        "pipeline.run_month(Month(2026, 10), Settings(deliveries=sys.argv[1], out=sys.argv[2], tracking=False))\n"
    )

    def run(settings: Settings, stage: str) -> int:
        command = [sys.executable, "-c", script, str(settings.deliveries), str(settings.out), stage]
        return subprocess.run(command, check=False).returncode

    return run  # type: ignore[return-value]


@pytest.mark.parametrize("stage", STAGES)
def test_killed_in_any_stage_the_lock_is_free_and_the_result_intact(
    delivered: Settings, stages: dict[str, Stage], killed: Callable[[Settings, str], int], stage: str
) -> None:
    (delivered.out / "2026-10").mkdir(parents=True)
    (delivered.out / "2026-10" / "run.json").write_text("the last result")
    assert killed(delivered, stage) == -signal.SIGKILL
    assert (delivered.out / "2026-10" / "run.json").read_text() == "the last result"
    assert run_month(OCTOBER, delivered).run_id == "publish-done"
