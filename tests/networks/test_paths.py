"""Ways between two entities: shortest first, over rare values, never over hubs, auditors or whoever is hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.networks.links import HUB
from valfardsbrott.networks.paths import between, shortest, ways

Row = tuple[str, str, str]
LinkTable = Callable[[Iterable[Row]], pd.DataFrame]
Found = list[list[str]]
TRADER = "p" + "7a" * 16

CHAIN = [("adams", "phone", "08-1"), ("bolt", "phone", "08-1"), ("bolt", "owner", "eva"), ("cura", "owner", "eva")]


@pytest.fixture
def way(link_table: LinkTable) -> Callable[..., Found]:
    def find(rows: Iterable[Row], start: str, goal: str, hidden: Collection[str] = (), count: int = 3) -> Found:
        known = ways(link_table(rows), hidden)
        (one,), (other,) = known.named(start), known.named(goal)
        return [[name for _, name in each] for each in shortest(known, one, other, count)]

    return find


def test_the_shortest_way_goes_by_values_and_providers(way: Callable[..., Found]) -> None:
    assert way(CHAIN, "adams", "cura") == [["adams", "08-1", "bolt", "eva", "cura"]]
    assert way(CHAIN, "08-1", "eva") == [["08-1", "bolt", "eva"]]


def test_more_ways_have_nobody_between_in_common(way: Callable[..., Found]) -> None:
    rows = [*CHAIN, ("adams", "email", "x@y.se"), ("cura", "email", "x@y.se")]
    assert way(rows, "adams", "cura") == [["adams", "x@y.se", "cura"], ["adams", "08-1", "bolt", "eva", "cura"]]
    assert len(way(rows, "adams", "cura", count=1)) == 1
    assert way(CHAIN, "adams", "08-1") == [["adams", "08-1"]]


def test_of_equally_short_ways_the_rarer_value_comes_first_and_workers_last(way: Callable[..., Found]) -> None:
    pair = ("adams", "bolt")
    rows = [(org, kind, value) for org in pair for kind, value in (("staff", "sam"), ("email", "e"), ("phone", "08-1"))]
    rows += [("cura", "email", "e")]
    assert [each[1] for each in way(rows, "adams", "bolt")] == ["08-1", "e", "sam"]


def test_a_hub_joins_nobody_but_may_be_an_end(way: Callable[..., Found]) -> None:
    rows = [(f"firm{at}", "address", "office hotel") for at in range(HUB + 1)]
    assert way(rows, "firm0", "firm1") == []
    assert way(rows, "firm0", "office hotel") == [["firm0", "office hotel"]]
    assert way(rows[:HUB], "firm0", "firm1") == [["firm0", "office hotel", "firm1"]]


def test_an_auditor_joins_nobody(way: Callable[..., Found]) -> None:
    rows = [("adams", "accountant", "revi"), ("bolt", "accountant", "revi"), *CHAIN[:1], ("bolt", "phone", "08-2")]
    assert way(rows, "adams", "bolt") == []


def test_an_entity_is_on_the_way_to_itself(way: Callable[..., Found]) -> None:
    assert way(CHAIN, "eva", "eva") == [["eva"]]


def test_a_sole_trader_is_one_person(way: Callable[..., Found]) -> None:
    rows = [("adams", "owner", TRADER), (TRADER, "phone", "08-1"), ("bolt", "phone", "08-1")]
    assert way(rows, "adams", "bolt") == [["adams", TRADER, "08-1", "bolt"]]


def test_an_id_of_two_kinds_is_named_with_its_kind(link_table: LinkTable) -> None:
    known = ways(link_table([("adams", "phone", "123"), ("bolt", "account", "123")]), ())
    assert known.named("123") == [("account", "123"), ("phone", "123")]
    assert known.named("phone:123") == [("phone", "123")]
    assert known.named("124") == []


def test_the_links_of_a_step_are_all_that_join_the_two(link_table: LinkTable) -> None:
    links = link_table([("adams", "staff", "sam"), ("adams", "overlap", "sam"), ("bolt", "staff", "sam")])
    found = between(links, ("person", "sam"), ("provider", "adams"))
    assert found["link_type"].tolist() == ["overlap", "staff"]


NAMES = ["adams", "bolt", "cura"]
LINKS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["owner", "phone"]), st.sampled_from("stuv")), min_size=1
)


@given(LINKS, st.sets(st.sampled_from("stuv")))
def test_whoever_is_hidden_is_no_node(rows: list[Row], hidden: set[str]) -> None:
    table = pd.DataFrame(rows, columns=["org_number", "link_type", "node_id"], dtype="str")
    known = ways(table.assign(node_type=table["link_type"].map({"owner": "person", "phone": "phone"})), hidden)
    assert not hidden & set(known.nodes.get_level_values("node_id"))
    assert not [name for name in hidden if known.named(name)]
