"""The least that a month of features can cost: to read every column that the views use, once.

What is read is taken from the views themselves: of every table the deliveries, and of every view the earlier months,
that lie in the windows of their readers (``visit_3m``: this delivery and the two before), and of these the columns that
a reader's query names. What this month's views read of each other is not counted: they are made in the run. Each column
is counted, and its least and greatest value found, so that nothing is left unread.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path


def columns_used(store: Path, month: str) -> dict[Path, set[str]]:
    """Stored file to the columns of it that the month's views read."""
    import pyarrow.parquet as pq

    from valfardsbrott.domain import Month
    from valfardsbrott.features import ALWAYS_THERE, load_views
    from valfardsbrott.settings import Settings
    from valfardsbrott.stages.views import Deliveries, MonthOfViews
    from valfardsbrott.stages.workspace import Workspace

    found: dict[Path, set[str]] = defaultdict(set)
    at = Month.parse(month)
    work = MonthOfViews(at, Deliveries(Workspace(Settings(store=store))))
    for view in load_views():
        words = set(re.findall(r"\w+", re.sub("--.*", "", view.sql)))
        for name in (each for each in view.sources if each not in ALWAYS_THERE):
            for each, file in work._source(name).files:
                if file.exists() and (each < at or "views" not in file.relative_to(store).parts):
                    found[file] |= words & set(pq.read_schema(file).names)
    return {file: columns for file, columns in found.items() if columns}


def scan(files: dict[Path, set[str]], threads: int) -> int:
    """Read them all, files of which the same columns are used together; how many values were not null."""
    import duckdb

    together: dict[tuple[Path, frozenset[str]], list[str]] = defaultdict(list)
    for file, columns in files.items():
        together[file.parent, frozenset(columns)].append(str(file))
    with duckdb.connect(config={"threads": threads}) as db:
        values = 0
        for (_, columns), paths in together.items():
            each = ", ".join(f"count({c}), min({c}), max({c})" for c in sorted(columns))
            row = db.execute(f"select {each} from read_parquet(?, hive_partitioning = false)", [paths]).fetchone() or ()
            values += sum(row[::3])
    return values
