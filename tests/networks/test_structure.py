"""Candidates and their score: evidence per link, whatever the size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from valfardsbrott.networks.candidates import LARGEST, WHOLE, communities
from valfardsbrott.networks.groups import is_open_group
from valfardsbrott.networks.links import LINK_TYPES, City
from valfardsbrott.networks.projection import KEEP, Projection, project, tie
from valfardsbrott.networks.structure import TYPE_CAP, structure

CityOf = Callable[..., City]
Crowd = Callable[[int], list[str]]


def pairs(*entries: tuple[int, int, dict[str, float]]) -> Projection:
    """A projection of the given pairs, each with nats by type."""
    ordered = sorted(entries)
    table = np.array([[nats.get(name, 0.0) for name in LINK_TYPES] for _, _, nats in ordered])
    i, j = (np.array([entry[side] for entry in ordered], dtype=np.int64) for side in (0, 1))
    table = table.reshape(-1, len(LINK_TYPES))
    return Projection(i, j, table, tie(table))


def test_a_chain_of_shared_values_is_one_group(city_of: CityOf, crowd: Crowd) -> None:
    rows = [
        ("adams", "account", "bg1"), ("bolt", "account", "bg1"), ("adams", "owner", "eva"), ("bolt", "owner", "eva"),
        ("bolt", "phone", "08-1"), ("cura", "phone", "08-1"), ("bolt", "email", "x@y.se"), ("cura", "email", "x@y.se"),
    ]  # fmt: skip
    city = city_of(rows, [*crowd(300), "adams", "bolt", "cura"])
    labels = communities(project(city), city.size, seed=1)
    assert {str(org) for org in city.orgs[labels == 0]} == {"adams", "bolt", "cura"}
    assert labels.max() == 0


def test_an_offices_clients_are_no_group_though_they_share_more_than_one_thing(city_of: CityOf, crowd: Crowd) -> None:
    clients = [f"client{at}" for at in range(12)]
    rows = [(org, kind, "office") for org in clients for kind in ("address", "phone")]
    rows += [(org, kind, kind) for org in ("adams", "client0") for kind in ("account", "email")]
    city = city_of(rows, [*crowd(2000), *clients, "adams"])
    labels = communities(project(city), city.size, seed=1)
    assert {str(org) for org in city.orgs[labels == labels[city.orgs == "adams"]]} == {"adams", "client0"}


def test_a_tie_of_two_types_holds_better_than_one_as_strong_of_one_type() -> None:
    one, both = tie(np.array([[12.0, 0.0], [6.0, 6.0]]))
    assert (one, both) == (6, 9)


@pytest.mark.parametrize(
    ("owned", "contact", "group"), [(3, 3, True), (3, 2, True), (2, 3, False), (3, 1, False), (3, 0, False)]
)
def test_an_open_group_has_one_owner_in_all_and_one_contact_in_most(
    city_of: CityOf, crowd: Crowd, *, owned: int, contact: int, group: bool
) -> None:
    trio = ["adams", "bolt", "cura"]
    rows = [(org, "owner", "eva") for org in trio[:owned]] + [(org, "email", "x@y.se") for org in trio[:contact]]
    city = city_of([*rows, ("crowd0000", "owner", "eva"), ("crowd0000", "email", "x@y.se")], [*crowd(30), *trio])
    members = np.flatnonzero(np.isin(city.orgs, trio))
    assert is_open_group(city, members) is group


def test_a_contact_of_too_many_makes_no_group(city_of: CityOf, crowd: Crowd) -> None:
    trio = ["adams", "bolt", "cura"]
    everyone = [*crowd(30), *trio]
    city = city_of([(org, "owner", "eva") for org in trio] + [(org, "address", "hotel") for org in everyone], everyone)
    assert not is_open_group(city, np.flatnonzero(np.isin(city.orgs, trio)))


def test_score_is_evidence_per_link(city_of: CityOf) -> None:
    chain = pairs((0, 1, {"owner": 10}), (1, 2, {"owner": 10}), (2, 3, {"owner": 10}))
    assert structure(chain, np.zeros(4, dtype=int)).score == pytest.approx([10])
    closed = pairs((0, 1, {"owner": 10}), (0, 2, {"owner": 8}), (1, 2, {"owner": 9}))
    assert structure(closed, np.zeros(3, dtype=int)).score == pytest.approx([9.5])


def test_types_add_up_and_each_is_capped() -> None:
    found = structure(pairs((0, 1, {"owner": 18, "phone": 5})), np.zeros(2, dtype=int))
    assert found.score == pytest.approx([TYPE_CAP + 5])


def test_links_between_groups_count_for_neither() -> None:
    found = structure(pairs((0, 1, {"owner": 9}), (1, 2, {"owner": 9}), (2, 3, {"phone": 9})), np.array([0, 0, 1, 1]))
    assert found.score == pytest.approx([9, 9])
    assert found.members.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("nats", "carried"),
    [
        ({"staff": 18}, False), ({"staff": 18, "overlap": 0.5}, False), ({"recipient": 18}, False),
        ({"staff": 9, "overlap": 9}, False), ({"staff": 9, "recipient": 9}, True), ({"owner": 9}, True),
        ({"staff": 9, "account": 2}, True), ({"staff": 9, "account": 0.5}, False),
    ],
)  # fmt: skip
def test_shared_staff_alone_never_carries_a_network(nats: dict[str, float], carried: bool) -> None:
    assert structure(pairs((0, 1, nats)), np.zeros(2, dtype=int)).carried.tolist() == [carried]


def test_a_group_never_exceeds_the_largest_size() -> None:
    blocks = [
        (a, b, {"owner": 15.0, "phone": 15.0 if a % 3 == b % 3 else 0.0}) for a in range(60) for b in range(a + 1, 60)
    ]
    labels = communities(pairs(*blocks), 60, seed=1)
    assert LARGEST < 60
    assert labels.tolist() == [0, 1, 2] * 20


CHAIN = [(at, at + 1, {kind: 11.5}) for at, kind in enumerate(("owner", "phone", "account", "email", "address"))]


@pytest.mark.parametrize("length", [3, WHOLE])
def test_a_short_chain_of_single_ties_is_one_network(length: int) -> None:
    assert communities(pairs(*CHAIN[: length - 1]), 6, seed=1).tolist() == [0] * length + [-1] * (6 - length)


def test_a_long_chain_is_divided() -> None:
    assert communities(pairs(*CHAIN[:WHOLE]), WHOLE + 1, seed=1).max() > 0


def test_what_holds_no_pair_does_not_join_a_chain() -> None:
    faint = (2, 3, {"owner": KEEP / 2, "phone": KEEP / 2})
    chain = pairs(CHAIN[0], CHAIN[1], faint)
    weak = replace(chain, tie=np.array([6.0, 6.0, 1.0]))
    assert communities(weak, 4, seed=1).tolist() == [0, 0, 0, -1]


def test_the_same_seed_gives_the_same_partition() -> None:
    rng = np.random.default_rng(1)
    keys = sorted({tuple(sorted(rng.choice(80, 2, replace=False).tolist())) for _ in range(300)})
    graph = pairs(*((a, b, {"owner": 9 + (a * b) % 7}) for a, b in keys))
    assert (communities(graph, 80, seed=5) == communities(graph, 80, seed=5)).all()


def test_without_pairs_there_are_no_groups() -> None:
    labels = communities(pairs(), 5, seed=1)
    assert labels.tolist() == [-1] * 5
    assert len(structure(pairs(), labels).score) == 0
