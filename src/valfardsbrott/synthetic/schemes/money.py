"""Schemes that show in what is billed, whom it is paid to and what is paid in wages."""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic.arrays import Floats, stream
from valfardsbrott.synthetic.billing import EXTRA, Lines
from valfardsbrott.synthetic.timeline import ANCHOR
from valfardsbrott.synthetic.world import City


def billed(city: City, month: int, lines: Lines) -> Lines:
    """The month's lines with everything planted that runs in it."""
    for plant in city.planting.plants:
        if plant.scheme not in {"S17", "S01"} or plant.month > month:
            continue
        rng = stream(city.seed, "billed", plant.scheme, plant.firm, month)
        mine = np.flatnonzero(lines.provider == plant.firm)
        if plant.scheme == "S01" or not len(mine):
            continue
        tricks = stream(city.seed, "tricks", plant.firm).permutation(4)[:2]
        for trick in tricks.tolist():
            picked = mine[rng.random(len(mine)) < min(0.8, plant.strength * 1.4)]
            lines = _TRICKS[trick](lines, picked, rng)
    return lines


def _again(lines: Lines, picked: np.ndarray, rng: np.random.Generator) -> Lines:
    """Billed once more on another invoice, a few minutes changed."""
    copy = lines.take(picked)
    copy.kind = np.full(len(picked), EXTRA)
    copy.quantity = np.where(rng.random(len(picked)) < 0.5, copy.quantity, copy.quantity * 99 // 100)
    return lines.plus(copy)


def _more(lines: Lines, picked: np.ndarray, rng: np.random.Generator) -> Lines:
    """More hours than the visits hold."""
    lines.quantity[picked] = (
        (lines.quantity[picked] * rng.uniform(1.08, 1.3, len(picked))).astype(np.int64) // 100 * 100
    )
    return lines


def _dearer(lines: Lines, picked: np.ndarray, rng: np.random.Generator) -> Lines:
    """A price above the contract's."""
    lines.price_ore[picked] = lines.price_ore[picked] + rng.integers(15, 60, len(picked)) * 100
    return lines


def _round(lines: Lines, picked: np.ndarray, _rng: np.random.Generator) -> Lines:
    """Hours rounded up to whole ones."""
    lines.quantity[picked] = -(-lines.quantity[picked] // 10_000) * 10_000
    return lines


_TRICKS = (_again, _more, _dearer, _round)


def pay_factors(city: City, month: int) -> tuple[Floats, Floats]:
    """By provider: share of the worked time that is paid for, and of the wage that is paid."""
    time, wage = np.ones(len(city.firms)), np.ones(len(city.firms))
    for plant in city.planting.plants:
        if plant.month <= month and plant.scheme in {"S21", "S16"}:
            time[plant.firm] = min(time[plant.firm], 1 - min(0.6, 0.06 + 1.4 * plant.strength))
        if plant.month <= month and plant.scheme == "S10":
            wage[plant.firm] = min(wage[plant.firm], 1 - min(0.45, 0.05 + plant.strength))
    return time, wage


def known_cases(city: City, month: int) -> list[tuple[int, str]]:
    """(provider, outcome) decided in the month: some of those planted, not always rightly, and a few honest ones."""
    rng = stream(city.seed, "known cases")
    decided = []
    for firm in city.planting.firms.tolist():
        own = stream(city.seed, "known case", firm)
        begun = min(plant.month for plant in city.planting.plants if plant.firm == firm)
        when = begun + int(own.integers(3, 12))
        lot, right = own.random(), own.random()
        if lot < 0.35 and when == month:
            decided.append((firm, "confirmed" if right < 0.85 else "cleared"))
    for firm in range(len(city.firms)):
        lot, when, right = rng.random(), int(rng.integers(ANCHOR - 40, ANCHOR + 18)), rng.random()
        left = city.firms.exit[firm] <= when
        if when == month and lot < (0.3 if left else 0.06) and city.firms.start[firm] < when:
            decided.append((firm, "confirmed" if right < (0.5 if left else 0.08) else "cleared"))
    return decided
