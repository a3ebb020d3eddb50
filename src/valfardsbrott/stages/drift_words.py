"""What has changed, in words: which delivery, table, file, column and source, from what to what, and what it may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.drift import ENOUGH
from valfardsbrott.features import base, feature_columns, load_views, upstream
from valfardsbrott.stages.drift_profile import FILE
from valfardsbrott.stages.language import Language, language

if TYPE_CHECKING:
    from valfardsbrott.stages.drift import Looked

LANGUAGES: tuple[Literal["sv", "en"], ...] = ("sv", "en")
#: A typical value that is so many times what it was has probably changed its unit (to within a fifth).
_UNITS = {100.0: "ore", 60.0: "minutes", 1000.0: "thousand"}
_NEAR = 0.2
_MOST_SOURCES = 6


def texts(month: Month, looked: Sequence[Looked], files: Mapping[str, Sequence[str]]) -> dict[int, dict[str, str]]:
    """One text for each thing that has changed, by the place in ``looked`` of the alarm that stands for it.

    Alarms of one column in several sources are one text, which names the sources; a table's features are told to
    follow from its own alarms. ``files``: the files of each table in this delivery.
    """
    alarms: dict[tuple[str, ...], list[int]] = {}
    for at, one in enumerate(looked):
        if one.status == "alarm":
            place = one.place
            alarms.setdefault((one.area, place.table, place.what, place.column), []).append(at)
    changed = frozenset(table for area, table, *_ in alarms if area == "delivery")
    found: dict[int, dict[str, str]] = {}
    for places in alarms.values():
        parts = sorted((at for at in places if looked[at].place.group), key=lambda at: looked[at].said.p_value)
        first = next((at for at in places if not looked[at].place.group), *parts[:1])
        sources = [looked[at] for at in parts if at != first]
        said = _Alarm(month, looked[first], sources, changed, files)
        found[first] = {code: said.text(language(code)) for code in LANGUAGES}
    return found


def line(stats: Mapping[str, Any], words: Language) -> str:
    """One line for the command and the report; empty where there is nothing to say."""
    if not stats:
        return ""
    if not stats["enough"]:
        return words.text("drift.line_few", months=stats["months"], needed=ENOUGH)
    return words.text("drift.line", count=len(stats["texts"])) if stats["texts"] else ""


class _Alarm:
    def __init__(
        self, month: Month, one: Looked, sources: Sequence[Looked], changed: frozenset[str],
        files: Mapping[str, Sequence[str]],
    ) -> None:  # fmt: skip
        self.month, self.one, self.changed, self.files = month, one, changed, files
        self.sources = sorted(sources, key=lambda each: (each.place.dimension != FILE, each.place.dimension))

    def text(self, words: Language) -> str:
        place = self.one.place
        told = {"delivery": self._delivery, "feature": self._feature, "score": self._score, "list": self._list}
        start = told[self.one.area](words)
        change = words.text(f"drift.change.{place.what}", **_figures(self.one, words))
        hints = " ".join(self._hints(words))
        return f"{start}: {change}.{' ' + hints if hints else ''}"

    def _delivery(self, words: Language) -> str:
        place = self.one.place
        parts = [words.text("drift.delivery", month=self.month, label=tables()[place.table].label[words.code])]
        there = list(self.files.get(place.table, ()))
        names = ", ".join(there[:3]) + (" …" if len(there) > 3 else "")
        parts.append(f"({place.table}: {names})" if there else f"({place.table}: {words.text('drift.no_file')})")
        text = " ".join(parts)
        if place.column:
            text = f"{text}, {words.text('drift.column', name=place.column)}"
        return f"{text}, {_source(self.one, words)}" if place.group else text

    def _feature(self, words: Language) -> str:
        feature = next(each for each in feature_columns() if each.name == self.one.place.column)
        label = feature.label["sv" if words.code == "sv" else "en"]
        return words.text("drift.feature", label=label, name=feature.name)

    def _score(self, words: Language) -> str:
        return words.text("drift.score")

    def _list(self, words: Language) -> str:
        return f"{words.text('drift.list', month=self.month)}, {_source(self.one, words)}"

    def _hints(self, words: Language) -> Iterator[str]:
        if self.sources:
            shown = [_source(each, words, figures=True) for each in self.sources[:_MOST_SOURCES]]
            more = len(self.sources) - len(shown)
            shown += [words.text("drift.more", count=more)] if more > 0 else []
            yield words.text("drift.sources", sources="; ".join(shown))
        what, series = self.one.place.what, self.one.series
        if what == "size" and (unit := _unit(series.values[-1] / self.one.said.usual)):
            yield words.text(f"drift.hint.{unit}")
        elif what == "rows":
            yield words.text("drift.hint.fewer" if series.values[-1] < self.one.said.usual else "drift.hint.more")
        elif what in {"late", "silent", "missing", "quarantined"}:
            yield words.text(f"drift.hint.{what}")
        if self.one.area == "feature":
            yield self._because(words)

    def _because(self, words: Language) -> str:
        read = tables_of(self.one.place.column) & self.changed
        if not read:
            return words.text("drift.hint.no_table")
        return words.text("drift.hint.table", tables=", ".join(sorted(read)))


def tables_of(feature: str) -> frozenset[str]:
    """The delivered tables that a feature is computed from, through all views."""
    view = next(view.name for view in load_views() if feature in {each.name for each in view.features})
    read = {base(source)[0] for each in upstream({view}) for source in each.sources}
    return frozenset(read) & frozenset(tables())


def _source(one: Looked, words: Language, *, figures: bool = False) -> str:
    """A source by its kind and name, and with its own figures: "the board B01 (0, usually 130)"."""
    place = one.place
    name = words.word("service", place.group) if place.dimension == "service_code" else place.group
    name = words.word("size_class", name) if place.dimension == "size_class" else name
    text = words.text(f"drift.source.{place.dimension}", name=name)
    return text + words.text("drift.figures", **_figures(one, words)) if figures else text


def _figures(one: Looked, words: Language) -> dict[str, str]:
    values = {"now": one.series.values[-1], "usual": one.said.usual}
    return {name: _figure(value, one, words) for name, value in values.items()}


def _figure(value: float, one: Looked, words: Language) -> str:
    measure, column = one.place.measure, one.place.column
    if np.isnan(value):
        return words.text("not_available")
    if measure == "share":
        return words.value(value, "share")
    if measure == "size" and column.endswith("_ore"):
        return words.money(value / 100)
    if measure in {"volume", "days"}:
        return words.number(round(value))
    return words.number(value, 2)


def _unit(ratio: float) -> str:
    """The name of the change of unit that the ratio looks like; "" where it looks like none."""
    size = max(ratio, 1 / ratio) if ratio > 0 else 1.0
    return next((name for times, name in _UNITS.items() if abs(size / times - 1) <= _NEAR), "")
