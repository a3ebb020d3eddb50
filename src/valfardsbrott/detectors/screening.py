"""Screening: whom to learn from what is usual, so that a scheme that many share does not hide itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.detectors.panel import Floats

Groups = tuple[tuple[int, ...], ...]

#: A provider's other reasons are suspicious where so many times more have as many as chance would make.
_RATIO = 2.0
#: The most that is left out of any feature's fit.
_MOST = 0.25
_SHUFFLES = 4


def unsuspected(parts: Floats, blocks: Groups) -> NDArray[np.bool_]:
    """The values (n, d) to learn from: of a feature, those of rows whose *other* reasons are not too many for chance.

    Spreads and tails are measured on the same providers that may be frauds; what one in eight does is not rare, and
    its evidence vanishes (masking). But who follows a scheme mostly shows it in several ways. So a row is left out of
    a feature's fit where its evidence ``parts`` (n, d) from all other blocks exceeds what shuffling each block over the
    providers makes half as often. A row's own value in the feature plays no part, so that the honest tail is not cut
    where reasons are independent, and an innocent group that stands out in one way alone stays in: common, not rare.
    The shuffles are fixed. Source: Hadi (1992) and Atkinson and Riani (2000) on masking and the forward search; the
    excess over permutations is the local false discovery rate of Efron (2004).
    """
    kept = np.ones(parts.shape, dtype=bool)
    if len(parts) < 2 or len(blocks) < 2:
        return kept
    sums = np.column_stack([parts[:, list(block)].sum(axis=1) for block in blocks])
    rng = np.random.default_rng(0)
    shuffled = np.column_stack([rng.permuted(np.tile(column, (_SHUFFLES, 1)), axis=1).ravel() for column in sums.T])
    whole, by_chance = sums.sum(axis=1), shuffled.sum(axis=1)
    for at, block in enumerate(blocks):
        suspected = _too_many(whole - sums[:, at], by_chance - shuffled[:, at])
        kept[np.ix_(suspected, np.array(block))] = False
    return kept


def _too_many(others: Floats, by_chance: Floats) -> NDArray[np.bool_]:
    """Who (n,) has so much evidence that at least _RATIO times as many have it as would by chance; at most _MOST."""
    falling = np.sort(others)[::-1]
    as_high = np.arange(1, len(others) + 1)
    ordered = np.sort(by_chance)
    expected = (len(ordered) - np.searchsorted(ordered, falling, side="left")) / _SHUFFLES
    found = np.flatnonzero((as_high >= _RATIO * expected) & (falling > 1e-9) & (as_high <= _MOST * len(others)))
    limit = falling[found[-1]] if len(found) else np.inf
    return np.asarray(others >= limit)
