"""What was known when: no decision counts before it was made and delivered, and each on the list that it was of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from valfardsbrott.control_arm import Arm
from valfardsbrott.domain import Month
from valfardsbrott.stages import learning_labels
from valfardsbrott.stages.learning_held import changed, until
from valfardsbrott.stages.learning_labels import decided_since, drawn, known, newest
from valfardsbrott.stages.workspace import Workspace

AUGUST, SEPTEMBER, OCTOBER = (Month(2026, month) for month in (8, 9, 10))
CALM: dict[str, dict[str, float]] = {
    org: {"overlap": 0.1} for org in ("alma", "beda", "carl", "dora", "elsa", "n1", "n2")
}


def test_a_decision_counts_when_it_is_made_and_delivered(store: Workspace, decide: Callable[..., None]) -> None:
    late = ("beda", "2026-09-03", "cleared", "review:control", "2", False)
    decide(SEPTEMBER, ("alma", "2026-09-10", "confirmed", "review:risk", "1", False),
           ("carl", "2026-10-02", "confirmed", "control_unit", "", False))  # fmt: skip
    decide(OCTOBER, late)
    assert [one.org_number for one in known(store, SEPTEMBER)] == ["alma"], "what is dated later waits"
    assert [one.org_number for one in known(store, OCTOBER)] == ["beda", "alma", "carl"]
    assert [one.arm for one in known(store, OCTOBER)] == ["control", "risk", "city"]
    assert known(store, AUGUST) == []


def test_each_decision_is_of_the_list_that_was_made_before_it(
    store: Workspace, score: Any, choose: Any, decide: Callable[..., None]
) -> None:
    score(AUGUST, CALM)
    choose(AUGUST, {"risk": ["alma", "beda"], "control": ["dora", "elsa"], "n-1": ["n1", "n2"]})
    decide(
        OCTOBER,
        ("alma", "2026-08-30", "confirmed", "review:risk", "1", False),  # before the list: no outcome of it
        ("beda", "2026-09-02", "insufficient", "review:risk", "2", False),
        ("n1", "2026-09-09", "confirmed", "review:risk", "3", False),
        ("dora", "2026-10-01", "cleared", "review:control", "4", False),
    )
    of = learning_labels.chosen(store, AUGUST)
    assert of is not None
    assert of.left == 3, "carl, dora and elsa; a flagged network's members are on the list"
    found = drawn(of, known(store, OCTOBER))
    assert found.listed == Arm(4, confirmed=1, cleared=0, insufficient=1)
    assert found.control == Arm(2, cleared=1)
    assert (found.listed.open, found.control.open) == (2, 1)
    assert set(decided_since(of, known(store, OCTOBER))) == {"beda", "n1", "dora"}


def test_a_case_that_was_listed_month_after_month_is_one_case(store: Workspace, decide: Callable[..., None]) -> None:
    decide(OCTOBER, ("alma", "2026-10-20", "confirmed", "review:risk", "1", False))
    listed = [
        learning_labels.Chosen(month, frozenset({"alma", "beda"}), frozenset({"elsa"}), frozenset(CALM))
        for month in (AUGUST, SEPTEMBER)
    ]
    first, last = learning_labels.once(listed, known(store, OCTOBER))
    assert (first.listed, last.listed) == (frozenset[str](), frozenset({"alma", "beda"}))
    assert first.drawn == last.drawn == {"elsa"}, "each draw is by chance"
    assert drawn(last, known(store, OCTOBER)).listed == Arm(2, confirmed=1)


def test_a_finding_replaces_insufficient_grounds_and_the_newest_finding_holds(
    store: Workspace, decide: Callable[..., None]
) -> None:
    decide(OCTOBER, ("alma", "2026-09-02", "insufficient", "review:risk", "1", False),
           ("alma", "2026-10-02", "cleared", "review:risk", "2", True),
           ("alma", "2026-10-20", "insufficient", "review:risk", "3", False))  # fmt: skip
    of = learning_labels.Chosen(AUGUST, frozenset({"alma"}), frozenset(), frozenset({"alma"}))
    assert decided_since(of, known(store, OCTOBER))["alma"].case_number == "2"
    assert newest(known(store, OCTOBER))["alma"].case_number == "2"


def rows(**nats: float) -> list[dict[str, Any]]:
    """Contributions; features of one letter are one block."""
    return [{"feature": name, "contribution": value, "block": ord(name[0])} for name, value in nats.items()]


@pytest.mark.parametrize(
    ("now", "new", "grown"),
    [
        (rows(overlap=4, wage=2), (), ()),
        (rows(overlap=1), (), ()),  # less of it is no news
        (rows(overlap=4.9, wage=2.4), (), ()),  # the month's noise
        (rows(overlap=9, wage=2), (), ("overlap",)),
        (rows(overlap=4, wage=2, heaping=3), ("heaping",), ()),
        (rows(overlap=4, wage=2, heaping=0.5), (), ()),  # too little of the evidence to be a reason
        ([], (), ()),
    ],
)
def test_what_brings_a_cleared_provider_back(now: list[dict[str, Any]], new: tuple[str], grown: tuple[str]) -> None:
    found = changed(rows(overlap=4, wage=2), now)
    assert (found.new, found.grown) == (new, grown)


def test_features_that_move_together_are_one_reason() -> None:
    assert not changed(rows(overlap=4, overlap_nights=2), rows(overlap_nights=5))
    assert changed([], rows(overlap=4)).new == ("overlap",), "where nothing is known of then, all is new"


def test_how_long_a_decision_holds_back() -> None:
    day, later = dt.date(2026, 1, 31), dt.date(2026, 6, 30)
    assert until(day, "cleared", True, None, 13) == dt.date(2027, 2, 28)
    assert until(day, "cleared", True, later, 12) == later
    assert until(day, "confirmed", False, None, 1) == dt.date(2026, 2, 28)
    assert until(day, "cleared", False, None, 12) is None, "no reason that lasts"
    assert until(day, "insufficient", False, None, 12) is None
