"""Finds the top-level folders (features, models, rules) in a checkout or a wheel; reads SQL under a header."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from valfardsbrott.domain import EXIT_SYSTEM, Failure

_PACKAGE = Path(__file__).resolve().parent
_FILE = re.compile(r"\s*/\* ---\n(?P<header>.*?)\n--- \*/\n(?P<sql>.*)", re.DOTALL)
_Defined = TypeVar("_Defined")
#: Safe, and in C where the library has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def folder(name: str) -> Path:
    """The folder of definitions ``name`` ("features", "models" or "rules").

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


def read_sql(path: Path, kind: TypeAdapter[_Defined], named: Callable[[dict[str, Any]], dict[str, Any]]) -> _Defined:
    """What an SQL file under a YAML header defines: the header as ``named`` completes it, ``sql`` and ``path``.

    Raises Failure with the file and the key that is wrong.
    """
    match = _FILE.fullmatch(path.read_text(encoding="utf-8"))
    if match is None:
        raise Failure(f"{path}: no header", "Begin the file with '/* ---', YAML, and '--- */' on its own line")
    try:
        header = yaml.load(match["header"], Loader=LOADER)  # noqa: S506 - a safe loader
        header = named(header) if isinstance(header, dict) else {"name": header}
        return kind.validate_python(header | {"sql": match["sql"].strip(), "path": path})
    except yaml.YAMLError as error:
        raise Failure(f"{path}: the header is not YAML ({' '.join(str(error).split())})") from error
    except ValidationError as error:
        # A column is a text or a feature: the mistake is where the deeper of the two tries failed.
        deepest = max(error.errors(), key=lambda each: len(each["loc"]))
        key = ".".join(str(part) for part in deepest["loc"] if part not in {"str", "Feature"})
        raise Failure(f"{path}: {key}: {deepest['msg']}") from error
