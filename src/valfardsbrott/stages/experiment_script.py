"""An experiment whose question is none over models: its own script answers it, run as the folder says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.stages.experiment_plan import Script

if TYPE_CHECKING:
    from valfardsbrott.stages.experiment import Bench


def run(bench: Bench, plan: Script) -> dict[str, Any]:
    """Run ``script`` with its arguments in the project's folder; what it wrote to ``results.json``.

    In an argument ``{work}`` stands for the work folder and ``$NAME`` for a variable of the environment. Raises Failure
    where the script ends in error or leaves no results; what it says goes to the console.
    """
    script = bench.folder / plan.script
    if not script.is_file():
        raise Failure(f"{script} is missing", "Correct 'script' in experiment.yaml")
    bench.work.mkdir(parents=True, exist_ok=True)
    given = [os.path.expandvars(each.replace("{work}", str(bench.work))) for each in plan.arguments]
    if unset := next((each for each in given if each.startswith("$")), None):
        raise Failure(f"the experiment {bench.name} needs {unset}", "Set the variable to the place of the data")
    # The script is the checkout's own, named by its experiment.yaml.
    done = subprocess.run([sys.executable, str(script), *given], check=False, stdout=sys.stderr)  # noqa: S603
    if done.returncode:
        raise Failure(f"{script} ended with an error", "What it said stands above", EXIT_SYSTEM)
    return results(bench)


def results(bench: Bench) -> dict[str, Any]:
    """The folder's results. Raises Failure where there are none."""
    path = bench.folder / "results.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        hint = f"Run it: valfardsbrott experiment run {bench.name}"
        raise Failure(f"{path} cannot be read", hint) from error
    return found
