"""How two ranked lists agree: overlap of their tops, and agreement weighted towards the top."""

from __future__ import annotations

from collections.abc import Sequence

#: Weight of each further place in `rank_biased_overlap`: at .9 the first ten places carry 86 percent.
PERSISTENCE = 0.9


def overlap(one: Sequence[str], other: Sequence[str], k: int) -> float:
    """Share of the first ``k`` of one list that are among the first ``k`` of the other; 1.0 where both are empty.

    Lists shorter than ``k`` count with the length of the longer of the two, so that a short list is no agreement.

    >>> overlap(["a", "b", "c"], ["b", "a", "d"], 2)
    1.0
    """
    first, second = set(one[:k]), set(other[:k])
    return len(first & second) / max(len(first), len(second), 1) if first or second else 1.0


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Agreement of two rankings from 0 to 1, the top weighing most: 1 for equal ones, 0 for disjoint ones.

    Extrapolated to lists of any length from the depth that both have. Source: Webber, Moffat and Zobel (2010), eq. 30.

    >>> rank_biased_overlap(["a", "b"], ["a", "b"])
    1.0
    """
    depth = min(len(one), len(other))
    if depth == 0:
        return 1.0 if len(one) == len(other) else 0.0
    seen_one: set[str] = set()
    seen_other: set[str] = set()
    total, shared = 0.0, 0
    for place in range(1, depth + 1):
        first, second = one[place - 1], other[place - 1]
        shared += (first in seen_other) + (second in seen_one) + (first == second)
        seen_one.add(first)
        seen_other.add(second)
        total += persistence**place * shared / place
    return total * (1 - persistence) / persistence + persistence**depth * shared / depth
