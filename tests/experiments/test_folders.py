"""Every experiment is whole, every model names one that stands, and every card says what they say now."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.detectors.definition import load
from valfardsbrott.stages import models_card
from valfardsbrott.stages.experiment_folder import problems, unfounded

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
FOLDERS = sorted(
    path for path in EXPERIMENTS.iterdir() if any((path / name).exists() for name in ("README.md", "experiment.yaml"))
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_an_experiments_folder_is_whole(folder: Path) -> None:
    assert problems(folder) == []


@pytest.mark.parametrize("name", models_card.names())
def test_a_model_names_the_experiment_that_chose_it(name: str) -> None:
    assert unfounded(name, load(name).experiment, EXPERIMENTS) == []


@pytest.mark.parametrize("name", models_card.names())
def test_a_card_says_what_model_words_and_experiment_say(name: str) -> None:
    assert not models_card.stale(name, EXPERIMENTS), "write it anew: valfardsbrott models card --write"
    card = models_card.shown(name)
    for heading in ("På svenska", "Purpose", "Data", "Performance", "Size classes", "Look-alikes", "Limits", "Changes"):
        assert f"\n## {heading}\n" in card
    assert "Not measured" not in card
    assert "Measured on the definition" not in card, "its experiment has to be run again on the definition as it is"
