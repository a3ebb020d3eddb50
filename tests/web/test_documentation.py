"""The table of settings in docs/operations.md is that of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from valfardsbrott.review.settings import ReviewSettings

ROOT = Path(__file__).resolve().parents[2]


def test_operations_lists_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("|"))  # their first column
    listed = {name.lower() for name in re.findall(r"`VALFARDSBROTT_(\w+)`", rows)}
    assert listed == set(ReviewSettings.model_fields)


@pytest.mark.parametrize("name", ["valfardsbrott.service", "Containerfile"])
def test_what_is_deployed_names_settings_that_there_are(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text("utf-8")
    assert {each.lower() for each in re.findall(r"VALFARDSBROTT_(\w+)", text)} <= set(ReviewSettings.model_fields)


def test_the_unit_lets_the_workers_finish() -> None:
    unit = (ROOT / "deploy" / "valfardsbrott.service").read_text("utf-8")
    assert "KillMode=mixed" in unit
    stop = re.search(r"TimeoutStopSec=(\d+)", unit)
    assert stop
    assert int(stop[1]) > 20  # what the server gives requests that have begun
