"""Structure is saturated and gated; what the members do decides the order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.networks.ranking import LAMBDA, SATURATION, rank_networks, score


def networks(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["network_id", "kind", "structure", "e_value"])
    return table.assign(q_value=table["e_value"])


def members(**groups: str) -> pd.DataFrame:
    rows = [(name, "provider", org, "member") for name, orgs in groups.items() for org in orgs.split()]
    rows += [(name, "person", "adam", "shared_owner") for name in groups]
    return pd.DataFrame(rows, columns=["network_id", "node_type", "node_id", "role"])


def behaviour(**p: float) -> pd.DataFrame:
    return pd.DataFrame({"org_number": list(p), "p_behaviour": list(p.values())})


RING, GROUP = ("ring", "group", 30.0, 0.0), ("group", "group", 60.0, 0.0)


def test_a_ring_that_behaves_outranks_a_group_that_shares_more() -> None:
    ranked = rank_networks(
        networks(RING, GROUP),
        members(ring="acme bolt", group="cura duva"),
        behaviour(acme=0.01, bolt=0.02, cura=0.5, duva=0.6),
    )
    assert ranked["network_id"].tolist() == ["ring", "group"]
    assert ranked["rank"].tolist() == [1, 2]
    assert ranked["p_behaviour"].iloc[0] < 0.001


def test_what_chance_explains_is_not_ranked() -> None:
    ranked = rank_networks(
        networks(RING, ("luck", "group", 40.0, 0.11)), members(ring="acme", luck="bolt"), behaviour(acme=0.5)
    )
    assert ranked["network_id"].tolist() == ["ring"]


def test_unknown_behaviour_is_neutral() -> None:
    ranked = rank_networks(networks(RING), members(ring="acme bolt"), behaviour())
    assert ranked["p_behaviour"].tolist() == [0.5]
    assert ranked["rank_value"].tolist() == [pytest.approx(SATURATION - LAMBDA * np.log(0.5))]


def test_members_that_are_known_count_alone() -> None:
    ranked = rank_networks(networks(RING), members(ring="acme bolt"), behaviour(acme=0.03))
    assert ranked["p_behaviour"].tolist() == [pytest.approx(0.03)]


def test_pairs_come_after_groups() -> None:
    pair = ("pair", "pair", 90.0, 0.0)
    ranked = rank_networks(networks(pair, RING), members(ring="acme bolt cura", pair="duva elan"), behaviour(duva=1e-6))
    assert ranked["network_id"].tolist() == ["ring", "pair"]


def test_extreme_p_values_stay_finite() -> None:
    ranked = rank_networks(networks(RING), members(ring="acme bolt"), behaviour(acme=0.0, bolt=0.0))
    assert np.isfinite(ranked["rank_value"]).all()
    assert 0 < ranked["score"].iloc[0] < 1


def test_score_is_monotone() -> None:
    assert (np.diff(score(np.linspace(0, 200, 50))) > 0).all()


def test_no_networks() -> None:
    ranked = rank_networks(networks(), members(), behaviour(acme=0.5))
    assert ranked.empty
    assert {"rank", "score", "p_behaviour", "rank_value"} <= set(ranked.columns)
