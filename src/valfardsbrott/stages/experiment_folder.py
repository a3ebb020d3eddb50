"""What every experiment's folder owes its reader, and every model in use: checked, so that it stays true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.stages.experiment_plan import read

#: The headings of an experiment's README, in this order and no others.
HEADINGS = ("Question", "Data", "Method", "Result", "What would change our mind", "Decision")
#: What results.json may weigh: figures, not tables of rows.
LARGEST = 250_000


def problems(folder: Path) -> list[str]:
    """What is wrong with an experiment's folder, a line each; none where it is whole."""
    found = []
    try:
        read(folder)
    except Failure as failure:
        found.append(failure.message)
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.exists() else ""
    headings = tuple(re.findall(r"^## (.+)$", text, re.MULTILINE))
    if headings != HEADINGS:
        said = ", ".join(headings) or "none"
        found.append(f"{folder.name}/README.md: its headings are {said}; it owes {', '.join(HEADINGS)}")
    if empty := [name for name, body in _sections(text).items() if not body.strip()]:
        found.append(f"{folder.name}/README.md: nothing under {', '.join(empty)}")
    results = folder / "results.json"
    if not results.exists():
        found.append(f"{folder.name}: no results.json")
    elif results.stat().st_size > LARGEST:
        found.append(f"{folder.name}/results.json: {results.stat().st_size} bytes, more than {LARGEST}")
    return found


def unfounded(model: str, experiment: str, folder: Path) -> list[str]:
    """What is wrong with the experiment that a model names as the one that chose it; none where it stands."""
    own = folder / experiment
    if not (own / "results.json").exists():
        return [f"{model} names the experiment '{experiment}', which has no results"]
    found = []
    decision = _sections((own / "README.md").read_text("utf-8")).get("Decision", "")
    if model not in decision:
        found.append(f"{model} names the experiment '{experiment}', whose Decision does not mention it")
    variants = json.loads((own / "results.json").read_text("utf-8")).get("variants", {})
    if not any(each["parameters"].get("base") == model for each in variants.values()):
        found.append(f"{model} names the experiment '{experiment}', whose results have no variant of it")
    return found


def _sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def listed(folder: Path) -> list[dict[str, Any]]:
    """Every experiment below ``folder`` by name: its question, and what is wrong with it.

    Raises Failure where there is none.
    """
    found: list[dict[str, Any]] = []
    for own in sorted({path.parent for name in ("README.md", "experiment.yaml") for path in folder.glob(f"*/{name}")}):
        readme = own / "README.md"
        text = readme.read_text("utf-8") if readme.exists() else ""
        title = text.partition("\n")[0].removeprefix("# ")
        found.append({"name": own.name, "title": title, "problems": problems(own)})
    if not found:
        hint = "Name the folder of experiments with --folder; docs/models.md says what an experiment holds"
        raise Failure(f"there is no experiment in {folder}", hint, EXIT_USAGE)
    return found
