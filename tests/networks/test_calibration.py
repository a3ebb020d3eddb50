"""What chance makes of the same city, and how the observed networks compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from valfardsbrott.networks import calibration
from valfardsbrott.networks.calibration import calibrate, found, null_scores, permuted, relabelled
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
    assert observed.q_value[0] > GATE
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


def chance_city(city_of: CityOf, seed: int, planted: int = 0, firms: int = 1000) -> City:
    """Rare values that meet by chance only, so that chains come up, and ``planted`` trios with two ties each."""
    rng = np.random.default_rng(seed)
    everyone = [f"firm{at:03d}" for at in range(firms)]
    pools = {"owner": 11_000, "phone": 13_000, "address": 16_000, "account": 20_000, "email": 26_000}
    kinds = list(pools)
    rows = [(firm, kind, f"{kind}{rng.integers(0, pools[kind])}") for kind in kinds for firm in everyone]
    for trio in range(planted):
        for one, other in ((0, 1), (1, 2)):
            shared = rng.choice(kinds, 2, replace=False)
            rows += [(f"ring{trio}-{at}", kind, f"{trio}-{one}-{kind}") for kind in shared for at in (one, other)]
    return city_of(rows, [*everyone, *(f"ring{trio}-{at}" for trio in range(planted) for at in range(3))])


def false_share(city: City, seed: int, level: float, runs: int) -> tuple[float, float]:
    """Of the groups and pairs with q at most ``level``: the share without a planted one; share of the planted found."""
    labels, observed = calibration.found(city, seed)
    judged = calibrate(observed, null_scores(city, runs, seed))
    passed = np.flatnonzero(judged.q_value <= level)
    rings = [{str(org).split("-")[0] for org in city.orgs[labels == at]} for at in passed]
    true = [ring for ring in rings if len(ring) == 1 and next(iter(ring)).startswith("ring")]
    planted = {str(org).split("-")[0] for org in city.orgs if str(org).startswith("ring")}
    return 1 - len(true) / len(passed) if len(passed) else 0.0, len(true) / max(len(planted), 1)


@pytest.mark.parametrize(("planted", "least_found"), [(0, 0.0), (6, 0.5)])
def test_q_values_bound_the_share_of_false_finds(city_of: CityOf, planted: int, least_found: float) -> None:
    """Over cities of chance alone, and with planted trios, the mean share of false finds at q <= .25 is no more than
    that, but for what so few cities leave open (two standard errors)."""
    level, cities = 0.25, 16
    each = [false_share(chance_city(city_of, seed, planted), seed, level, 25) for seed in range(cities)]
    wrong, power = (np.array(column) for column in zip(*each, strict=True))
    assert wrong.mean() <= level + 2 * np.sqrt(level * (1 - level) / cities)
    assert power.mean() >= least_found
    assert wrong.max() > 0 or not planted, "some chance networks pass where many true ones do: the test can fail"


def test_p_is_uniform_where_all_is_chance(city_of: CityOf) -> None:
    """The best group of a city without any pattern is as likely in one tenth of the cities as in another."""
    p = []
    for seed in range(30):
        city = chance_city(city_of, 100 + seed)
        observed = found(city, seed)[1]
        judged = calibrate(observed, null_scores(city, 19, seed))
        groups = observed.members > 2
        p.append(judged.p_value[groups].min() if groups.any() else 1.0)
    assert np.mean(np.array(p) <= 0.2) <= 0.45
    assert 0.3 <= np.mean(p) <= 0.8


def test_progress_is_told(city_of: CityOf) -> None:
    told: list[tuple[str, int, int]] = []
    null_scores(random_city(city_of, 1, 30), 3, 1, progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == [1, 2, 3]


def test_runs_are_kept_and_only_those_that_lack_are_made(
    city_of: CityOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, cache = random_city(city_of, 3), tmp_path / "deep" / "null.npz"
    null_scores(city, 4, 5, cache=cache)
    made: list[int] = []
    actual = calibration._run

    def noted(city: City, seed: int, null: str, run: int) -> Structure:
        made.append(run)
        return actual(city, seed, null, run)

    monkeypatch.setattr(calibration, "_run", noted)
    kept = null_scores(city, 6, 5, cache=cache)
    assert made == [4, 5]
    assert all((a.by_type == b.by_type).all() for a, b in zip(kept, null_scores(city, 6, 5), strict=True))
    made.clear()
    null_scores(city, 2, 6, cache=cache)
    null_scores(random_city(city_of, 4), 2, 6, cache=cache)
    assert made == [0, 1, 0, 1]


def test_a_broken_cache_is_made_anew(city_of: CityOf, tmp_path: Path) -> None:
    cache = tmp_path / "null.npz"
    cache.write_bytes(b"half a file")
    assert len(null_scores(random_city(city_of, 3, 30), 2, 5, cache=cache)) == 2


def test_processes_change_nothing(city_of: CityOf, monkeypatch: pytest.MonkeyPatch) -> None:
    city = random_city(city_of, 3, 40)
    alone = null_scores(city, 2, 5)
    monkeypatch.setattr(calibration, "_PROCESSES_FROM", 1)
    together = null_scores(city, 2, 5, threads=2)
    assert all((a.by_type == b.by_type).all() for a, b in zip(alone, together, strict=True))


def test_relabelling_keeps_each_type_and_parts_them(city_of: CityOf) -> None:
    firms = [f"firm{at:03d}" for at in range(60)]
    rows = [(firm, kind, f"{kind}{at // 3}") for kind in ("owner", "phone") for at, firm in enumerate(firms)]
    city = city_of(rows, firms)
    other = relabelled(city, (1, 2))
    groups = {}
    for name, entry in other.incidences.items():
        assert (entry.degree == city.incidences[name].degree).all()
        assert sorted(entry.reach) == sorted(city.incidences[name].reach)
        groups[name] = {frozenset(entry.provider[entry.value == value].tolist()) for value in range(20)}
    assert len(groups["owner"] & groups["phone"]) < 3
