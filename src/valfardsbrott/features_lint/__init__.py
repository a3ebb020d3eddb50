"""Checks that a view's header and its query say the same, and that the query gives the same answer every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from valfardsbrott.definitions import folder
from valfardsbrott.features import IN_ONE_PIECE, load_views
from valfardsbrott.features_lint import cases, header, indicators, limits, places, query
from valfardsbrott.rules import Rule


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right: the file and line, the key or ``query``, and what is wrong with it."""

    path: Path
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.where}: {self.message}"


def check(root: Path | None = None) -> list[Problem]:
    """Every problem of the views below ``root`` (default: the project's), sorted; empty when all is well.

    Raises Failure for a header that cannot be read at all (see `features.load_views`).
    """
    views = load_views(root)
    by_name = {view.name: view for view in views}
    read = limits.read_all(views)
    problems = [
        _problem(view.path, where, message)
        for view in views
        for where, message in (
            *header.problems(view, by_name),
            *query.problems(view),
            *read[view.name].problems,
            *cases.problems(view),
        )
    ]
    unseen = [_problem(view.path, "cases", f"missing: no case runs {view.name}") for view in cases.never_run(root)]
    below = root or folder("features")
    missing = [Problem(below / indicators.FILE, 1, *problem) for problem in indicators.problems(below)]
    return sorted(problems + unseen + missing)


def check_rules(rules: Iterable[Rule]) -> list[Problem]:
    """Every problem of the invoice rules' queries, as of views; sorted."""
    own = tuple(rules)
    found = (_problem(rule.path, *said) for rule in own for said in query.problems(rule.view))
    return sorted([*found, *rules_beyond_limits(own)])


def rules_beyond_limits(rules: Iterable[Rule]) -> list[Problem]:
    """Where rules break the limits that hold for all queries (`limits`); that they are not split is no problem."""
    known = limits.read_all(load_views())
    found = (
        _problem(rule.path, *said)
        for rule in rules
        for said in limits.read(replace(rule.view, partition_by=IN_ONE_PIECE), known).problems
    )
    return sorted(problem for problem in found if problem.where != "partition_by")


def _problem(path: Path, where: str, message: str) -> Problem:
    return Problem(path, places.line(path, where), places.key(where), message)
