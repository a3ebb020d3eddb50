"""The public interface: frames, graphs and evaluation of a published city; and the examples of its page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import api
from valfardsbrott.api import City, Failure, Month, compare, evaluate
from valfardsbrott.measures import average_precision, within_classes

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_the_examples_of_the_page_run(
    published_city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "runs").symlink_to(published_city.parent)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        exec(block, names)
    assert "contribution" in capsys.readouterr().out


def test_what_is_public_is_there_and_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    for name in api.__all__:
        assert getattr(api, name) is not None
    assert all(name in text for name in ("City", "evaluate", "compare", "experiment", "OutlierDetector"))
    with pytest.raises(AttributeError):
        getattr(api, "nothing")  # noqa: B009


def test_a_city_without_months_says_what_to_do(tmp_path: Path) -> None:
    city = City(tmp_path / "runs")
    assert city.months == ()
    with pytest.raises(Failure, match=r"Run a month first"):
        city.features()


def test_a_month_that_is_not_published_is_told(published_city: Path) -> None:
    city = City(published_city.parent)
    assert city.months == (Month(2026, 10),)
    with pytest.raises(Failure, match="2020-01 is not published"):
        city.scores("2020-01")
    with pytest.raises(Failure, match="no network nowhere"):
        city.network("nowhere")


def test_frames_are_what_was_published(published_city: Path) -> None:
    city = City(published_city.parent)
    scores = city.scores()
    assert scores["rank"].is_monotonic_increasing
    assert set(scores.index) <= set(city.features().index)
    flags = city.flags("2026-10")
    assert list(flags["arm"]) == sorted(flags["arm"], reverse=True)
    assert isinstance(flags["reasons"].iloc[0], list)
    made = city.ranking()
    order = made.sort_values(ascending=False, kind="stable").index
    assert set(order[:5]) == set(scores.index[:5]), "made anew, it is the published ranking"


def test_what_cannot_be_is_told_and_not_ignored(published_city: Path) -> None:
    out = published_city.parent
    with pytest.raises(Failure, match="no setting capcity"):
        City(out, capcity=30)
    with pytest.raises(Failure, match="capacity: Input should be"):
        City(out, capacity=0)
    city = City(out, tracking=False)
    with pytest.raises(Failure, match="there is no model 'winner'"):
        city.ranking("winner")
    with pytest.raises(Failure, match="board_id holds no numbers"):
        city.ranking("board_id")
    with pytest.raises(ValueError, match="one ranking or more"):
        compare({}, set())
    learned, champion = city.ranking("provider_reranked"), city.ranking("provider_champion")
    assert set(learned.index) == set(champion.index) == set(city.scores().dropna(subset="peer_group").index)
    assert not np.allclose(learned, champion[learned.index]), "a score of its own"


RANDOM = np.random.default_rng(5)
ORGS = [f"00{at:08d}" for at in range(60)]
CASES = set(ORGS[:8])
GOOD = pd.Series(RANDOM.normal(size=60) + 3 * np.isin(ORGS, sorted(CASES)), index=ORGS)
POOR = pd.Series(RANDOM.normal(size=60), index=ORGS)
SIZES = pd.Series(["s"] * 30 + ["l"] * 30, index=ORGS)


def test_evaluate_is_the_measures_with_intervals_around_them() -> None:
    table = evaluate(GOOD, CASES, capacity=8, classes=SIZES, resamples=200)
    truth = pd.Series([org in CASES for org in ORGS], index=ORGS)
    assert table.loc["average_precision", "value"] == average_precision(truth, GOOD)
    assert table.loc["average_precision_within_classes", "value"] == within_classes(truth, GOOD, SIZES)
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()


def test_without_a_case_a_measure_is_not_zero() -> None:
    assert evaluate(GOOD, set(), resamples=20)["value"].isna()["average_precision"]


def test_compare_pairs_its_draws() -> None:
    table = compare({"good": GOOD, "poor": POOR, "same": GOOD * 2}, CASES, capacity=8, resamples=300)
    assert [table[name]["same"] for name in ("difference", "low", "high")] == [0, 0, 0]
    assert table["high"]["poor"] < 0
    shared = compare({"good": GOOD, "fewer": GOOD.iloc[:40]}, CASES, resamples=20)
    assert shared.loc["fewer", "difference"] == 0, "on the providers that both have"
