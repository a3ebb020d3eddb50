"""Features of one month three ways, each in a process of its own: benchmarks/month.py calls it and measures.

    python benchmarks/pandas_features.py scan   STORE MONTH   # merely read the columns that features use (scanning.py)
    python benchmarks/pandas_features.py duckdb STORE MONTH   # every feature, and evidence, from the store's tables
    python benchmarks/pandas_features.py pandas STORE MONTH   # the 14 below in plain pandas, checked against ours

Each prints what the work itself took, without the start of Python, which is longer than the scan. The pandas way leaves
out what is hard there (overlaps, travel, grants, absences), so the comparison favours it.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scanning import columns_used
from scanning import scan as scan_files


def timed(work: Callable[[], object]) -> None:
    """Print the seconds that the work takes, and the most memory that the process has used."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    found = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    found["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


def scan(store: Path, month: str) -> None:
    """Every column that the views read, in the deliveries and earlier months that they read it of."""
    files = columns_used(store, month)
    timed(lambda: scan_files(files, os.cpu_count() or 1))


def duckdb(store: Path, month: str) -> None:
    """All features of the month, in a copy of the store that has the earlier months done and this one not.

    Evidence: of the providers that the run flagged, the rows behind each of their reasons, as the stage flag writes it.
    """
    import pyarrow.parquet as pq

    from valfardsbrott.domain import Month
    from valfardsbrott.features import feature_columns
    from valfardsbrott.settings import Settings
    from valfardsbrott.stages.evidence import opened, rows_behind
    from valfardsbrott.stages.features import one_month
    from valfardsbrott.stages.views import Deliveries
    from valfardsbrott.stages.workspace import Workspace

    at = Month.parse(month)
    flags = pq.read_table(store / "flag" / month / "flags.parquet").to_pylist()
    flagged = [(each["feature"], row["entity_id"]) for row in flags for each in json.loads(row["reasons"])]
    everybody = sorted({org for _, org in flagged})

    def work() -> None:
        workspace = Workspace(Settings(store=Path(fresh)))
        one_month(at, Deliveries(workspace))
        with opened(at, workspace, everybody) as views:
            for feature in feature_columns():
                if orgs := sorted({org for name, org in flagged if name == feature.name}):
                    pq.write_table(rows_behind(feature, orgs, views), Path(fresh) / f"{feature.name}.parquet")

    with tempfile.TemporaryDirectory(dir=store) as fresh:
        for part in (each for each in COPIED if (store / each).exists()):
            shutil.copytree(store / part, Path(fresh) / part, copy_function=_link, ignore=_done_for(store, month))
        timed(work)


#: Folders of the store that features read or write.
COPIED = ("tables", "superseded", "views", "matrix", "manifests", "entities", "network_features", "networks")


def _done_for(store: Path, month: str) -> Callable[[str, list[str]], list[str]]:
    """What the features stage made for the month, by folder, as copytree asks for it."""
    own = ("views", "matrix", "manifests/views", "manifests/features")
    made = [store / each for each in own]

    def done(folder: str, names: list[str]) -> list[str]:
        here = Path(folder)
        return [n for n in names if n.split(".")[0] == month] if any(here.is_relative_to(m) for m in made) else []

    return done


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(Path(source).resolve())


def pandas(store: Path, month: str) -> None:
    """14 features in plain pandas; a value that differs from the published one by more than 1e-9 is an error."""
    visit = pd.read_parquet(store / "tables" / "visit" / f"{month}.parquet")
    claim = pd.read_parquet(store / "tables" / "claim_line" / f"{month}.parquet")
    ours = pd.read_parquet(store / "matrix" / month / "matrix.parquet").set_index("org_number")
    table = pd.concat([*visits(visit), *claims(claim)], axis=1)
    for name in table:
        theirs = table[name].reindex(ours.index).astype(float)
        np.testing.assert_allclose(theirs, ours[name], rtol=1e-9, atol=1e-9, err_msg=str(name))


def visits(v: pd.DataFrame) -> list[pd.Series]:
    v["minutes"] = ((v["ended_at_utc"] - v["started_at_utc"]).dt.total_seconds() // 60).clip(lower=0)
    v["paid"] = ~v["deviation_code"].isin(["hospital", "cancelled"])
    v["paid_minutes"] = v["minutes"].where(v["paid"], 0)
    v["planned_minutes"] = (v["planned_end"] - v["planned_start"]).dt.total_seconds() // 60
    v["late"] = v["edited_at"].notna() & (v["edited_at"].dt.normalize() > v["started_at"].dt.normalize())
    return [*_edits(v), *_patterns(v), *_entropies(v), _heaping(v), _receipts(v)]


def _edits(v: pd.DataFrame) -> list[pd.Series]:
    planned = v[v["planned_minutes"].notna()]
    added = (planned["minutes"] - planned["planned_minutes"]).clip(lower=0).where(planned["late"], 0)
    base = planned.groupby("org_number")["paid_minutes"].sum().replace(0, np.nan)
    edits = v.groupby("org_number")["late"].sum()
    one = v[v["late"] & v["edited_by"].notna()].groupby(["org_number", "edited_by"]).size().groupby("org_number")
    next_month = v["started_at"].dt.to_period("M") + 1
    early = v["late"] & (v["edited_at"].dt.day <= 5) & (v["edited_at"].dt.to_period("M") == next_month)
    share = one.max() / one.sum()
    return [
        (added.groupby(planned["org_number"]).sum() * 60000 / base).rename("late_edit_minutes"),
        (edits / v.groupby("org_number").size()).rename("late_edit_minutes_share"),
        share.where(one.sum() >= 10).rename("late_edit_minutes_one_editor"),
        (early.groupby(v["org_number"]).sum() / edits).where(edits >= 10).rename("late_edit_minutes_before_run"),
    ]


def _patterns(v: pd.DataFrame) -> list[pd.Series]:
    org = v["org_number"]
    paid = v.groupby("org_number")["paid"].sum().replace(0, np.nan)
    known = v["deviation_code"].isna() & v["planned_minutes"].notna()
    longer = known & (5 * v["minutes"] >= 9 * v["planned_minutes"]) & (v["minutes"] >= v["planned_minutes"] + 20)
    micro = known & (v["minutes"] < 8) & (v["planned_minutes"] >= 30)
    planned = v["planned_start"].notna() & v["planned_end"].notna() & v["paid"]
    near = (v["planned_start"] - v["started_at"]).abs().dt.total_seconds() <= 60
    near &= (v["planned_end"] - v["ended_at"]).abs().dt.total_seconds() <= 60
    plans = known.groupby(org).sum().replace(0, np.nan)
    return [
        (v["deviation_code"].eq("declined").groupby(org).sum() / paid).rename("declined_share"),
        (longer.groupby(org).sum() / plans).rename("merged_visits"),
        (micro.groupby(org).sum() / plans).rename("micro_visits_share"),
        ((near & planned).groupby(org).sum() / planned.groupby(org).sum().replace(0, np.nan)).rename("too_perfect"),
    ]


def _entropies(v: pd.DataFrame) -> list[pd.Series]:
    usual = v[v["paid"] & v["deviation_code"].isna()]
    start = usual["started_at"].dt.minute
    pairs = (("too_perfect_duration_entropy", usual["minutes"]), ("too_perfect_start_entropy", start))
    return [_entropy(usual["org_number"], value).rename(name) for name, value in pairs]


def _entropy(org: pd.Series, value: pd.Series) -> pd.Series:
    n = value.groupby([org, value]).size().groupby(level=0)
    total = n.transform("sum")
    terms = (-1e6 * n.obj / total * np.log2(n.obj / total)).round().groupby(level=0).sum() / 1e6
    return (terms + (n.size() - 1) / (2 * n.sum() * np.log(2))).where(n.sum() >= 50)


def _heaping(v: pd.DataFrame) -> pd.Series:
    paid = v[v["paid"]].assign(
        quarter=lambda x: x["ended_at"].dt.minute % 15 == 0, system=v["source_system"].fillna("")
    )
    own = paid.groupby(["org_number", "system"])["quarter"].agg(["size", "sum"])
    others = own.groupby(level="system").transform("sum") - own
    own = own[others["size"] > 0]
    excess = own["sum"] - own["size"] * others["sum"] / others["size"]
    return (excess.groupby(level=0).sum() / own["size"].groupby(level=0).sum()).rename("duration_heaping")


def _receipts(v: pd.DataFrame) -> pd.Series:
    both = pd.concat(
        [v[["org_number", name]].set_axis(["org", "how"], axis=1) for name in ("start_receipt", "end_receipt")]
    )
    both = both[both["how"].isin(["nfc", "gps", "manual"])]
    return both["how"].eq("manual").groupby(both["org"]).mean().rename("manual_receipt_share")


def claims(c: pd.DataFrame) -> list[pd.Series]:
    """Concentration on few recipients: the share of the top decile, and the sum of squares times their number."""
    paid = c.dropna(subset="recipient_id").groupby(["org_number", "recipient_id"])["amount_ore"].sum()
    paid = paid[paid > 0].sort_values(ascending=False)
    each = paid.groupby(level=0)
    size, total = each.size(), each.sum()
    top = paid[(each.cumcount() + 1) * 10 <= each.transform("size") + 9].groupby(level=0).sum()
    squares = (paid.astype(float) ** 2).groupby(level=0).sum()
    return [
        (top / total).where(size >= 10).rename("concentration"),
        (squares * size / total.astype(float) ** 2).where(size >= 10).rename("concentration_hhi"),
    ]


if __name__ == "__main__":
    way, where, month = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if way == "pandas":
        timed(lambda: pandas(where, month))
    else:
        {"scan": scan, "duckdb": duckdb}[way](where, month)
