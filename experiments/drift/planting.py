"""Changes of a delivery that drift has to find: each is made in a copy of a city, in one table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from valfardsbrott.domain import Month

LAST = Month(2026, 10)
#: (this month's rows, those of the month before) -> both as they are delivered, and the source or column to be named.
Change = Callable[[pd.DataFrame, pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame, str]]


def plant(name: str, city: Path, copy: Path) -> str:
    """Copy the city with the change; what an alarm is to name. Files are links, but for those that are changed."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(city, copy, copy_function=os.link)
    table, change = CHANGES[name]
    now, before = (copy / "deliveries" / str(month) / f"{table}.parquet" for month in (LAST, LAST.plus(-1)))
    old = pd.read_parquet(now), pd.read_parquet(before)
    *new, named = change(*old)
    for path, rows, was in zip((now, before), new, old, strict=True):
        if rows is not was:
            path.unlink()
            rows.to_parquet(path, index=False)
    return named


def _in_ore(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    return now.assign(amount_sek=now["amount_sek"] * 100), before, "amount_ore"


def _without_a_board(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    board = sorted(now["board_id"].dropna().unique())[0]
    return now[now["board_id"] != board], before, str(board)


def _cut_short(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    days = pd.to_datetime(now["started_at"]).dt.day.to_numpy()
    return now[days <= LAST.days - 10], before, "visit"


def _late(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    held = np.arange(len(before)) % 2 == 1
    return pd.concat([now, before[held]], ignore_index=True), before[~held], "visit"


def _without_a_column(now: pd.DataFrame, before: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    filled = now[now["device_id"].notna()]
    system = str(filled["source_system"].value_counts().index[0])
    return now.assign(device_id=now["device_id"].where(now["source_system"] != system)), before, system


CHANGES: dict[str, tuple[str, Change]] = {
    "ore": ("claim_line", _in_ore),
    "board": ("care_decision", _without_a_board),
    "cut": ("visit", _cut_short),
    "late": ("visit", _late),
    "column": ("visit", _without_a_column),
}
