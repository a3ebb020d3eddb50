"""The application's words: ``locales/*.yaml``, each text with its Swedish and English side by side."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from valfardsbrott.wording import Language, common, read

FOLDER = Path(__file__).parent / "locales"
LANGUAGES = ("sv", "en")
_HERE = ZoneInfo("Europe/Stockholm")


class Words(Language):
    """One language: ``words("inbox.title")`` is a text, ``words.word("state", code)`` the word for a code."""

    def __call__(self, key: str, **parts: object) -> str:
        return self.text(key, **parts)

    def day(self, day: dt.date | None) -> str:
        """ISO 8601, as Swedes write it; a dash where there is none."""
        return day.isoformat() if day else "–"

    def instant(self, at: dt.datetime | None) -> str:
        """Day and minute in Sweden's time."""
        return at.astimezone(_HERE).strftime("%Y-%m-%d %H:%M") if at else "–"

    def ore(self, ore: int | None) -> str:
        """An amount kept in ore, in whole kronor."""
        return self.money(None if ore is None else ore / 100)

    def case_name(self, name: str) -> str:
        """A case is named when it is opened: a network's name is "Nätverk: X och 2 till" in the language of then."""
        for code in LANGUAGES:
            found = _network_name(code).fullmatch(name)
            if found:
                return self.text("network_name", **found.groupdict())
        return name

    def month(self, month: str) -> str:
        """ "2026-10" as people write it."""
        return self.text("month", name=self.texts["months"][month[5:7]], year=month[:4])


@cache
def _network_name(code: str) -> re.Pattern[str]:
    text = re.escape(str(common(code)["network_name"]))
    return re.compile(text.replace(r"\{name\}", "(?P<name>.*)").replace(r"\{others\}", r"(?P<others>\d+)"))


@cache
def words(code: str) -> Words:
    """``sv`` or ``en``. Each file of ``locales/`` is a group of texts by the file's name."""
    own = {path.stem: _one_language(read(path), code) for path in sorted(FOLDER.glob("*.yaml"))}
    return Words(code, common(code) | own)


def _one_language(texts: dict[str, Any], code: str) -> dict[str, Any]:
    """
    >>> _one_language({"title": {"sv": "Inkorg", "en": "Inbox"}}, "sv")
    {'title': 'Inkorg'}
    """
    return {key: text[code] if is_text(text) else _one_language(text, code) for key, text in texts.items()}


def is_text(entry: dict[str, Any]) -> bool:
    """Whether an entry is a text in its languages rather than a group of entries."""
    return set(entry) <= set(LANGUAGES)
