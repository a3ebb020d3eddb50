"""Where in a file a problem stands: the line of a header's key, or of a part of the query."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from valfardsbrott.definitions import line_of, split

_QUERY = "query"


def in_query(node: exp.Expr) -> str:
    """``query:4``: the part of the query that begins on its fourth line."""
    lines = [part.meta["line"] for part in node.walk() if "line" in part.meta]
    return f"{_QUERY}:{min(lines, default=1)}"


def key(where: str) -> str:
    """The header's key, or ``query``, without the line."""
    return _QUERY if where.startswith(f"{_QUERY}:") else where


def line(path: Path, where: str) -> int:
    """The line of the file."""
    if key(where) != _QUERY:
        return line_of(path, where)
    text = path.read_text(encoding="utf-8")
    _, sql = split(text) or ("", "")
    before = text[: len(text) - len(sql.lstrip())]
    return before.count("\n") + int(where.partition(":")[2] or 1)
