"""The report's section of questioned claim lines."""

from __future__ import annotations

from typing import Literal

import pytest

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import publish


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "sv",
            ["Fakturarader att fråga om", "Inget beslut", "Motsägelse", "Raden har inget besök.", "Det som klarar upp"],
        ),
        (
            "en",
            ["Claim lines to ask about", "No decision", "Contradiction", "The line has no visit.", "What clears it"],
        ),
    ],
)
def test_the_section_speaks_the_readers_language(
    finished_store: Settings, language: Literal["sv", "en"], said: list[str]
) -> None:
    settings = finished_store.model_copy(update={"language": language})
    publish.run(Month(2026, 10), settings)
    page = (settings.out / "2026-10" / "report.html").read_text(encoding="utf-8")
    for words in said:
        assert words in page


def test_one_line_that_two_rules_ask_about_is_1000_kronor_and_not_1800(finished_store: Settings) -> None:
    publish.run(Month(2026, 10), finished_store)
    page = (finished_store.out / "2026-10" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="claims"') : page.index('id="how"')]
    assert "<strong>800\u202fkr</strong>" in section
    assert "<strong>200\u202fkr</strong>" in section
    assert "<code>permit</code>" in section
