"""A provider's numbers over months: what the files say, whatever their order, and again when a month is run anew."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from valfardsbrott.review.figures import over_months
from valfardsbrott.review.numbers import numbers

ROWS = [
    {"org_number": "0029000031", "billed_ore": 300, "duplicate_claims": 0.25},
    {"org_number": "0029000015", "billed_ore": 100, "duplicate_claims": None},
]


def write(out: Path, rows: list[dict[str, object]], month: str = "2026-10") -> Path:
    path = out / month / "features.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)
    (path.parent / "run.json").write_text("{}")
    return path


def test_each_provider_gets_its_own_row_and_none_where_nothing_is_known(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    found = numbers(tmp_path, "2026-10", "features")
    assert found is not None
    wanted = ["billed_ore", "duplicate_claims", "score"]
    assert found.of("0029000031", wanted) == {"billed_ore": 300.0, "duplicate_claims": 0.25, "score": None}
    assert found.of("0029000015", wanted) == {"billed_ore": 100.0, "duplicate_claims": None, "score": None}
    assert set(found.of("0029000099", wanted).values()) == {None}
    assert numbers(tmp_path, "2026-09", "features") is None


def test_a_month_run_anew_is_read_anew_and_the_old_layout_goes(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS)
    assert over_months(tmp_path, "0029000031", ["billed_ore"]) == {"billed_ore": [("2026-10", 300.0)]}
    write(tmp_path, [ROWS[0] | {"billed_ore": 700}])
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 10))
    assert over_months(tmp_path, "0029000031", ["billed_ore"]) == {"billed_ore": [("2026-10", 700.0)]}
    assert len(list((tmp_path / ".review" / "numbers").iterdir())) == 1


def test_a_month_without_the_file_is_a_month_without_a_value(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    (tmp_path / "2026-09").mkdir()
    (tmp_path / "2026-09" / "run.json").write_text("{}")
    assert over_months(tmp_path, "0029000031", ["billed_ore"])["billed_ore"] == [("2026-09", None), ("2026-10", 300.0)]


@settings(deadline=None, max_examples=25)
@given(
    values=st.dictionaries(st.from_regex("00[0-9]{8}|p[0-9a-f]{8}", fullmatch=True), st.integers(0, 10**9), min_size=1)
)
def test_any_order_of_any_numbers(values: dict[str, int], tmp_path_factory: object) -> None:
    out = tmp_path_factory.mktemp("out")  # type: ignore[attr-defined]
    write(out, [{"org_number": org, "billed_ore": ore} for org, ore in values.items()])
    found = numbers(out, "2026-10", "features")
    assert found is not None
    assert {org: found.of(org, ["billed_ore"])["billed_ore"] for org in values} == values
