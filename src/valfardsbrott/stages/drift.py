"""drift: what has changed since the months before, in the delivery, in the features, in the scores and in the list.

An alarm says which table, file, column and source changed. It says nothing of any provider.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from valfardsbrott import drift
from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.drift import Judgement, Series
from valfardsbrott.settings import Settings
from valfardsbrott.stages import drift_words
from valfardsbrott.stages.drift_profile import Figure, profile
from valfardsbrott.stages.drift_ranking import Ranked
from valfardsbrott.stages.export import write_parquet
from valfardsbrott.stages.views import Deliveries
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

#: A source with fewer rows than this in a usual month is counted in its table and not by itself.
_FEWEST_ROWS = 20
_CODE = ("drift.py", *(f"stages/drift{part}.py" for part in ("", "_profile", "_ranking", "_words")), "stages/locales")
ORDER = ("area", "table", "what", "column", "dimension", "group")
#: Column -> its type in pyarrow's words.
COLUMNS = {
    "area": "string", "table": "string", "what": "string", "column": "string", "dimension": "string",
    "group": "string", "measure": "string", "value": "float64", "usual": "float64", "low": "float64",
    "high": "float64", "p_value": "float64", "months": "int64", "rows": "int64", "status": "string",
    "text_sv": "string", "text_en": "string",
}  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """One figure that was looked at: where it is from, its months, and what is said of the newest."""

    area: str
    place: Figure
    series: Series
    said: Judgement

    @property
    def status(self) -> str:
        if np.isnan(self.series.values[-1]):
            return "not_available"
        return "alarm" if self.said.alarm else "not_enough_history" if np.isnan(self.said.p_value) else "usual"


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Write ``drift/<month>/drift.parquet``: every figure with what was usual, and alarms in words.

    Reads the readings and matrices of up to 24 earlier months, and the month's fitted model; nothing that earlier runs
    left, so that the result is the same whether or not they were made. ``stats``: ``months`` of history, how many
    figures were ``judged``, ``alarms`` by area, the ``texts`` of the alarms, and whether there is ``enough`` history.
    Raises Failure where the month has no delivery.
    """
    store = Workspace(settings)
    months = [each for each in Deliveries(store).months if month.plus(-drift.LONGEST) < each <= month]
    if month not in months:
        raise Failure(f"there is no delivery for {month}", "Run ingest first, or choose a month that was delivered")
    whole = [each for each in sorted(month.back(drift.LONGEST)) if each >= months[0]]
    profiles = {each: profile(each, store) for each in whole}
    stamps = [
        getattr(store.manifest(stage, each), "fingerprint", "") for each in whole for stage in ("profile", "features")
    ]
    judged = store.manifest("detect", month)
    fingerprint = digest(
        code_digest(*_CODE), settings.capacity, settings.rank_sole_traders, *stamps, getattr(judged, "fingerprint", "")
    )
    progress("drift", 0, 1)
    done = store.run_once("drift", month, fingerprint, lambda: _write(month, store, profiles))
    progress("drift", 1, 1)
    return done


def _write(
    month: Month, store: Workspace, profiles: Mapping[Month, Sequence[Figure]]
) -> tuple[list[Path], dict[str, Any]]:
    import pyarrow as pa

    looked = look(month, store, profiles)
    read = store.manifest("ingest", month)
    files = {name: counts.get("files", []) for name, counts in (read.stats.get("tables", {}) if read else {}).items()}
    texts = drift_words.texts(month, looked, files)
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    out = store.stage("drift", month, "drift.parquet")
    with replacing(out) as path:
        rows = [_row(each, texts.get(at)) for at, each in enumerate(looked)]
        write_parquet(pa.Table.from_pylist(rows, schema), path, ORDER)
    return [out], _stats(looked, list(texts.values()), len(profiles) - 1)


def look(month: Month, store: Workspace, profiles: Mapping[Month, Sequence[Figure]]) -> list[Looked]:
    """Every figure of the month, judged together: the more there are, the more an alarm needs."""
    placed = [*_delivered(profiles), *_ranked(Ranked(store, month, list(profiles)))]
    said = drift.judge([series for _, _, series in placed])
    return [Looked(area, place, series, one) for (area, place, series), one in zip(placed, said, strict=True)]


def _delivered(profiles: Mapping[Month, Sequence[Figure]]) -> Iterator[tuple[str, Figure, Series]]:
    """The figures of the deliveries as series; sources that are small in a usual month are left out."""
    months = [{figure.key: figure for figure in figures} for figures in profiles.values()]
    there = [bool(figures) for figures in profiles.values()]
    places = {key: figure for month in months for key, figure in month.items()}
    several = Counter((place.table, place.dimension) for place in places.values() if place.what == "rows")
    for key, place in sorted(places.items()):
        if place.group and several[place.table, place.dimension] == 1:
            continue  # the only source is the table
        found = [month.get(key) for month in months]
        counts = np.array([figure.count if figure else 0 for figure in found], float)
        if place.group and np.median(counts[counts > 0]) < _FEWEST_ROWS:
            continue
        yield "delivery", place, _series(place, found, counts, there)


def _series(place: Figure, found: Sequence[Figure | None], counts: Any, there: Sequence[bool]) -> Series:
    if place.measure == "shape":
        return drift.shape([figure.classes if figure else {} for figure in found])
    values = [np.nan if figure is None or figure.value is None else figure.value for figure in found]
    if place.what == "rows":  # what did not come in a month with a delivery is no rows, once it has been known
        first = next(at for at, figure in enumerate(found) if figure)
        values = [
            0.0 if came and at > first and figure is None else value
            for at, (value, figure, came) in enumerate(zip(values, found, there, strict=True))
        ]
    return Series(_measure(place), np.array(values, float), counts)


def _measure(place: Figure) -> drift.Measure:
    known: dict[str, drift.Measure] = {name: name for name in drift.MATERIAL}
    return known[place.measure]


def _ranked(ranked: Ranked) -> Iterator[tuple[str, Figure, Series]]:
    for (name, what), series in ranked.features().items():
        yield "feature", Figure("features", what, series.measure, column=name), series
    score = ranked.score()
    if score is not None:
        yield "score", Figure("scores", "shape", "shape", column="p_value"), score
    for (column, group), series in ranked.listed().items():
        yield "list", Figure("flags", "listed", "share", "", column, group), series


def _row(one: Looked, text: Mapping[str, str] | None) -> dict[str, Any]:
    place, said = one.place, one.said
    figures = {"value": one.series.values[-1], "usual": said.usual, "low": said.low, "high": said.high}
    figures["p_value"] = said.p_value
    return {
        "area": one.area, "table": place.table, "what": place.what, "column": place.column or None,
        "dimension": place.dimension or None, "group": place.group or None, "measure": place.measure,
        **{name: None if np.isnan(value) else round(float(value), 10) for name, value in figures.items()},
        "months": said.months, "rows": int(one.series.counts[-1]), "status": one.status,
        "text_sv": text["sv"] if text else None, "text_en": text["en"] if text else None,
    }  # fmt: skip


def _stats(looked: Sequence[Looked], texts: Sequence[Mapping[str, str]], months: int) -> dict[str, Any]:
    areas = ("delivery", "feature", "score", "list")
    judged = [one for one in looked if not np.isnan(one.said.p_value)]
    shapes = {"feature": "psi_feature_median", "score": "psi_score"}
    stats: dict[str, Any] = {
        "months": months,
        "enough": months >= drift.ENOUGH,
        "judged": len(judged),
        "alarms": {area: sum(one.said.alarm for one in looked if one.area == area) for area in areas},
        "texts": list(texts),
    }
    for area, name in shapes.items():
        known = [one.series.values[-1] for one in looked if one.area == area and one.place.measure == "shape"]
        known = [value for value in known if not np.isnan(value)]
        if known:
            stats[name] = round(float(np.median(known)), 6)
    return stats
