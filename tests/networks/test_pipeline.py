"""From links to networks that a person can read: members, evidence, words, picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from valfardsbrott.networks.inputs import Inputs
from valfardsbrott.networks.layout import draw
from valfardsbrott.networks.links import HUB, LINK_TYPES
from valfardsbrott.networks.pipeline import Found, find_networks

LinkTable = Callable[[Iterable[tuple[str, str, str]]], pd.DataFrame]
Crowd = Callable[[int], list[str]]
Find = Callable[..., Found]

OWN = ("account", "owner", "phone", "email", "device")
RING = [
    ("adams", "account", "bg1"), ("bolt", "account", "bg1"), ("adams", "owner", "eva"), ("bolt", "owner", "eva"),
    ("bolt", "phone", "08-1"), ("cura", "phone", "08-1"), ("bolt", "email", "x@y.se"), ("cura", "email", "x@y.se"),
    ("adams", "device", "tablet"), ("cura", "device", "tablet"),
]  # fmt: skip
TRIO = ("adams", "bolt", "cura")


@pytest.fixture
def inputs_of(link_table: LinkTable, crowd: Crowd, month_end: pd.Timestamp) -> Callable[..., Inputs]:
    """A city of 300 other providers with values of their own around the rows given; ``groups`` are registered pairs."""

    def inputs(rows: Iterable[tuple[str, str, str]], groups: Sequence[tuple[str, str]] = ()) -> Inputs:
        listed = list(rows)
        orgs = sorted({*crowd(300), *(org for org, _, _ in listed)})
        return Inputs(
            links=link_table(
                [*listed, *((org, kind, f"{org} {kind}") for org in crowd(300 * bool(listed)) for kind in OWN)]
            ),
            providers=pd.DataFrame({"org_number": orgs, "district": "city"}),
            exempt=pd.DataFrame(
                [(*pair, "corporate_group") for pair in groups], columns=["org_a", "org_b", "reason"], dtype="str"
            ),
            delivered=frozenset({"provider", "provider_role", "corporate_group"}),
            known={},
            month=month_end,
        )

    return inputs


def find(inputs: Inputs) -> Found:
    return find_networks(inputs, permutations=10, seed=1)


def words(found: Found, column: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(found.networks[column].iloc[0])
    return listed


def test_a_ring_is_found_with_all_that_joins_it(inputs_of: Callable[..., Inputs]) -> None:
    found = find(inputs_of(RING))
    assert found.networks["kind"].tolist() == ["group"]
    assert found.networks["n_providers"].tolist() == [3]
    assert found.networks["n_persons"].tolist() == [1]
    roles = found.members.set_index("node_id")["role"].to_dict()
    assert roles == {
        "adams": "member", "bolt": "member", "cura": "member", "bg1": "shared_account", "eva": "shared_owner",
        "08-1": "shared_phone", "x@y.se": "shared_email", "tablet": "shared_device",
    }  # fmt: skip
    assert (found.links["weight"] > 0).all()
    assert found.links["p_value"].between(0, 1).all()
    assert found.links["source_rows"].map(len).tolist() == [1] * 10


def test_every_link_type_is_told_in_both_languages(inputs_of: Callable[..., Inputs]) -> None:
    told = words(find(inputs_of(RING)), "reasons")
    assert {entry["feature"] for entry in told} == {
        "network_account", "network_owner", "network_phone", "network_email", "network_device", "network_e_value"
    }  # fmt: skip
    assert sum(entry["contribution"] for entry in told) == pytest.approx(1, abs=1e-3)
    chance = told[-1]
    assert "I 10 slumpade städer fanns 0 nätverk" in chance["text_sv"]
    assert "so strong at most 1 % are expected to be coincidences" in chance["text_en"]
    assert all(
        word not in entry[f"text_{code}"].lower()
        for entry in told
        for code in ("sv", "en")
        for word in ("brott", "fraud")
    )


def test_a_registered_group_is_no_network(inputs_of: Callable[..., Inputs]) -> None:
    pairs = [("adams", "bolt"), ("adams", "cura"), ("bolt", "cura")]
    assert find(inputs_of(RING, pairs)).networks.empty


def test_a_registered_pair_within_a_network_is_shown_as_discounted(inputs_of: Callable[..., Inputs]) -> None:
    found = find(inputs_of([*RING, ("adams", "phone", "08-9"), ("cura", "phone", "08-9")], [("adams", "cura")]))
    assert found.networks["n_providers"].tolist() == [3]
    gone = found.links[found.links["weight"] == 0]
    assert set(gone["discounted"]) == {"registered"}
    assert set(gone["target_id"]) == {"08-9", "tablet", "cura"}
    checks = {entry["check"]: entry["outcome"] for entry in words(found, "checks")}
    assert checks["registered_group"] == "yes"
    assert checks["business_transfer"] == "not_available"
    assert {entry["discounted"] for entry in words(found, "discounts")} == {"registered"}


def test_a_hub_is_shown_with_its_number_of_users_and_counts_nothing(
    inputs_of: Callable[..., Inputs], crowd: Crowd
) -> None:
    office = [(org, "address", "office hotel") for org in (*TRIO, *crowd(HUB))]
    books = [(org, "accountant", "ruth") for org in TRIO]
    found = find(inputs_of([*RING, *office, *books]))
    hub = found.links[found.links["target_id"] == "office hotel"]
    assert set(hub["used_by"]) == {HUB + 3}
    assert set(hub["weight"]) == {0}
    told = {entry["discounted"]: entry for entry in words(found, "discounts")}
    assert f"hos högst {HUB + 3} leverantörer" in told["hub"]["text_sv"]
    assert set(told) == {"hub", "accountant"}
    checks = {entry["check"]: entry["outcome"] for entry in words(found, "checks")}
    assert (checks["office_hotel"], checks["accountant"]) == ("yes", "yes")


def test_an_address_of_some_more_providers_is_to_be_asked_about(inputs_of: Callable[..., Inputs], crowd: Crowd) -> None:
    found = find(inputs_of([*RING, *((org, "address", "Main Street 1") for org in (*TRIO, *crowd(4)))]))
    checks = {entry["check"]: entry["outcome"] for entry in words(found, "checks")}
    assert checks["office_hotel"] == "check"


def test_a_staffing_pool_alone_is_no_network(inputs_of: Callable[..., Inputs], crowd: Crowd) -> None:
    pool = [(org, "staff", f"worker{number}") for org in crowd(6) for number in range(20)]
    own = [(org, "staff", f"{org}-{number}") for org in crowd(300) for number in range(20)]
    assert find(inputs_of([*pool, *own])).networks.empty


def test_no_links_at_all(inputs_of: Callable[..., Inputs]) -> None:
    found = find(inputs_of([]))
    assert found.networks.empty
    assert found.members.empty
    assert found.links.empty
    assert len(found.nodes) == 300
    assert found.nodes["network_id"].isna().all()
    assert found.stats["absent_link_types"] == list(LINK_TYPES)


def test_a_city_of_nobody(inputs_of: Callable[..., Inputs]) -> None:
    inputs = inputs_of([])
    assert find(replace(inputs, providers=inputs.providers.iloc[:0])).nodes.empty


def test_nodes_describe_each_provider(inputs_of: Callable[..., Inputs]) -> None:
    found = find(inputs_of(RING))
    bolt = found.nodes.set_index("org_number").loc["bolt"]
    assert bolt["degree"] == 2
    assert bolt["strength"] == pytest.approx(bolt.filter(like="strength_").sum())
    assert bolt["structure"] == found.networks["structure"].iloc[0]
    assert found.nodes.set_index("org_number").loc["firm001", "degree"] == 0


def test_the_picture_names_providers_and_no_person(inputs_of: Callable[..., Inputs]) -> None:
    found = find(inputs_of([*RING, ("adams", "staff", "anna"), ("bolt", "staff", "anna")]))
    rows = [found.members.to_dict("records"), found.links.to_dict("records")]
    picture = draw(rows[0], rows[1], {"adams": "Adams & Co"}, "en")  # type: ignore[arg-type]
    assert picture == draw(rows[0][::-1], rows[1][::-1], {"adams": "Adams & Co"}, "en")  # type: ignore[arg-type]
    told = "".join(ET.fromstring(picture).itertext())
    assert "Adams & Co" in told
    assert "bolt" in told
    assert "eva" not in told
    assert "anna" not in told


def test_nothing_in_a_picture_stands_on_anything_else() -> None:
    orgs = [f"org{at}" for at in range(9)]
    members = [{"node_id": org, "node_type": "provider", "role": "member"} for org in orgs]
    links = [
        {
            "source_id": org,
            "target_id": f"v{at}",
            "link_type": "phone",
            "node_type": "phone",
            "weight": 5.0,
            "source_table": "x",
        }
        for at in range(30)
        for org in (orgs[at % 9], orgs[(at + 1) % 9])
    ]
    drawn = ET.fromstring(draw(members, links, {}))
    lines = [each for each in drawn.iter() if each.tag.endswith("line")]
    ends = {(float(each.get(f"x{end}", 0)), float(each.get(f"y{end}", 0))) for each in lines for end in (1, 2)}
    assert len(ends) == 39
    assert all(abs(a - c) >= 20 or abs(b - d) >= 20 for (a, b), (c, d) in combinations(sorted(ends), 2))
