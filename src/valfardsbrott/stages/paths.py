"""paths: how two entities hang together over a month's links, step by step with the rows behind each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import EXIT_USAGE, Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.hidden import hidden
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.networks.paths import End, Ways

_VIEW, _SPINE = "provider_link", "provider_spine"
_ENDS = ["org_number", "node_type", "node_id", "link_type"]
_DETAILS = ["first_seen", "last_seen", "n_rows", "source_table", "source_rows"]


@dataclass(frozen=True)
class Entity:
    """One end of a step. ``name`` is a company's; a dwelling has no id here but a number within the answer."""

    entity_type: str
    entity_id: str
    name: str


@dataclass(frozen=True)
class Evidence:
    """One link of a step: its type, its days (None: not known) and the source rows that say so."""

    link_type: str
    first_seen: dt.date | None
    last_seen: dt.date | None
    rows: int
    source_table: str
    source_rows: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    start: Entity
    goal: Entity
    links: tuple[Evidence, ...]


@dataclass(frozen=True)
class Paths:
    """``ways`` have no entity between the ends in common, shortest first; empty where nothing joins the two."""

    month: str
    start: Entity
    goal: Entity
    ways: tuple[tuple[Step, ...], ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def paths(start: str, goal: str, settings: Settings, month: Month | None = None, count: int = 3) -> Paths:
    """Up to ``count`` shortest ways between two ids (organisation number, pseudonym, account, phone ...).

    Links of the month's view (default: the newest in the store). A value that more than 25 providers use, and auditors,
    join nobody; protected persons are not there. An id that several kinds of entity have is written ``phone:08123``.
    Raises Failure where the month has no links or it knows no such id.
    """
    from valfardsbrott.networks import paths as search

    store = Workspace(settings)
    month = month or _newest(store)
    known = search.ways(_read(store, month, _ENDS), hidden(store))
    ends = [_end(known, text, month) for text in (start, goal)]
    found = search.shortest(known, ends[0], ends[1], count)
    links = _links_of(store, month, {end[1] for way in found for end in way})
    told = _Told(_names(store, month), links)
    return Paths(str(month), told.entity(ends[0]), told.entity(ends[1]), tuple(told.steps(way) for way in found))


class _Told:
    """Turns nodes into what a reader sees."""

    def __init__(self, names: dict[str, str], links: pd.DataFrame) -> None:
        self._names, self._links = names, links
        address = links[links["node_type"] == "address"]
        public = set(address.loc[address["link_type"] != "home", "node_id"])
        dwellings = sorted(set(address["node_id"]) - public)
        self._homes = {dwelling: f"home-{at}" for at, dwelling in enumerate(dwellings, 1)}

    def entity(self, end: End) -> Entity:
        kind, name = end
        shown = self._homes.get(name, name) if kind == "address" else name
        return Entity(kind, shown, self._names.get(name, "") if kind == "provider" else "")

    def steps(self, way: Sequence[End]) -> tuple[Step, ...]:
        return tuple(self._step(one, other) for one, other in pairwise(way))

    def _step(self, one: End, other: End) -> Step:
        from valfardsbrott.networks.paths import between

        rows = between(self._links, one, other).to_dict("records")
        return Step(self.entity(one), self.entity(other), tuple(_evidence(row) for row in rows))


def _evidence(row: dict[Any, Any]) -> Evidence:
    first, last = (None if row[name] is None or row[name] != row[name] else row[name] for name in _DETAILS[:2])
    rows = tuple(str(each) for each in row["source_rows"])
    return Evidence(str(row["link_type"]), first, last, int(row["n_rows"]), str(row["source_table"]), rows)


def _end(known: Ways, text: str, month: Month) -> End:
    compact = text.strip().replace("-", "")
    wanted = compact if len(compact) == 10 and compact.isdigit() else text.strip()
    found = known.named(wanted) or known.named(text.strip())
    if not found:
        hint = "Ids are written as in network_members.csv: an organisation number, a pseudonym, an account ..."
        raise Failure(f"no link of {month} has the entity {text}", hint, EXIT_USAGE)
    if len(found) > 1:
        listed = " or ".join(f"{kind}:{name}" for kind, name in found)
        raise Failure(f"{text} is more than one entity", f"Write {listed}", EXIT_USAGE)
    return found[0]


def _newest(store: Workspace) -> Month:
    months = sorted(Month.parse(path.stem) for path in (store.root / "views" / _VIEW).glob("[!.]*.parquet"))
    if not months:
        raise Failure(f"there are no links in {store.root}", "Run `valfardsbrott run` first, or name its --out folder")
    return months[-1]


def _read(store: Workspace, month: Month, columns: list[str], ids: set[str] | None = None) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    path = store.view(_VIEW, month)
    if not path.exists():
        raise Failure(f"there are no links for {month} in {store.root}", "Run `valfardsbrott run` for that month first")
    wanted = None
    if ids is not None:
        listed = pa.array(sorted(ids), pa.string())
        wanted = pc.field("org_number").isin(listed) & pc.field("node_id").isin(listed)
    coded = columns if ids is None else None  # ends alone are read as categories: millions of rows, few values
    frame: pd.DataFrame = pq.read_table(path, columns=columns, filters=wanted, read_dictionary=coded).to_pandas()
    return frame


def _links_of(store: Workspace, month: Month, ids: set[str]) -> pd.DataFrame:
    return _read(store, month, [*_ENDS, *_DETAILS], ids)


def _names(store: Workspace, month: Month) -> dict[str, str]:
    import pyarrow.parquet as pq

    path = store.view(_SPINE, month)
    if not path.exists():
        return {}
    rows = pq.read_table(path, columns=["org_number", "name"]).to_pylist()
    return {row["org_number"]: row["name"] for row in rows if row["name"]}
