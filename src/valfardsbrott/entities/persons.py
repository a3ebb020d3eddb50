"""Person numbers that fail their check: which right numbers a single keystroke would have made of them.

Asked while the number is still in clear; the store keeps the answer as pseudonyms. A wrong number is nobody's, so it
tells of nobody that it lies near theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from valfardsbrott.identifiers import luhn_check_digit, normalise

#: Years are not corrected: the century is mostly made up from the other digits.
_FROM = 2


def corrections(number: str, on: dt.date) -> tuple[str, ...]:
    """Right twelve-digit numbers that differ from the wrong ``number`` by one digit, or by two swapped neighbours.

    Nothing for a right number, and for what is not twelve digits. Sorted; at most about twenty.

    >>> corrections("198001019987", dt.date(2026, 12, 31))[0]
    '198001019086'
    """
    if len(number) != 12 or not number.isdecimal() or normalise(number, "person", on).valid:
        return ()
    likely = {each for each in _keystrokes(number) if luhn_check_digit(each[_FROM:-1]) == each[-1]}
    return tuple(sorted(each for each in likely if normalise(each, "person", on).valid))


def _keystrokes(number: str) -> Iterator[str]:
    for at in range(_FROM, len(number)):
        head, tail = number[:at], number[at + 1 :]
        yield from (head + digit + tail for digit in "0123456789" if digit != number[at])
        if tail and tail[0] != number[at]:
            yield head + tail[0] + number[at] + tail[1:]
