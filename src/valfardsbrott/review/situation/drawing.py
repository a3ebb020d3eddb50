"""Bars for each part of a period, as SVG; what is held back has a mark of its own, never a nought."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, _BASE, _TOP, _LEFT = 640, 260, 190, 20, 10
#: Light to dark, told apart in black and white too.
FILLS = ("#c6dbef", "#6baed6", "#08306b", "#7a5195")


def bars(groups: Sequence[str], series: Sequence[tuple[str, Sequence[int | None]]], title: str) -> str:
    """``series``: label and one value for each group, None where it is held back ("..")."""
    most = max((value or 0 for _, values in series for value in values), default=0) or 1
    wide = (WIDTH - 2 * _LEFT) / max(len(groups), 1)
    bar = min(34.0, wide * 0.8 / max(len(series), 1))
    marks = [f'<path d="M{_LEFT} {_BASE}.5H{WIDTH - _LEFT}" stroke="#5b6875" fill="none"/>']
    for at, group in enumerate(groups):
        middle = _LEFT + wide * (at + 0.5)
        marks.append(_text(middle, _BASE + 16, group))
        for place, (_, values) in enumerate(series):
            x = middle + (place - len(series) / 2) * bar
            marks.append(_bar(x, bar - 3, values[at], most, FILLS[place % len(FILLS)]))
    marks += _key([label for label, _ in series])
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title, quote=True)}">'
    return f"{head}{''.join(marks)}</svg>"


def _bar(x: float, wide: float, value: int | None, most: int, fill: str) -> str:
    tall = (value or 0) / most * (_BASE - _TOP - 14)
    label = _text(x + wide / 2, _BASE - tall - 4, ".." if value is None else str(value))
    shape = f'<rect x="{x:.1f}" y="{_BASE - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{fill}"/>'
    return f"{shape if tall else ''}{label}"


def _key(labels: Sequence[str]) -> list[str]:
    step = (WIDTH - 2 * _LEFT) / max(len(labels), 1)
    return [
        f'<rect x="{_LEFT + step * at:.0f}" y="{HEIGHT - 30}" width="16" height="12" fill="{FILLS[at % len(FILLS)]}"/>'
        + _text(_LEFT + step * at + 22, HEIGHT - 20, label, "start")
        for at, label in enumerate(labels)
    ]


def _text(x: float, y: float, told: str, anchor: str = "middle") -> str:
    how = f'font-size="12.5" font-family="Libertinus Serif" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(told)}</text>'
