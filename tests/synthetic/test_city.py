"""The honest city is of the size asked for and looks like the figures it is modelled on."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.lookalikes import Found
from valfardsbrott.synthetic.planting import Planting, plant
from valfardsbrott.synthetic.rows import Visits
from valfardsbrott.synthetic.sizes import SIZES
from valfardsbrott.synthetic.timeline import ANCHOR, DAY, FIRST_DAY, to_utc
from valfardsbrott.synthetic.world import City


@cache
def _city(size: str, seed: int) -> tuple[City, Found]:
    return build(SIZES[size], seed, lambda firms: plant(SIZES[size], firms, seed, "medium", 0.04))


@cache
def _honest(seed: int) -> tuple[City, Visits]:
    city, _ = build(SIZES["S"], seed, lambda _firms: Planting("medium", (), ()))
    return city, visits_of(city, ANCHOR)


@pytest.mark.parametrize(("size", "providers", "recipients"), [("XS", 10, 120), ("S", 20, 500), ("M", 100, 16_000)])
def test_size_is_what_was_asked_for(size: str, providers: int, recipients: int) -> None:
    city, _ = _city(size, 1)
    assert abs(int(city.firms.active(ANCHOR).sum()) - providers) <= 1  # a phoenix's old company has left
    served = np.unique(city.cases.recipient[(city.cases.start <= ANCHOR) & (city.cases.end > ANCHOR)])
    assert len(served) == pytest.approx(recipients, rel=0.2)


def test_visits_of_a_month() -> None:
    _, rows = _honest(1)
    assert 28_000 < len(rows) < 40_000
    busiest = np.bincount(rows.staff[rows.done], rows.minutes[rows.done]).max() / 60
    assert busiest < 260  # hours a month of the busiest worker


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_performed_to_granted_is_that_of_stockholm(seed: int) -> None:
    """.79 in municipal and .86 in private home care (2014)."""
    city, rows = _honest(seed)
    first, last = FIRST_DAY[ANCHOR], FIRST_DAY[ANCHOR + 1] - 1
    whole = (city.first_day <= first) & (city.last_day >= last)
    inside = rows.done & (rows.start >= first * DAY)
    performed = np.bincount(rows.decision[inside], rows.minutes[inside], len(city.decisions.granted))
    counted = whole[city.decisions.spell]
    assert 0.79 <= performed[counted].sum() / city.decisions.granted[counted].sum() <= 0.86


def test_large_providers_have_most_of_it() -> None:
    city, _ = _city("M", 1)
    live = (city.cases.start <= ANCHOR) & (city.cases.end > ANCHOR)
    clients = np.sort(np.bincount(city.cases.provider[live]))[::-1]
    assert 0.35 < clients[:10].sum() / clients.sum() < 0.8


def test_honest_workers_are_in_one_home_at_a_time() -> None:
    """But for minutes that rounding makes and a few mistakes; two employers on one day are rare."""
    _, rows = _honest(1)
    order = np.lexsort((rows.start, rows.staff))
    order = order[(rows.done & (rows.minutes > 0))[order]]
    same = rows.staff[order][1:] == rows.staff[order][:-1]
    gap = (to_utc(rows.start[order])[1:] - to_utc(rows.end[order])[:-1])[same]
    assert (gap < 0).mean() < 0.03
    assert (gap < -15).mean() < 0.004
    two = np.unique(np.stack([rows.staff, rows.start // DAY, rows.provider]), axis=1)
    assert len(np.unique(two[:2], axis=1).T) == pytest.approx(len(two.T), rel=0.01)


def test_no_honest_visit_comes_after_a_death() -> None:
    city, rows = _honest(2)
    assert (rows.start // DAY <= city.persons.gone_on[rows.recipient]).all()


def test_visit_systems_differ() -> None:
    _, rows = _honest(1)
    on_fives = [(rows.start[rows.system == system] % 5 == 0).mean() for system in np.unique(rows.system)]
    assert max(on_fives) > 0.9
    assert min(on_fives) < 0.5


def test_every_look_alike_is_there() -> None:
    _, found = _city("M", 1)
    assert {kind for _, kind in found} == {
        "registered_group", "unregistered_group", "accountant_address", "office_hotel", "staffing_pool", "care_home",
        "honest_merger", "legal_relative", "small_new_company", "strict_clock_system", "owners_living_together",
    }  # fmt: skip


def test_groups_share_one_owner_and_are_mostly_registered() -> None:
    city, found = _city("M", 1)
    registered = {firm for firm, kind in found if kind == "registered_group"}
    assert {row[1] for row in city.groups} == registered
    for group in {row[0] for row in city.groups}:
        members = [row[1] for row in city.groups if row[0] == group]
        assert len({int(city.owners.first[firm]) for firm in members}) == 1


def test_a_merger_is_registered_and_its_clients_follow() -> None:
    city, _ = _city("M", 1)
    old, new, day, _kind = city.transfers[0]
    moved = (city.cases.provider == old) & (city.cases.end == city.firms.exit[old])
    after = (city.cases.provider == new) & (city.cases.start == city.firms.exit[old])
    assert np.isin(city.cases.recipient[moved], city.cases.recipient[after]).mean() > 0.6
    assert day < FIRST_DAY[city.firms.exit[old]]


def test_planted_in_the_numbers_that_the_size_says() -> None:
    for size, singles, rings in (("S", 2, 1), ("M", 2, 1)):
        city, _ = _city(size, 1)
        assert len({p.firm for p in city.planting.plants if p.arm == "single"}) == singles
        assert len(city.planting.rings) == rings


def test_twelve_schemes_and_more_are_planted_over_cities() -> None:
    planted = {p.scheme for seed in range(1, 5) for p in _city("M" if seed == 1 else "S", seed)[0].planting.plants}
    planted |= {p.scheme for seed in range(5, 12) for p in _city("XS", seed)[0].planting.plants}
    assert len(planted) >= 12


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5])
def test_a_share_that_the_city_has_too_few_providers_for_plants_whole_rings_only(share: float) -> None:
    city, _ = build(SIZES["S"], 3, lambda firms: plant(SIZES["S"], firms, 3, "medium", share))
    assert all(len(ring.members) == 3 for ring in city.planting.rings)
