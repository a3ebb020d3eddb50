"""Small drawings as SVG text, the same bytes for the same numbers: a provider among its peers, a value over months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from valfardsbrott.wording import Language

#: A number, or an array of numbers.
Value = TypeVar("Value", float, NDArray[np.float64])

WIDTH, HEIGHT = 560, 104
_LEFT, _RIGHT, _BASE = 12, 548, 74
_STEP, _ROWS = 6, 7  # pixels a dot takes, and how high dots are stacked


def peer_plot(peers: Sequence[float], own: float, median: float | None, unit: str, words: Language) -> str:
    """One dot for each peer along the value axis, a line at the peers' median, a diamond at the provider's own value.

    Dots that would cover each other are stacked; the axis covers all values. Empty where there are no peers.
    """
    if not peers:
        return ""
    scale = _Scale(min(*peers, own), max(*peers, own))
    marks = [_axis(scale, unit, words), _dots(scale, peers)]
    if median is not None and scale.low <= median <= scale.high:
        marks.append(_line(scale.x(median), words.text("plot.median")))
    marks.append(_diamond(scale.x(own), words.text("plot.own")))
    told = words.text(
        "plot.peers", count=len(peers), low=words.value(peers[0], unit), high=words.value(peers[-1], unit),
        median=words.value(median, unit), own=words.value(own, unit),
    )  # fmt: skip
    return _svg(WIDTH, HEIGHT, told, "".join(marks))


def trend(values: Sequence[tuple[str, float | None]], unit: str, label: str, words: Language) -> str:
    """A line over months (``YYYY-MM``, rising) with the last one marked; months without a value leave a gap.

    Empty where fewer than two months have a value.
    """
    known = [(month, value) for month, value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(0.0, *(value for _, value in known)), max(value for _, value in known) or 1.0
    width, height = 260, 64
    step = (width - 20) / (len(values) - 1)
    points = [
        (10 + at * step, 44 - 34 * (value - low) / ((high - low) or 1.0)) if value is not None else None
        for at, (_, value) in enumerate(values)
    ]
    last_x, last_y = next(point for point in reversed(points) if point)
    ends = (
        f'<text x="10" y="60" class="tick">{known[0][0]}</text>'
        f'<text x="{width - 10}" y="60" class="tick" text-anchor="end">{known[-1][0]}</text>'
    )
    told = words.text(
        "plot.month", label=label, first=words.value(known[0][1], unit), from_month=known[0][0],
        last=words.value(known[-1][1], unit), to_month=known[-1][0],
    )  # fmt: skip
    drawn = f'<path d="{_path(points)}" class="trend"/><circle cx="{last_x:.1f}" cy="{last_y:.1f}" r="4" class="own"/>'
    return _svg(width, height, told, f'<path d="M10 44.5H{width - 10}" class="axis"/>{drawn}{ends}')


def timeline(events: Sequence[tuple[dt.date, str]], lanes: Sequence[tuple[str, str]], words: Language) -> str:
    """A mark for each event (day, lane) along the years, a row for each lane (its key and label).

    Marks of one day lie over each other: the table beside the drawing has them all. Empty without events.
    """
    if not events:
        return ""
    first, last = min(day for day, _ in events), max(day for day, _ in events)
    begins, ends = dt.date(first.year, 1, 1), dt.date(last.year + 1, 1, 1)
    height, base = 34 * len(lanes) + 34, 34 * len(lanes) + 8

    def across(day: dt.date) -> float:
        return _LEFT + 10 + (day - begins).days / (ends - begins).days * (_RIGHT - _LEFT - 20)

    years = range(begins.year, ends.year + 1)
    marks = [f'<path d="M{_LEFT} {base + 0.5}H{_RIGHT}" class="axis"/>']
    marks += [
        f'<path d="M{across(dt.date(year, 1, 1)):.1f} {base}v5" class="axis"/>'
        f'<text x="{across(dt.date(year, 1, 1)):.1f}" y="{base + 19}" text-anchor="middle" class="tick">{year}</text>'
        for year in years
        if len(years) < 14 or year % 5 == 0
    ]
    for at, (key, label) in enumerate(lanes):
        y = 26 + 34 * at
        marks.append(f'<text x="{_LEFT}" y="{y - 10}" class="tick">{escape(label)}</text>')
        drawn = "".join(f"M{across(day):.1f} {y + 4}h0" for day, lane in sorted(set(events)) if lane == key)
        marks.append(f'<path d="{drawn}" class="event"/>')
    told = words.text("plot.events", count=len(events), first=first.isoformat(), last=last.isoformat())
    return _svg(WIDTH, height, told, "".join(marks))


def curve(points: Sequence[tuple[float, float, float, float]], across: str, up: str, told: str) -> str:
    """A line over rising x with a band from low to high: (x, y, low, high) each; both axes begin at nought."""
    width, height, left, base = WIDTH, 200, 44, 160
    wide, tall = max(points[-1][0], 1.0), max(*(high for *_, high in points), 1.0)

    def at(x: float, y: float) -> str:
        return f"{left + x / wide * (width - left - 16):.1f} {base - y / tall * (base - 26):.1f}"

    over = "L".join(at(x, high) for x, _, _, high in points)
    under = "L".join(at(x, low) for x, _, low, _ in reversed(points))
    line = "L".join(at(x, y) for x, y, _, _ in points)
    marks = (
        f'<path d="M{over}L{under}z" class="band"/><path d="M{line}" class="trend"/>'
        f'<path d="M{left} {base + 0.5}H{width - 16}" class="axis"/><path d="M{left} 26V{base}" class="axis"/>'
        f'<text x="{left - 6}" y="30" class="tick" text-anchor="end">{tall:.0f}</text>'
        f'<text x="{left - 6}" y="{base}" class="tick" text-anchor="end">0</text>'
        f'<text x="{width - 16}" y="{base + 16}" class="tick" text-anchor="end">{wide:.0f}</text>'
        f'<text x="{left}" y="{base + 34}" class="tick">{escape(across)}</text>'
        f'<text x="{left}" y="14" class="tick">{escape(up)}</text>'
    )
    return _svg(width, height, told, marks)


def shares(rows: Sequence[tuple[str, float, float, float]], words: Language) -> str:
    """A share and its interval for each row (label, share, low, high), all from 0 to 1 on one axis. Empty of none."""
    if not rows:
        return ""
    left, base = 150, 34 * len(rows) + 4
    wide = _RIGHT - left - 20

    def across(share: float) -> float:
        return left + share * wide

    marks = [f'<path d="M{left} {base + 0.5}H{across(1):.1f}" class="axis"/>']
    for end in (0.0, 0.25, 0.5, 0.75, 1.0):
        marks.append(
            f'<text x="{across(end):.1f}" y="{base + 18}" text-anchor="middle" class="tick">'
            f"{escape(words.value(end, 'share'))}</text>"
        )
    for at, (label, share, low, high) in enumerate(rows):
        y = 20 + 34 * at
        marks.append(
            f'<text x="0" y="{y + 4}" class="tick">{escape(label)}</text>'
            f'<path d="M{across(low):.1f} {y}H{across(high):.1f}" class="trend"/>'
            f'<circle cx="{across(share):.1f}" cy="{y}" r="5" class="own"/>'
        )
    told = "; ".join(
        words.text("plot.share", label=label, **{
            name: words.value(value, "share") for name, value in (("share", share), ("low", low), ("high", high))
        })
        for label, share, low, high in rows
    )  # fmt: skip
    return _svg(WIDTH, base + 26, told, "".join(marks))


def pairs(rows: Sequence[tuple[str, int, int]], labels: tuple[str, str], told: str) -> str:
    """Two bars side by side for each row (label, one count, another), with the counts over them. Empty of none."""
    if not rows:
        return ""
    height, base, step = 190, 140, (_RIGHT - _LEFT) / len(rows)
    most = max(1, *(max(one, other) for _, one, other in rows))
    marks = [f'<path d="M{_LEFT} {base + 0.5}H{_RIGHT}" class="axis"/>']
    for at, (label, *counts) in enumerate(rows):
        middle = _LEFT + (at + 0.5) * step
        for side, (count, kind) in enumerate(zip(counts, ("came", "went"), strict=True)):
            x, wide, tall = middle + (side - 1) * step * 0.38, step * 0.34, count / most * (base - 30)
            top = base - tall
            marks.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" class="{kind}"/>'
                f'<text x="{x + wide / 2:.1f}" y="{top - 4:.1f}" text-anchor="middle" class="tick">{count}</text>'
            )
        marks.append(f'<text x="{middle:.1f}" y="{base + 18}" text-anchor="middle" class="tick">{escape(label)}</text>')
    for side, (text, kind) in enumerate(zip(labels, ("came", "went"), strict=True)):
        marks.append(
            f'<rect x="{_LEFT + side * 200}" y="{height - 14}" width="12" height="12" class="{kind}"/>'
            f'<text x="{_LEFT + 18 + side * 200}" y="{height - 4}" class="tick">{escape(text)}</text>'
        )
    return _svg(WIDTH, height, told, "".join(marks))


class _Scale:
    """Values to pixels, over a range that is never empty."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.span = (high - low) or abs(high) or 1.0

    def x(self, value: Value) -> Value:
        """The pixel of a value, or of each of an array."""
        return _LEFT + 10 + (value - self.low) / self.span * (_RIGHT - _LEFT - 20)


def _axis(scale: _Scale, unit: str, words: Language) -> str:
    places = ((scale.low, "start", _LEFT), (scale.low + scale.span / 2, "middle", 280), (scale.high, "end", _RIGHT))
    ends = "".join(
        f'<text x="{x}" y="{_BASE + 22}" text-anchor="{anchor}" class="tick">{escape(words.value(value, unit))}</text>'
        for value, anchor, x in places
    )
    return f'<path d="M{_LEFT} {_BASE + 4.5}H{_RIGHT}" class="axis"/>{ends}'


def _dots(scale: _Scale, values: Sequence[float]) -> str:
    """All dots as one path of points with round caps: a drawing of many thousand peers stays small, and is quick."""
    at = np.rint(scale.x(np.asarray(values, dtype=np.float64)) / _STEP).astype(np.int64)
    columns, first, counts = np.unique(at, return_index=True, return_counts=True)
    marks = [
        f"M{columns[one] * _STEP} {_BASE - level * _STEP}h0"
        for one in np.argsort(first)
        for level in range(min(int(counts[one]), _ROWS + 1))
    ]
    return f'<path d="{"".join(marks)}" class="dots"/>'


def _line(x: float, label: str) -> str:
    return f'<path d="M{x:.1f} 20V{_BASE + 4}" class="median"/>{_label(x, label, 14, "tick")}'


def _diamond(x: float, label: str) -> str:
    return f'<path d="M{x:.1f} {_BASE - 9}l7 9l-7 9l-7 -9z" class="own"/>{_label(x, label, _BASE - 16, "mark")}'


def _label(x: float, label: str, y: float, kind: str) -> str:
    """A label over its mark, turned inwards near the edges."""
    anchor = "start" if x < 60 else "end" if x > WIDTH - 60 else "middle"
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" class="{kind}">{escape(label)}</text>'


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    pieces, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        pieces.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return "".join(pieces)


def _svg(width: int, height: int, told: str, inside: str) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg {size} role="img" aria-label="{escape(told, quote=True)}">{inside}</svg>'
