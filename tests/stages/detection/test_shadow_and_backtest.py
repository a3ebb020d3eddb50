"""The challenger beside the champion, a promoted one in its place, a model that scores as published, past months."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.detectors import storage
from valfardsbrott.domain import Failure, Month
from valfardsbrott.stages import detect
from valfardsbrott.stages.backtest import Question, backtest, ranker
from valfardsbrott.stages.models_known import Known, by_definition
from valfardsbrott.stages.models_roles import promote
from valfardsbrott.stages.models_shadow import report
from valfardsbrott.tracking.flavor import Scorer

OCTOBER = Month(2026, 10)
ROUND, OVERLAP = "0029000015", "0029000023"
SLEEPING, TRADER = "0029000031", "p" + "0a" * 16


def test_the_shadow_says_who_would_be_exchanged_and_why(store: Any) -> None:
    manifest = detect.run(OCTOBER, store.settings)
    found = report(OCTOBER, store.settings)
    assert (found["champion"]["name"], found["challenger"]["name"]) == ("provider_champion", "provider_challenger")
    rows = {row["org_number"]: row for row in found["rows"]}
    assert rows[ROUND]["on_list"] == rows[OVERLAP]["on_list"] == "both"
    assert rows[ROUND]["champion_reasons"][0][0] == "round_amounts"
    only = [row for row in found["rows"] if row["on_list"] == "challenger"]
    assert found["exchanged"] == len(only)
    assert sum(row["on_list"] != "challenger" for row in found["rows"]) == found["capacity"] == 6
    figures = manifest.stats["challenger"]
    assert figures["overlap_at_budget"] == pytest.approx(1 - figures["would_be_exchanged"] / 20, abs=1e-4)
    assert 0 < figures["rank_biased_overlap"] <= 1
    ranks = store.read("detect", "scores.parquet").set_index("org_number")["rank"]
    assert all(row["champion_rank"] == ranks[org] for org, row in rows.items())
    assert not {TRADER, SLEEPING} & rows.keys()
    published = store.settings.out / str(OCTOBER) / "run.json"
    published.parent.mkdir(parents=True)
    published.write_text(json.dumps({"settings": {"capacity": 4}}), encoding="utf-8")
    assert report(OCTOBER, store.settings)["capacity"] == 4, "as long as the month's own list"
    assert report(OCTOBER, store.settings, 9)["capacity"] == 9


def test_before_a_month_is_scored_there_is_no_shadow(store: Any) -> None:
    with pytest.raises(Failure, match="no challenger has been scored"):
        report(OCTOBER, store.settings)


def test_a_promoted_model_scores_the_next_run(store: Any) -> None:
    store = store.with_settings(tracking=False)
    before = detect.run(OCTOBER, store.settings)
    promote(store.settings, "provider_challenger", "A. Analyst", "Finds two more of ten known cases")
    after = detect.run(OCTOBER, store.settings)
    assert not after.cached
    assert before.stats["model"]["name"] == after.stats["challenger"]["name"] == "provider_champion"
    assert after.stats["model"]["name"] == "provider_challenger"


def test_a_fitted_model_scores_the_months_frame_as_published_networks_and_memory_included(store: Any) -> None:
    nodes = store.workspace.stage("networks", OCTOBER, "nodes.parquet")
    nodes.parent.mkdir(parents=True)
    tied = [(org, "n-1", 20.0, 0.01) for org in (ROUND, OVERLAP, "0030000007")]
    pd.DataFrame(tied, columns=["org_number", "network_id", "structure", "e_value"]).to_parquet(nodes)
    detect.run(OCTOBER, store.settings)
    published = store.read("detect", "scores.parquet").set_index("org_number")["score"]
    frame = Known(OCTOBER, store.settings).frame()
    model = storage.load(store.workspace.stage("detect", OCTOBER, "provider_champion.skops"))
    scores = pd.Series(Scorer(model).predict(frame), index=frame["org_number"])[
        (frame["month"] == "2026-10").to_numpy()
    ]
    np.testing.assert_allclose(scores, published[scores.index], rtol=0, atol=1e-12)
    alone = Scorer(model).predict(frame.assign(structure=np.nan))[(frame["month"] == "2026-10").to_numpy()]
    assert (scores > alone + 1e-9).sum() >= 1
    assert {TRADER, SLEEPING}.isdisjoint(frame["org_number"])


def test_a_backtest_ranks_each_month_as_it_was_known(store: Any) -> None:
    """What is put in October's matrix afterwards does not reach September's list."""
    before = by_definition(_champion())(Known(OCTOBER.plus(-1), store.settings)).score
    matrix = store.matrix()
    matrix["round_amounts"] = 0.9
    store.put(matrix)
    again = by_definition(_champion())(Known(OCTOBER.plus(-1), store.settings)).score
    pd.testing.assert_series_equal(before, again)


def test_a_backtest_finds_the_planted_before_they_are_decided(store: Any, tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(
        f"org_number,decided_on,outcome\n{ROUND},2026-10-15,confirmed\n{OVERLAP},2026-11-10,confirmed\n"
        "0030000007,2026-11-10,cleared\n",
        encoding="utf-8",
    )
    settings = store.with_settings(tracking=False).settings
    asked = Question(("provider_champion", "amount"), OCTOBER.plus(-2), OCTOBER, 3, 15_000.0, cases)
    said = backtest(asked, settings)
    champion = said["rankings"]["provider_champion"]
    assert (champion["found"], champion["confirmed_cases"]) == (2, 2)
    assert champion["sek_per_confirmed"] == 15_000 * champion["reviews"] / 2
    assert set(said["differences"]) == {"provider_champion less amount"}
    folder = Path(said["folder"])
    assert json.loads((folder / "backtest.json").read_text("utf-8"))["id"] == said["id"]
    lists = pd.read_parquet(folder / "lists.parquet")
    assert lists.groupby(["ranking", "month"]).size().tolist() == [3] * 6
    assert set(pd.read_parquet(folder / "cases.parquet")["org_number"]) <= {ROUND, OVERLAP, "0030000007"}
    figures = (folder / "backtest.json").read_text("utf-8")
    assert ROUND not in figures, "figures name nobody"
    assert backtest(asked, settings)["id"] == said["id"]


def test_what_cannot_be_backtested_says_why(store: Any) -> None:
    settings = store.with_settings(tracking=False).settings
    with pytest.raises(Failure, match="is after"):
        backtest(Question(("amount",), OCTOBER, OCTOBER.plus(-1), 3), settings)
    with pytest.raises(Failure, match="neither in the store nor among the deliveries"):
        backtest(Question(("amount",), Month(2025, 1), OCTOBER, 3), settings)
    with pytest.raises(Failure, match="there is no model 'winner'"):
        ranker("winner", OCTOBER, settings)
    with pytest.raises(Failure, match="no registered version 12"):
        ranker("12", OCTOBER, settings)


def _champion() -> Any:
    from valfardsbrott.detectors.definition import load

    return load("provider_champion")
