"""What chance makes of the same city, and how the observed networks compare."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from valfardsbrott.networks.calibration import calibrate, found, null_scores, permuted
from valfardsbrott.networks.links import LINK_TYPES, City
from valfardsbrott.networks.ranking import GATE
from valfardsbrott.networks.structure import Structure

CityOf = Callable[..., City]


def shapes(*scores: float, size: int = 3) -> Structure:
    """Groups of ``size`` with a score each, made of shared owners and phones."""
    by_type = np.zeros((len(scores), len(LINK_TYPES)))
    by_type[:, 0] = [score / 2 for score in scores]
    by_type[:, LINK_TYPES.index("phone")] = [score / 2 for score in scores]
    return Structure(np.full(len(scores), size), by_type)


def test_e_is_the_number_of_null_networks_as_strong_in_a_run() -> None:
    null = [shapes(5, 9), shapes(9), shapes(), shapes(12)]
    observed = calibrate(shapes(9, 20), null)
    assert observed.e_value.tolist() == [3 / 4, 0]
    assert observed.p_value.tolist() == [(1 + 3) / 5, 1 / 5]
    assert observed.q_value.tolist() == [pytest.approx(3 / 4 / 2), 0]


def test_pairs_are_compared_with_pairs() -> None:
    null = [shapes(9, size=2)]
    assert calibrate(shapes(5, size=3), null).e_value.tolist() == [0]
    assert calibrate(shapes(5, size=2), null).e_value.tolist() == [1]


def test_what_cannot_carry_a_flag_passes_no_gate() -> None:
    by_type = np.zeros((1, len(LINK_TYPES)))
    by_type[0, LINK_TYPES.index("staff")] = 12
    observed = calibrate(Structure(np.array([4]), by_type), [shapes()])
    assert observed.e_value[0] > GATE
    assert observed.p_value.tolist() == [1]


def random_city(city_of: CityOf, seed: int, firms: int = 120) -> City:
    """Providers with values drawn from small pools: every link is chance."""
    rng = np.random.default_rng(seed)
    everyone = [f"firm{at:03d}" for at in range(firms)]
    rows = [
        (org, kind, f"{kind}{rng.integers(0, 90)}")
        for org in everyone
        for kind in ("owner", "phone", "address", "account")
    ]
    rows += [(org, "staff", f"s{rng.integers(0, 300)}") for org in everyone for _ in range(8)]
    return city_of(rows, everyone)


def test_permuting_keeps_who_has_how_many_and_breaks_who_meets_whom(city_of: CityOf) -> None:
    city = random_city(city_of, 1)
    other = permuted(city, (1, 2))
    for name, entry in city.incidences.items():
        assert (other.incidences[name].reach == entry.reach).all()
        assert len(other.incidences[name].provider) <= len(entry.provider)
        assert (other.incidences[name].degree <= np.bincount(entry.value)[: len(other.incidences[name].degree)]).all()
    assert (permuted(city, (1, 2)).incidences["owner"].provider == other.incidences["owner"].provider).all()
    assert len(permuted(city, (1, 3)).incidences["owner"].provider) > 0
    assert other.incidences["owner"].provider.tolist() != city.incidences["owner"].provider.tolist()


def test_links_stay_in_their_district(city_of: CityOf) -> None:
    city = random_city(city_of, 1)
    city = City(city.orgs, np.arange(city.size) % 2, city.incidences, city.exempt)
    for name, entry in permuted(city, (7, 0)).incidences.items():
        before, after = city.incidences[name], entry
        ends = [np.bincount(each.value * 2 + city.district[each.provider], minlength=2_000) for each in (before, after)]
        assert (ends[1] <= ends[0]).all()


def test_threads_change_nothing(city_of: CityOf) -> None:
    city = random_city(city_of, 3)
    one, two = (null_scores(city, 8, 5, threads) for threads in (1, 2))
    assert all((a.by_type == b.by_type).all() for a, b in zip(one, two, strict=True))


def test_p_is_uniform_where_all_is_chance(city_of: CityOf) -> None:
    """The best group of a city without any pattern is as likely in one tenth of the cities as in another."""
    p = []
    for seed in range(40):
        city = random_city(city_of, 100 + seed)
        observed = found(city, seed)[1]
        calibration = calibrate(observed, null_scores(city, 19, seed))
        groups = observed.members > 2
        p.append(calibration.p_value[groups].min() if groups.any() else 1.0)
    assert np.mean(np.array(p) <= 0.2) <= 0.45
    assert 0.3 <= np.mean(p) <= 0.75


def test_progress_is_told(city_of: CityOf) -> None:
    told: list[tuple[str, int, int]] = []
    null_scores(random_city(city_of, 1, 30), 3, 1, progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == [1, 2, 3]
