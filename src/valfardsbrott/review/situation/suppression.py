"""Which figures can be published so that no small one can be worked out from the others, however they are combined.

Figures are sums over unknown counts or amounts. What small figures could be is found by linear programming over all
published figures together: the attacker knows each of them, that nothing is negative, and how tables hang together.
Figures are held back (complementary suppression) until every small one could be nothing, or as much as one that is
shown.
Source: Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: What a figure is of: measure, breakdown, category; ("confirmed", "total", "") is a total.
Key = tuple[str, str, str]
#: Unknown -> how many times it counts.
Sum = Mapping[str, int]

_NOISE = 1e-6


@dataclass(frozen=True)
class Figure:
    """A value that is the sum of unknowns. ``low`` and ``high``: what it must seem able to be, None where it is open.

    ``cost`` orders what is held back to protect others: the least first, then the smallest value.
    """

    key: Key
    value: int
    terms: Sum
    low: float | None = None
    high: float | None = None
    cost: int = 0

    @property
    def small(self) -> bool:
        return self.high is not None


@dataclass
class System:
    """All figures of one publication. ``laws``: sums that are nought; ``limits``: sums that are nought or less."""

    figures: dict[Key, Figure] = field(default_factory=dict)
    laws: list[Sum] = field(default_factory=list)
    limits: list[Sum] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        self.figures[figure.key] = figure


def protect(system: System, withheld: Collection[Key] = ()) -> frozenset[Key]:
    """Keys of the figures that may be published. ``withheld`` are not, though nothing of their own needs protection.

    What to hold back is found greedily, so more may be held back than the fewest possible, never less than is needed.
    The same figures give the same answer.
    """
    attacker = Attacker(system)
    shown = {key for key, figure in system.figures.items() if not figure.small} - set(withheld)
    for figure in sorted((one for one in system.figures.values() if one.small), key=_order):
        while not _safe(figure, *attacker.range(figure.key, shown)):
            useful = attacker.gives_away(figure.key, shown)
            shown.remove(min(useful, key=lambda key: _order(system.figures[key])))
    return frozenset(shown)


def _order(figure: Figure) -> tuple[int, bool, int, Key]:
    """The least important first; a nought is held back last, it protects nothing."""
    return figure.cost, figure.value == 0, figure.value, figure.key


def _safe(figure: Figure, low: float, high: float) -> bool:
    assert figure.low is not None  # noqa: S101 - asked of small figures alone
    assert figure.high is not None  # noqa: S101
    return low <= figure.low + _NOISE and high >= figure.high - _NOISE


class Attacker:
    """Works out, from published figures alone, between which values another one lies."""

    def __init__(self, system: System) -> None:
        self.system = system
        sums = [*(figure.terms for figure in system.figures.values()), *system.laws, *system.limits]
        self.unknowns = {name: at for at, name in enumerate(sorted({name for terms in sums for name in terms}))}

    def range(self, key: Key, shown: Collection[Key]) -> tuple[float, float]:
        """The least and the most that a figure can be; infinite where nothing bounds it."""
        return self._extreme(key, shown, 1)[0], self._extreme(key, shown, -1)[0]

    def gives_away(self, key: Key, shown: Collection[Key]) -> set[Key]:
        """Shown figures that bind the figure's least or most: those with a shadow price, and nothing else can help."""
        return {other for sign in (1, -1) for other in self._extreme(key, shown, sign)[1]}

    def _extreme(self, key: Key, shown: Collection[Key], sign: int) -> tuple[float, set[Key]]:
        from scipy.optimize import linprog

        used = sorted(shown)
        figures = [self.system.figures[each] for each in used]
        equal = [figure.terms for figure in figures] + self.system.laws
        found = linprog(
            sign * self._dense(self.system.figures[key].terms),
            A_eq=self._rows(equal) if equal else None,
            b_eq=[*(figure.value for figure in figures), *(0 for _ in self.system.laws)] if equal else None,
            A_ub=self._rows(self.system.limits) if self.system.limits else None,
            b_ub=[0] * len(self.system.limits) if self.system.limits else None,
            method="highs",
        )
        if found.status == 3:  # unbounded
            return -sign * float("inf"), set()
        if not found.success:
            raise ArithmeticError(f"the figures contradict one another at {key}: {found.message}")
        prices = found.eqlin.marginals[: len(used)] if equal else []
        return sign * found.fun, {each for each, price in zip(used, prices, strict=True) if abs(price) > _NOISE}

    def _dense(self, terms: Sum) -> NDArray[np.float64]:
        row = np.zeros(len(self.unknowns))
        for name, times in terms.items():
            row[self.unknowns[name]] = times
        return row

    def _rows(self, sums: Sequence[Sum]) -> object:
        from scipy.sparse import csr_array

        entries = [(at, self.unknowns[name], times) for at, terms in enumerate(sums) for name, times in terms.items()]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array((values, (rows, columns)), shape=(len(sums), len(self.unknowns)), dtype=float)
