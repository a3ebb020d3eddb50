"""Plans steps for many machines: waves of groups whose rows lie together, so that few rows move and few times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from valfardsbrott.engines.seam import Step
from valfardsbrott.features import IN_ONE_PIECE, View, load_views
from valfardsbrott.features_lint import limits

#: Keys to try for a query that names none which holds (an invoice rule); the one that needs least read whole is taken.
_KEYS = ("org_number", "recipient_id", "line_id")
#: Columns that a correction of earlier rows is found by.
_ROW = frozenset({"source_file", "source_row", "delivery_month"})
_STAR = re.compile(r"(?:\bselect|\bdistinct|,|\.)\s*\*", re.IGNORECASE)
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Part:
    """A step and where its rows may be split: by ``key`` (None: not at all), but for the sources read ``whole``.

    ``keyed``: a later step that is split by the same key finds its rows in its own part.
    """

    step: Step
    key: str | None
    whole: frozenset[str]
    keyed: bool

    @property
    def split(self) -> tuple[Path, ...]:
        """The files that each part holds its own rows of."""
        return tuple(path for name in sorted(self.step.sources) for path in self._files(name) if self._is_split(name))

    @property
    def read_whole(self) -> frozenset[Path]:
        return frozenset(path for name in self.step.sources for path in self._files(name) if not self._is_split(name))

    def _files(self, name: str) -> list[Path]:
        return [path for _, path in self.step.sources[name].files]

    def _is_split(self, name: str) -> bool:
        return self.key is not None and name not in self.whole


@dataclass(frozen=True)
class Group:
    """Steps that one task computes for one part of the rows, one after another; those without a key alone."""

    key: str | None
    parts: tuple[Part, ...]

    @property
    def columns(self) -> dict[Path, frozenset[str] | None]:
        """The files to split, each with the columns that some step may read (None: all of them)."""
        found: dict[Path, frozenset[str] | None] = {}
        made = {part.step.out for part in self.parts}
        for part in self.parts:
            words = _words(part.step.view.sql)
            for path in part.split:
                before = found.get(path, frozenset())
                found[path] = None if words is None or before is None else before | words | _ROW | {part.key or ""}
        return {path: words for path, words in found.items() if path not in made}


def _words(sql: str) -> frozenset[str] | None:
    """Every word of a query, and so the name of every column it reads; None where a star may stand for more."""
    return None if _STAR.search(sql) else frozenset(_WORD.findall(sql.lower()))


def proven(steps: Iterable[Step]) -> list[Part]:
    """Each step with the key by which its query was proved to be computable part by part."""
    known = dict(_known())
    parts = []
    for step in steps:
        view, read = _partition(step.view, known)
        known.setdefault(view.name, read)
        key = None if view.partition_by == IN_ONE_PIECE or read.problems else view.partition_by
        parts.append(Part(step, key, frozenset(view.whole), key is not None and read.keyed))
    return parts


@cache
def _known() -> Mapping[str, limits.Read]:
    return limits.read_all(load_views())


def _partition(view: View, known: Mapping[str, limits.Read]) -> tuple[View, limits.Read]:
    """The view with a key that holds and what has to be read whole; as it is where none does."""
    said = limits.read(view, known)
    if view.partition_by == IN_ONE_PIECE or not said.problems:
        return view, said
    found = []
    for key in _KEYS:
        keyed = replace(view, partition_by=key, whole=())
        whole = tuple(name for name in view.sources if key not in limits.columns_of(name, known))
        read = limits.read(replace(keyed, whole=whole), known)
        if not read.problems:
            found.append((len(whole), replace(keyed, whole=whole), read))
    return min(found, key=lambda each: each[0])[1:] if found else (view, said)


def waves(parts: Sequence[Part]) -> list[list[Group]]:
    """Groups that can be computed side by side, wave after wave; every part as late as its readers allow.

    A part reads what waves before its own have made, or what its own group has (where the rows lie right).
    """
    earliest = _earliest(parts)
    latest = dict.fromkeys(earliest, max(earliest.values(), default=0))
    readers: dict[Path, list[Part]] = {}
    for part in parts:
        for path in {*part.split, *part.read_whole}:
            readers.setdefault(path, []).append(part)
    for part in reversed(parts):
        for reader in readers.get(part.step.out, ()):
            last = latest[reader.step.out] - (0 if _together(part, reader) else 1)
            latest[part.step.out] = min(latest[part.step.out], last)
    return [_groups([part for part in parts if latest[part.step.out] == wave]) for wave in sorted({*latest.values()})]


def _earliest(parts: Sequence[Part]) -> dict[Path, int]:
    made: dict[Path, Part] = {}
    wave: dict[Path, int] = {}
    for part in parts:
        read = [made[path] for path in {*part.split, *part.read_whole} if path in made]
        wave[part.step.out] = max((wave[one.step.out] + (not _together(one, part)) for one in read), default=0)
        made[part.step.out] = part
    return wave


def _together(maker: Part, reader: Part) -> bool:
    """Whether the reader finds the maker's rows in its own part."""
    return maker.keyed and maker.key == reader.key and maker.step.out not in reader.read_whole


def _groups(parts: Sequence[Part]) -> list[Group]:
    by_key: dict[str, list[Part]] = {}
    for part in parts:
        if part.key is not None:
            by_key.setdefault(part.key, []).append(part)
    alone = [Group(None, (part,)) for part in parts if part.key is None]
    return [*(Group(key, tuple(each)) for key, each in sorted(by_key.items())), *alone]
