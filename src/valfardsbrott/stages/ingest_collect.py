"""Gather a table's rows over the files of a delivery: what is accepted, what is refused and why, what is doubted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from valfardsbrott.catalogue import Table
from valfardsbrott.domain import Month
from valfardsbrott.identifiers import mask
from valfardsbrott.sources.convert import ARROW, Issue, Typed, convert
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.validation import judge

#: Columns of the quarantine, one row for each rule that a refused row broke.
QUARANTINE = pa.schema(
    [("table", pa.string()), ("file", pa.string()), ("line", pa.int64()), ("column", pa.string()),
     ("rule", pa.string()), ("value", pa.string())]
)  # fmt: skip
_SHOWN = 40
#: Places kept a table.
MOST_QUARANTINED = 200_000


@dataclass
class Collected:
    """A table's rows of one delivery so far, and its counts.

    ``rows_in`` and ``refused``: rows by file; ``broken`` and ``warnings``: by "column:rule"; ``doubted``: accepted rows
    with a warning; ``withheld``: rows left out for protected persons; ``notes``: what importers found without refusing.
    """

    table: Table
    batches: list[pa.Table] = field(default_factory=list)
    quarantine: list[tuple[str, str, int, str, str, str]] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    rows_in: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    notes: list[Finding] = field(default_factory=list)
    doubted: int = 0
    withheld: int = 0
    already_delivered: int = 0

    def refuse(self, file: str, line: int, column: str, rule: str, value: str) -> None:
        """Put one broken rule of a refused row into quarantine; the row itself is counted by the caller.

        Beyond ``MOST_QUARANTINED`` a table's places are only counted: so many stop the run at any sensible limit.
        """
        self.broken[f"{column}:{rule}"] += 1
        if len(self.quarantine) < MOST_QUARANTINED:
            self.quarantine.append((self.table.name, file, line, column, rule, value))


def add(into: Collected, raw: RawRows, files: pa.Array, month: Month, names: Pseudonymiser) -> None:
    """Convert and judge a batch; keep what is accepted. ``files``: each row's file (a dictionary array)."""
    into.rows_in.update(_per_file(files, np.ones(len(raw), dtype=bool)))
    if not len(raw):
        return
    batch = convert(raw, into.table, names)
    issues = judge(batch, into.table, month)
    refused = _rows(issues, "error", len(raw))
    into.refused.update(_per_file(files, refused))
    _quarantine(into, batch, files, [issue for issue in issues if issue.level == "error"])
    doubts = [issue for issue in issues if issue.level == "warning"]
    for issue in doubts:
        into.warnings[f"{issue.column}:{issue.rule}"] += int((~refused[issue.rows]).sum())
    into.doubted += int((_rows(doubts, "warning", len(raw)) & ~refused).sum())
    into.batches.append(_stored(batch, files, ~refused, into.table))


def note(into: Collected, findings: list[Finding]) -> None:
    """Take in what an importer found. An error is of a row or document that was not handed on: refused here."""
    places = {(finding.file, finding.line) for finding in findings if finding.level == "error"}
    for file, _ in places:
        into.rows_in[file] += 1
        into.refused[file] += 1
    for finding in findings:
        if finding.level == "error":
            into.refuse(finding.file, finding.line, finding.column, finding.rule, finding.value[:_SHOWN])
        else:
            into.notes.append(finding)


def _rows(issues: list[Issue], level: str, length: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(length, dtype=bool)
    for issue in issues:
        if issue.level == level:
            found[issue.rows] = True
    return found


def _per_file(files: pa.Array, chosen: npt.NDArray[np.bool_]) -> Counter[str]:
    counts = np.bincount(np.asarray(files.indices)[chosen], minlength=len(files.dictionary))
    return Counter(dict(zip(files.dictionary.to_pylist(), counts.tolist(), strict=True)))


def _quarantine(into: Collected, batch: Typed, files: pa.Array, errors: list[Issue]) -> None:
    for issue in errors:
        source = batch.raw.columns.get(issue.column)
        kind = next((c.personal_class for c in into.table.columns if c.name == issue.column), "none")
        room = max(MOST_QUARANTINED - len(into.quarantine), 0)
        into.broken[f"{issue.column}:{issue.rule}"] += max(len(issue.rows) - room, 0)
        for row in issue.rows[:room].tolist():
            value = None if source is None else source[row].as_py()
            shown = "" if value is None else masked(str(value), kind)
            into.refuse(files[row].as_py(), batch.raw.lines[row].as_py(), issue.column, issue.rule, shown)


def masked(value: str, personal_class: str) -> str:
    """A refused value as the quarantine may show it, at most 40 characters.

    Person numbers are starred everywhere; in a column that says something of a person only the first two marks are
    left, which tells 19 from 20 and a date from a word.
    """
    if personal_class in ("personal", "sensitive"):
        kept = min(2, len(value) // 3)
        value = value[:kept] + "*" * (len(value) - kept)
        return value[:_SHOWN]
    return mask(value, _SHOWN)


def _stored(batch: Typed, files: pa.Array, accepted: npt.NDArray[np.bool_], table: Table) -> pa.Table:
    """The accepted rows in the store's columns. Repeated text is kept once (dictionaries) until it is written."""
    columns = {**batch.columns, "source_file": files, "source_row": batch.raw.lines}
    kept = pa.array(accepted)
    made = {}
    for name, kind in table.stored.items():
        column = columns[name].filter(kept)
        made[name] = column.dictionary_encode() if kind == "VARCHAR" and not _distinct(name, table) else column
    return pa.table(made)


def _distinct(name: str, table: Table) -> bool:
    """A key of one column is different in every row."""
    return table.key == (name,)


def types(table: Table) -> pa.Schema:
    """The table's columns as they are written."""
    return pa.schema([(name, ARROW[kind]) for name, kind in table.stored.items()])
