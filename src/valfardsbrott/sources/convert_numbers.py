"""Text to exact numbers: decimal comma or point, grouped thousands, and rounding that is told, never silent."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]
Level = Literal["error", "warning"]
#: A rule, its level and which of the values broke it.
Fault = tuple[str, Level, Mask]

_WORK = pa.decimal128(38, 12)
_SPACES = "[ \\t'\u2019\u00a0\u2007\u2009\u202f]"
#: How numbers are written: plain; grouped by blanks; grouped by points or commas, which then are not decimal marks.
_PLAIN = r"^[+-]?(\d{1,15}([.,]\d*)?|[.,]\d+)$"
_BLANKS = r"^[+-]?\d{1,3}( \d{3}){1,4}([.,]\d*)?$"
_POINTS = r"^[+-]?(\d{1,3}(\.\d{3}){1,4},\d*|\d{1,3}(\.\d{3}){2,4})$"
_COMMAS = r"^[+-]?(\d{1,3}(,\d{3}){1,4}\.\d*|\d{1,3}(,\d{3}){2,4})$"


def as_text(values: pa.Array) -> pa.Array:
    """Numbers of a Parquet file as text; floats as short as they can be, at most six decimals: 0.1 + 0.2 is 0.3."""
    if not pa.types.is_floating(values.type):
        return values.cast(pa.string())
    wide = values.cast(pa.float64())
    nothing = pa.scalar(None, pa.float64())
    within = pc.if_else(pc.less(pc.abs(wide), 1e15), wide, nothing)
    short = values.cast(pa.string())
    # Through decimals, since rounding a float leaves a float with noise: 6750.9800000000005 stays what it is.
    exact = within.cast(pa.decimal128(38, 6)).cast(pa.string())
    text = pc.if_else(pa.array(_matches(short, r"\.\d{7}|e")), exact, short)
    return pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.string()), pc.if_else(pc.is_valid(within), text, "infinite"))


def decimals(text: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """Exact numbers, null where the text is none (``bad_number``).

    A single ``.`` or ``,`` is the decimal mark, wherever it stands; where both occur, or one occurs several times,
    groups of three are thousands. So 1.234 is a little more than one, and money refuses it (three decimals).
    """
    clean = pc.replace_substring_regex(text, _SPACES, " ")
    clean = pc.replace_substring(pc.utf8_trim_whitespace(clean), "\u2212", "-")
    points, commas, blanks = (_matches(clean, form) for form in (_POINTS, _COMMAS, _BLANKS))
    good = points | commas | blanks | _matches(clean, _PLAIN)
    clean = pc.if_else(pa.array(points), pc.replace_substring(clean, ".", ""), clean)
    clean = pc.if_else(pa.array(commas), pc.replace_substring(clean, ",", ""), clean)
    clean = pc.replace_substring(pc.replace_substring(clean, " ", ""), ",", ".")
    clean = pc.replace_substring_regex(clean, r"^([+-]?)\.", r"\10.") if _has(clean, r"^[+-]?\.") else clean
    good &= ~_matches(clean, r"\.\d{13}")
    bad = ~good & np.asarray(pc.is_valid(text))
    kept = pc.if_else(pa.array(good), pc.utf8_rtrim(clean, "."), pa.scalar(None, pa.string()))
    return kept.cast(_WORK), [("bad_number", "error", bad)]


def whole(text: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """int64; 30.0 is whole, 30.5 is not (``not_whole``)."""
    exact, faults = decimals(text)
    rounded = pc.round(exact, 0)
    return _integers(rounded, 0), [*faults, ("not_whole", "error", _differs(exact, rounded))]


def number(text: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """Decimals with four places; more are rounded half to even (``rounded``, a doubt)."""
    exact, faults = decimals(text)
    rounded = pc.round(exact, 4, "half_to_even")
    large = _too_large(rounded)
    return _within(rounded, large).cast(pa.decimal128(18, 4)), [
        *faults, ("rounded", "warning", _differs(exact, rounded)), ("too_large", "error", large),
    ]  # fmt: skip


def money(text: pa.Array, fine: bool) -> tuple[pa.Array, list[Fault]]:
    """SEK to integer ore.

    More than two decimals: a price by unit (``fine``) is rounded half to even with a doubt; an amount is an error,
    since it may be a thousands mark read as a decimal mark, and nobody is paid in tenths of an ore.
    """
    exact, faults = decimals(text)
    rounded = pc.round(exact, 2, "half_to_even")
    rule: Fault = (
        ("rounded", "warning", _differs(exact, rounded))
        if fine
        else ("more_than_two_decimals", "error", _differs(exact, rounded))
    )
    large = _too_large(rounded)
    return _integers(_within(rounded, large), 2), [*faults, rule, ("too_large", "error", large)]


def _too_large(values: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(pc.greater_equal(pc.abs(values), pa.scalar(10**13, pa.decimal128(38, 12))), False))


def _within(values: pa.Array, large: Mask) -> pa.Array:
    return pc.if_else(pa.array(~large), values, pa.scalar(None, values.type))


def _differs(exact: pa.Array, rounded: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(pc.not_equal(exact, rounded), False))


def _integers(values: pa.Array, places: int) -> pa.Array:
    """The decimals' unscaled numbers: at ``places`` decimals they are whole, and fit 64 bits (15 + 2 digits)."""
    scaled = pa.concat_arrays([values.cast(pa.decimal128(38, places))])
    low = np.frombuffer(scaled.buffers()[1], dtype=np.int64)[::2][: len(scaled)]
    return pa.array(low, pa.int64(), mask=np.asarray(pc.is_null(scaled)))


def _matches(text: pa.Array, form: str) -> Mask:
    return np.asarray(pc.fill_null(pc.match_substring_regex(text, form), False))


def _has(text: pa.Array, form: str) -> bool:
    return bool(_matches(text, form).any())
