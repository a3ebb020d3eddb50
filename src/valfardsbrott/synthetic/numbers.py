"""Numbers that pass every check and belong to nobody.

Birth numbers are 980-999, organisation numbers begin with 00 and phone numbers with an area code that is not in use.
"""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic.arrays import Ints, Random, Texts, rank_within

_PER_DAY = 20  # birth numbers 980 to 999


def luhn_digit(base: Ints, digits: int) -> Ints:
    """The check digit to put after ``base``, a number of ``digits`` digits (leading zeros count as zeros)."""
    total = np.zeros(len(base), dtype=np.int64)
    for place in range(digits):
        digit = base // 10**place % 10
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10


def _spread(born: Ints, rng: Random) -> tuple[Ints, Ints]:
    """Birth days moved a little where more than 20 persons share one, and each person's place in the day."""
    born = born.copy()
    while True:
        order = np.argsort(born, kind="stable")
        place = np.empty(len(born), dtype=np.int64)
        place[order] = rank_within(born[order])
        crowded = place >= _PER_DAY
        if not crowded.any():
            return born, place
        born[crowded] += rng.integers(-400, 401, int(crowded.sum()))


def person_numbers(born: Ints, coordination: np.ndarray, rng: Random) -> Texts:
    """Twelve digits for each birth day (day number since 1970); a coordination number has 60 added to its day."""
    born, place = _spread(born, rng)
    days = born.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1 + 60 * coordination
    shift = born * 7 % _PER_DAY  # so that a low birth number is no sign of having been made early
    serial = 980 + (place + shift) % _PER_DAY
    nine = ((year % 100 * 100 + month) * 100 + day) * 1000 + serial
    full = ((year * 100 + month) * 100 + day) * 10_000 + serial * 10 + luhn_digit(nine, 9)
    numbers: Texts = full.astype("U12").astype(object)
    return numbers


def org_numbers(count: int, rng: Random) -> Texts:
    """Different ten-digit organisation numbers: 00, a third digit of 2 or more, check digit."""
    base = (
        2_000_000 + rng.permutation(8_000_000)[:count]
        if count > 100_000
        else _distinct(count, 2_000_000, 10_000_000, rng)
    )
    full = base * 10 + luhn_digit(base, 9)
    return np.array([f"{number:010d}" for number in full.tolist()], dtype=object)


def bankgiro_numbers(count: int, rng: Random) -> Texts:
    """Eight digits beginning with 1 (the series in use begin otherwise), written NNNN-NNNN, check digit last."""
    base = _distinct(count, 1_000_000, 2_000_000, rng)
    full = base * 10 + luhn_digit(base, 7)
    return np.array([f"{number // 10_000:04d}-{number % 10_000:04d}" for number in full.tolist()], dtype=object)


def phone_numbers(count: int, rng: Random) -> Texts:
    """Different numbers in an area code that no area has."""
    return np.array(
        [f"0999-{number:07d}" for number in _distinct(count, 1_000_000, 10_000_000, rng).tolist()], dtype=object
    )


def _distinct(count: int, low: int, high: int, rng: Random) -> Ints:
    found: Ints = np.empty(0, dtype=np.int64)
    while len(found) < count:
        drawn = rng.integers(low, high, count * 2)
        _, first = np.unique(drawn, return_index=True)
        found = drawn[np.sort(first)]
    return found[:count]
