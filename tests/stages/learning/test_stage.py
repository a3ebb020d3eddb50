"""The stage: who rests and who is back, what is learnt from decisions, what is published of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.stages import learning, learning_apply
from valfardsbrott.stages.choice import choose as listed
from valfardsbrott.stages.choice import control
from valfardsbrott.stages.language import language
from valfardsbrott.stages.learning_report import lines, shares
from valfardsbrott.stages.models_roles import promote
from valfardsbrott.stages.workspace import Workspace

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, month) for month in (9, 10, 11))
REASONS = {
    "alma": {"overlap_share": 6.0}, "beda": {"staff_overlap_minutes": 5.0}, "carl": {"wage_gap": 4.0},
    "dora": {"wage_gap": 3.0}, "elsa": {"wage_gap": 0.5},
}  # fmt: skip


@pytest.fixture
def reviewed(store: Workspace, score: Any, choose: Any, decide: Callable[..., None]) -> Workspace:
    """Alma was confirmed and beda cleared for good on September's list; in October beda has a reason more."""
    score(SEPTEMBER, REASONS)
    choose(SEPTEMBER, {"risk": ["alma", "beda"], "control": ["elsa"]})
    score(OCTOBER, REASONS | {"beda": {"staff_overlap_minutes": 5.0, "wage_gap": 4.0}})
    decide(OCTOBER, ("alma", "2026-10-05", "confirmed", "review:risk", "2026-0001", False),
           ("beda", "2026-10-06", "cleared", "review:risk", "2026-0002", True),
           ("elsa", "2026-10-07", "cleared", "review:control", "2026-0003", False))  # fmt: skip
    return store


def test_who_was_decided_for_the_same_reasons_rests_and_who_has_changed_is_back(reviewed: Workspace) -> None:
    manifest = learning.run(OCTOBER, reviewed.settings)
    assert manifest.stats["held_back"] == {"all": 1, "near_the_top": 1, "back": 1}
    (held,) = pq.read_table(reviewed.stage("learning", OCTOBER, "held.parquet")).to_pylist()
    assert held["org_number"] == "alma"
    assert held["text_sv"].startswith("Hålls tillbaka till 2027-10-05: bekräftades 2026-10-05 (ärende 2026-0001)")
    learnt = learning_apply.read(reviewed, OCTOBER)
    assert learnt.held == {"alma"}
    assert learnt.back["beda"]["earlier_en"] == (
        "Is back: cleared on 2026-10-06 (case 2026-0002), but this is new: wage_gap."
    )
    assert not learnt.leads, "three decisions teach nothing"


def test_the_control_sample_estimates_and_the_figures_are_told(reviewed: Workspace) -> None:
    stats = learning.run(OCTOBER, reviewed.settings).stats
    assert stats["estimates"]["listed"] | {"chosen": 2} == {
        "chosen": 2, "confirmed": 1, "cleared": 1, "insufficient": 0, "open": 0,
    }  # fmt: skip
    assert stats["estimates"]["missed"]["value"] == 0
    assert stats["estimates"]["missed"]["high"] == pytest.approx(0.975)
    assert json.loads(reviewed.stage("learning", OCTOBER, "learning.json").read_text("utf-8")) == stats
    table = {row["label"]: row for row in shares(stats, language("en"))}
    recall = table["Part of all such that the list held"]
    assert (recall["value"], recall["high"]) == ("not available", "100\u202f%"), (
        "no draw confirmed is no proof of all found"
    )
    for code in ("sv", "en"):
        assert "1" in lines(stats, language(code))[0]
    assert lines(learning.run(SEPTEMBER, reviewed.settings).stats, language("sv")) == [], "nothing was decided then"


def test_a_month_is_done_once_until_a_decision_is_reversed(reviewed: Workspace, decide: Callable[..., None]) -> None:
    learning.run(OCTOBER, reviewed.settings)
    assert learning.run(OCTOBER, reviewed.settings).cached
    decide(OCTOBER)
    again = learning.run(OCTOBER, reviewed.settings)
    assert not again.cached
    assert again.stats["held_back"]["all"] == 0, "what was reversed holds nobody back"


def test_time_brings_a_provider_back_by_itself(reviewed: Workspace, score: Any) -> None:
    later = Month(2027, 11)
    score(later, REASONS)
    learning.run(later, reviewed.settings)
    back = learning_apply.read(reviewed, later).back
    assert back["alma"]["earlier_sv"] == "Är tillbaka: bekräftades 2026-10-05 (ärende 2026-0001), men tiden är ute."


def test_a_citys_own_register_holds_nobody_back(store: Workspace, score: Any, choose: Any, decide: Any) -> None:
    score(SEPTEMBER, REASONS)
    choose(SEPTEMBER, {"risk": ["alma"], "control": ["elsa"]})
    score(OCTOBER, REASONS)
    decide(OCTOBER, ("alma", "2026-10-05", "confirmed", "control_unit", "", False))
    assert learning.run(OCTOBER, store.settings).stats["held_back"]["all"] == 0


def test_months_of_decisions_teach_an_order_that_leads_and_is_stored(
    store: Workspace, score: Any, choose: Any, decide: Callable[..., None]
) -> None:
    """Six months: wage gaps were always confirmed, overlaps always cleared, though the champion puts these first."""
    names = [f"{kind}{number}" for kind in ("o", "w") for number in range(8)]
    rows = []
    for at in range(7):
        month = Month(2026, 4).plus(at)
        score(month, {
            f"{name}{at}": {"staff_overlap_minutes": 5.0} if name[0] == "o" else {"wage_gap": 4.9} for name in names
        } | {f"calm{at}{number}": {"wage_gap": 0.1} for number in range(20)})  # fmt: skip
        if at < 6:
            choose(month, {"risk": [f"{name}{at}" for name in names], "control": [f"calm{at}0"]})
            day = month.plus(1).first.replace(day=20).isoformat()
            rows = [(f"{name}{at}", day, "confirmed" if name[0] == "w" else "cleared", "review:risk", "", False)
                    for name in names]  # fmt: skip
            decide(month.plus(1), *rows)
    found = learning.run(OCTOBER, store.settings)
    assert found.stats["gate"]["leads"], found.stats["gate"]
    ranking = pq.read_table(store.stage("learning", OCTOBER, "ranking.parquet")).to_pylist()
    first = sorted(ranking, key=lambda row: row["learned_rank"])[0]
    assert first["org_number"].startswith("w")
    assert first["champion_rank"] > 8
    top = [row["org_number"] for row in sorted(ranking, key=lambda row: row["rank"])[:3]]
    assert sum(org.startswith("o") for org in top) >= 2, "at least half stays the champion's own"
    off = store.settings.model_copy(update={"learn": False})
    assert not learning.run(OCTOBER, off).stats["gate"]["leads"], "and a city may turn it off"


def test_the_control_sample_never_shrinks_for_those_who_rest(store: Workspace, score: Any) -> None:
    import pandas as pd

    score(OCTOBER, REASONS)
    scores = pd.read_parquet(store.stage("detect", OCTOBER, "scores.parquet"))
    nobody = pd.DataFrame(columns=["network_id", "rank", "rank_value", "score", "p_value"])
    chosen = listed(scores, nobody, 3, 2, frozenset({"carl"}))
    assert list(chosen["entity_id"]) == ["alma", "beda", "dora"]
    drawn = control(scores, chosen, {}, 2, seed=1, month=OCTOBER, held=frozenset({"carl"}))
    assert sorted(drawn["entity_id"]) == ["carl", "elsa"], "no other is left"
    assert list(control(scores, chosen, {}, 1, seed=1, month=OCTOBER, held=frozenset({"carl"}))["entity_id"]) == [
        "elsa"
    ]


def test_nobody_promotes_what_only_its_gate_may_let_lead(store: Workspace) -> None:
    with pytest.raises(Failure, match="leads where its gate lets it"):
        promote(store.settings, "provider_reranked", "A. Analyst", "It found more last year")
