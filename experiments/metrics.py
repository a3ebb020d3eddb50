"""How experiments measure found networks against planted ones; rankings are measured by the program's `measures`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def network_hits(found: Sequence[set[str]], planted: Iterable[set[str]], least: float = 0.5) -> list[bool]:
    """For each found network, best first: is it a planted one (Jaccard >= ``least``) not already found above it?"""
    left = list(planted)
    hits = []
    for network in found:
        match = max(left, key=lambda ring: _jaccard(network, ring), default=None)
        hit = match is not None and _jaccard(network, match) >= least
        if hit and match is not None:
            left.remove(match)
        hits.append(hit)
    return hits


def network_scores(found: Sequence[set[str]], planted: Sequence[set[str]]) -> Mapping[str, float]:
    """P@15 and recall@30 of ranked networks; fewer found than 15 counts the missing ones as misses."""
    hits = network_hits(found, planted)
    return {"P@15": sum(hits[:15]) / 15, "recall@30": sum(hits[:30]) / len(planted) if planted else float("nan")}


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
