"""What chance makes of the same city: link ends are shuffled within type and district and the pipeline run again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from valfardsbrott.domain import Progress, silent
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.links import City, Floats, Incidence, Ints
from valfardsbrott.networks.projection import project
from valfardsbrott.networks.structure import Structure, structure

#: Most providers have no link of these types, and any might have had one; a register, in contrast, says what each has.
EVENT_TYPES = ("payee", "overlap")


@dataclass(frozen=True)
class Calibration:
    """For each observed network: expected number of null networks at least as strong (E), its q- and p-value."""

    e_value: Floats
    q_value: Floats
    p_value: Floats


def permuted(city: City, seed: Sequence[int]) -> City:
    """The city with each link's provider drawn anew among those of the same district that have links of the type.

    Of EVENT_TYPES every provider of the district may have one. Kept: how many values each provider has, how many
    providers each value has, and in which districts. Broken: which provider meets which, and that two types of link
    join the same pair. Where a provider draws a value twice it counts once.
    """
    rng = np.random.default_rng(seed)
    shuffled = {
        name: _shuffled(entry, city.district, 1 if name in EVENT_TYPES else 0, rng)
        for name, entry in city.incidences.items()
    }
    return replace(city, incidences=shuffled)


def _shuffled(incidence: Incidence, district: Ints, least: int, rng: np.random.Generator) -> Incidence:
    """``least``: ends of a provider that has no value of the type."""
    provider = np.empty_like(incidence.provider)
    at = district[incidence.provider]
    order = np.argsort(at, kind="stable")
    bounds = np.searchsorted(at[order], np.arange(int(district.max(initial=0)) + 2))
    ends_order = np.argsort(district, kind="stable")
    ends = np.repeat(ends_order, np.maximum(incidence.reach, least)[ends_order])
    ends_bounds = np.searchsorted(district[ends], np.arange(int(district.max(initial=0)) + 2))
    for code in range(len(bounds) - 1):
        links = order[bounds[code] : bounds[code + 1]]
        if len(links):
            pool = ends[ends_bounds[code] : ends_bounds[code + 1]]
            provider[links] = rng.choice(pool, len(links), replace=False)
    return _distinct(provider, incidence)


def _distinct(provider: Ints, incidence: Incidence) -> Incidence:
    width = int(incidence.value.max(initial=0)) + 1
    _, first = np.unique(provider * width + incidence.value, return_index=True)
    return Incidence(provider[first], incidence.value[first], incidence.weight[first], incidence.reach)


def found(city: City, seed: int) -> tuple[Ints, Structure]:
    """Steps 1 to 3 in one: a community label for each provider, and the communities' structure."""
    projection = project(city)
    labels = communities(projection, city.size, seed)
    return labels, structure(projection, labels)


def null_scores(city: City, runs: int, seed: int, threads: int = 1, progress: Progress = silent) -> list[Structure]:
    """The structures of ``runs`` randomised cities; run b depends on the seed and b only, so threads change nothing."""

    def one(run: int) -> Structure:
        return found(permuted(city, (seed, run)), seed)[1]

    results = []
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for done, result in enumerate(pool.map(one, range(runs)), 1):
            results.append(result)
            progress("networks", done, runs)
    return results


def calibrate(observed: Structure, null: Sequence[Structure]) -> Calibration:
    """E, q and p of each observed network, groups (three or more) against groups and pairs against pairs.

    E: null networks with a score at least the observed one, per run. q: E over the number observed at least as strong,
    made monotone (Benjamini-Hochberg's idea with the expected number of false finds in the numerator); at most 1. p: (1
    + runs whose best null network is at least as strong) / (1 + runs): the chance that a city without any pattern shows
    even one network this strong. Only networks that may carry a flag count on either side; the others get 1 in q and p
    and an E of infinity.
    """
    count = len(observed.members)
    e, q, p = np.full(count, np.inf), np.ones(count), np.ones(count)
    score, eligible = observed.score, observed.carried
    for pairs in (False, True):
        mine = np.flatnonzero(eligible & ((observed.members == 2) == pairs))
        pooled, best = _null_of(null, pairs)
        above = len(pooled) - np.searchsorted(pooled, score[mine], side="left")
        e[mine] = above / len(null)
        as_strong = len(mine) - np.searchsorted(np.sort(score[mine]), score[mine], side="left")
        q[mine] = _monotone(score[mine], np.minimum(e[mine] / np.maximum(as_strong, 1), 1.0))
        p[mine] = (1 + (best[None, :] >= score[mine][:, None]).sum(axis=1)) / (1 + len(null))
    return Calibration(e, q, p)


def _null_of(null: Sequence[Structure], pairs: bool) -> tuple[Floats, Floats]:
    """All null scores of groups or of pairs, sorted, and the best of each run (minus infinity where there is none)."""
    each = [entry.score[entry.carried & ((entry.members == 2) == pairs)] for entry in null]
    best = np.array([scores.max(initial=-np.inf) for scores in each])
    return np.sort(np.concatenate([*each, np.zeros(0)])), best


def _monotone(score: Floats, q: Floats) -> Floats:
    """A stronger network never has a larger q than a weaker one."""
    order = np.argsort(score, kind="stable")
    out = q.copy()
    out[order] = np.minimum.accumulate(q[order])
    return out
