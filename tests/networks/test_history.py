"""Links that a register no longer shows are remembered, and fade."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from valfardsbrott.networks.history import carry, dated

LinkTable = Callable[[Iterable[tuple[str, str, str]]], pd.DataFrame]
OCTOBER = pd.Timestamp("2026-10-01")


def test_a_phone_that_was_changed_is_remembered(link_table: LinkTable) -> None:
    before = link_table([("acme", "phone", "08-1")]).assign(last_seen=pd.Timestamp("2026-09-30"))
    together, gone = carry(link_table([("acme", "phone", "08-2")]), before, OCTOBER)
    assert together["node_id"].tolist() == ["08-1", "08-2"]
    assert gone["node_id"].tolist() == ["08-1"]
    assert gone["last_seen"].tolist() == [pd.Timestamp("2026-09-30")]


def test_it_is_forgotten_after_a_year(link_table: LinkTable) -> None:
    old = link_table([("acme", "phone", "08-1")]).assign(last_seen=pd.Timestamp("2025-10-31"))
    together, gone = carry(link_table([]), old, OCTOBER)
    assert together.empty
    assert gone.empty


def test_homes_and_people_met_are_not_remembered(link_table: LinkTable) -> None:
    before = link_table([("acme", kind, "x") for kind in ("home", "staff", "recipient", "device", "overlap", "payee")])
    together, gone = carry(link_table([]), before, OCTOBER)
    assert together.empty
    assert gone.empty


def test_first_seen_is_the_earliest_known(link_table: LinkTable) -> None:
    now = link_table([("acme", "phone", "08-1"), ("bolt", "phone", "08-1"), ("cura", "owner", "adam")])
    now["first_seen"] = pd.to_datetime(pd.Series([None, None, "2020-05-05"]))
    before = now.iloc[[0]].assign(first_seen=pd.Timestamp("2026-08-01"))
    together, _ = carry(now, before, OCTOBER)
    seen = dict(zip(together["org_number"], together["first_seen"].dt.strftime("%Y-%m-%d"), strict=True))
    assert seen == {"acme": "2026-08-01", "bolt": "2026-10-01", "cura": "2020-05-05"}


def test_source_rows_of_an_earlier_month_say_which(link_table: LinkTable) -> None:
    once = dated(link_table([("acme", "phone", "08-1")]), "2026-09")
    assert once["source_rows"].tolist() == [["2026-09/made_up.csv:0"]]
    assert dated(once, "2026-10")["source_rows"].tolist() == [["2026-09/made_up.csv:0"]]
