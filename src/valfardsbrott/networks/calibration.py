"""What chance makes of the same city: link ends are shuffled within type and district and the pipeline run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from valfardsbrott.domain import Progress, silent
from valfardsbrott.networks import null_cache
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.links import City, Floats, Incidence, Ints
from valfardsbrott.networks.projection import project
from valfardsbrott.networks.structure import Structure, structure

#: Most providers have no link of these types, and any might have had one; a register, in contrast, says what each has.
EVENT_TYPES = ("payee", "payments", "overlap")
#: From so many links times runs, processes pay: Python lets one thread at a time through most of a run.
_PROCESSES_FROM = 20_000_000
#: Runs between two savings of the cache.
_SAVE_EVERY = 500


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


def relabelled(city: City, seed: Sequence[int]) -> City:
    """The city with each type's providers exchanged among those of one district, each type on its own.

    Kept: everything within a type, who shares what with whom included, but for the names. Broken: that two types join
    the same pair. A network that such cities have too owes its place to one type of link alone.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(city.district, kind="stable")
    mixed = {}
    for name, entry in city.incidences.items():
        shuffled = np.lexsort((rng.random(city.size), city.district))
        new = np.empty(city.size, dtype=np.int64)
        new[order] = shuffled
        reach = np.empty_like(entry.reach)
        reach[new] = entry.reach
        mixed[name] = Incidence(new[entry.provider], entry.value, entry.weight, reach)
    return replace(city, incidences=mixed)


#: The ways to randomise a city, by name: within types and districts, and across types.
NULLS: dict[str, Callable[[City, Sequence[int]], City]] = {"within": permuted, "across": relabelled}


def null_scores(
    city: City, runs: int, seed: int, threads: int = 1, progress: Progress = silent, *, null: str = "within",
    cache: Path | None = None,
) -> list[Structure]:  # fmt: skip
    """The structures of ``runs`` randomised cities; run b depends on the seed and b only, so threads change nothing.

    ``null``: one of NULLS. ``cache``: a file that keeps the runs of one city, seed and code: only those that it lacks
    are computed, so ``runs`` can be raised later, and one that was killed goes on. It is replaced where the city is
    another.
    """
    print_ = null_cache.fingerprint(city, seed, null) if cache else ""
    known = null_cache.read(cache, print_) if cache else {}
    missing = [run for run in range(runs) if run not in known]
    for done, (run, result) in enumerate(_computed(city, missing, seed, null, threads), runs - len(missing) + 1):
        known[run] = result
        if cache and (done == runs or done % _SAVE_EVERY == 0):
            null_cache.write(cache, print_, known)
        progress("networks", done, runs)
    return [known[run] for run in range(runs)]


def _computed(city: City, runs: list[int], seed: int, null: str, threads: int) -> Iterator[tuple[int, Structure]]:
    """Each run with its structure, in order: in processes where there is much to do, else in threads."""
    links = sum(len(entry.value) for entry in city.incidences.values())
    if threads > 1 and links * len(runs) >= _PROCESSES_FROM:
        executor: Executor = ProcessPoolExecutor(
            threads, mp_context=get_context("spawn"), initializer=_begin, initargs=(city, seed, null)
        )
        with executor as pool:
            yield from zip(runs, pool.map(_one, runs, chunksize=4), strict=True)
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        yield from zip(runs, pool.map(lambda run: _run(city, seed, null, run), runs), strict=True)


def _run(city: City, seed: int, null: str, run: int) -> Structure:
    return found(NULLS[null](city, (seed, run)), seed)[1]


#: What a worker process was given once: city, seed, null.
_GIVEN: list[tuple[City, int, str]] = []


def _begin(city: City, seed: int, null: str) -> None:
    _GIVEN[:] = [(city, seed, null)]


def _one(run: int) -> Structure:
    return _run(*_GIVEN[0], run)


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
