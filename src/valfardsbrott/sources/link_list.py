"""Read a plain list of links: any CSV with a column of sources and one of targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.sources import csv_rows
from valfardsbrott.sources.csv_dialect import plain

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.sources.raw import Finding

#: The type of links in a file that names none.
UNTYPED = "link"


@dataclass(frozen=True)
class Columns:
    """What the file calls its columns; those of type and days may be missing."""

    source: str = "source"
    target: str = "target"
    type: str = "type"
    start: str = "from"
    end: str = "to"


def read(path: Path, columns: Columns) -> pd.DataFrame:
    """A row for each line: source, target, type, start, end (timestamps, NaT where not given) and line (from 1).

    Source or target is None where the line leaves it empty; a line without a type has UNTYPED. Raises Failure that
    names file, line and column for a missing column, a line with too few or too many values, and a day that is none.
    """
    import pandas as pd

    names = {field: plain(getattr(columns, field)) for field in ("source", "target", "type", "start", "end")}
    frames = []
    for rows, findings in _batches(path, names):
        _refuse(findings, path.name)
        texts = {field: rows.columns[name].to_pandas() for field, name in names.items() if name in rows.columns}
        frames.append(pd.DataFrame(texts | {"line": rows.lines.to_numpy()}))
    frame = pd.concat(frames, ignore_index=True).reindex(columns=[*names, "line"])
    for field in ("source", "target", "type"):
        text = frame[field].astype("object").where(frame[field].notna(), "").str.strip()
        frame[field] = text.where(text != "", UNTYPED if field == "type" else None)
    for field in ("start", "end"):
        frame[field] = _days(frame[field], frame["line"], path.name, getattr(columns, field))
    return frame


def _batches(path: Path, names: dict[str, str]) -> Sequence[csv_rows.Batch]:
    if not path.is_file():
        raise Failure(f"there is no file {path}", "Name a CSV file of links", EXIT_USAGE)
    batches = list(csv_rows.read(path, path.name, "links", list(names.values())))
    missing = [name for field, name in names.items() if field in ("source", "target") and not _has(batches, name)]
    if missing:
        raise Failure(
            f"{path.name}, line 1: the column {' and '.join(missing)} is missing",
            "Say what the file calls it with --source and --target",
        )
    return batches


def _has(batches: Sequence[csv_rows.Batch], name: str) -> bool:
    return any(name in rows.columns for rows, _ in batches)


def _refuse(findings: Sequence[Finding], file: str) -> None:
    wrong = next((finding for finding in findings if finding.level == "error"), None)
    if wrong:
        raise Failure(f"{file}, line {wrong.line}: {wrong.value}", "Every line needs as many values as the header")


def _days(text: pd.Series, lines: pd.Series, file: str, column: str) -> pd.Series:
    import pandas as pd

    given = text.astype("object").where(text.notna(), "").str.strip()
    days = pd.to_datetime(given.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    wrong = lines[(given != "") & days.isna()]
    if len(wrong):
        raise Failure(f"{file}, line {wrong.iloc[0]}, column {column}: not a day", "Write days as YYYY-MM-DD")
    return days
