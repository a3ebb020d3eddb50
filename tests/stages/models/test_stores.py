"""Experiments on a city's own months: truth is what was confirmed, and only sums leave the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import experiment_data
from valfardsbrott.stages.experiment import Bench, run
from valfardsbrott.stages.workspace import Workspace

OCTOBER = Month(2026, 10)
CONFIRMED, CLEARED = ("0030000003", "0030000007", "0030000011"), "0030000013"
Asked = Callable[..., Bench]


@pytest.fixture
def asked(tmp_path: Path, kept: Path) -> Asked:
    """An experiment on one store, made of a toy city, with three confirmed cases and one cleared in a file."""

    def make(*, month: str = "2026-10", peopled: bool = True) -> Bench:
        settings = Settings(out=tmp_path / "city", store=tmp_path / "city", tracking=False)
        if peopled:
            experiment_data._take(kept / "small-1", tmp_path / "laid", settings)
            Workspace(settings).record(Manifest("features", str(OCTOBER), "ab" * 32))
        rows = [*((org, "confirmed") for org in CONFIRMED), (CLEARED, "cleared")]
        cases = tmp_path / "cases.csv"
        lines = ["org_number,decided_on,outcome", *(f"{org},2026-11-05,{outcome}" for org, outcome in rows)]
        cases.write_text("\n".join(lines) + "\n")
        folder = tmp_path / "own"
        folder.mkdir()
        store = {"name": "our city", "store": str(settings.store_path), "month": month, "cases": str(cases)}
        variants = {"champion": {"detectors": {"peers": {"weight": 1}}}, "sorting by amount": {"ranking": "amount"}}
        plan = {"kind": "grid", "stores": [store], "capacity": 5, "variants": variants}
        (folder / "experiment.yaml").write_text(yaml.safe_dump(plan))
        work = tmp_path / "work"
        return Bench(folder, work, Settings(out=work / "runs", store=work, tracking=False, threads=1))

    return make


def test_a_citys_own_month_is_measured_against_what_was_confirmed(asked: Asked) -> None:
    bench = asked()
    found: dict[str, Any] = run(bench)
    champion, amount = (found["variants"][name]["by_data"]["our city"] for name in ("champion", "sorting by amount"))
    assert champion["average_precision"] == 1.0, "the three confirmed lie far out"
    assert champion["precision_at_capacity"] == pytest.approx(3 / 5), "who was cleared is not among those to find"
    assert amount["average_precision"] < 0.5
    assert found["data"][0]["name"] == "our city"
    assert "00300" not in json.dumps(found), "results name no provider"
    assert "00300" not in (bench.folder / "results.json").read_text("utf-8")


def test_a_store_without_the_month_says_so(asked: Asked) -> None:
    with pytest.raises(Failure, match="holds no features of 2026-10"):
        run(asked(peopled=False))
