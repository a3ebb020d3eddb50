"""Every text is there in both languages, with the same parts, and every text that a page names is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.review import cases
from valfardsbrott.review.models import Outcome, Role, State
from valfardsbrott.review.purposes import PURPOSES
from valfardsbrott.web import words
from valfardsbrott.web.policy import MENU
from valfardsbrott.wording import read

WEB = Path(words.__file__).parent
FILES = sorted(words.FOLDER.glob("*.yaml"))


def texts(entry: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for key, text in entry.items():
        if words.is_text(text):
            yield f"{at}{key}", text
        else:
            yield from texts(text, f"{at}{key}.")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_is_in_both_languages_with_the_same_parts(file: Path) -> None:
    for key, text in texts(read(file)):
        assert set(text) == set(words.LANGUAGES), key
        assert all(isinstance(each, str) and each.strip() for each in text.values()), key
        parts = [set(re.findall(r"{(\w+)}", each)) for each in text.values()]
        assert parts[0] == parts[1], key


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_that_is_named_is_there(language: str) -> None:
    t = words.words(language)
    sources = [*WEB.rglob("*.py"), *(WEB / "templates").rglob("*.j2")]
    named = {
        key
        for source in sources
        for key in re.findall(r'(?:\bt|flash)\("([a-z_]+(?:\.[a-z_]+)+)"', source.read_text("utf-8"))
    }
    assert len(named) > 50
    for key in sorted(named | {key for _, key in MENU}):
        t.text(key)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_has_its_word(language: str) -> None:
    groups: dict[str, Iterable[str]] = {"state": State, "outcome": Outcome, "role": Role, "purpose": PURPOSES}
    for group, codes in groups.items():
        assert {str(code) for code in codes} <= set(words.words(language).texts[group]), group


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_refusal_and_event_has_its_text(language: str) -> None:
    source = "".join(path.read_text("utf-8") for path in Path(cases.__file__).parent.rglob("*.py"))
    source = re.sub(r"CaseLink\([^)]*\)", "", source)  # its kinds are no events
    source = source.replace('kind="stable"', "")  # nor is a way to sort
    t = words.words(language).texts
    assert set(re.findall(r'Refused\("(\w+)"', source)) <= set(t["refused"])
    assert set(re.findall(r'(?:event\(db, \w+, \w+, |kind=)"(\w+)"', source)) <= set(t["event"])


@pytest.mark.parametrize(
    "key", re.findall(r'Problem\(\d+, "(\w+)"', "".join(p.read_text("utf-8") for p in WEB.rglob("*.py")))
)
def test_every_problem_has_a_title_and_what_to_do(key: str) -> None:
    for language in words.LANGUAGES:
        assert set(words.words(language).texts["errors"][key]) == {"title", "text"}
