"""What is published is attacked: nobody works a small figure out, whatever tables are set against one another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from valfardsbrott.review.situation.facts import Event, Facts, Subject
from valfardsbrott.review.situation.figures import (
    BREAKDOWNS,
    CONTROL,
    COUNTS,
    Limits,
    Publication,
    amounts_of,
    categories_of,
    counts_of,
    publish,
)
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.suppression import Attacker, Figure, System, protect

PERIOD = Period.of("2026-05", "2026-10")
LIMITS = Limits(providers=3, recipients=5)
BOARDS, DISTRICTS, SERVICES = ("N01", "N02", "N03"), ("Norrstad", "Söderstad"), ("home_care", "housing_support")


def subject(at: int, board: str = "N01", district: str = "Norrstad", recipients: int | None = 20) -> Subject:
    return Subject(f"00{at:08d}", board, district, SERVICES[at % 2], recipients)


def facts(subjects: Sequence[Subject], events: Sequence[Event]) -> Facts:
    """Whoever is confirmed or referred was reviewed too, at the same time."""
    there = {one.org_number for one in events if one.status == "reviewed"}
    burdened = {one.org_number: one for one in events if one.status in {"confirmed", "referred"}}
    more = [replace(one, status="reviewed", amount_ore=0) for org, one in burdened.items() if org not in there]
    known, everything = {one.org_number: one for one in subjects}, [*events, *more]
    checks = [one for one in everything if one.arm == "control"]
    return Facts(
        PERIOD, known, everything, {}, {"register": frozenset(), "follow_up": frozenset()},
        checked=frozenset(one.org_number for one in checks if one.status in {"reviewed", "confirmed"}),
        check_confirmed=frozenset(one.org_number for one in checks if one.status == "confirmed"),
    )  # fmt: skip


def confirmed(one: Subject, **more: object) -> Event:
    return Event("confirmed", one.org_number, "2026-06", "risk", **more)  # type: ignore[arg-type]


def published(made: Facts) -> Publication:
    return publish(made, BOARDS, System(), LIMITS)


def test_one_confirmed_provider_is_not_shown_and_not_left_over() -> None:
    """Ten in Norrstad's board and one in the next: eleven less ten is one."""
    many, lone = [subject(at) for at in range(10)], subject(10, "N02", "Söderstad")
    shown = published(facts([*many, lone], [confirmed(one) for one in [*many, lone]]))
    assert shown.get("confirmed", "board", "N02") is None
    assert None in (
        shown.get("confirmed"),
        shown.get("confirmed", "board", "N01"),
        shown.get("confirmed", "board", "N03"),
    )


def test_three_providers_with_one_recipient_each_are_as_small_as_one() -> None:
    few = [subject(at, recipients=1) for at in range(3)]
    rest = [subject(at, "N02") for at in range(3, 12)]
    assert (
        published(facts([*few, *rest], [confirmed(one) for one in [*few, *rest]])).get("confirmed", "board", "N01")
        is None
    )
    known = [subject(at, recipients=7) for at in range(3)]
    assert (
        published(facts([*known, *rest], [confirmed(one) for one in [*known, *rest]])).get("confirmed", "board", "N01")
        == 3
    )


def test_providers_whose_recipients_nobody_knows_count_for_none() -> None:
    unknown = [subject(at, recipients=None) for at in range(30)]
    assert published(facts(unknown, [confirmed(one) for one in unknown])).get("confirmed") is None


def test_an_amount_that_one_provider_dominates_is_not_shown() -> None:
    orgs = [subject(at) for at in range(6)]
    even = published(facts(orgs, [confirmed(one, amount_ore=100_000) for one in orgs]))
    assert even.get("amount_confirmed") == 600_000
    skewed = [confirmed(one, amount_ore=9_000_000 if at == 0 else 1_000) for at, one in enumerate(orgs)]
    assert published(facts(orgs, skewed)).get("amount_confirmed") is None


def test_a_case_of_two_schemes_counts_whole_under_both() -> None:
    orgs = [subject(at) for at in range(12)]
    stated = [("S01", "S02") if at < 6 else ("S02",) for at in range(12)]
    events = [confirmed(one, amount_ore=100_000, schemes=schemes) for one, schemes in zip(orgs, stated, strict=True)]
    shown = published(facts(orgs, events))
    assert shown.get("amount_scheme", "scheme", "S01") == 600_000
    assert shown.get("amount_scheme", "scheme", "S02") == 1_200_000
    assert shown.get("amount_scheme", "scheme", "S03") == 0


def test_the_amount_of_a_scheme_that_one_provider_is_known_for_is_not_shown() -> None:
    orgs = [subject(at) for at in range(12)]
    events = [
        confirmed(one, amount_ore=100_000, schemes=("S01",) if at == 0 else ("S02",)) for at, one in enumerate(orgs)
    ]
    shown = published(facts(orgs, events))
    assert shown.get("amount_scheme", "scheme", "S01") is None


def test_nothing_of_nothing_is_shown() -> None:
    shown = published(facts([subject(at) for at in range(8)], []))
    assert shown.get("flagged") == 0
    assert shown.get("flagged", "board", "N01") == 0
    assert shown.get(*CONTROL) is None  # what is nought there would narrow the estimate down to one provider


def test_a_figure_that_never_was_is_an_error() -> None:
    with pytest.raises(KeyError):
        published(facts([], [])).get("suspects")


CITY = st.lists(
    st.tuples(
        st.sampled_from(BOARDS), st.sampled_from(DISTRICTS), st.sampled_from([None, 1, 4, 30]),
        st.lists(
            st.tuples(
                st.sampled_from(COUNTS),
                st.sampled_from(PERIOD.months), st.sampled_from(["risk", "control", "manual"]),
                st.sampled_from([0, 10_000, 90_000, 5_000_000]),
            ),
            max_size=3, unique_by=lambda event: event[0],
        ),
    ),
    min_size=1, max_size=25,
)  # fmt: skip
City = list[tuple[str, str, int | None, list[tuple[str, str, str, int]]]]


def built(city: City) -> Facts:
    subjects = [subject(at, board, district, recipients) for at, (board, district, recipients, _) in enumerate(city)]
    events = [
        Event(status, one.org_number, month, arm, ore, ("S01",) if ore else ())
        for one, (*_, happened) in zip(subjects, city, strict=True)
        for status, month, arm, ore in happened
    ]
    return facts(subjects, events)


@settings(max_examples=8, deadline=None)
@given(CITY)
def test_no_small_count_is_found_by_whoever_has_every_table(city: City) -> None:
    """The attacker knows the whole cube behind the tables: each part, board, district, service and arm at once."""
    made = built(city)
    shown, categories = published(made), categories_of(made, BOARDS)
    cube = list(itertools.product(*(categories[each] for each in BREAKDOWNS)))
    place = {name: at for at, name in enumerate(BREAKDOWNS)}

    def row(breakdown: str, category: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([breakdown == "total" or cell[place[breakdown]] == category for cell in cube], float)

    def wide(measure: str, breakdown: str, category: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        part = row(breakdown, category)
        return np.concatenate([part if each == measure else np.zeros(len(cube)) for each in COUNTS])

    counts = {key: value for key, value in shown.values.items() if key[0] in COUNTS}
    equal = (np.array([wide(*key) for key in counts]), list(counts.values())) if counts else (None, None)
    same = [tuple(cell[place[name]] for name in ("board", "district", "service")) for cell in cube]
    order = np.array([  # whoever is confirmed or referred was reviewed, if perhaps in another part or by another arm
        np.concatenate([
            np.array([(each == status) - (each == "reviewed") if one == group else 0 for one in same], float)
            for each in COUNTS
        ])
        for status in ("confirmed", "referred") for group in sorted(set(same))
    ])  # fmt: skip
    bound = {"A_ub": order, "b_ub": np.zeros(len(order))}
    system = counts_of(made, categories, LIMITS)
    for figure in system.figures.values():
        if figure.small and figure.key[0] in COUNTS:
            aim = wide(*figure.key)
            low = linprog(aim, A_eq=equal[0], b_eq=equal[1], method="highs", **bound)
            high = linprog(-aim, A_eq=equal[0], b_eq=equal[1], method="highs", **bound)
            assert low.fun <= 1e-6, figure.key
            assert high.status == 3 or -high.fun >= LIMITS.providers - 1e-6, figure.key


@settings(max_examples=5, deadline=None)
@given(CITY)
def test_no_amount_of_a_few_is_found_within_a_fifth(city: City) -> None:
    made = built(city)
    shown = published(made)
    system = amounts_of(made, categories_of(made, BOARDS), LIMITS)
    attacker = Attacker(system)
    known = [key for key in shown.values if key in system.figures]
    for figure in system.figures.values():
        if figure.small:
            low, high = attacker.range(figure.key, known)
            assert low <= 0.8 * figure.value + 1e-3
            assert high >= 1.2 * figure.value - 1e-3


@settings(max_examples=5, deadline=None)
@given(CITY)
def test_what_is_shown_is_true_and_of_enough(city: City) -> None:
    made = built(city)
    shown = published(made)
    for (measure, breakdown, category), value in shown.values.items():
        if measure in COUNTS:
            of = {
                one.org_number
                for one in made.events
                if one.status == measure
                and (breakdown == "total" or category in (
                    one.arm, made.period.part(one.month), *vars(made.subjects[one.org_number]).values()
                ))
            }  # fmt: skip
            people = sum(made.subjects[org].recipients or 0 for org in of)
            assert value == 0 or (len(of) >= LIMITS.providers and people >= LIMITS.recipients)
            assert value == len(of)
        if f"amount_{measure}" in ("amount_flagged", "amount_confirmed"):
            assert (measure, breakdown, category) in shown.values or shown.get(
                f"amount_{measure}", breakdown, category
            ) is None


def test_what_protects_is_the_least_that_does() -> None:
    """Rows 1 and 9 with their sum: the nine goes, the sum stays."""
    system = System()
    total = Figure(("n", "total", ""), 10, {"a": 1, "b": 1}, cost=9)
    for figure in (Figure(("n", "row", "a"), 1, {"a": 1}, 0, 3), Figure(("n", "row", "b"), 9, {"b": 1}), total):
        system.add(figure)
    assert protect(system) == {total.key}
