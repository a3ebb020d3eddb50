"""Checks that a view's header and its query say the same, and that the query gives the same answer every time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from valfardsbrott.definitions import folder
from valfardsbrott.features import load_views
from valfardsbrott.features_lint import cases, header, indicators, limits, query


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right: the file, the key or part of the query, and what is wrong with it."""

    path: Path
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: {self.message}"


def check(root: Path | None = None) -> list[Problem]:
    """Every problem of the views below ``root`` (default: the project's), sorted; empty when all is well.

    Raises Failure for a header that cannot be read at all (see `features.load_views`).
    """
    views = load_views(root)
    by_name = {view.name: view for view in views}
    read = limits.read_all(views)
    problems = [
        Problem(view.path, where, message)
        for view in views
        for where, message in (
            *header.problems(view, by_name),
            *query.problems(view),
            *read[view.name].problems,
            *cases.problems(view),
        )
    ]
    unseen = [Problem(view.path, "cases", f"missing: no case runs {view.name}") for view in cases.never_run(root)]
    below = root or folder("features")
    missing = [Problem(below / indicators.FILE, *problem) for problem in indicators.problems(below)]
    return sorted(problems + unseen + missing)
