"""What every alternative way to find networks keeps to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd
import pytest

from valfardsbrott.networks.alternatives import ALTERNATIVES, Alternative
from valfardsbrott.networks.links import City
from valfardsbrott.networks.material import Material

Row = tuple[str, str, str]
LinkTable = Callable[[Iterable[Row]], pd.DataFrame]
MaterialOf = Callable[..., Material]
RING = ("adams", "bolt", "cura", "duva")
EVERY = pytest.mark.parametrize("method", ALTERNATIVES, ids=lambda method: method.name)


@pytest.fixture
def material_of(link_table: LinkTable, crowd: Callable[[int], list[str]], month_end: pd.Timestamp) -> MaterialOf:
    """A ring and a crowd in which neighbours share a worker, a phone or an address now and then."""

    def material(rows: Iterable[Row], groups: Sequence[tuple[str, str]] = ()) -> Material:
        firms = crowd(60)
        listed = list(rows)
        everyone = sorted({*firms, *(org for org, _, _ in listed)}) if listed else firms
        exempt = pd.DataFrame(list(groups), columns=["org_a", "org_b"], dtype="str")
        providers = pd.DataFrame({"org_number": everyone, "district": "city"})
        return Material.of(link_table(listed), providers, exempt, month_end)

    return material


@pytest.fixture
def rows(crowd: Callable[[int], list[str]]) -> list[Row]:
    firms = crowd(60)
    ties = [
        (firms[at + side], kind, f"{kind}{at}")
        for kind, step in (("phone", 9), ("address", 11), ("owner", 13))
        for at in range(0, 58, step)
        for side in (0, 1)
    ]
    chain = [
        (firms[at + side], kind, f"{kind} chain {at}")
        for kind in ("owner", "phone", "email")
        for at in range(40, 50)
        for side in (0, 1)
    ]
    chance = [(firms[at + side], "staff", f"s{at}") for at in range(0, 58, 3) for side in (0, 1)]
    strong = [
        (org, kind, f"ring {kind} {at}") for org in RING for kind in ("owner", "account", "email") for at in range(2)
    ]
    people = [(org, kind, f"ring {kind} {at}") for org in RING for kind in ("staff", "recipient") for at in range(8)]
    return [*ties, *chain, *chance, *strong, *people]


@EVERY
def test_the_ring_comes_first(method: Alternative, material_of: MaterialOf, rows: list[Row]) -> None:
    assert method.find(material_of(rows), 1)[0] == set(RING)


@EVERY
def test_groups_are_disjoint_providers_of_the_city(
    method: Alternative, material_of: MaterialOf, rows: list[Row]
) -> None:
    material = material_of(rows)
    found = method.find(material, 1)
    assert all(len(group) >= 2 for group in found)
    listed = [org for group in found for org in group]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(material.city.orgs)


@EVERY
def test_same_seed_same_groups_whatever_the_order_of_the_rows(
    method: Alternative, material_of: MaterialOf, rows: list[Row]
) -> None:
    assert method.find(material_of(rows), 3) == method.find(material_of(rows[::-1]), 3)


@EVERY
def test_a_registered_group_is_not_found(method: Alternative, material_of: MaterialOf, rows: list[Row]) -> None:
    pairs = [(a, b) for a in RING for b in RING if a < b]
    assert set(RING) not in method.find(material_of(rows, pairs), 1)


@EVERY
def test_nobody_shares_anything(method: Alternative, material_of: MaterialOf) -> None:
    assert method.find(material_of([]), 1) == []
    assert isinstance(material_of([]).city, City)


@EVERY
def test_it_says_where_it_is_from(method: Alternative) -> None:
    assert len(method.source) > 20
    assert method.name.isidentifier()


def test_names_are_told_apart() -> None:
    assert len({method.name for method in ALTERNATIVES}) == len(ALTERNATIVES)
