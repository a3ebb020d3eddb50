"""Opens Spark: one context a process, no page of its own, on this machine alone unless the master is elsewhere."""

from __future__ import annotations

import atexit
import os
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.engines.spark_java import INSTALL, java_home

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@cache
def context(master: str, scratch: Path) -> Any:
    """The process's SparkContext at ``master``; what Spark says goes to ``scratch``/spark.log.

    Spark's own configuration (SPARK_CONF_DIR, spark-defaults.conf) holds for all that is not set here. Raises Failure
    where pyspark or Java is missing, or the master does not answer.
    """
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
    except ImportError:
        raise Failure("Spark is not installed", INSTALL, EXIT_SYSTEM) from None
    log = scratch / "spark.log"
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ["JAVA_HOME"] = str(java_home(scratch))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    conf = SparkConf().setMaster(master).setAppName("valfardsbrott").setAll(list(options(master, scratch).items()))
    try:
        with log.open("ab") as said, warnings.catch_warnings():
            # Of its data frames, which are not used here.
            warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
            gateway = launch_gateway(conf, {"stdout": said, "stderr": said})  # type: ignore[no-untyped-call]
            opened = SparkContext(gateway=gateway, conf=conf)
    except Exception as error:
        hint = f"See that --master is right and the cluster is up; Spark's own words are in {log}"
        raise Failure(f"Spark does not start at {master}: {_line(error)}", hint, EXIT_SYSTEM) from error
    atexit.register(opened.stop)
    return opened


def options(master: str, scratch: Path) -> dict[str, str]:
    """Spark's settings: no page, no progress on the terminal; loopback and our own scratch folder on one machine."""
    said = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "WARN",
        "spark.python.worker.reuse": "true",
    }
    if is_here(master):
        said |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if master.startswith("local"):
        said |= {"spark.local.dir": str(scratch)}
    return said


def is_here(master: str) -> bool:
    """Whether all of Spark is on this machine: a local master, or one that answers on loopback."""
    return master.startswith("local") or urlsplit(master).hostname in _HERE


def _line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
