"""The table of settings in docs/operations.md is that of the code."""

from __future__ import annotations

import re
from pathlib import Path

from valfardsbrott.review.settings import ReviewSettings


def test_operations_lists_every_setting_and_no_other() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    listed = {name.lower() for name in re.findall(r"`VALFARDSBROTT_(\w+)`", rows)}
    assert listed == set(ReviewSettings.model_fields)
