"""Links that registers no longer show: remembered for a year, counting less each month."""

from __future__ import annotations

import pandas as pd

from valfardsbrott.networks.links import HORIZON_MONTHS

#: Register values that are remembered. Not the owners' homes: they come from the population register, which may since
#: have protected the person; nor what visits and invoices show, which has its own window of three deliveries.
REMEMBERED = ("owner", "accountant", "address", "account", "phone", "email")
_KEY = ["link_type", "org_number", "node_type", "node_id", "source_table"]


def carry(current: pd.DataFrame, earlier: pd.DataFrame, month: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Links of this month with those remembered, and the part that the next month must remember.

    ``earlier`` holds the month before's links and what it remembered (the same columns; empty in the first month). A
    link that is there now gets the earliest day that it was first seen; without any date, the first of ``month``. A
    link that is gone keeps its last day, and is forgotten after HORIZON_MONTHS. Rows are sorted by type, provider and
    value.
    """
    old = earlier[earlier["link_type"].isin(REMEMBERED)]
    first = old.groupby(_KEY)["first_seen"].min()
    keys = pd.MultiIndex.from_frame(current[_KEY])
    known = pd.Series(first.reindex(keys).to_numpy(), index=current.index, dtype="datetime64[us]")
    both = pd.concat([current["first_seen"].astype("datetime64[us]"), known], axis=1)
    seen = current.assign(first_seen=both.min(axis=1).fillna(month))
    gone = old[~pd.MultiIndex.from_frame(old[_KEY]).isin(keys)]
    gone = gone[gone["last_seen"] >= month - pd.DateOffset(months=HORIZON_MONTHS - 1)]
    gone = gone.sort_values([*_KEY, "last_seen"]).drop_duplicates(_KEY, keep="last")
    together = pd.concat([seen, gone]) if len(gone) else seen
    return together.sort_values(_KEY, kind="stable", ignore_index=True), gone.reset_index(drop=True)


def dated(links: pd.DataFrame, month: str) -> pd.DataFrame:
    """The links of an earlier month with that month before each source row (``2026-08/provider.csv:7``)."""
    rows = [[row if _has_month(row) else f"{month}/{row}" for row in each] for each in links["source_rows"]]
    return links.assign(source_rows=pd.Series(rows, index=links.index, dtype=object))


def _has_month(row: str) -> bool:
    return len(row) > 8 and row[:4].isdigit() and row[4] == "-" and row[5:7].isdigit() and row[7] == "/"
