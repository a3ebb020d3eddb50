"""A real cluster of Spark, a master and two workers as processes on loopback: a whole run, also with one killed.

Outside the suite: ``make test-cluster`` (SIZE=M, or S for a quick one).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from valfardsbrott.engines.spark_java import java_home

Run = Callable[..., Path]
SIZE = os.environ.get("VALFARDSBROTT_CLUSTER_SIZE", "M")
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(3600)]


@dataclass
class Cluster:
    """Processes of one standalone cluster, and what the command needs to find it."""

    folder: Path
    master: str
    env: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, kind: str, *words: str) -> None:
        """Start a master or worker, whose executors are in its own group of processes."""
        import pyspark

        program = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}"]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [*program, "--host", "127.0.0.1", "--webui-port", "0", *words],
                stdout=log, stderr=log, env=dict(self.env), start_new_session=True,
            )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def kill(self, name: str) -> None:
        """As when a machine loses its power."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(there: Callable[[], bool], what: str, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("pyspark", reason="pip install 'valfardsbrott[spark]'")
    folder = tmp_path_factory.mktemp("cluster")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "spark-defaults.conf").write_text("spark.executor.memory 512m\n", encoding="utf-8")
    env = {
        **os.environ, "JAVA_HOME": str(java_home(folder)), "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder / "local"),
    }  # fmt: skip
    made = Cluster(folder, f"spark://127.0.0.1:{port}", env)
    try:
        made.start("master", "master.Master", "--port", str(port))
        wait_until(lambda: "New state: ALIVE" in made.log("master"), "the master's start")
        for name in ("one", "two"):
            words = ("--cores", "1", "--memory", "600m", "--work-dir", str(folder / name), made.master)
            made.start(name, "worker.Worker", *words)
            wait_until(lambda name=name: "Successfully registered" in made.log(name), "a worker's start")  # type: ignore[misc]
        yield made
    finally:
        for name in list(made.processes):
            made.kill(name)


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months of a city of the size, or those of VALFARDSBROTT_CLUSTER_CITY."""
    out = tmp_path_factory.mktemp("city") / SIZE
    if given := os.environ.get("VALFARDSBROTT_CLUSTER_CITY"):
        shutil.copytree(given, out)
    else:
        words = ["generate", str(out), "--size", SIZE, "--months", "2", "--last", "2026-10"]
        subprocess.run([sys.executable, "-m", "valfardsbrott", *words], check=True, capture_output=True)
    return out / "deliveries"


def test_a_cluster_gives_the_same_bytes_also_when_it_loses_a_worker_midway(
    cluster: Cluster,
    deliveries: Path,
    run_city: Run,
    tmp_path: Path,
    differing: Callable[[Path, Path], set[str]],
    capsys: pytest.CaptureFixture[str],
    start_run: Callable[..., subprocess.Popen[bytes]],
) -> None:
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Path]) -> Path:
        begun = time.monotonic()
        made = work()
        seconds[name] = round(time.monotonic() - begun, 1)
        return made

    words = ("--engine", "spark", "--master", cluster.master)
    alone = timed("DuckDB alone", lambda: run_city(deliveries, "duckdb"))
    two = timed("Spark, two workers", lambda: run_city(deliveries, "two", *words, env=cluster.env))
    assert differing(alone, two) == set()

    def lose_one() -> Path:
        running = start_run(deliveries, "one", *words, env=cluster.env)
        views = tmp_path / "one" / ".store" / "views"
        wait_until(lambda: bool(list(views.glob("visit_fact/*-10.parquet"))), "the work's middle", 1800)
        wait_until(lambda: bool(list(views.glob("*/.*.pieces/*.parquet"))), "a wave that is half done", 600)
        cluster.kill("two")
        assert running.wait() == 0
        return tmp_path / "one" / "2026-10"

    one = timed("Spark, one of two workers killed midway", lose_one)
    assert differing(alone, one) == set()
    assert "Removing worker" in cluster.log("master") or "got disassociated" in cluster.log("master")
    with capsys.disabled():
        sys.stdout.write("".join(f"\nsize {SIZE}, {name}: {took:g} s" for name, took in seconds.items()) + "\n")
