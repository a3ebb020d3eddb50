"""What two providers share scores by its rarity."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.networks.links import HALF_LIFE_MONTHS, HUB, LINK_TYPES, City, build, decay
from valfardsbrott.networks.projection import CAP, project, value_surprise

CityOf = Callable[..., City]
Crowd = Callable[[int], list[str]]


def surprise(city: City, a: str, b: str, link_type: str) -> float:
    """The pair's surprise of a type, 0 where the pair has none; weak pairs count too."""
    found = project(city, least=0.0)
    i, j = sorted(int(np.searchsorted(city.orgs, org)) for org in (a, b))
    row = np.flatnonzero((found.i == i) & (found.j == j))
    return float(found.surprise[row[0], LINK_TYPES.index(link_type)]) if len(row) else 0.0


def test_a_rare_account_is_worth_what_chance_makes_of_it(city_of: CityOf, crowd: Crowd) -> None:
    city = city_of([("acme", "account", "bg1"), ("bolt", "account", "bg1")], [*crowd(98), "acme", "bolt"])
    assert surprise(city, "acme", "bolt", "account") == pytest.approx(math.log(100 * 99 / 2))


def test_a_value_of_many_is_worth_less_than_one_of_two(city_of: CityOf, crowd: Crowd) -> None:
    firms = crowd(100)
    rows = [(firm, "address", "office") for firm in firms[:10]] + [(firm, "address", "cellar") for firm in firms[10:12]]
    city = city_of(rows, firms)
    assert 0 < surprise(city, firms[0], firms[1], "address") < surprise(city, firms[10], firms[11], "address")


def test_hubs_count_nothing(city_of: CityOf, crowd: Crowd) -> None:
    firms = crowd(200)
    city = city_of([(firm, "address", "accountants office") for firm in firms[: HUB + 1]], firms)
    assert len(project(city, least=0.0).i) == 0
    city = city_of([(firm, "address", "office") for firm in firms[:HUB]], firms)
    assert surprise(city, firms[0], firms[1], "address") > 0


def test_one_type_says_at_most_the_cap(city_of: CityOf, crowd: Crowd) -> None:
    rows = [(org, "account", f"bg{number}") for org in ("acme", "bolt") for number in range(9)]
    assert surprise(city_of(rows, [*crowd(300), "acme", "bolt"]), "acme", "bolt", "account") == CAP


def test_a_shared_owner_cancels_the_shared_home(city_of: CityOf, crowd: Crowd) -> None:
    rows = [("acme", "home", "villa"), ("bolt", "home", "villa"), ("cura", "home", "flat"), ("duva", "home", "flat")]
    rows += [("acme", "owner", "adam"), ("bolt", "owner", "adam")]
    city = city_of(rows, [*crowd(50), "acme", "bolt", "cura", "duva"])
    assert surprise(city, "acme", "bolt", "home") == 0
    assert surprise(city, "acme", "bolt", "owner") > 0
    assert surprise(city, "cura", "duva", "home") > 0


def test_registered_groups_score_nothing(city_of: CityOf, crowd: Crowd) -> None:
    rows = [(org, kind, "same") for org in ("acme", "bolt") for kind in ("owner", "address", "account")]
    firms = [*crowd(300), "acme", "bolt"]
    assert len(project(city_of(rows, firms)).i) == 1
    assert len(project(city_of(rows, firms, groups=[("bolt", "acme")])).i) == 0


def test_shared_staff_are_judged_by_size(city_of: CityOf, crowd: Crowd) -> None:
    firms = [*crowd(60), "tiny1", "tiny2", "huge1", "huge2"]
    sizes = {firm: 200 if firm.startswith("huge") else 3 for firm in firms}
    rows = [(firm, "staff", f"{firm}-{number}") for firm, size in sizes.items() for number in range(size)]
    rows += [(firms[at + side], "staff", f"roams{at}") for at in range(30) for side in (0, 1)]
    for kind in ("tiny", "huge"):
        rows += [(f"{kind}{side}", "staff", f"{kind}-{number}") for side in (1, 2) for number in range(3)]
    city = city_of(rows, firms)
    assert surprise(city, "tiny1", "tiny2", "staff") > surprise(city, "huge1", "huge2", "staff")


def test_one_recipient_in_common_says_nothing(city_of: CityOf, crowd: Crowd) -> None:
    firms = [*crowd(40), "acme", "bolt", "cura", "duva"]
    rows = [(firm, "recipient", f"{firm}-{number}") for firm in firms for number in range(5)]
    rows += [(org, "recipient", "rut") for org in ("acme", "bolt")]
    rows += [(org, "recipient", who) for org in ("cura", "duva") for who in ("sven", "siv")]
    city = city_of(rows, firms)
    assert surprise(city, "acme", "bolt", "recipient") == 0
    assert surprise(city, "cura", "duva", "recipient") > 0


def test_old_links_fade(month_end: pd.Timestamp) -> None:
    ago = [month_end - pd.DateOffset(months=months, days=1) for months in (0, HALF_LIFE_MONTHS, 13)]
    assert decay(pd.Series([*ago, pd.NaT]), month_end) == pytest.approx([1, 0.5, 0, 1])


def test_no_links_at_all(city_of: CityOf) -> None:
    assert len(project(city_of([], ["acme", "bolt"])).i) == 0
    assert len(project(city_of([], [])).i) == 0


@settings(deadline=None)
@given(st.lists(st.integers(2, 40), min_size=1, max_size=50), st.integers(50, 500))
def test_rarer_is_never_worth_less(degrees: list[int], providers: int) -> None:
    degree = np.sort(np.array(degrees))
    worth = value_surprise(degree, providers)
    assert (np.diff(worth) <= 1e-12).all()
    assert (worth >= 0).all()
    assert (worth[degree > HUB] == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(random: object) -> None:
    rows = [(f"firm{at % 7}", kind, f"v{at % 5}") for at in range(40) for kind in ("owner", "staff", "recipient")]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (_city(each) for each in (rows, shuffled))
    assert (project(one, 0.0).surprise == project(other, 0.0).surprise).all()


def _city(rows: list[tuple[str, str, str]]) -> City:
    links = pd.DataFrame(rows, columns=["org_number", "link_type", "node_id"]).assign(
        last_seen=pd.Timestamp("2026-10-31")
    )
    providers = pd.DataFrame({"org_number": sorted(set(links["org_number"])), "district": "city"})
    return build(links, providers, pd.DataFrame(columns=["org_a", "org_b"], dtype="str"), pd.Timestamp("2026-10-31"))
