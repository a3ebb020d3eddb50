"""Who is compared with whom: the keys that comparable providers share, and how small such a group may be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MIN_MEMBERS = 8
#: What is given up first when a group is too small. How a system registers time shapes a number most, size least.
_GIVEN_UP = ("size_class", "service_code", "visit_system")


def ladder(peers: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The sets of keys to try, strictest first, ending with everyone.

    >>> ladder(("service_code", "size_class"))
    (('service_code', 'size_class'), ('service_code',), ())
    """
    kept = [peers]
    for key in _GIVEN_UP:
        if key in kept[-1]:
            kept.append(tuple(name for name in kept[-1] if name != key))
    return tuple(kept)


def values_of_peers(
    values: NDArray[np.float64], active: NDArray[np.bool_], like: Mapping[str, NDArray[np.bool_]], own: int,
    peers: tuple[str, ...],
) -> NDArray[np.float64]:  # fmt: skip
    """The values of those that row ``own`` is compared with, its own left out, in the order of the rows.

    ``values`` (n,), NaN where not available; ``like``: for each spine column, which rows (n,) have what ``own`` has.
    The group is the strictest of the ladder with at least `MIN_MEMBERS` active providers that have the value; where all
    together are fewer, those.
    """
    known = active & ~np.isnan(values)
    known[own] = False
    alike = known
    for names in ladder(peers):
        alike = known.copy()
        for name in names:
            alike &= like[name]
        if alike.sum() + 1 >= MIN_MEMBERS:
            break
    return values[alike]
