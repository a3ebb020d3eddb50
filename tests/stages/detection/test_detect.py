"""detect: who is ranked, what the published scores hold, and that they explain themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.stages import detect

OCTOBER = Month(2026, 10)
ROUND, OVERLAP = "0029000015", "0029000023"
SLEEPING, TRADER = "0029000031", "p" + "0a" * 16


def test_planted_frauds_come_first(store: Any) -> None:
    manifest = detect.run(OCTOBER, store.settings)
    scores = store.read("detect", "scores.parquet").sort_values("rank")
    assert set(scores["org_number"].head(2)) == {ROUND, OVERLAP}
    assert scores["rank"].tolist() == list(range(1, 62))
    assert scores["score"].between(0, 1).all()
    assert (scores["score"].diff().dropna() <= 0).all(), "the score falls with the rank"
    assert {"peers_score", "isolation_forest_score", "loda_score"} <= set(scores.columns)
    assert manifest.stats["ranked"] == 60
    assert manifest.stats["model"]["name"] == "provider_champion"
    assert manifest.stats["model"]["feature_fingerprint"] == "f" * 64


def test_who_sleeps_has_score_zero_and_a_sole_trader_has_none(store: Any) -> None:
    manifest = detect.run(OCTOBER, store.settings)
    scores = store.read("detect", "scores.parquet").set_index("org_number")
    assert scores.loc[SLEEPING, ["score", "p_value"]].tolist() == [0.0, 1.0]
    assert scores["rank"].idxmax() == SLEEPING
    for file in ("scores", "contributions", "behaviour"):
        assert TRADER not in set(store.read("detect", f"{file}.parquet")["org_number"])
    assert manifest.stats["sole_traders_not_ranked"] == 1


def test_sole_traders_are_ranked_only_with_a_legal_basis(store: Any) -> None:
    with pytest.raises(Failure, match="legal basis"):
        detect.run(OCTOBER, store.with_settings(rank_sole_traders=True, sole_trader_legal_basis="  ").settings)
    allowed = store.with_settings(rank_sole_traders=True, sole_trader_legal_basis="KS 2026:14")
    detect.run(OCTOBER, allowed.settings)
    assert TRADER in set(store.read("detect", "scores.parquet")["org_number"])


def test_contributions_sum_to_the_evidence_and_name_value_and_peers(store: Any) -> None:
    detect.run(OCTOBER, store.settings)
    table = store.read("detect", "contributions.parquet")
    p_value = store.read("detect", "scores.parquet").set_index("org_number")["p_value"]
    sums = table.groupby("org_number")["contribution"].sum()
    assert np.allclose(sums, -np.log(p_value.loc[sums.index]))
    assert (table["contribution"] >= 0).all()
    assert "never_there" not in set(table["feature"]), "what is not available says nothing"
    top = table[table["org_number"] == ROUND].iloc[0]
    assert (top["feature"], top["value"], top["peer_count"]) == ("round_amounts", 0.7, 60)
    assert top["peer_median"] == pytest.approx(0.09, abs=0.03)


def test_the_same_bytes_again_and_with_two_threads(store: Any) -> None:
    def made(settings: Any) -> list[bytes]:
        for path in store.workspace.root.glob("manifests/detect/*"):
            path.unlink()
        detect.run(OCTOBER, settings)
        files = ("scores", "contributions", "behaviour")
        return [store.workspace.stage("detect", OCTOBER, f"{file}.parquet").read_bytes() for file in files]

    first = made(store.settings)
    assert made(store.settings) == first
    assert made(store.with_settings(threads=2).settings) == first


def test_it_is_not_run_again_until_something_changes(store: Any) -> None:
    detect.run(OCTOBER, store.settings)
    assert detect.run(OCTOBER, store.settings).cached
    store.put(store.matrix().assign(growth=0.0))
    assert not detect.run(OCTOBER, store.settings).cached


def test_one_month_of_five_providers_is_enough_to_run(store: Any) -> None:
    alone = store.with_settings(history_months=1)
    alone.put(store.matrix().head(5))
    detect.run(OCTOBER, alone.settings)
    assert len(store.read("detect", "scores.parquet")) == 5


@pytest.mark.parametrize("keep", ["nobody active", "no feature"])
def test_nothing_to_rank_gives_empty_tables_and_no_error(store: Any, keep: str) -> None:
    matrix = store.matrix()
    for month in OCTOBER.back(3):
        empty = matrix.assign(active=False) if keep == "nobody active" else matrix.drop(
            columns=["round_amounts", "overlap", "growth", "never_there"]
        )  # fmt: skip
        store.put(empty.assign(month=month.first), month)
    detect.run(OCTOBER, store.settings)
    assert (store.read("detect", "scores.parquet")["p_value"] == 1).all()
    assert store.read("detect", "contributions.parquet").empty


def test_a_month_without_a_matrix_is_told(store: Any) -> None:
    with pytest.raises(Failure, match="no feature matrix for 2026-11"):
        detect.run(OCTOBER.plus(1), store.settings)


def test_a_network_strengthens_members_that_deviate_and_no_others(store: Any) -> None:
    orgs = sorted(set(store.matrix()["org_number"]) - {SLEEPING, TRADER})
    calm = orgs[20]
    tied = dict.fromkeys([ROUND, OVERLAP, calm], ("N1", 20.0, 0.01)) | {orgs[5]: ("N2", 24.0, 0.9)}
    rows = [(org, *tied.get(org, (None, 0.0, np.nan))) for org in orgs]
    nodes = pd.DataFrame(rows, columns=["org_number", "network_id", "structure", "e_value"])
    detect.run(OCTOBER, store.settings)
    before = store.read("detect", "scores.parquet").set_index("org_number")
    path = store.workspace.stage("networks", OCTOBER, "nodes.parquet")
    path.parent.mkdir(parents=True)
    nodes.to_parquet(path)
    store.workspace.run_once("networks", OCTOBER, "found", lambda: ([path], {}))
    detect.run(OCTOBER, store.settings)
    after = store.read("detect", "scores.parquet").set_index("org_number")
    assert after.loc[ROUND, "p_value"] < before.loc[ROUND, "p_value"] / 5
    assert after.loc[orgs[5], "p_value"] == before.loc[orgs[5], "p_value"], "chance explains that network"
    assert after["p_behaviour"].sort_index().equals(before["p_behaviour"].sort_index()), (
        "behaviour does not see relations"
    )
    table = store.read("detect", "contributions.parquet")
    by_ties = table[table["feature"] == "network_structure"]
    assert set(by_ties["org_number"]) == {ROUND, OVERLAP, calm}
    assert np.allclose(
        table.groupby("org_number")["contribution"].sum(), -np.log(after["p_value"]).drop(SLEEPING).sort_index()
    )
