"""How large a city is."""

from __future__ import annotations

from dataclasses import dataclass

from valfardsbrott.domain import EXIT_USAGE, Failure


@dataclass(frozen=True)
class Size:
    """``thin``: few visits a recipient (for networks); ``singles``, ``rings``: planted at a fraud share of .04."""

    name: str
    providers: int
    recipients: int
    months: int
    districts: int
    singles: int
    rings: int
    ring_sizes: tuple[int, int]
    thin: bool = False


SIZES: dict[str, Size] = {
    size.name: size
    for size in (
        Size("XS", 10, 120, 1, 2, 1, 1, (3, 3)),
        Size("S", 20, 500, 3, 3, 2, 1, (3, 3)),
        Size("M", 100, 16_000, 1, 10, 2, 1, (3, 3)),
        Size("L", 100, 16_000, 36, 10, 2, 1, (3, 3)),
        Size("N", 3_000, 60_000, 1, 12, 52, 15, (3, 6), thin=True),
    )
}


def size_named(name: str) -> Size:
    """The size called ``name`` (any case); an unknown name is a Failure that lists those there are."""
    try:
        return SIZES[name.upper()]
    except KeyError:
        raise Failure(f"there is no size '{name}'", f"Choose one of {', '.join(SIZES)}", EXIT_USAGE) from None
