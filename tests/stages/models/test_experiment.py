"""Experiments: a grid and a search on toy cities, resumed, in parallel, compared; a script; plans that are wrong."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from valfardsbrott.domain import Failure
from valfardsbrott.stages import experiment_trial
from valfardsbrott.stages.experiment import Bench, run
from valfardsbrott.stages.experiment_compare import compare
from valfardsbrott.stages.experiment_folder import HEADINGS, problems, unfounded
from valfardsbrott.stages.experiment_plan import Plan, drawn, read, variants

Done = tuple[Bench, dict[str, Any]]
PEERS = {"detectors": {"peers": {"weight": 1}}}
PEERS_ONLY: dict[str, Any] = {"detectors": [{"peers": {"weight": 1}}]}


def _plan(bench: Bench, **changes: Any) -> None:
    path = bench.folder / "experiment.yaml"
    said = yaml.safe_load(path.read_text("utf-8")) | changes
    path.write_text(yaml.safe_dump({key: value for key, value in said.items() if value is not None}, sort_keys=False))


def test_a_grid_measures_every_variant_on_every_city(done: Done) -> None:
    bench, found = done
    assert list(found["variants"]) == ["champion", "no memory", "sum", "sorting by amount"]
    champion = found["variants"]["champion"]
    assert champion["parameters"] == {"base": "provider_champion", "detectors": '{"peers": {"weight": 1}}'}
    assert champion["summary"]["average_precision"]["mean"] == 1.0, "three of sixty lie far out"
    assert champion["summary"]["precision_at_capacity"]["mean"] == pytest.approx(0.6)
    assert champion["summary"]["average_precision"]["data"] == 3
    assert {name: one["providers"] for name, one in champion["schemes"].items()} == {"S01": 2 * 3, "S02": 3}
    assert champion["lookalikes"]["honest_merger"]["providers"] == 3
    assert {size: one["providers"] for size, one in champion["sizes"].items()} == {"m": 90, "s": 90}
    assert 0 <= champion["summary"]["list_kept_from_month_before"]["mean"] <= 1
    amount = found["variants"]["sorting by amount"]["summary"]["average_precision"]["mean"]
    less = found["differences"]["champion less sorting by amount"]["average_precision"]
    assert less["difference"] == pytest.approx(1.0 - amount, abs=1e-3)
    assert less["low"] <= less["difference"] <= less["high"]
    assert less["pairs"] == less["higher"] == 3
    kept = json.loads((bench.folder / "results.json").read_text("utf-8"))
    assert kept == found
    assert "00300" not in json.dumps(kept), "results name no provider"


def test_a_stopped_experiment_goes_on_where_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = experiment_trial.run
    done: list[str] = []

    def until_the_third(*given: Any) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(given[0].name)
        return whole(*given)

    with monkeypatch.context() as patch:
        patch.setattr(experiment_trial, "run", until_the_third)
        with pytest.raises(KeyboardInterrupt):
            run(bench)
    again: list[str] = []

    def counted(*given: Any) -> Any:
        again.append(given[0].name)
        return whole(*given)

    monkeypatch.setattr(experiment_trial, "run", counted)
    first = run(bench)
    assert len(again) == 4 * 3 - 3
    again.clear()
    assert run(bench) == first
    assert again == []


@pytest.mark.slow
def test_two_processes_give_what_one_gives(bench: Bench) -> None:
    _plan(bench, seeds=[1, 2], variants={"no memory": PEERS | {"memory": 1}, "sum": {"ranking": "total"}})
    one = run(bench)
    two = run(replace(bench, work=bench.work / "two", settings=bench.settings.model_copy(update={"threads": 2})))
    for found in (one, two):
        for each in found["variants"].values():
            each["summary"].pop("seconds_fit_and_score")
            for of in each["by_data"].values():
                of.pop("seconds_fit_and_score")
    assert one == two


def test_a_search_chooses_on_seeds_that_are_not_reported(bench: Bench) -> None:
    space = PEERS_ONLY | {"memory": [1, 2], "fusion.threshold": {"low": 0.5, "high": 4, "log": True}}
    _plan(bench, kind="search", variants=None, search={"trials": 3, "choose": [7, 8], "space": space}, seeds=[1])
    found = run(bench)
    assert list(found["variants"]) == ["best", "provider_champion"]
    assert found["best"] == found["draws"][0]["changes"]
    assert len(found["draws"]) == 3
    assert all(0.5 <= draw["changes"]["fusion.threshold"] <= 4 for draw in found["draws"])
    assert [each["name"] for each in found["data"]] == ["small, seed 1"]
    plan = read(bench.folder)
    assert isinstance(plan, Plan)
    assert drawn(plan) == drawn(plan), "the same seed draws the same"


def test_a_variant_is_run_under_every_model_seed_for_its_stability(bench: Bench) -> None:
    _plan(
        bench, model_seeds=[0, 1], seeds=[1], variants={"champion": PEERS, "sorting by amount": {"ranking": "amount"}}
    )
    found = run(bench)["variants"]
    assert found["champion"]["summary"]["list_kept_under_other_seed"]["mean"] == 1.0, "peers draw nothing"
    assert "list_kept_under_other_seed" not in found["sorting by amount"]["summary"]


def test_two_variants_and_two_experiments_are_compared_pair_by_pair(done: Done) -> None:
    bench, _ = done
    said = compare(bench.folder.parent, "toy", "toy:sorting by amount")
    assert said["measures"]["average_precision"]["pairs"] == 3
    assert said["measures"]["average_precision"]["difference"] > 0.5
    assert said["changed"] == []
    one, two = said["means"]["average_precision"]
    assert one - two == pytest.approx(said["measures"]["average_precision"]["difference"], abs=1e-3)
    other = bench.folder.parent / "other"
    other.mkdir()
    document = json.loads((bench.folder / "results.json").read_text("utf-8"))
    document["data"][0]["digest"] = "another generator"
    (other / "results.json").write_text(json.dumps(document), encoding="utf-8")
    assert compare(bench.folder.parent, "toy", "other")["changed"] == ["small, seed 1"]
    del document["data"][1]["digest"]
    (other / "results.json").write_text(json.dumps(document), encoding="utf-8")
    changed = compare(bench.folder.parent, "toy", "other")["changed"]
    assert changed == ["small, seed 1", "small, seed 2"], "what has no digest is not known to be the same"
    for wrong, message in (("toy:winner", "no variant 'winner'"), ("nothing", "cannot be read")):
        with pytest.raises(Failure, match=message):
            compare(bench.folder.parent, "toy", wrong)


def test_grids_multiply_and_features_are_chosen_by_family(bench: Bench) -> None:
    grid = {"fusion.threshold": [1, 2], "memory": [1, 3]}
    _plan(
        bench,
        variants={"ours": {}, "amount": {"ranking": "amount"}, "money": {"features": {"only": ["money"]}}},
        grid=grid,
    )
    plan = read(bench.folder)
    assert isinstance(plan, Plan)
    every = variants(plan)
    assert len(every) == 4 + 1 + 4
    assert every[0].name == "ours: fusion.threshold=1, memory=1"
    assert every[1].definition().memory == 3
    money = next(each for each in every if each.name.startswith("money")).definition().features
    assert money != "all"
    assert 0 < len(money) < 60
    assert len({each.identity for each in every}) == 9


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "guess"}, "experiment.yaml"),
        ({"cities": None}, "cities or stores"),
        ({"seeds": None}, "seeds"),
        ({"kind": "search", "variants": None}, "search"),
        (
            {"kind": "search", "search": {"trials": 1, "choose": [1], "space": {"memory": [1]}}},
            "seeds that are reported",
        ),
        ({"colour": "red"}, "colour"),
        ({"variants": {"odd": {"fusion.colour": 1}}}, "makes no model"),
        ({"variants": {"odd": {"ranking": "winner"}}}, "no function 'winner'"),
        ({"seeds": [99]}, "no kept city"),
    ],
)
def test_a_plan_that_is_wrong_says_where(bench: Bench, changes: dict[str, Any], said: str) -> None:
    _plan(bench, **changes)
    with pytest.raises(Failure, match=said):
        run(bench)


def test_an_experiment_of_another_kind_is_its_own_script(bench: Bench) -> None:
    script = (
        "import json, pathlib, sys\n"
        "own = pathlib.Path(__file__).with_name('results.json')\n"
        "own.write_text(json.dumps({'work': sys.argv[1]}))\n"
    )
    (bench.folder / "run.py").write_text(script, encoding="utf-8")
    (bench.folder / "experiment.yaml").write_text(
        'kind: module\narguments: ["{work}"]\nown: [1, 2]\n', encoding="utf-8"
    )
    assert run(bench) == {"work": str(bench.work)}
    (bench.folder / "experiment.yaml").write_text('kind: module\narguments: ["$NO_SUCH_PLACE"]\n', encoding="utf-8")
    with pytest.raises(Failure, match="NO_SUCH_PLACE"):
        run(bench)
    (bench.folder / "run.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (bench.folder / "experiment.yaml").write_text("kind: module\n", encoding="utf-8")
    with pytest.raises(Failure, match="ended with an error"):
        run(bench)


def test_a_folder_owes_its_reader_six_headings_a_plan_and_results(bench: Bench, done: Done) -> None:
    shutil.copy(done[0].folder / "results.json", bench.folder)
    readme = bench.folder / "README.md"
    readme.write_text("# Toy\n" + "".join(f"\n## {heading}\nText.\n" for heading in HEADINGS), encoding="utf-8")
    assert problems(bench.folder) == []
    assert unfounded("provider_champion", "toy", bench.folder.parent) == [
        "provider_champion names the experiment 'toy', whose Decision does not mention it"
    ]
    readme.write_text(readme.read_text("utf-8").replace("## Decision\nText.", "## Decision\n`provider_champion`."))
    assert unfounded("provider_champion", "toy", bench.folder.parent) == []
    assert len(unfounded("provider_challenger", "toy", bench.folder.parent)) == 2
    assert len(unfounded("provider_champion", "dream", bench.folder.parent)) == 1
    readme.write_text("# Toy\n## Question\n\n## Answer\nNo.\n", encoding="utf-8")
    (bench.folder / "results.json").unlink()
    assert len(problems(bench.folder)) == 3


def test_plots_are_pictures(done: Done) -> None:
    from valfardsbrott.stages import experiment_plots

    bench, found = done
    for picture in (
        experiment_plots.variants(found, "average_precision"),
        experiment_plots.curve(found["variants"]["champion"]["curve"], "champion"),
    ):
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 5000
    assert Path(bench.work / "trials").is_dir()
