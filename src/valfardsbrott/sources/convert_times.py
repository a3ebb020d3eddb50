"""Text to days, months and moments. A moment comes back twice: Stockholm's wall clock and UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.sources.convert_numbers import Fault, Mask
from valfardsbrott.sources.local_time import to_local, to_utc

_MICROS = pa.timestamp("us")
_DAY = r"^\d{4}-?\d{2}-?\d{2}([T ].*)?$"
_MOMENT = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<clock>\d{2}:\d{2})(?P<seconds>:\d{2})?(?P<part>[.,]\d{1,6})?\d{0,3})?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?$"
)
#: What stands for "no end" or "not known" in many systems.
_NO_DAY = ("9999-12-31", "2999-12-31", "0001-01-01")
_EARLIEST, _LATEST = dt.date(1850, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True)
class Moments:
    """Wall clock and UTC of each value; ``later``: UTC if the repeated hour of autumn meant the second time."""

    local: pa.Array
    utc: pa.Array
    later: pa.Array
    faults: list[Fault]


def days(values: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """Dates from ``2026-10-01``, ``20261001`` or a moment (its day); ``bad_date`` otherwise.

    9999-12-31, 2999-12-31 and 0001-01-01 mean no date (``sentinel``, a doubt).
    """
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return _plausible(_without_zone(values).cast(pa.date32(), safe=False), _nothing(len(values)))
    formed = _matches(values, _DAY)
    iso = pc.replace_substring_regex(values, r"^(\d{4})-?(\d{2})-?(\d{2}).*$", r"\1-\2-\3")
    read = _cast(_only(iso, formed), pa.date32(), dt.date.fromisoformat)
    return _plausible(read, np.asarray(pc.is_valid(values)) & np.asarray(pc.is_null(read)))


def months(values: pa.Array) -> tuple[pa.Array, list[Fault]]:
    """The first day of a month, from ``2026-10``, ``202610`` or any date in it."""
    if not (pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)):
        values = pc.replace_substring_regex(values.cast(pa.string()), r"^(\d{4})-?(\d{2})$", r"\1-\2-01")
    read, faults = days(values)
    number = np.asarray(read.cast(pa.int32()).fill_null(0)).astype("datetime64[D]")
    first = number.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    return pa.array(first, pa.int32(), mask=np.asarray(pc.is_null(read))).cast(pa.date32()), faults


def moments(values: pa.Array) -> Moments:
    """Moments from ISO 8601: with ``T`` or a blank, with or without seconds or an offset; a day alone is its midnight.

    Without an offset it is Stockholm's clock. The hour that autumn repeats is read as the first, the one that spring
    skips as the moment after (``skipped_hour``, a doubt). Anything else is ``bad_timestamp``.
    """
    if pa.types.is_date(values.type):
        values = values.cast(_MICROS)
    if pa.types.is_timestamp(values.type):
        plain, fixed = _without_zone(values), values.type.tz is not None
        return _moments(plain.cast(_MICROS, safe=False), np.full(len(values), fixed), _nothing(len(values)))
    try:
        return _moments(values.cast(_MICROS), _nothing(len(values)), _nothing(len(values)))
    except pa.ArrowInvalid:
        return _parsed(values)


def _parsed(values: pa.Array) -> Moments:
    part = pc.extract_regex(values, _MOMENT)
    piece = {name: pc.fill_null(pc.struct_field(part, name), "") for name in ("clock", "seconds", "part", "offset")}
    clock = pc.if_else(pc.equal(piece["clock"], ""), "00:00", piece["clock"])
    seconds = pc.if_else(pc.equal(piece["seconds"], ""), ":00", piece["seconds"])
    day = pc.struct_field(part, "day")
    iso = pc.binary_join_element_wise(day, "T", clock, seconds, pc.replace_substring(piece["part"], ",", "."), "")
    read = _cast(iso, _MICROS, dt.datetime.fromisoformat)
    offset, fixed = _offsets(piece["offset"])
    bad = np.asarray(pc.is_valid(values)) & np.asarray(pc.is_null(read))
    return _moments(pc.subtract(read.cast(pa.int64()), pa.array(offset)).cast(_MICROS), fixed, bad)


def _offsets(text: pa.Array) -> tuple[Any, Mask]:
    """Microseconds ahead of UTC, and whether an offset was given at all."""
    distinct = text.dictionary_encode()
    found = np.array([_offset(str(value)) for value in distinct.dictionary], dtype=np.int64)
    given = np.array([str(value) != "" for value in distinct.dictionary], dtype=bool)
    indices = np.asarray(distinct.indices)
    return found[indices], given[indices]


def _offset(text: str) -> int:
    if text in ("", "Z"):
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return (-minutes if text[0] == "-" else minutes) * 60_000_000


def _moments(read: pa.Array, fixed: Mask, bad: Mask) -> Moments:
    """``read``: UTC where ``fixed``, else wall clock."""
    null = np.asarray(pc.is_null(read))
    micros = np.asarray(read.cast(pa.int64()).fill_null(0))
    first, last, skipped = to_utc(micros)
    utc, later = np.where(fixed, micros, first), np.where(fixed, micros, last)
    local = np.where(fixed | skipped, to_local(utc), micros)
    far = ~null & ((micros < _micros(_EARLIEST)) | (micros > _micros(_LATEST)))
    mask = null | far
    faults: list[Fault] = [
        ("bad_timestamp", "error", bad | far), ("skipped_hour", "warning", skipped & ~fixed & ~mask),
    ]  # fmt: skip
    columns = [pa.array(column, pa.int64(), mask=mask).cast(_MICROS) for column in (local, utc, later)]
    return Moments(columns[0], columns[1], columns[2], faults)


def _plausible(read: pa.Array, bad: Mask) -> tuple[pa.Array, list[Fault]]:
    none = np.asarray(pc.fill_null(pc.is_in(read, pa.array([dt.date.fromisoformat(day) for day in _NO_DAY])), False))
    far = pc.or_(pc.less(read, pa.scalar(_EARLIEST)), pc.greater(read, pa.scalar(_LATEST)))
    outside = np.asarray(pc.fill_null(far, False)) & ~none
    kept = pc.if_else(pa.array(none | outside), pa.scalar(None, pa.date32()), read)
    return kept, [("bad_date", "error", bad | outside), ("sentinel", "warning", none)]


def _cast(text: pa.Array, kind: pa.DataType, one: Callable[[str], Any]) -> pa.Array:
    """Cast all at once; one by one only where some text has the form of a date that the calendar lacks."""
    try:
        return text.cast(kind)
    except pa.ArrowInvalid:
        return pa.array([_try(value, one) for value in text.to_pylist()], kind)


def _try(value: str | None, one: Callable[[str], Any]) -> Any:
    try:
        return None if value is None else one(value)
    except ValueError:
        return None


def _without_zone(values: pa.Array) -> pa.Array:
    """A moment with a zone as UTC without one."""
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        return values.cast(pa.timestamp(values.type.unit, "UTC")).cast(pa.timestamp(values.type.unit))
    return values


def _micros(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * 86_400_000_000


def _only(text: pa.Array, keep: Mask) -> pa.Array:
    return pc.if_else(pa.array(keep), text, pa.scalar(None, pa.string()))


def _matches(text: pa.Array, form: str) -> Mask:
    return np.asarray(pc.fill_null(pc.match_substring_regex(text, form), False))


def _nothing(length: int) -> Mask:
    return np.zeros(length, dtype=bool)
