"""Loops that numpy has no word for, compiled by numba at first use and kept on disk where that can be."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from valfardsbrott.detectors.panel import Floats


@cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """``loop`` as machine code; the same bits as in Python. Where nothing can be kept on disk, compiled each time."""
    from numba import njit

    try:
        made: Callable[..., Any] = njit(cache=True)(loop)
    except RuntimeError:
        made = njit(loop)
    return made


def nearest(rows: Floats, references: Floats, count: int) -> tuple[Any, Floats]:
    """Positions (n, count) of each row's nearest references, nearest first, and their squared distances.

    Ties go to the lower position, and a row's answer does not depend on the rows beside it (as it may with BLAS).
    """
    positions = np.zeros((len(rows), count), dtype=np.int64)
    squares = np.full((len(rows), count), np.inf)
    compiled(_nearest)(np.ascontiguousarray(rows), np.ascontiguousarray(references), positions, squares)
    return positions, squares


def _nearest(rows, references, positions, squares):  # type: ignore[no-untyped-def]
    count = positions.shape[1]
    for row in range(rows.shape[0]):
        for at in range(references.shape[0]):
            limit, square = squares[row, count - 1], 0.0
            for column in range(rows.shape[1]):
                step = rows[row, column] - references[at, column]
                square += step * step
                if square >= limit:
                    break
            if square < limit:
                place = count - 1
                while place > 0 and squares[row, place - 1] > square:
                    squares[row, place], positions[row, place] = squares[row, place - 1], positions[row, place - 1]
                    place -= 1
                squares[row, place], positions[row, place] = square, at


def covering(rows: Floats, centres: Floats, radii: Floats, says: Floats) -> Floats:
    """What each ensemble (m, spheres) of spheres says of each row, summed (n,): that of the smallest that covers
    it, 1 where none does. ``radii`` are squared."""
    found = np.zeros(len(rows))
    compiled(_covering)(np.ascontiguousarray(rows), centres, radii, says, found)
    return found


def _covering(rows, centres, radii, says, found):  # type: ignore[no-untyped-def]
    for row in range(rows.shape[0]):
        for member in range(centres.shape[0]):
            best, smallest = 1.0, np.inf
            for at in range(centres.shape[1]):
                if radii[member, at] >= smallest:
                    continue
                square = 0.0
                for column in range(rows.shape[1]):
                    step = rows[row, column] - centres[member, at, column]
                    square += step * step
                    if square > radii[member, at]:
                        break
                if square <= radii[member, at]:
                    best, smallest = says[member, at], radii[member, at]
            found[row] += best
