"""No cell below the least is shown, and none can be worked out from those that are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.audit.suppression import Table, unsafe, withheld

LEAST = 5


def table(cells: dict[str, tuple[int, int]]) -> Table:
    """One column, from persons and flagged by group."""
    groups = [name for name, (persons, _) in cells.items() for _ in range(persons)]
    flagged = [at < hits for persons, hits in cells.values() for at in range(persons)]
    return Table.of({"group": groups}, flagged)


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ({"a": (500, 40), "b": (300, 20)}, set()),
        ({"a": (500, 40), "b": (300, 20), "few": (30, 3)}, {"b", "few"}),  # b, lest few is the rest
        ({"a": (500, 40), "one": (20, 3), "two": (20, 3)}, {"one", "two"}),  # six together
        ({"a": (500, 40), "b": (50, 20), "one": (20, 1), "two": (20, 1)}, {"b", "one", "two"}),
        ({"a": (500, 40), "none": (40, 0)}, set()),
        ({"a": (500, 40), "nearly all": (40, 38)}, {"a", "nearly all"}),
        ({"only": (40, 2)}, {"only"}),
    ],
)
def test_groups_withheld(cells: dict[str, tuple[int, int]], hidden: set[str]) -> None:
    assert {group for _, group in withheld(table(cells), LEAST)} == hidden


def test_a_coarser_column_does_not_tell_what_a_finer_one_withholds() -> None:
    fine = ["65-79"] * 100 + ["80+"] * 103 + ["18-64"] * 200
    flagged = [at < 50 for at in range(100)] + [at < 3 for at in range(103)] + [at < 90 for at in range(200)]
    coarse = ["old"] * 203 + ["young"] * 200
    hidden = withheld(Table.of({"fine": fine, "coarse": coarse}, flagged), LEAST)
    assert ("fine", "80+") in hidden
    shown = {"old", "65-79"} - {group for _, group in hidden}
    assert len(shown) < 2, "the old less those of 65 to 79 are those of 80 and more"


people = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=120)


@settings(max_examples=60, deadline=None)
@given(people)
def test_no_small_cell_is_a_sum_of_what_is_shown(persons: list[tuple[str, str, bool]]) -> None:
    """Any attacker who adds and subtracts shown cells and the total: tried by linear algebra over all persons."""
    columns = {"one": [p[0] for p in persons], "two": [p[1] for p in persons]}
    flagged = np.array([p[2] for p in persons])
    made = Table.of(columns, flagged.tolist())
    hidden = withheld(made, LEAST)
    members = {place: np.array([group == place[1] for group in columns[place[0]]], float) for place in made.places}
    shown = [members[place] for place in made.places if place not in hidden]
    if not unsafe(made.total, LEAST):
        shown.append(np.ones(len(persons)))
    for place, inside in members.items():
        small = unsafe((int(inside.sum()), int((inside * flagged).sum())), LEAST)
        assert not (small and place not in hidden)
        if small and shown:
            weights, *_ = np.linalg.lstsq(np.array(shown).T, inside, rcond=None)
            assert not np.allclose(np.array(shown).T @ weights, inside), f"{place} can be worked out"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1))
def test_what_is_left_over_of_a_column_is_no_small_cell(drawn: dict[str, tuple[int, int]]) -> None:
    cells = {name: (persons + hits, hits) for name, (persons, hits) in drawn.items() if persons + hits}
    if not cells or unsafe((sum(c[0] for c in cells.values()), sum(c[1] for c in cells.values())), LEAST):
        return
    hidden = {group for _, group in withheld(table(cells), LEAST)}
    rest = sum(cells[name][0] for name in hidden), sum(cells[name][1] for name in hidden)
    assert len(hidden) != 1 or len(cells) == 1
    assert not unsafe(rest, LEAST)
