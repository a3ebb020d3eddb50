"""flag: the budget, the control sample, money and reasons."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.features import feature_columns
from valfardsbrott.stages import choice, detect, flag, reasons

OCTOBER = Month(2026, 10)
ROUND, OVERLAP = "0029000015", "0029000023"
SLEEPING, TRADER = "0029000031", "p" + "0a" * 16


def flags_of(store: Any) -> pd.DataFrame:
    detect.run(OCTOBER, store.settings)
    flag.run(OCTOBER, store.settings)
    flags: pd.DataFrame = store.read("flag", "flags.parquet")
    return flags


def reasons_of(flags: pd.DataFrame, entity: str) -> list[dict[str, Any]]:
    (listed,) = flags.loc[flags["entity_id"] == entity, "reasons"]
    return list(json.loads(listed))


def test_the_budget_is_kept_and_the_control_follows(store: Any) -> None:
    flags = flags_of(store)
    assert flags["arm"].tolist() == ["risk"] * 6 + ["control"] * 3
    assert flags["rank"].tolist() == list(range(1, 10))
    assert set(flags["entity_id"].head(2)) == {ROUND, OVERLAP}
    assert not {SLEEPING, TRADER} & set(flags["entity_id"])
    assert flags["entity_id"].is_unique


def test_reasons_have_figures_and_a_text_in_each_language_with_what_is_innocent(store: Any) -> None:
    flags = flags_of(store)
    first = reasons_of(flags, ROUND)[0]
    assert first["feature"] == "round_amounts"
    assert first["value"] == 0.7
    assert first["contribution"] > 1
    assert first["text_sv"].startswith("Round amounts på svenska.: 70")
    assert "jämförbara utförare" in first["text_sv"]
    for part in ("Why in English.", "Innocent in English.", "Check in English.", "60 comparable providers"):
        assert part in first["text_en"]
    listed = [each["contribution"] for each in reasons_of(flags, ROUND)]
    assert listed == sorted(listed, reverse=True)


def test_amounts_follow_the_units_of_the_reasons(store: Any) -> None:
    flags = flags_of(store)
    billed = 100_000
    median = reasons_of(flags, ROUND)[0]["peer_median"]
    flags = flags.set_index("entity_id")
    assert flags.loc[ROUND, "amount_at_risk_sek"] == pytest.approx((0.7 - median) * billed, abs=0.01)
    assert flags.loc[OVERLAP, "amount_at_risk_sek"] == pytest.approx((6000 - 20) / 60_000 * billed, rel=0.01)


def test_the_control_sample_has_no_reason_and_no_amount(store: Any) -> None:
    control = flags_of(store).query("arm == 'control'")
    assert set(control["reasons"]) == {"[]"}
    assert control["amount_at_risk_sek"].isna().all()


def test_what_a_control_hit_would_say_stands_apart_with_its_evidence(store: Any) -> None:
    """Both arms are reviewed alike, so the control arm has reasons, an amount and source rows of the same kind."""
    control = flags_of(store).query("arm == 'control'")
    apart = store.read("flag", "control_reasons.parquet").set_index("entity_id")
    assert list(apart.index) == control["entity_id"].tolist()
    assert apart["amount_at_risk_sek"].notna().all()
    known = {feature.name for feature in feature_columns()}
    named = {each["feature"] for listed in apart["reasons"] for each in json.loads(listed)} & known
    assert {path.stem for path in store.workspace.stage("flag", OCTOBER, "evidence").glob("*.parquet")} >= named


def test_the_control_sample_changes_with_month_and_seed_only(store: Any) -> None:
    scores = pd.DataFrame(
        {"org_number": [f"o{at:03d}" for at in range(200)], "score": 0.1, "p_value": 0.5, "peer_group": "g"}
    )
    chosen = scores.head(0).assign(entity_id=[])
    drawn = {
        (seed, month): tuple(choice.control(scores, chosen, {}, 3, seed=seed, month=month)["entity_id"])
        for seed in (1, 2) for month in (OCTOBER, OCTOBER.plus(1))
    }  # fmt: skip
    assert len(set(drawn.values())) == 4
    again = choice.control(scores.sample(frac=1, random_state=0), chosen, {}, 3, seed=1, month=OCTOBER)
    assert tuple(again["entity_id"]) == drawn[1, OCTOBER]


def test_every_unflagged_provider_is_drawn_as_often(store: Any) -> None:
    scores = pd.DataFrame(
        {"org_number": [f"o{at}" for at in range(10)], "score": 0.1, "p_value": 0.5, "peer_group": "g"}
    )
    chosen = pd.DataFrame({"entity_id": ["o0", "N1"]})
    drawn = [
        org
        for seed in range(700)
        for org in choice.control(scores, chosen, {"N1": ("o1", "o2")}, 2, seed=seed, month=OCTOBER)["entity_id"]
    ]
    counts = pd.Series(drawn).value_counts()
    assert set(counts.index) == {f"o{at}" for at in range(3, 10)}, (
        "flagged ones and members of flagged networks are not"
    )
    assert counts.between(150, 250).all()


def test_a_budget_larger_than_the_city_leaves_somebody_for_the_control(store: Any) -> None:
    flags = flags_of(store.with_settings(capacity=500))
    assert (flags["arm"] == "control").sum() == 3
    assert (flags["arm"] == "risk").sum() <= 57


def test_a_flag_is_only_raised_on_evidence(store: Any) -> None:
    scores = pd.DataFrame(
        {"org_number": ["a", "b", "c"], "score": [0.5, 0, 0], "p_value": [0.05, 1, 1], "peer_group": "g"}
    )
    scores["rank"] = [1, 2, 3]
    none = pd.DataFrame(columns=["network_id", "rank", "rank_value", "score", "p_value"])
    assert choice.choose(scores, none, 3, 1)["entity_id"].tolist() == ["a"]


def test_networks_take_at_most_half_and_keep_their_order(store: Any) -> None:
    scores = pd.DataFrame(
        {"org_number": [f"o{at}" for at in range(20)], "score": 0.1, "p_value": 0.5, "peer_group": "g"}
    )
    scores["rank"] = range(1, 21)
    networks = pd.DataFrame(
        {"network_id": [f"N{at}" for at in range(9)], "rank": range(1, 10), "score": 0.9, "p_value": 0.01}
    )
    networks["rank_value"] = [30.0, 20.0, 25.0, *[20.0] * 6]
    chosen = choice.choose(scores, networks, 8, 3)
    assert (chosen["entity_type"] == "network").sum() == 4
    assert chosen.loc[chosen["entity_type"] == "network", "entity_id"].tolist() == ["N0", "N1", "N2", "N3"]
    assert chosen["rank"].tolist() == list(range(1, 9))


def test_a_networks_amount_counts_each_member_once_and_its_reasons_are_nats(store: Any) -> None:
    detect.run(OCTOBER, store.settings)
    folder = store.workspace.stage("networks", OCTOBER)
    folder.mkdir(parents=True)
    tie = {
        "feature": "network_account",
        "value": 1,
        "peer_median": None,
        "contribution": 1.0,
        "text_sv": "s",
        "text_en": "e",
    }
    pd.DataFrame(
        {"network_id": ["N0", "N1"], "kind": ["group"] * 2, "structure": [4.0, 20.0], "e_value": [0.5, 0.01],
         "q_value": [0.5, 0.01],
         "p_value": [0.4, 0.0001], "score": [0.9, 0.1], "reasons": ["[]", json.dumps([tie])]}
    ).to_parquet(folder / "networks.parquet")  # fmt: skip
    rows = [("N1", "provider", org, "member") for org in (ROUND, OVERLAP, SLEEPING)] + [
        ("N1", "account", "a1", "account")
    ]
    members = pd.DataFrame(rows, columns=["network_id", "node_type", "node_id", "role"])
    members.to_parquet(folder / "members.parquet")
    flag.run(OCTOBER, store.settings)
    flags = store.read("flag", "flags.parquet").set_index("entity_id")
    network = flags.loc["N1"]
    members_sum = flags.loc[[ROUND, OVERLAP], "amount_at_risk_sek"].sum()
    assert network["amount_at_risk_sek"] == pytest.approx(members_sum, abs=0.02)
    listed = json.loads(network["reasons"])
    published = store.read("flag", "networks.parquet").set_index("network_id")
    assert published["score"].to_dict() == {"N0": 0.0, "N1": pytest.approx(network["score"])}, "chance explains N0"
    assert {each["feature"] for each in listed} == {"network_account", "network_behaviour"}
    assert next(e for e in listed if e["feature"] == "network_account")["contribution"] == pytest.approx(20 / 4)


def test_the_source_rows_behind_a_flagged_value_are_kept(store: Any) -> None:
    flags_of(store)
    rows = pq.ParquetFile(store.workspace.stage("flag", OCTOBER, "evidence/round_amounts.parquet")).read().to_pylist()
    mine = [row for row in rows if row["org_number"] == ROUND]
    assert [(row["line_id"], row["source_table"], row["source_row_id"]) for row in mine] == [
        ("L1", "claim_line", "claim_line.csv:2")
    ]


def test_a_reason_is_never_a_number_that_is_none() -> None:
    row = {"feature": "network_structure", "value": 20.0, "peer_median": np.nan, "contribution": 3.0, "peer_group": "",
           "peer_count": 0}  # fmt: skip
    told = reasons.reason(row, None)
    assert told["peer_median"] is None
    assert told["text_sv"].startswith("Ingår i ett nätverk: 20")
    assert "koncern" in told["innocent_sv"]


def test_a_reason_that_lies_in_earlier_months_says_so() -> None:
    from valfardsbrott.features import feature_columns

    feature = next(feature for feature in feature_columns() if feature.unit == "share")
    row = {"feature": feature.name, "value": 0.0, "peer_median": 0.01, "contribution": 3.0, "peer_group": "g",
           "peer_count": 9, "z_month": -0.4}  # fmt: skip
    assert "månaderna före" in reasons.reason(row, feature)["text_sv"]
    assert reasons.reason(row, feature)["before"], "so that what is printed can say it too"
    assert "months before" not in reasons.reason(row | {"z_month": 2.0}, feature)["text_en"]


def test_a_printed_figure_of_earlier_months_says_so(tmp_path: Any) -> None:
    from valfardsbrott.features import feature_columns
    from valfardsbrott.stages.result import Result

    feature = next(feature for feature in feature_columns() if feature.unit == "share")
    row = {"value": 0.0, "peer_median": 0.0, "peer_count": 9}
    assert "månaderna före" in Result(tmp_path, "sv")._figures(row | {"before": True}, feature)
    assert "months before" not in Result(tmp_path, "en")._figures(row, feature)


@pytest.mark.parametrize(("p", "figure"), [(0.02, "(p = 0,02)"), (1e-9, "(p <\u202f0,0001)")], ids=["plain", "tiny"])
def test_what_members_do_has_one_sign_before_its_p_value(p: float, figure: str) -> None:
    row = {"reasons": "[]", "structure": 10.0, "p_behaviour": p}
    assert figure in reasons.of_network(row)[0]["text_sv"]


def test_without_detect_it_says_what_to_do(store: Any) -> None:
    with pytest.raises(Failure, match=r"scores\.parquet is missing"):
        flag.run(OCTOBER, store.settings)


def test_nearness_to_confirmed_cases_is_never_the_only_reason_of_a_flag() -> None:
    told = [("near", "neighbour_risk", 6.0), ("near", "round_amounts", 1.0), ("both", "neighbour_risk", 2.0)]
    told += [("both", "round_amounts", 5.0), ("far", "round_amounts", 4.0)]
    contributions = pd.DataFrame(told, columns=["org_number", "feature", "contribution"])
    near = choice.exposed(contributions)
    assert near == {"near"}
    orgs = ["near", "both", "far"]
    scores = pd.DataFrame(
        {"org_number": orgs, "p_value": [0.001, 0.01, 0.02], "score": [0.9, 0.8, 0.7], "rank": [1, 2, 3]}
    ).assign(peer_group="all")
    nobody = pd.DataFrame(columns=["network_id", "rank", "rank_value", "score", "p_value"])
    assert choice.choose(scores, nobody, 3, 0, near)["entity_id"].tolist() == ["both", "far"]


@pytest.mark.parametrize(
    ("strongest", "amount"), [("round_amounts", 300.0), ("network_structure", 1000.0), ("staff_pool", 1000.0)]
)
def test_ties_and_earlier_months_bound_no_part_of_the_amount(strongest: str, amount: float) -> None:
    features = {feature.name: feature for feature in feature_columns()}
    rows = [
        {"feature": strongest, "contribution": 5.0, "value": 0.4, "peer_median": 0.1, "z_month": 2.0},
        {"feature": "manual_receipt_share", "contribution": 3.0, "value": 0.2, "peer_median": 0.1, "z_month": 2.0},
    ]
    assert reasons.amount_at_risk(rows, features, 1000.0) == amount
    before = [row | {"z_month": -0.5} for row in rows]
    assert reasons.amount_at_risk(before, features, 1000.0) == 1000.0


def ranked_by_size(sizes: list[str]) -> pd.DataFrame:
    n = len(sizes)
    return pd.DataFrame(
        {
            "org_number": [f"o{at:03d}" for at in range(n)], "score": 0.5, "p_value": np.linspace(0.001, 0.5, n),
            "rank": np.arange(1, n + 1), "peer_group": "g", "size_class": sizes,
        }
    )  # fmt: skip


@pytest.mark.parametrize("first", ["xs", "xl"], ids=["the tiniest", "giants"])
def test_no_size_class_fills_the_budget(first: str) -> None:
    scores = ranked_by_size([first] * 30 + ["m"] * 40 + ["l"] * 30)
    none = pd.DataFrame(columns=["network_id", "rank", "rank_value", "score", "p_value"])
    chosen = choice.choose(scores, none, 20, 3)["entity_id"]
    size = scores.set_index("org_number")["size_class"][chosen]
    assert len(chosen) == 20
    assert (size == first).sum() == 10, "half of the room"
    assert chosen.head(10).tolist() == [f"o{at:03d}" for at in range(10)], "the order within it stays"


def test_where_nobody_else_is_suspicious_one_size_class_may_have_it_all() -> None:
    scores = ranked_by_size(["l"] * 30 + ["m"] * 70)
    scores.loc[scores["size_class"] == "m", "p_value"] = 1.0
    none = pd.DataFrame(columns=["network_id", "rank", "rank_value", "score", "p_value"])
    assert len(choice.choose(scores, none, 20, 3)) == 20


def test_a_block_is_one_reason_and_names_the_others_in_it() -> None:
    rows = [
        {"feature": "micro_visits", "contribution": 4.0, "block": 2},
        {"feature": "short_visits", "contribution": 3.0, "block": 2},
        {"feature": "overlap", "contribution": 5.0, "block": 0},
        {"feature": "network_structure", "contribution": 1.0, "block": -1},
    ]
    listed = [(row["feature"], row["contribution"], row["also"]) for row in reasons.strongest(rows)]
    assert listed == [("micro_visits", 7.0, ["short_visits"]), ("overlap", 5.0, []), ("network_structure", 1.0, [])]


def test_a_flag_says_what_it_stands_or_falls_with(store: Any) -> None:
    flags = flags_of(store).set_index("entity_id")
    assert flags.loc[ROUND, "counterfactual_en"] == (
        "The provider would not be flagged if this were like its peers': round amounts in English."
    )
    assert str(flags.loc[ROUND, "counterfactual_sv"]).startswith("Utföraren skulle inte ha flaggats om detta varit som")
    assert set(flags.loc[flags["arm"] == "control", "counterfactual_en"]) == {""}


def test_the_curve_is_there_for_every_length(store: Any) -> None:
    flags_of(store)
    curve = store.read("flag", "capacity.parquet")
    assert curve["capacity"].tolist() == list(range(1, 61))
    assert curve["expected_precision"].between(0, 1).all()
    assert curve.loc[1, "expected_found"] > 1, "the two planted ones stand out"
