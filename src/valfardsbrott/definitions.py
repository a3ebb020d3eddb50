"""Finds the top-level folders (features, models) in a checkout or in an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, Failure

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder of definitions ``name`` ("features" or "models").

    A wheel carries them under ``valfardsbrott/_definitions``; a checkout has them at the project's root.
    """
    for candidate in (_PACKAGE / "_definitions" / name, _PACKAGE.parents[1] / name):
        if candidate.is_dir():
            return candidate
    raise Failure(
        f"the definitions '{name}' are missing from this installation",
        "Install the wheel again, or run from a whole checkout",
        EXIT_SYSTEM,
    )
