"""Array types and the few grouped operations that the generator is vectorised with."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Column = npt.NDArray[Any]
Random = np.random.Generator


def stream(seed: int, *names: str | int) -> Random:
    """A random stream of its own for every purpose, so that one part's draws never move another's."""
    return np.random.default_rng([seed, *(crc32(str(name).encode()) for name in names)])


def whole(values: Column) -> Ints:
    """Rounded to integers, halves to even."""
    return np.rint(values).astype(np.int64)


def kept(values: Texts, where: Flags) -> Texts:
    """The texts where the mask is true, else None."""
    made = values.copy()
    made[~where] = None
    return made


def starts_of(groups: Column) -> Flags:
    """True where a new group begins; ``groups`` is sorted so that equal values lie together."""
    first = np.ones(len(groups), dtype=bool)
    first[1:] = groups[1:] != groups[:-1]
    return first


def within(groups: Column, values: Ints) -> Ints:
    """Running sum of ``values`` before each row, restarted at each group; ``groups`` lies together."""
    before = np.cumsum(values) - values
    first = starts_of(groups)
    return before - before[first][np.cumsum(first) - 1] if len(groups) else before


def rank_within(groups: Column) -> Ints:
    """0, 1, 2 ... inside each group; ``groups`` lies together."""
    return within(groups, np.ones(len(groups), dtype=np.int64))


def running_max(groups: Column, values: Ints) -> Ints:
    """Largest value so far inside each group; ``groups`` lies together."""
    if not len(values):
        return values
    step = int(values.max() - values.min()) + 1
    lift = (np.cumsum(starts_of(groups)) - 1) * step
    highest: Ints = np.maximum.accumulate(values + lift) - lift
    return highest


def scrambled(codes: Ints, salt: int) -> Ints:
    """A one-to-one shuffle of 32-bit codes: identifiers made of it tell nothing of the order things were made in."""
    mixed = codes.astype(np.uint64) & np.uint64(0xFFFFFFFF)
    for multiplier in (2654435761, 2246822519):
        mixed = (mixed ^ np.uint64(salt & 0xFFFFFFFF)) * np.uint64(multiplier) & np.uint64(0xFFFFFFFF)
        mixed = mixed ^ (mixed >> np.uint64(15))
    return mixed.astype(np.int64)


def labels(prefix: str, numbers: Ints, width: int) -> Texts:
    """``prefix`` and zero-padded numbers as text."""
    return np.array([f"{prefix}{number:0{width}d}" for number in numbers.tolist()], dtype=object)
