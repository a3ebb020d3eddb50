"""Promotion and rollback: who decides is on record, with who decided so and why, and the record cannot be rewritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.settings import Settings
from valfardsbrott.stages.models_roles import Roles, history, promote, record_file, roles, rollback

CHAMPION, CHALLENGER = "provider_champion", "provider_challenger"
WHY = "Finds two more of ten known cases"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(out=tmp_path / "runs", tracking=False)


def test_until_somebody_promotes_another_the_projects_own_champion_decides(settings: Settings) -> None:
    assert roles(settings) == Roles(CHAMPION, CHALLENGER)
    assert history(settings) == []


def test_a_promoted_model_decides_and_the_former_is_tried_beside_it(settings: Settings) -> None:
    entry = promote(settings, CHALLENGER, "A. Analyst", WHY)
    assert roles(settings) == Roles(CHALLENGER, CHAMPION)
    assert (entry["by"], entry["why"], entry["before"], entry["experiment"]) == (
        "A. Analyst", WHY, CHAMPION, "detection",
    )  # fmt: skip
    assert len(entry["definition"]) == 16


def test_rollbacks_undo_one_promotion_each_and_no_more(settings: Settings) -> None:
    promote(settings, CHALLENGER, "A. Analyst", WHY)
    promote(settings, CHAMPION, "A. Analyst", WHY)
    rollback(settings, "B. Boss", "Two wrong lists in a row")
    assert roles(settings).champion == CHALLENGER
    rollback(settings, "B. Boss", "Two wrong lists in a row")
    assert roles(settings) == Roles(CHAMPION, CHALLENGER)
    with pytest.raises(Failure, match="no promotion is left"):
        rollback(settings, "B. Boss", "Two wrong lists in a row")
    assert [entry["action"] for entry in history(settings)] == ["promote", "promote", "rollback", "rollback"]


@pytest.mark.parametrize(
    ("which", "by", "why", "said"),
    [
        ("provider_champion", "A. Analyst", WHY, "decides already"),
        ("provider_winner", "A. Analyst", WHY, "there is no model"),
        (CHALLENGER, "", WHY, "--by says too little"),
        (CHALLENGER, "A. Analyst", "better", "--why says too little"),
        (CHALLENGER, "A. Analyst", "It found 19800101-9998 last month", "person number"),
        ("7", "A. Analyst", WHY, "no registered version 7"),
    ],
)
def test_what_is_no_promotion_changes_nothing(settings: Settings, which: str, by: str, why: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        promote(settings, which, by, why)
    assert not record_file(settings).exists()


@pytest.mark.parametrize("spoil", ["other name", "other name in the newest line", "first line gone", "no JSON"])
def test_a_record_that_was_changed_is_not_followed(settings: Settings, spoil: str) -> None:
    promote(settings, CHALLENGER, "A. Analyst", WHY)
    promote(settings, CHAMPION, "A. Analyst", WHY)
    path = record_file(settings)
    first, second = path.read_text("utf-8").splitlines()
    changed = {
        "other name": [json.dumps(json.loads(first) | {"by": "Nobody"}), second],
        "other name in the newest line": [first, second.replace("A. Analyst", "Nobody")],
        "first line gone": [second],
        "no JSON": ["{", second],
    }[spoil]
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")
    with pytest.raises(Failure, match="has been changed"):
        roles(settings)
