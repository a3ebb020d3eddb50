"""Numbers as people write them become exact ones, or an error that names the rule."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.sources.convert_numbers import Fault, as_text, money, number, whole


def broken(faults: list[Fault]) -> dict[str, list[int]]:
    return {rule: np.flatnonzero(mask).tolist() for rule, _, mask in faults if mask.any()}


@pytest.mark.parametrize(
    ("written", "ore"),
    [
        ("1234", 123400), ("1234.5", 123450), ("1234,50", 123450), ("1 234,50", 123450), ("1\u202f234", 123400),
        ("1\u00a0234\u00a0567,00", 123456700), ("1.234,56", 123456), ("1,234.56", 123456), ("1.234.567", 123456700),
        ("-12,5", -1250), ("\u221212", -1200), ("+12", 1200), (",5", 50), ("5,", 500), ("100.10000", 10010), ("0", 0),
        ("1'234.50", 123450),
    ],
)  # fmt: skip
def test_money_is_read_exactly(written: str, ore: int) -> None:
    values, faults = money(pa.array([written]), fine=False)
    assert values.to_pylist() == [ore]
    assert broken(faults) == {}


@pytest.mark.parametrize(
    "written", ["x", "1 2", "12 34", "1e5", "1,2,3", "--1", "1.2.3,4", "", "12345678901234567", "10 kr"]
)
def test_what_is_no_number_is_an_error(written: str) -> None:
    values, faults = money(pa.array([written]), fine=False)
    assert values.to_pylist() == [None]
    assert broken(faults) == {"bad_number": [0]}


def test_more_than_two_decimals_refuse_an_amount_and_round_a_unit_price() -> None:
    text = pa.array(["1.234", "1,234", "2.345", "2.355"])
    assert broken(money(text, fine=False)[1]) == {"more_than_two_decimals": [0, 1, 2, 3]}
    values, faults = money(text, fine=True)
    assert values.to_pylist() == [123, 123, 234, 236]  # half to even
    assert [(rule, level) for rule, level, mask in faults if mask.any()] == [("rounded", "warning")]


def test_amounts_beyond_any_city_are_refused() -> None:
    assert broken(money(pa.array(["10000000000000", "9999999999999.99"]), fine=False)[1]) == {"too_large": [0]}


def test_whole_numbers_may_be_written_with_zeros_after_the_mark() -> None:
    values, faults = whole(pa.array(["30", "30.0", "30,00", "30.5", None]))
    assert values.to_pylist()[:3] == [30, 30, 30]
    assert broken(faults) == {"not_whole": [3]}


def test_quantities_keep_four_decimals() -> None:
    values, faults = number(pa.array(["7,2500", "0.33333", "1234,5"]))
    assert values.to_pylist() == [Decimal("7.2500"), Decimal("0.3333"), Decimal("1234.5000")]
    assert broken(faults) == {"rounded": [1]}


def test_floats_of_parquet_lose_their_noise_and_nothing_else() -> None:
    text = as_text(pa.array([0.1 + 0.2, 36.08, float("nan"), None, 123456789.12, float("inf")]))
    values, faults = money(text, fine=False)
    assert values.to_pylist() == [30, 3608, None, None, 12345678912, None]
    assert broken(faults) == {"bad_number": [5]}


@given(ore=st.integers(-(10**11), 10**11), steps=st.integers(-2, 2))
def test_an_amount_as_a_float_is_the_same_ore_though_sums_left_noise(ore: int, steps: int) -> None:
    noisy = ore / 100
    for _ in range(abs(steps)):
        noisy = math.nextafter(noisy, math.copysign(math.inf, steps))
    values, faults = money(as_text(pa.array([noisy])), fine=False)
    assert values.to_pylist() == [ore]
    assert not broken(faults)


def test_floats_of_four_bytes_and_far_ones_are_read_as_written() -> None:
    text = as_text(pa.array([6750.98, None, 1e20, 1e-9], pa.float32()))
    assert text.to_pylist()[:3] == ["6750.98", None, "infinite"]
    values, _ = money(as_text(pa.array([1e-9, 99_999_999_999.99])), fine=False)
    assert values.to_pylist() == [0, 9_999_999_999_999]


@given(
    ore=st.integers(-(10**14), 10**14), mark=st.sampled_from(".,"), group=st.sampled_from(["", " ", "\u00a0", "\u202f"])
)
def test_any_amount_in_any_writing_is_the_same_ore(ore: int, mark: str, group: str) -> None:
    whole_part, cents = divmod(abs(ore), 100)
    written = f"{'-' if ore < 0 else ''}{whole_part:,}".replace(",", group) + f"{mark}{cents:02d}"
    assert money(pa.array([written]), fine=False)[0].to_pylist() == [ore]


@given(st.decimals(-(10**9), 10**9, places=6))
def test_unit_prices_round_half_to_even(price: Decimal) -> None:
    expected = int(price.quantize(Decimal("0.01"), ROUND_HALF_EVEN).scaleb(2))
    assert money(pa.array([f"{price:f}"]), fine=True)[0].to_pylist() == [expected]


@given(st.text(max_size=20))
def test_no_text_makes_it_fail(text: str) -> None:
    for read in (whole, number):
        values, _ = read(pa.array([text]))
        assert len(values) == 1
