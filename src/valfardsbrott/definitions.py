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


def split(text: str) -> tuple[str, str] | None:
    """The header and the query of an SQL file; None where it has no header."""
    match = _FILE.fullmatch(text)
    return (match["header"], match["sql"]) if match else None


def read_sql(path: Path, kind: TypeAdapter[_Defined], named: Callable[[dict[str, Any]], dict[str, Any]]) -> _Defined:
    """What an SQL file under a YAML header defines: the header as ``named`` completes it, ``sql`` and ``path``.

    Raises Failure with the file and the key that is wrong.
    """
    parts = split(path.read_text(encoding="utf-8"))
    if parts is None:
        raise Failure(f"{path}: no header", "Begin the file with '/* ---', YAML, and '--- */' on its own line")
    try:
        header = yaml.load(parts[0], Loader=LOADER)  # noqa: S506 - a safe loader
        header = named(header) if isinstance(header, dict) else {"name": header}
        return kind.validate_python(header | {"sql": parts[1].strip(), "path": path})
    except yaml.YAMLError as error:
        raise Failure(f"{path}: the header is not YAML ({' '.join(str(error).split())})") from error
    except ValidationError as error:
        # A column is a text or a feature: the mistake is where the deeper of the two tries failed.
        deepest = max(error.errors(), key=lambda each: len(each["loc"]))
        key = ".".join(str(part) for part in deepest["loc"] if part not in {"str", "Feature"})
        raise Failure(f"{path}:{line_of(path, key)}: {key}: {deepest['msg']}") from error


def line_of(path: Path, key: str) -> int:
    """The line of the file at which the header's key (``columns.late_share.unit``) stands.

    Of a key that is not there that of the nearest above it, and of the header's first line where none is.
    """
    text = path.read_text(encoding="utf-8")
    header, _ = split(text) or ("", "")
    node, found = yaml.compose(header, Loader=LOADER), 1
    for name in key.split("."):
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        entry = next((entry for entry in entries if entry[0].value == name), None)
        if entry is None:
            break
        found, node = entry[0].start_mark.line + 1, entry[1]
    return found + text[: text.find(header)].count("\n")
