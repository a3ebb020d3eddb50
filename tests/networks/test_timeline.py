"""A network month by month, and how long before a decision it was seen."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from valfardsbrott.networks.identity import Identity, identify, remember
from valfardsbrott.networks.timeline import COLUMNS, extend, lead_times, without


def story(*months: tuple[str, Iterable[str]]) -> pd.DataFrame:
    """The timeline of a city whose networks are, in each month, groups of providers as ``"acme bolt cura"``."""
    line, known = pd.DataFrame(columns=list(COLUMNS)), dict[str, Identity]()
    for month, groups in months:
        now = identify([frozenset(names.split()) for names in groups], known, month)
        figures = pd.DataFrame({"network_id": [each.network_id for each in now], "structure": 20.0, "e_value": 0.0})
        line = extend(line, now, known, figures, month)
        known = remember(known, now)
    return line


def events(line: pd.DataFrame, org: str) -> list[tuple[str, str]]:
    """Month and event of each network that ever had the provider, in order of month."""
    ids = {row["network_id"] for row in line.to_dict("records") if org in row["members"]}
    rows = line[line["network_id"].isin(ids)].sort_values(["month", "network_id"])
    return list(zip(rows["month"], rows["event"], strict=True))


def test_it_grows_and_shrinks() -> None:
    line = story(("2026-07", ["acme bolt cura"]), ("2026-08", ["acme bolt cura duva"]), ("2026-09", ["acme bolt"]))
    assert events(line, "acme") == [("2026-07", "new"), ("2026-08", "grown"), ("2026-09", "shrunk")]
    assert line["gained"].tolist() == [[], ["duva"], []]
    assert line["lost"].tolist() == [[], [], ["cura", "duva"]]
    assert line["network_id"].nunique() == 1


def test_it_splits_and_both_parts_say_so_once() -> None:
    whole, parts = ["acme bolt cura duva elan"], ["acme bolt", "cura duva elan"]
    line = story(("2026-07", whole), ("2026-08", parts), ("2026-09", parts))
    assert events(line, "acme") == [("2026-07", "new"), *[("2026-08", "split")] * 2, *[("2026-09", "unchanged")] * 2]
    young = line[(line["month"] == "2026-08") & line["network_id"].str.startswith("n-2026-08")]
    assert young["parents"].tolist() == [[line.iloc[0]["network_id"]]]


def test_it_merges_and_the_swallowed_one_is_not_seen_again() -> None:
    line = story(
        ("2026-07", ["acme bolt", "cura duva elan"]), *((f"2026-0{at}", ["acme bolt cura duva elan"]) for at in (8, 9))
    )
    assert events(line, "cura") == [("2026-07", "new"), ("2026-08", "merged"), ("2026-09", "unchanged")]
    gone = line[line["event"] == "not_seen"]
    assert gone["month"].tolist() == ["2026-08"]
    assert gone["lost"].tolist() == [["acme", "bolt"]]


def test_a_month_unseen_is_said_once() -> None:
    line = story(("2026-07", ["acme bolt cura"]), ("2026-08", []), ("2026-09", []), ("2026-10", ["acme bolt cura"]))
    assert events(line, "acme") == [("2026-07", "new"), ("2026-08", "not_seen"), ("2026-10", "unchanged")]


def test_lead_time_is_from_the_month_that_a_provider_was_first_in_it() -> None:
    line = story(("2026-07", ["acme bolt cura"]), ("2026-08", ["acme bolt cura duva"]))
    cases = pd.DataFrame(
        [("acme", "confirmed", "2026-09-09"), ("duva", "cleared", "2026-08-30"), ("zeta", "confirmed", "2026-01-01")],
        columns=["org_number", "outcome", "decided_on"],
    )
    leads = lead_times(line, cases)
    assert dict(zip(leads["org_number"], leads["lead_days"], strict=True)) == {"acme": 40, "duva": -1}
    assert lead_times(line, cases.iloc[:0]).empty


def test_who_must_not_be_shown_is_taken_out() -> None:
    line = without(story(("2026-07", ["acme bolt ptrader"])), frozenset({"ptrader"}))
    assert line["members"].tolist() == [["acme", "bolt"]]
    assert line["n_providers"].tolist() == [2]
