"""The gate lets the learnt order lead only where it is better; the guards keep the list from its own tail."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.stages.learning_gate import Compared, gate
from valfardsbrott.stages.learning_order import mixed, varied


def months(learned_knows: float, count: int = 8, seed: int = 1) -> list[Compared]:
    """Twenty cases a month of which eight are right; the champion knows nothing of which, the learnt score a little."""
    rng = np.random.default_rng(seed)
    made = []
    for month in range(count):
        right = (np.arange(20) < 8).astype(float)
        made.append(Compared(str(month), rng.normal(size=20), rng.normal(size=20) + learned_knows * right, right))
    return made


def test_what_is_better_takes_over_and_says_so() -> None:
    found = gate(months(1.5))
    assert found.takes_over
    assert found.low is not None
    assert found.low > 0
    assert found.learned == pytest.approx(0.85, abs=0.1)
    assert "oftare än den ordinarie modellen (+0," in found.why("sv")
    assert "than the champion (+0." in found.why("en")


def test_what_knows_nothing_seldom_takes_over_and_what_knows_less_never() -> None:
    assert sum(gate(months(0.0, seed=seed)).takes_over for seed in range(40)) <= 6, "one in twenty, give or take"
    worse = gate(months(-1.5))
    assert not worse.takes_over
    assert worse.why("en").startswith("The champion stays: the difference (-0.")


@pytest.mark.parametrize("few", [months(3.0, count=2), [], months(3.0)[:1] * 3])
def test_too_little_decides_nothing(few: list[Compared]) -> None:
    few = [Compared(each.month, each.champion[6:10], each.learned[6:10], each.confirmed[6:10]) for each in few]
    found = gate(few)
    assert (found.takes_over, found.reason, found.difference) == (False, "few", None)
    assert found.why("sv").startswith("För få prövade fall")


def test_the_same_cases_give_the_same_verdict() -> None:
    assert gate(months(0.5)) == gate(months(0.5))


@given(st.permutations(list("abcdefgh")), st.integers(0, 8))
def test_at_least_half_of_the_list_stays_the_champions_own(learned: list[str], capacity: int) -> None:
    own = list("abcdefgh")
    order = mixed(own, learned, capacity)
    assert sorted(order) == own, "nobody is lost"
    listed = order[:capacity]
    assert len(set(listed) & set(own[:capacity])) * 2 >= len(listed)


def test_where_both_agree_nothing_is_moved() -> None:
    assert mixed(list("abcd"), list("abcd"), 2) == list("abcd")


def test_a_list_that_chews_the_same_cud_alarms() -> None:
    why = {"a": "overlap", "b": "overlap", "c": "wage", "d": "heaping", "e": "overlap", "f": "overlap"}
    calm = varied(list("abcd"), list("abcd"), {"a"}, why)
    assert calm.alarms == ()
    assert (calm.again, calm.brought_in) == (0.25, 0.0)
    narrow = varied(list("abef"), list("abcd"), set("abe"), why)
    assert narrow.alarms == ("again", "narrow"), "one kind of reason where the champion has nearly three"
    assert narrow.kinds == pytest.approx(1.0)
    assert narrow.brought_in == 0.5
    assert varied([], [], set(), {}).alarms == ()
