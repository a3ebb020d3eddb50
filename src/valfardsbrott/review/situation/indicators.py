"""Indicators with target, outcome and fulfilment [årsmål, utfall, måluppfyllelse], by board and for the whole city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from valfardsbrott.review.models import PlanEntry
from valfardsbrott.review.situation.boards import FollowUps
from valfardsbrott.review.situation.facts import Facts
from valfardsbrott.review.situation.figures import Limits, Publication

#: Board -> value; "" is the whole city. None: held back.
Values = Mapping[str, float | None]
MET, PARTLY, NOT_MET, UNANSWERED = "met", "partly", "not_met", "unanswered"
#: A target without a bound for "partly" is partly met this near to it.
NEAR = 0.1


@dataclass(frozen=True)
class Answer:
    """A board's outcome of an indicator in a year; ``source`` "computed" where the program reckoned it."""

    board: str
    target: float | None
    value: float | None
    fulfilment: str
    source: str
    comment: str = ""


def computed(
    shown: Publication, follow_ups: Mapping[str, FollowUps], facts: Facts, limits: Limits
) -> dict[str, dict[str, float | None]]:
    """Indicators that rest on figures that are shown; a board whose money is held back has none."""
    boards = ["", *shown.categories["board"]]
    paid = {board: _money(shown, "paid", board) for board in boards}
    followed = {board: _money(shown, "followed", board) for board in boards}
    visits = {"": _all(follow_ups), **follow_ups}
    days = [one.days for one in facts.sent if one.days is not None]
    enough = (shown.get("answered") or 0) >= limits.providers
    return {
        "followed_share": {board: _ratio(followed[board], paid[board]) for board in boards},
        "unannounced_share": {
            board: _ratio(visits[board].unannounced, visits[board].count) if board in visits and paid[board] else None
            for board in boards
        },
        "answer_days": {"": float(median(days)) if days and enough else None},
    }


def measures_done(measures: Sequence[PlanEntry]) -> dict[str, float | None]:
    """Share of the approved measures that are done, by responsible board and in all."""
    by_board: dict[str, list[bool]] = {"": []}
    for one in measures:
        done = one.standing is not None and one.standing.content["progress"] == "done"
        by_board[""].append(done)
        if one.board_id:
            by_board.setdefault(one.board_id, []).append(done)
    return {board: sum(done) / len(done) if done else None for board, done in by_board.items()}


def answers(
    indicator: Mapping[str, Any],
    targets: Mapping[str, Mapping[str, Any]],
    outcomes: Mapping[str, Mapping[str, Any]],
    values: Values,
    boards: Sequence[str],
) -> list[Answer]:
    """Every board's answer, then the whole city's (board ""). What a board entered goes before what is computed.

    A board without a target of its own is measured by the city's.
    """
    found: list[Answer] = []
    for board in [*boards, ""]:
        aim = targets.get(board) or targets.get("")
        entered = outcomes.get(board)
        value = entered["value"] if entered else values.get(board)
        rated = fulfilment(value, aim, indicator["better"]) if board or value is not None else _together(found)
        source = entered["source"] if entered else "computed" if value is not None else ""
        comment = entered.get("comment", "") if entered else ""
        found.append(Answer(board, aim["target"] if aim else None, value, rated, source, comment))
    return found


def fulfilment(value: float | None, aim: Mapping[str, Any] | None, better: str) -> str:
    """Met, partly, or not; unanswered where value or target is missing. At the target is met.

    >>> fulfilment(0.8, {"target": 0.8}, "higher"), fulfilment(14, {"target": 10, "partly": 15}, "lower")
    ('met', 'partly')
    """
    if value is None or aim is None:
        return UNANSWERED
    sign = 1 if better == "higher" else -1
    target = aim["target"]
    partly = aim.get("partly", target - sign * NEAR * abs(target))
    return MET if sign * value >= sign * target else PARTLY if sign * value >= sign * partly else NOT_MET


def _together(answered: Sequence[Answer]) -> str:
    """The whole from its parts: met where all are, not met where none is even partly; unanswered where nobody has."""
    rated = [one.fulfilment for one in answered]
    if set(rated) <= {UNANSWERED}:
        return UNANSWERED
    if set(rated) == {MET}:
        return MET
    return PARTLY if {MET, PARTLY} & set(rated) else NOT_MET


def _all(follow_ups: Mapping[str, FollowUps]) -> FollowUps:
    counted = follow_ups.values()
    return FollowUps(sum(one.count for one in counted), sum(one.unannounced for one in counted))


def _money(shown: Publication, measure: str, board: str) -> int | None:
    breakdown = "board" if board else "total"
    return shown.get(measure, breakdown, board) if (measure, breakdown, board) in shown.keys else None


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
