"""The words of the report and of the commands, in Swedish and English: texts are data in ``locales/``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from valfardsbrott.wording import Language as Language  # noqa: PLC0414 - what `language` gives
from valfardsbrott.wording import common, read


@cache
def language(code: str) -> Language:
    """``sv`` or ``en``."""
    return Language(code, common(code) | read(Path(__file__).parent / "locales" / f"{code}.yaml"))
