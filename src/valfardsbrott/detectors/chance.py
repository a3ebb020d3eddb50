"""By chance: how many honest providers would be ranked as high as each one, were nobody else in the city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.detectors.panel import Floats
from valfardsbrott.detectors.screening import unsuspected

#: Shuffles of a small city, and how many draws are enough for a large one.
_SHUFFLES, _DRAWS = 8, 24_000
#: Providers are shuffled among those of like size: at most so many sizes, of at least so many providers.
_SIZES, _OF_A_SIZE = 8, 25
#: Between these shares of the honest their evidence is laid over the shuffled.
_MIDDLE, _HIGH = 0.5, 0.9
#: Who stands out does so beyond so much more evidence than shuffling makes, by so many standard deviations of chance.
_WARY, _BEYOND = 0.05, 1.645
#: The most that is left out as standing out, and the rounds in which that has to settle.
_MOST, _ROUNDS = 0.25, 12
#: How far the honest tail may be from the shuffled one, of its length, beside what the sample allows.
_DEVIATES = 0.08


@dataclass(frozen=True)
class Chance:
    """For each ranked provider (n,): the honest providers expected to be ranked as high or higher, itself counted.

    ``fewest`` and ``most`` are what ``expected`` may be, for what is not known of honest providers; the draw of the
    honest themselves is not in them (capacity.py).
    """

    expected: Floats
    fewest: Floats
    most: Floats

    @classmethod
    def of(cls, p_values: Floats) -> Self:
        """Where p-values (n,) are taken as they are: n p of them, and no doubt about it."""
        expected = len(p_values) * p_values
        return cls(expected, expected, expected)

    def rows(self, chosen: NDArray[np.int64]) -> Self:
        return type(self)(self.expected[chosen], self.fewest[chosen], self.most[chosen])


@dataclass(frozen=True)
class Honest:
    """The evidence of honest providers: ``draws`` in order, above their level, from ``centre`` (their median) on.

    Frauds stand among those that p-values are learnt from, so a p-value says too much of honest providers. Here the
    reasons of providers are shuffled over those of like size, each reason by itself: nobody then has several but by
    chance. What honest providers' reasons have to do with one another is measured where frauds hardly reach: the
    shuffled evidence is stretched until its median and 90th percentile are the providers' own. Who stands out beyond
    it is left out (``honest`` False) and the rest shuffled again, until it settles: a lower bound of how many they
    are, so that chance leaves nobody out. The first time, those are left out whose reasons are too many together
    (screening.py), for a scheme that a tenth follow would hide itself. Sources: Efron (2004) on the empirical null;
    Meinshausen and Rice (2006) on the bound; Phipson and Smyth (2010) on permutations.
    """

    centre: float
    draws: Floats
    honest: NDArray[np.bool_]

    @classmethod
    def fit(cls, reasons: Floats, excess: Floats, size: Floats) -> Self:
        """From evidence by reason (n, blocks), its sum above the level of the size (n,) and size (n,); the shuffles
        are fixed. Nobody: no draws."""
        count, out = len(excess), -1
        falling = np.argsort(-excess, kind="stable")
        honest = _first_look(reasons)
        found = cls(0.0, np.empty(0), honest)
        for turn in range(_ROUNDS if count else 0):
            found = cls(*_laid_over(_shuffled(reasons, excess, size, honest), excess[honest]), honest)
            standing = _standing_out(found.as_high(excess[falling], _WARY), int(honest.sum()))
            if standing == out:
                break
            out = standing if turn < _ROUNDS // 2 else max(out, standing)
            honest = np.ones(count, dtype=bool)
            honest[falling[:out]] = False
        return found

    def as_high(self, excess: Floats, stretched: float = 0.0) -> Floats:
        """The share of honest providers with as much evidence or more (n,), never nought; their tail longer by the
        share ``stretched``."""
        draws = self.centre + (self.draws - self.centre) * (1 + stretched)
        below = np.searchsorted(draws, excess, side="left")
        share: Floats = (len(draws) - below + 1) / (len(draws) + 1)
        return share

    @property
    def doubt(self) -> float:
        """How much longer or shorter the tail may be: what the sample of the middle allows, and a fixed share."""
        spread = np.sqrt((_HIGH - _MIDDLE) / ((1 - _MIDDLE) * (1 - _HIGH)) / max(len(self.honest), 1))
        return float(_DEVIATES + spread / np.log((1 - _MIDDLE) / (1 - _HIGH)))


@dataclass(frozen=True)
class Ranked:
    """Who is ranked, by final evidence ``nats`` (n,): ``excess`` (n,) is that of behaviour above its level, in its own
    unit; ``tied`` (n,) says who is in a network that counts."""

    nats: Floats
    behaviour: Floats
    excess: Floats
    tied: NDArray[np.bool_]


def by_chance(honest: Honest, ranked: Ranked, redrawn: Callable[[NDArray[np.int64]], Floats]) -> Chance:
    """How many honest providers are ranked as high, by provider.

    Outside networks, from the honest draws. Members of networks are judged apart, for more of them stand out: each is
    given the behaviour of an honest provider drawn at random, the network and what it adds worked out anew
    (``redrawn`` gives the final evidence (n,) when provider i behaves like provider ``pick[i]``), and the share that is
    honest is twice that of members with less evidence than the honest median. Sources: Efron (2008) on classes with
    shares of their own; Storey (2002) on that share.
    """
    outside = (~ranked.tied & honest.honest).sum()
    members = _members(honest, ranked, redrawn)
    rising = np.argsort(ranked.behaviour, kind="stable")
    needed = np.interp(
        ranked.nats, ranked.behaviour[rising], np.maximum.accumulate(ranked.excess[rising])
    ) if len(rising) else ranked.nats  # fmt: skip
    doubt = honest.doubt
    expected, fewest, most = (
        outside * honest.as_high(needed, stretched) + members for stretched in (0.0, -doubt, doubt)
    )
    return Chance(expected, np.minimum(fewest, expected), np.maximum(most, expected))


def _members(honest: Honest, ranked: Ranked, redrawn: Callable[[NDArray[np.int64]], Floats]) -> Floats:
    """Honest members of networks expected to be ranked as high (n,)."""
    if not ranked.tied.any():
        return np.zeros(len(ranked.nats))
    rng, pool = np.random.default_rng(0), np.flatnonzero(honest.honest)
    times = _times(len(ranked.nats))
    draws = np.sort(np.concatenate([redrawn(rng.choice(pool, len(ranked.nats)))[ranked.tied] for _ in range(times)]))
    share = min((ranked.excess[ranked.tied] < honest.centre).mean() / _MIDDLE, 1.0)
    as_high = len(draws) - np.searchsorted(draws, ranked.nats - 1e-9)
    return np.asarray(share * as_high / times, dtype=np.float64)


def _first_look(reasons: Floats) -> NDArray[np.bool_]:
    """Who has no more reasons than by chance (n,); everybody, where too few were left to learn from."""
    honest = np.asarray(unsuspected(reasons, tuple((at,) for at in range(reasons.shape[1]))).all(axis=1))
    return honest if honest.sum() >= (1 - _MOST) * len(honest) else np.ones(len(honest), dtype=bool)


def _standing_out(as_high: Floats, honest: int) -> int:
    """How many stand out at least, beyond chance: ``as_high`` (n,) of all, most suspicious first."""
    by_chance = honest * as_high
    beyond = np.arange(1, len(as_high) + 1) - by_chance - _BEYOND * np.sqrt(np.maximum(by_chance, 1))
    return int(np.clip(beyond[as_high <= 1 - _HIGH].max(initial=0), 0, _MOST * len(as_high)))


def _times(providers: int) -> int:
    return min(max(_DRAWS // max(providers, 1), 2), _SHUFFLES)


def _shuffled(reasons: Floats, excess: Floats, size: Floats, honest: NDArray[np.bool_]) -> Floats:
    """The honest providers' evidence above its level (draws,), each reason shuffled over those of like size."""
    rng = np.random.default_rng(0)
    rows = np.flatnonzero(honest)
    sizes = np.array_split(
        rows[np.argsort(size[rows], kind="stable")], max(1, min(_SIZES, len(rows) // _OF_A_SIZE))
    )  # fmt: skip
    level = reasons.sum(axis=1) - excess
    draws = [
        rng.permuted(reasons[alike], axis=0).sum(axis=1) - level[alike]
        for _ in range(_times(len(excess)))
        for alike in sizes
    ]
    return np.concatenate(draws)


def _laid_over(draws: Floats, excess: Floats) -> tuple[float, Floats]:
    """The median of the providers' own, and the draws with that median, stretched to the providers' 90th percentile and
    never shrunk; in order."""
    own, drawn = (np.quantile(values, (_MIDDLE, _HIGH)) for values in (excess, draws))
    spread = drawn[1] - drawn[0]
    stretch = max((own[1] - own[0]) / spread, 1.0) if spread > 0 else 1.0
    return float(own[0]), np.sort(own[0] + (draws - drawn[0]) * stretch)
