"""What the features of the graph read: ties with the rows of each side, and nothing where nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.networks.links import LINK_TYPES, City
from valfardsbrott.networks.nodes import NODE_FEATURES, common_neighbours, known_nodes, node_features
from valfardsbrott.networks.projection import project
from valfardsbrott.networks.ties import moves, ties

LinkTable = Callable[[Iterable[tuple[str, str, str]]], pd.DataFrame]
RING = [
    ("adams", "owner", "eva"), ("bolt", "owner", "eva"), ("adams", "account", "bg1"), ("bolt", "account", "bg1"),
    ("bolt", "phone", "08-1"), ("cura", "phone", "08-1"), ("adams", "email", "x@y.se"), ("cura", "email", "x@y.se"),
]  # fmt: skip
EVERYONE = [*(f"firm{at:03d}" for at in range(400)), "adams", "bolt", "cura"]


def placed(city: City) -> pd.DataFrame:
    return node_features(city, project(city)).assign(structure=np.nan, exposure=0.0, block_migration=0.0)


def test_a_tie_names_the_rows_of_its_own_side(city_of: Callable[..., City], link_table: LinkTable) -> None:
    city, links = city_of(RING, EVERYONE), link_table(RING)
    found = ties(city, project(city), links, placed(city)).set_index(["org_number", "other_org_number", "link_type"])
    assert found.loc[("adams", "bolt", "owner"), "source_row_id"] == "made_up.csv:0"
    assert found.loc[("bolt", "adams", "owner"), "source_row_id"] == "made_up.csv:1"
    assert ("adams", "cura", "phone") not in found.index


def test_sums_over_rows_are_sums_over_ties(city_of: Callable[..., City], link_table: LinkTable) -> None:
    city, links = city_of(RING, EVERYONE), link_table(RING * 2)
    nodes = placed(city)
    rows = ties(city, project(city), links, nodes)
    of = nodes.set_index("org_number")
    for org, mine in ((str(key), part) for key, part in rows.groupby("org_number")):
        assert mine["part"].sum() == pytest.approx(of.loc[org, "strength"])
        assert mine["triangle_part"].sum() / 2 == pytest.approx(of.loc[org, "triangles"])
        mean = mine["other_part"].sum() / mine["other_org_number"].nunique()
        assert mean == pytest.approx(of.loc[org, "neighbour_strength"])
    assert common_neighbours(city.size, project(city)).tolist() == [1, 1, 1]


def test_a_block_that_moved_is_shown_by_those_who_moved(link_table: LinkTable) -> None:
    links = link_table(
        [(org, "staff", who) for org in ("old", "new") for who in ("anna", "bo")] + [("old", "staff", "eva")]
    )
    movement = pd.DataFrame(
        [("staff", who, "old", "new") for who in ("anna", "bo")],
        columns=["kind", "person_id", "from_org_number", "to_org_number"],
    )
    open_ = pd.DataFrame(
        [("old", "new", 14.0, "successor"), ("old", "other", 12.0, "explained")],
        columns=["from_org_number", "to_org_number", "nats", "outcome"],
    )
    nodes = pd.DataFrame({"org_number": ["new", "old"], "structure": np.nan, "exposure": 0.0})
    rows = moves(open_, movement, links, nodes)
    assert set(rows["link_type"]) == {"migration"}
    assert rows[rows["org_number"] == "old"]["source_row_id"].tolist() == ["made_up.csv:0", "made_up.csv:1"]
    assert set(rows["other_org_number"]) == {"old", "new"}


def test_what_no_table_says_is_null(city_of: Callable[..., City]) -> None:
    city = city_of(RING, EVERYONE)
    nodes = known_nodes(placed(city), city, frozenset({"invoice"}))
    known = {name for name in LINK_TYPES if nodes[f"strength_{name}"].notna().all()}
    assert known == {"owner", "account", "phone", "email", "payee", "payments"}
    nobody = city_of([], EVERYONE)
    empty = known_nodes(placed(nobody), nobody, frozenset({"invoice"}))
    assert empty[list(NODE_FEATURES)].isna().all(axis=None)
