"""People who leave one provider for another together, and who explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.networks.migration import COLUMNS, Movement, migrations, strongest

LinkTable = Callable[[Iterable[tuple[str, str, str]]], pd.DataFrame]
Crowd = Callable[[int], list[str]]
EXEMPT = ["org_a", "org_b", "reason"]
NOBODY = pd.DataFrame(columns=EXEMPT, dtype="str")


def movement(blocks: Iterable[tuple[str, str, str, int]], registered: dict[str, str] | None = None) -> Movement:
    """Blocks are (kind, from, to, number of people); everybody of a provider has left it."""
    rows = [(kind, f"{kind}-{old}-{new}-{at}", old, new) for kind, old, new, count in blocks for at in range(count)]
    moves = pd.DataFrame(rows, columns=["kind", "person_id", "from_org_number", "to_org_number"])
    moves["left_month"], moves["joined_month"] = pd.Timestamp("2026-08-01"), pd.Timestamp("2026-09-01")
    sizes = moves.groupby(["from_org_number", "kind"]).size().rename("people").reset_index()
    people = sizes.rename(columns={"from_org_number": "org_number"}).assign(gone=sizes["people"])
    known = pd.DataFrame((registered or {}).items(), columns=["org_number", "registered_on"], dtype="str")
    return Movement(moves, people, known)


@pytest.fixture
def churn(crowd: Crowd) -> list[tuple[str, str, str, int]]:
    """A district where workers and recipients change provider one by one."""
    rng = np.random.default_rng(1)
    firms = crowd(30)
    pairs = {(str(a), str(b)) for a, b in rng.choice(firms, (200, 2)) if a != b}
    return [(kind, a, b, 1) for a, b in sorted(pairs) for kind in ("staff", "recipient")]


@pytest.fixture
def providers(crowd: Crowd) -> pd.DataFrame:
    return pd.DataFrame({"org_number": [*crowd(30), "old", "new"], "district": "city"})


BLOCK = [("staff", "old", "new", 8), ("recipient", "old", "new", 12)]


def test_one_by_one_is_no_block(
    churn: list[tuple[str, str, str, int]], providers: pd.DataFrame, link_table: LinkTable
) -> None:
    found = migrations(movement(churn), providers, link_table([]), NOBODY)
    assert found.empty
    assert tuple(found.columns) == COLUMNS


def test_a_new_company_that_takes_over_all(
    churn: list[tuple[str, str, str, int]], providers: pd.DataFrame, link_table: LinkTable
) -> None:
    moved = movement([*churn, *BLOCK], {"new": "2026-06-01"})
    (row,) = migrations(moved, providers, link_table([]), NOBODY).to_dict("records")
    assert (row["from_org_number"], row["to_org_number"]) == ("old", "new")
    assert (row["staff_moved"], row["staff_left"], row["recipient_moved"]) == (8, 8, 12)
    assert row["staff_expected"] < 1
    assert (row["new_company"], row["outcome"]) == (True, "successor")
    assert "8 av 8 anställda" in row["text_sv"]
    assert "12 of 12 recipients" in row["text_en"]


def test_an_honest_acquisition_is_told_apart(
    churn: list[tuple[str, str, str, int]], providers: pd.DataFrame, link_table: LinkTable
) -> None:
    transfer = pd.DataFrame([("old", "new", "business_transfer")], columns=EXEMPT)
    found = migrations(movement([*churn, *BLOCK]), providers, link_table([]), transfer)
    assert found["outcome"].tolist() == ["explained"]
    assert found["explained"].tolist() == ["business_transfer"]
    assert strongest(found, providers["org_number"], seen=True).tolist() == [0.0] * 32


@pytest.mark.parametrize("kind", ["owner", "home", "account"])
def test_an_old_company_with_the_same_people_behind_it(
    kind: str, churn: list[tuple[str, str, str, int]], providers: pd.DataFrame, link_table: LinkTable
) -> None:
    links = link_table([("old", kind, "shared"), ("new", kind, "shared")])
    (row,) = migrations(movement([*churn, *BLOCK], {"new": "2010-01-01"}), providers, links, NOBODY).to_dict("records")
    assert (row["new_company"], row["ties"], row["outcome"]) == (False, [kind], "successor")


def test_workers_who_follow_a_manager_are_said_to_be_nothing_more(
    churn: list[tuple[str, str, str, int]], providers: pd.DataFrame, link_table: LinkTable
) -> None:
    found = migrations(movement([*churn, *BLOCK], {"new": "2010-01-01"}), providers, link_table([]), NOBODY)
    assert found["outcome"].tolist() == ["unrelated"]


def test_a_large_employer_gets_many_from_everybody(
    providers: pd.DataFrame, crowd: Crowd, link_table: LinkTable
) -> None:
    hires = [("staff", firm, "new", 6) for firm in (*crowd(20), "old")]
    away = [("staff", firm, crowd(30)[at % 7 + 20], 2) for at, firm in enumerate(crowd(20))]
    assert migrations(movement([*hires, *away]), providers, link_table([]), NOBODY).empty


def test_without_earlier_deliveries_nobody_knows(providers: pd.DataFrame) -> None:
    nothing = pd.DataFrame(columns=list(COLUMNS))
    assert np.isnan(strongest(nothing, providers["org_number"], seen=False)).all()


def test_no_moves_at_all(providers: pd.DataFrame, link_table: LinkTable) -> None:
    assert migrations(movement([]), providers, link_table([]), NOBODY).empty
