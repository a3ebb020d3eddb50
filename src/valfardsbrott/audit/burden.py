"""On whom do flags fall? Shares of recipients and staff whose provider is flagged, by group, with intervals.

Persons are counted, never listed. A person is counted once, at the provider with most of the person's rows in the
month, and is reached by a flag where any of the person's providers is flagged or in a flagged network. Intervals (95 %)
draw providers and not persons, since a flag reaches all of a provider's persons at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.audit.groups import UNKNOWN, Groups
from valfardsbrott.audit.suppression import LEAST, Table, unsafe, withheld
from valfardsbrott.domain import Failure, Month
from valfardsbrott.measures import interval
from valfardsbrott.networks.hidden import hidden_in
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

#: Who is counted, and the column that names them in visits and claims.
POPULATIONS = {"recipients": "recipient_id", "staff": "staff_id"}
#: What the month itself says of the provider.
OWN = ("district", "service_code", "size_class")
RESAMPLES, _AT_ONCE = 2000, 200


@dataclass(frozen=True)
class Line:
    """A group's figures; ``persons`` and all after it None where the group is withheld.

    ``difference`` is the share less that of all persons; ``*_low`` and ``*_high`` are 95 % intervals.
    """

    population: str
    column: str
    group: str
    persons: int | None = None
    flagged: int | None = None
    share: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None


@dataclass(frozen=True)
class Burden:
    """An audit: lines, and by population the persons, those reached, and how many the city's file had a group for."""

    month: str
    run_id: str
    least: int
    lines: tuple[Line, ...]
    totals: Mapping[str, Mapping[str, int | None]]


def burden(
    month: Month, run_id: str, store: Workspace, providers: pd.DataFrame, flagged: frozenset[str], *,
    groups: Groups | None = None, least: int = LEAST, seed: int = 0,
) -> Burden:  # fmt: skip
    """The audit of a published month. ``providers``: its features table; ``flagged``: org_numbers.

    Protected persons are not counted. Raises Failure where the month's visits and claims are no longer in the store.
    """
    lines: list[Line] = []
    totals: dict[str, Mapping[str, int | None]] = {}
    for population, column in POPULATIONS.items():
        persons = _persons(store, month, column)
        persons = persons[~persons["person"].isin(hidden_in(store.root))]
        if not len(persons):
            continue
        told = _counted(persons, providers, flagged, groups)
        found, total = _lines(population, told, least, seed)
        lines += found
        matched = (len(told), int(told["person"].isin(groups.of).sum())) if groups else (0, 0)
        totals[population] = total | {"in_file": matched[1] if groups and not unsafe(matched, least) else None}
    if not totals:
        raise Failure(
            f"there are no visits or claims of {month} in the store",
            "Run the month first; disposal may have taken them",
        )
    return Burden(str(month), run_id, least, tuple(lines), totals)


def _persons(store: Workspace, month: Month, column: str) -> pd.DataFrame:
    """``person, org_number, rows``: who was visited, billed for or visited others in the month, and where."""
    import pandas as pd
    import pyarrow.parquet as pq

    frames = [pd.DataFrame({"person": pd.Series(dtype=str), "org_number": pd.Series(dtype=str)})]
    for table in ("visit", "claim_line"):
        path = store.table(table, month)
        if path.exists() and column in pq.read_schema(path).names:
            read = pq.read_table(path, columns=[column, "org_number"]).to_pandas()
            frames.append(read.rename(columns={column: "person"}))
    known = pd.concat(frames, ignore_index=True).dropna()
    return known.groupby(["person", "org_number"], as_index=False).size().rename(columns={"size": "rows"})


def _counted(
    persons: pd.DataFrame, providers: pd.DataFrame, flagged: frozenset[str], groups: Groups | None
) -> pd.DataFrame:
    """One row a person: ``person, org_number`` (most rows, then the first), ``flagged``, and each column of groups."""
    reached = persons.assign(flagged=persons["org_number"].isin(flagged)).groupby("person")["flagged"].any()
    main = persons.sort_values(["rows", "org_number"], ascending=[False, True]).drop_duplicates("person")
    told = main.merge(reached, on="person").sort_values("person", ignore_index=True)
    own = providers.set_index("org_number")
    for name in OWN:
        told[name] = own[name].reindex(told["org_number"]).fillna(UNKNOWN).astype(str).to_numpy()
    for at, name in enumerate(groups.columns if groups else ()):
        nobody = (UNKNOWN,) * len(groups.columns) if groups else ()
        told[f"file:{name}"] = [(groups.of if groups else {}).get(who, nobody)[at] for who in told["person"]]
    return told


def _lines(population: str, told: pd.DataFrame, least: int, seed: int) -> tuple[list[Line], dict[str, int | None]]:
    columns = [name for name in told if name in OWN or str(name).startswith("file:")]
    table = Table.of({str(name): told[name].tolist() for name in columns}, told["flagged"].tolist())
    hidden = withheld(table, least)
    whole = len(hidden) == len(table.places)
    persons, reached = table.total
    total = {"persons": None if whole else persons, "flagged": None if whole else reached}
    drawn = _Drawn(told, seed)
    found = [
        Line(population, column, group)
        if (column, group) in hidden
        else Line(population, column, group, *_figures(told, column, group, drawn))
        for column, group in table.places
    ]
    return found, total


def _figures(told: pd.DataFrame, column: str, group: str, drawn: _Drawn) -> tuple[Any, ...]:
    inside = (told[column].astype(str) == group).to_numpy()
    shares = drawn.shares(inside)
    differences = shares - drawn.overall
    share = float(told["flagged"][inside].mean())
    ends = (*interval(shares.tolist()), *interval(differences.tolist()))
    low, high, below, above = (None if np.isnan(end) else round(end, 6) for end in ends)
    apart = round(share - float(told["flagged"].mean()), 6)
    return int(inside.sum()), int(told["flagged"][inside].sum()), round(share, 6), low, high, apart, below, above


class _Drawn:
    """Providers drawn with replacement, with all of their persons; the same draws for every group."""

    def __init__(self, told: pd.DataFrame, seed: int) -> None:
        self._codes, names = told["org_number"].factorize(sort=True)
        self._reached = told["flagged"].to_numpy(float)
        self._providers, self._seed = len(names), seed
        self.overall = self.shares(np.ones(len(told), bool))

    def shares(self, inside: Any) -> Any:
        """Share reached among those ``inside`` in each draw (draws,); NaN where nobody was drawn."""
        persons = np.bincount(self._codes, inside.astype(float), self._providers)
        reached = np.bincount(self._codes, inside * self._reached, self._providers)
        rng = np.random.default_rng(self._seed)
        parts = []
        for _ in range(RESAMPLES // _AT_ONCE):
            times = rng.multinomial(self._providers, np.full(self._providers, 1 / self._providers), _AT_ONCE)
            with np.errstate(invalid="ignore"):
                parts.append(times @ reached / (times @ persons))
        return np.concatenate(parts)


def spread(lines: tuple[Line, ...]) -> dict[tuple[str, str], tuple[float, float]]:
    """By population and column: the largest difference between two shown groups' shares, and the smallest ratio.

    As fairlearn's MetricFrame gives them; a ratio is nan where the largest share is zero. Columns with fewer than two
    shown groups have none.
    """
    from fairlearn.metrics import MetricFrame, selection_rate

    found: dict[tuple[str, str], tuple[float, float]] = {}
    for place in dict.fromkeys((line.population, line.column) for line in lines):
        shown = [line for line in lines if (line.population, line.column) == place and line.persons]
        if len(shown) < 2:
            continue
        names = np.repeat([line.group for line in shown], [line.persons or 0 for line in shown])
        hit = np.concatenate([np.arange(line.persons or 0) < (line.flagged or 0) for line in shown]).astype(int)
        frame = MetricFrame(metrics=selection_rate, y_true=hit, y_pred=hit, sensitive_features=names)
        ratio = float(frame.ratio()) if hit.any() else float("nan")
        found[place] = float(frame.difference()), ratio
    return found


def listed(flags: pd.DataFrame, members: pd.DataFrame) -> frozenset[str]:
    """Providers that a month's list reaches: flagged by themselves, or in a flagged network; not the control arm."""
    risk = flags[flags["arm"] == "risk"]
    rings = set(risk.loc[risk["entity_type"] == "network", "entity_id"])
    inside = members[members["network_id"].isin(rings) & (members["node_type"] == "provider")]
    return frozenset(risk.loc[risk["entity_type"] == "provider", "entity_id"]) | frozenset(inside["node_id"])
