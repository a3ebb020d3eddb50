"""link_list: the networks in any CSV of links, without deliveries, features or flags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Failure, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.sources.link_list import Columns
from valfardsbrott.stages.export import write_csv
from valfardsbrott.stages.network_export import refuse_existing
from valfardsbrott.stages.workspace import replacing

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.networks.pipeline import Found

FILES = ("networks.csv", "members.csv", "links.csv", "networks.graphml")


@dataclass(frozen=True)
class Listed:
    """What came out: counts of links read and left out (without both ends), sources, networks and pairs; the files."""

    month: str
    links: int
    left_out: int
    sources: int
    networks: int
    pairs: int
    files: tuple[Path, ...]


def find(
    path: Path, columns: Columns, settings: Settings, month: Month | None = None, *, force: bool = False,
    progress: Progress = silent,
) -> Listed:  # fmt: skip
    """Find the networks among the file's sources and write FILES into ``settings.out``.

    ``month``: the links are looked at as they were at its end (default: the month of the latest day in the file that is
    not in the future; this one without any). Person numbers become pseudonyms, and sentinels (0, 9999999999) join
    nobody. Raises Failure for what cannot be read, and where a file is there already unless ``force``.
    """
    import pandas as pd

    from valfardsbrott.networks import link_list, pipeline
    from valfardsbrott.sources.link_list import read

    refuse_existing({settings.out / name: name for name in FILES}, force)
    rows = _without_persons(read(path, columns), settings)
    whole = rows.dropna(subset=["source", "target"])
    if whole.empty:
        raise Failure(f"{path.name} holds no link", "Every line needs a source and a target")
    month = month or _latest(whole)
    given = link_list.inputs(whole, pd.Timestamp(month.last), path.name)
    found = pipeline.find_networks(
        given, permutations=settings.permutations, seed=settings.seed, threads=settings.threads, progress=progress
    )
    found = link_list.as_listed(found)
    files = _write(found, month, settings.out)
    kinds = found.networks["kind"]
    return Listed(
        str(month), len(rows), len(rows) - len(whole), len(given.providers), int((kinds == "group").sum()),
        int((kinds == "pair").sum()), files,
    )  # fmt: skip


def _without_persons(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    from valfardsbrott.sources.keys import key
    from valfardsbrott.sources.pseudonyms import Pseudonymiser

    hide = Pseudonymiser(key(settings), dt.date.today())
    found = {text: hide.linking(text).value for end in ("source", "target") for text in rows[end].dropna().unique()}
    return rows.assign(**{end: rows[end].map(found) for end in ("source", "target")})


def _latest(rows: pd.DataFrame) -> Month:
    import pandas as pd

    today = dt.date.today()
    days = pd.concat([rows["start"], rows["end"]])
    latest = days[days <= pd.Timestamp(today)].max()
    return Month.of(today if pd.isna(latest) else latest.date())


def _write(found: Found, month: Month, out: Path) -> tuple[Path, ...]:
    import pyarrow as pa

    tables = {
        "networks.csv": (found.networks, ("network_id",)),
        "members.csv": (found.members, ("network_id", "node_type", "node_id")),
        "links.csv": (found.links, ("network_id", "link_type", "source_id", "target_id")),
    }
    for name, (frame, order) in tables.items():
        with replacing(out / name) as temporary:
            write_csv(pa.Table.from_pandas(_flat(frame), preserve_index=False), temporary, order)
    with replacing(out / "networks.graphml") as temporary:
        temporary.write_text(_graphml(found, month), encoding="utf-8")
    return tuple(out / name for name in FILES)


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as text, days without a time."""
    frame = frame[["network_id", *frame.columns.drop("network_id")]]
    lists = [name for name in ("parents", "source_rows") if name in frame]
    flat = frame.assign(**{name: [_joined(each) for each in frame[name]] for name in lists})
    for name in ("first_seen", "last_seen"):
        if name in flat:
            flat[name] = flat[name].dt.date
    return flat


def _joined(values: Sequence[str]) -> str:
    return "; ".join(values)


def _graphml(found: Found, month: Month) -> str:
    from valfardsbrott.networks.exports import graphml
    from valfardsbrott.networks.exports.content import Lookup, content

    return graphml.write(content(f"networks {month}", month.last, _rows(found.members), _rows(found.links), Lookup()))


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
