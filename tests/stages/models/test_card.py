"""A card: words of a person, figures of the experiment, and a plain word where something was not measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from valfardsbrott.domain import Failure
from valfardsbrott.stages import models_card
from valfardsbrott.stages.experiment import Bench

Done = tuple[Bench, dict[str, Any]]


@pytest.fixture
def own(tmp_path: Path, done: Done, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A copy of the champion's folder, and experiments whose 'toy' chose it; the card is made from these."""
    from valfardsbrott.definitions import folder
    from valfardsbrott.detectors import definition

    models = tmp_path / "models"
    (models / "toy_model").mkdir(parents=True)
    there = folder("models") / "provider_champion"
    said = yaml.safe_load((there / "model.yaml").read_text("utf-8"))
    (models / "toy_model" / "model.yaml").write_text(yaml.safe_dump(said | {"name": "toy_model", "experiment": "toy"}))
    (models / "toy_model" / "card.yaml").write_text((there / "card.yaml").read_text("utf-8"), encoding="utf-8")
    for module in (models_card, definition):
        monkeypatch.setattr(module, "folder", lambda name: models if name == "models" else folder(name))
    document = json.loads(json.dumps(done[1]))
    document["variants"]["champion"]["parameters"] = {"base": "toy_model"}
    experiments = tmp_path / "experiments"
    (experiments / "toy").mkdir(parents=True)
    (experiments / "toy" / "results.json").write_text(json.dumps(document), encoding="utf-8")
    return models, experiments


def test_figures_are_those_of_the_experiment_with_their_intervals(own: tuple[Path, Path], done: Done) -> None:
    card = models_card.render("toy_model", own[1])
    ap = done[1]["variants"]["champion"]["summary"]["average_precision"]
    assert f"| small | 3 | {ap['mean']:.2f} ({ap['low']:.2f} to {ap['high']:.2f}) |" in card
    assert "| honest merger | 3 |" in card
    assert "| sorting by amount | small |" in card
    assert "Measured on the definition" in card, "the toy's figures are of another definition, and the card says so"
    assert "0,60" in card, "figures in Swedish have a comma"


def test_without_results_the_card_says_that_nothing_was_measured(own: tuple[Path, Path], tmp_path: Path) -> None:
    card = models_card.render("toy_model", tmp_path / "nowhere")
    assert "Not measured: its experiment has no results of it." in card
    assert "Inte mätt." in card


def test_a_card_is_stale_as_soon_as_the_figures_change(own: tuple[Path, Path]) -> None:
    _, experiments = own
    models_card.write("toy_model", experiments)
    assert not models_card.stale("toy_model", experiments)
    path = experiments / "toy" / "results.json"
    document = json.loads(path.read_text("utf-8"))
    document["variants"]["champion"]["by_data"]["small, seed 1"]["average_precision"] = 0.1
    path.write_text(json.dumps(document), encoding="utf-8")
    assert models_card.stale("toy_model", experiments)


def test_words_that_are_missing_are_named(own: tuple[Path, Path]) -> None:
    models, experiments = own
    path = models / "toy_model" / "card.yaml"
    said = yaml.safe_load(path.read_text("utf-8"))
    for changes, message in (({"not_for": {"sv": "allt"}}, r"not_for\.en"), ({"changes": {}}, "nothing of version")):
        path.write_text(yaml.safe_dump(said | changes), encoding="utf-8")
        with pytest.raises(Failure, match=message):
            models_card.render("toy_model", experiments)
    with pytest.raises(Failure, match="there is no card of 'winner'"):
        models_card.shown("winner")


def test_a_model_that_learns_says_so_and_whose_order_it_changes() -> None:
    method = models_card.shown("provider_reranked").partition("## Method")[2].partition("##")[0]
    assert "The order of `provider_champion`" in method
    assert "logistic regression" in method
    assert "logistic regression" not in models_card.shown("provider_champion")
