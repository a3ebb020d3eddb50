"""Days and moments: written in several ways, read as one, through the odd hours of the year."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.sources.convert_times import days, moments, months
from valfardsbrott.sources.local_time import to_local, to_utc

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize("written", ["2026-10-02", "20261002", "2026-10-02 00:00:00", "2026-10-02T13:00"])
def test_dates(written: str) -> None:
    assert days(pa.array([written]))[0].to_pylist() == [dt.date(2026, 10, 2)]


def test_dates_that_are_none_or_mean_no_end() -> None:
    values, faults = days(pa.array(["2026-02-30", "2/10/2026", "0999-01-01", "9999-12-31", None, "2026-02-28"]))
    assert values.to_pylist() == [None] * 5 + [dt.date(2026, 2, 28)]
    assert {rule: np.flatnonzero(mask).tolist() for rule, _, mask in faults} == {"bad_date": [0, 1, 2], "sentinel": [3]}


def test_months_from_any_day_in_them() -> None:
    values, faults = months(pa.array(["2026-10", "202610", "2026-10-31", "2026-13"]))
    assert values.to_pylist() == [dt.date(2026, 10, 1)] * 3 + [None]
    assert faults[0][2].tolist() == [False] * 3 + [True]
    assert months(pa.array([dt.date(2026, 10, 9)]))[0].to_pylist() == [dt.date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("written", "local", "utc"),
    [
        ("2026-10-01 08:30", "2026-10-01 08:30", "2026-10-01 06:30"),
        ("2026-10-01T08:30:15", "2026-10-01 08:30:15", "2026-10-01 06:30:15"),
        ("2026-10-01", "2026-10-01", "2026-09-30 22:00"),
        ("2026-10-01T08:30+02:00", "2026-10-01 08:30", "2026-10-01 06:30"),
        ("2026-10-01 08:30:15Z", "2026-10-01 10:30:15", "2026-10-01 08:30:15"),
        ("2026-12-01 08:30:15,5-0500", "2026-12-01 14:30:15.500", "2026-12-01 13:30:15.500"),
        ("2026-10-25 02:30", "2026-10-25 02:30", "2026-10-25 00:30"),  # repeated: the first
        ("2026-10-25T02:30+01:00", "2026-10-25 02:30", "2026-10-25 01:30"),  # repeated, but it says which
        ("2026-03-29 02:30", "2026-03-29 03:00", "2026-03-29 01:00"),  # skipped: the moment after
    ],
)
def test_moments(written: str, local: str, utc: str) -> None:
    found = moments(pa.array([written, "2026-01-01T00:00:00.1234567"]))  # the other one takes the careful way too
    assert (found.local[0].as_py(), found.utc[0].as_py()) == (at(local), at(utc))


def test_moments_that_are_none() -> None:
    wrong = ["2026-02-30 10:00", "2026-10-01 25:00", "noon", "2026-10-01 8:30", "0999-01-01 00:00"]
    found = moments(pa.array([*wrong, None, "2026-10-01 08:30"]))
    assert found.local.null_count == 6
    rule, level, mask = found.faults[0]
    assert (rule, level, mask.tolist()) == ("bad_timestamp", "error", [True] * 5 + [False] * 2)


def test_parquet_moments_with_and_without_a_zone() -> None:
    plain = pa.array([at("2026-10-01 08:30")], pa.timestamp("ns"))
    zoned = pa.array([at("2026-10-01 06:30")], pa.timestamp("ms", "America/New_York"))
    assert moments(plain).utc.to_pylist() == moments(zoned).utc.to_pylist() == [at("2026-10-01 06:30")]
    assert moments(zoned).local.to_pylist() == [at("2026-10-01 08:30")]


def test_the_skipped_hour_is_doubted() -> None:
    found = moments(pa.array(["2026-03-29 02:30", "2026-03-29 03:30"]))
    assert [(rule, mask.tolist()) for rule, _, mask in found.faults if mask.any()] == [("skipped_hour", [True, False])]


@given(st.datetimes(dt.datetime(1981, 1, 1), dt.datetime(2090, 12, 31)))
def test_the_clock_agrees_with_the_time_zone_database(local: dt.datetime) -> None:
    micros = np.array([_micros(local)])
    first, last, skipped = to_utc(micros)
    expected = [local.replace(tzinfo=STOCKHOLM, fold=fold).astimezone(dt.UTC).replace(tzinfo=None) for fold in (0, 1)]
    if not skipped[0]:
        assert [first[0], last[0]] == [_micros(moment) for moment in expected]
        assert to_local(first)[0] == to_local(last)[0] == micros[0]
    else:
        assert to_local(first)[0] > micros[0]


def _micros(moment: dt.datetime) -> int:
    return (moment - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)
